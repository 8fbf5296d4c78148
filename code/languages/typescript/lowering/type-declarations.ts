// Interfaces, type aliases and enums: a symbol, a class scope, and their members.
import type { TSEnumDeclaration, TSInterfaceDeclaration, TSTypeAliasDeclaration } from "oxc-parser";
import type { Expr } from "../../../ir.ts";
import { applied } from "./classes.ts";
import { addSymbol, type Context, declare, memberPath, oneLine, openScope, PLAIN, within } from "./context.ts";
import { docBefore } from "./docs.ts";
import { noteConstants } from "./texts.ts";
import { keyName, lowerMembers, lowerType, withTypeParameters } from "./types.ts";

export function lowerInterface(cx: Context, node: TSInterfaceDeclaration, docAt: number, exported: boolean): void {
  const name = node.id.name;
  const symbol = addType(cx, name, {
    kind: "Interface",
    docAt,
    end: node.end,
    headEnd: node.body.start,
    exported,
    flags: [],
  });
  const scope = openScope(cx, "class", symbol, node.start);
  const ir = cx.scopes[scope]!;
  withTypeParameters(cx, node.typeParameters, () => {
    if (node.extends.length > 0) {
      ir.bases = node.extends.map((e) => applied(cx, cx.expression(cx, e.expression, null), e.typeArguments));
    }
    within(cx, scope, () => lowerMembers(cx, node.body.body, symbol));
  });
  declareType(cx, name, ["k", scope], symbol);
}

interface TypeHead {
  kind: "Interface" | "Class";
  /** Where its comment is looked for, and where the declaration and its signature end. */
  docAt: number;
  end: number;
  headEnd: number;
  exported: boolean;
  flags: readonly string[];
}

function addType(cx: Context, name: string, { kind, docAt, end, headEnd, exported, flags }: TypeHead): number {
  const path = memberPath(cx, cx.symbol, name);
  const symbol = { kind, name, path, parent: cx.symbol, visibility: "public", exported, flags } as const;
  return addSymbol(cx, symbol, docAt, end, oneLine(cx, docAt, headEnd), docBefore(cx, docAt));
}

/** Types exist before anything runs; a value of the same name (class, function, constant) stays what calls find. */
function declareType(cx: Context, name: string, v: Expr, symbol: number): void {
  declare(cx, cx.scope, { n: name, v, at: cx.starts[cx.scope]!, r: 0 }, symbol);
}

export function lowerTypeAlias(cx: Context, node: TSTypeAliasDeclaration, docAt: number, exported: boolean): void {
  const name = node.id.name;
  const symbol = addType(cx, name, {
    kind: "Interface",
    docAt,
    end: node.end,
    headEnd: node.end,
    exported,
    flags: ["type"],
  });
  const scope = openScope(cx, "class", symbol, node.start);
  const ir = cx.scopes[scope]!;
  let union: Expr | undefined;
  within(cx, scope, () => {
    withTypeParameters(cx, node.typeParameters, () => {
      const bases: Expr[] = [];
      const parts =
        node.typeAnnotation.type === "TSIntersectionType" ? node.typeAnnotation.types : [node.typeAnnotation];
      for (const part of parts) {
        if (part.type === "TSTypeLiteral") {
          lowerMembers(cx, part.members, symbol);
          continue;
        }
        const t = lowerType(cx, part);
        if (t?.[0] === "u") union = t;
        if (t !== undefined) bases.push(...(t[0] === "u" ? t[1] : [t]));
      }
      if (bases.length > 0) ir.bases = bases;
    });
  });
  // Any of several types is not a type that has the members of the first.
  declareType(cx, name, union ?? ["k", scope], symbol);
}

export function lowerEnum(cx: Context, node: TSEnumDeclaration, docAt: number, exported: boolean): void {
  const name = node.id.name;
  const flags = node.const ? ["enum", "const"] : ["enum"];
  const symbol = addType(cx, name, { kind: "Class", docAt, end: node.end, headEnd: node.body.start, exported, flags });
  const scope = openScope(cx, "class", symbol, node.start);
  const texts: [string, Expr][] = [];
  within(cx, scope, () => {
    for (const member of node.body.members) {
      const key = keyName(cx, member.id, member.computed && member.id.type === "Identifier");
      const value = member.initializer === null ? PLAIN : cx.expression(cx, member.initializer, null);
      if (key === null) continue;
      const own = addSymbol(
        cx,
        {
          kind: "Variable",
          name: key,
          path: memberPath(cx, symbol, key),
          parent: symbol,
          visibility: "public",
          exported,
          flags: ["const"],
        },
        member.start,
        member.end,
        oneLine(cx, member.start, member.end, 200),
        docBefore(cx, member.start),
      );
      declare(cx, scope, { n: key, v: value[0] === "s" ? value : PLAIN, at: member.end, r: 0 }, own);
      if (value[0] === "s") texts.push([key, value]);
    }
  });
  declare(cx, cx.scope, { n: name, v: ["k", scope], at: node.end, r: cx.region }, symbol);
  noteConstants(cx, cx.scope, name, ["o", texts]);
}
