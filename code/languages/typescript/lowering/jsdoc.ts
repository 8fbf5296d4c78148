// Types that JSDoc states in JavaScript files: `@param {Foo} x`, `@returns {Foo}`, `@type {Foo}`.
import type { Expr, ImportIr } from "../../../ir.ts";
import { type Context, nameExpr, UNKNOWN } from "./context.ts";

export interface DocTypes {
  /** By name; destructured parameters also by `#index`. */
  params: ReadonlyMap<string, Expr>;
  returns?: Expr;
  type?: Expr;
}

const primitives = new Set([
  "any",
  "bigint",
  "boolean",
  "Boolean",
  "false",
  "function",
  "Function",
  "never",
  "null",
  "number",
  "Number",
  "object",
  "Object",
  "string",
  "String",
  "symbol",
  "true",
  "undefined",
  "unknown",
  "void",
]);

/** The text between the braces that open at `open`, undefined when they do not close. */
function braced(text: string, open: number): string | undefined {
  let depth = 0;
  for (let i = open; i < text.length && i < open + 1000; i++) {
    const c = text.charCodeAt(i);
    if (c === 123) depth++;
    else if (c === 125 && --depth === 0) return text.slice(open + 1, i);
  }
  return undefined;
}

export function readDocTypes(cx: Context, raw: string): DocTypes | null {
  if (!raw.includes("{")) return null;
  const params = new Map<string, Expr>();
  const result: DocTypes = { params };
  let index = 0;
  const tags = /@(param|arg|argument|returns?|type)\s*(\{)?/g;
  for (let tag = tags.exec(raw); tag !== null; tag = tags.exec(raw)) {
    const isParam = tag[1]!.startsWith("p") || tag[1]!.startsWith("a");
    if (tag[2] === undefined) {
      if (isParam) index++;
      continue;
    }
    const open = tag.index + tag[0].length - 1;
    const text = braced(raw, open);
    if (text === undefined) break;
    const t = parseDocType(cx, text);
    if (isParam) {
      const name = /^\s*\[?\s*([\w$.]+)/.exec(raw.slice(open + text.length + 2, open + text.length + 200))?.[1];
      if (name?.includes(".")) continue;
      if (t !== undefined && name !== undefined) params.set(name, t).set(`#${index}`, t);
      index++;
    } else if (t !== undefined) {
      if (tag[1] === "type") result.type = t;
      else result.returns = t;
    }
  }
  return result;
}

/** Reads the part of JSDoc's and TypeScript's type syntax that names types; the rest says nothing. */
function parseDocType(cx: Context, text: string): Expr | undefined {
  const tokens = text.match(/import\s*\(\s*["'][^"']+["']\s*\)|[\w$]+|\[\]|\.\.\.|"[^"]*"|'[^']*'|=>|[^\s*]/g) ?? [];
  let at = 0;
  let depth = 0;

  function unionType(): Expr | undefined {
    if (++depth > 20) return undefined;
    const options: Expr[] = [];
    for (;;) {
      const t = postfix();
      if (t !== undefined) options.push(t);
      if (tokens[at] !== "|" && tokens[at] !== "&") break;
      at++;
    }
    depth--;
    return options.length === 0 ? undefined : options.length === 1 ? options[0] : ["u", options];
  }

  function postfix(): Expr | undefined {
    let t = primary();
    while (tokens[at] === "[]") {
      at++;
      t = ["g", ["n", "[]"], [t ?? UNKNOWN]];
    }
    if (tokens[at] === "=") at++;
    return t;
  }

  function generic(base: Expr, name: string): Expr | undefined {
    if (tokens[at] === "." && tokens[at + 1] === "<") at++;
    if (tokens[at] !== "<") return primitives.has(name) ? undefined : base;
    at++;
    const args: Expr[] = [];
    while (at < tokens.length && tokens[at] !== ">") {
      args.push(unionType() ?? UNKNOWN);
      if (tokens[at] === ",") at++;
      else break;
    }
    if (tokens[at] === ">") at++;
    if (name === "Array" || name === "ReadonlyArray") return ["g", ["n", "[]"], [args[0] ?? UNKNOWN]];
    if (name === "Object" || name === "Record") return args[1] === undefined ? undefined : ["g", ["n", "map"], args];
    return args.some((a) => a !== UNKNOWN) ? ["g", base, args] : base;
  }

  function primary(): Expr | undefined {
    const token = tokens[at];
    if (token === undefined) return undefined;
    at++;
    if (token === "?" || token === "!" || token === "...") return postfix();
    if (token === "(") {
      const t = unionType();
      if (tokens[at] === ")") at++;
      return t;
    }
    if (token.startsWith("import")) {
      const specifier = /["']([^"']+)["']/.exec(token)?.[1];
      if (specifier !== undefined) {
        let member: string | null = null;
        if (tokens[at] === "." && /^[\w$]+$/.test(tokens[at + 1] ?? "")) {
          member = tokens[at + 1]!;
          at += 2;
        }
        const ir: ImportIr = {
          specifier,
          kind: member === null ? "module" : "member",
          name: member,
          alias: null,
          type: true,
          l: 0,
        };
        return generic(["m", cx.imports.push(ir) - 1], "");
      }
    }
    if (!/^[A-Za-z_$][\w$]*$/.test(token)) return undefined;
    let base: Expr = nameExpr(cx, token);
    let name = token;
    while (tokens[at] === "." && /^[A-Za-z_$]/.test(tokens[at + 1] ?? "")) {
      name = tokens[at + 1]!;
      base = ["a", base, name];
      at += 2;
    }
    return generic(base, name);
  }

  const result = unionType();
  return result;
}
