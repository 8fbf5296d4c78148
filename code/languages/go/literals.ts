// Composite literals (`T{…}`) and strings: fields of structs become stores, elements of slices and maps a list or an object.
import type { Expr } from "../../ir.ts";
import { anyOf, attribute, element, instance, isPlainType, isTrivial, unknown } from "./values.ts";
import type { GoParser } from "./parser.ts";
import * as t from "./tokens.ts";
import { compositeHead } from "./signatures.ts";

/** Values nested deeper in literals than this are not kept (their calls are). */
const maxLiteralDepth = 40;

/** `T{…}`; stands at `{`. */
export function readCompositeLiteral(p: GoParser, type: Expr): Expr {
  return readLiteralValue(p, type[0] === "?" ? unknown : ["I", type]);
}

/**
 * Elements of a literal of the type of `of` (`["I", T]`, or an element of such). Values in fields of structs become stores
 * into `of`; values in slices and maps come back as a list or an object next to the type.
 */
function readLiteralValue(p: GoParser, of: Expr): Expr {
  const type: Expr = of[0] === "I" ? of[1] : unknown;
  const head = compositeHead(type);
  const types = head !== null && type[0] === "g" ? type[2] : [];
  const valueOf: Expr = head === null ? element(of) : instance(types[head === "map" ? 1 : 0] ?? unknown);
  const keyOf: Expr = head === "map" ? instance(types[0] ?? unknown) : unknown;
  const entries: [string | null, Expr][] = [];
  let kept = false;
  if (!p.enter()) {
    p.skipBrackets();
    return unknown;
  }
  p.next();
  const header = p.headerLevel;
  p.headerLevel = 0;
  p.literalDepth++;
  while (p.tok !== t.RBRACE && p.tok !== t.EOF) {
    let key: string | null = null;
    let value: Expr;
    const elementLine = p.line;
    if (p.tok === t.IDENT && head === null) {
      const name = p.word;
      p.next();
      // Of a struct it is a field; a named map type's constant key stays unknown as a reference.
      if (p.tok === t.COLON) {
        key = name;
        p.next();
        value = readElement(p, attribute(of, name));
      } else value = p.grammar.readExpressionFrom(p, name, elementLine);
    } else value = readElement(p, head === "map" ? keyOf : valueOf);
    if (p.tok === t.COLON) {
      key = value[0] === "s" || value[0] === "#" ? String(value[1]) : null;
      p.next();
      value = readElement(p, valueOf);
    }
    if (!isTrivial(value)) {
      if (head === null) {
        if (p.literalDepth <= maxLiteralDepth) p.builder.addStore(of, key, value, p.prevEnd, elementLine);
      } else if (value !== valueOf) kept = true;
    }
    if (head !== null) entries.push([key, isTrivial(value) ? unknown : value]);
    if (p.tok !== t.COMMA) break;
    p.next();
  }
  p.literalDepth--;
  p.headerLevel = header;
  p.leave();
  if (p.tok === t.SEMI) p.problem(p.line, "expected `,` or `}` after the last element of a literal");
  while (p.tok === t.SEMI) p.next();
  p.expect(t.RBRACE, "`}`");
  if (head === null) return of;
  const declared = isPlainType(type) ? unknown : of;
  if (!kept || p.literalDepth >= maxLiteralDepth) return declared;
  if (head === "map") return anyOf([declared, ["o", entries]]);
  return anyOf([declared, ["l", entries.filter(([, value]) => value[0] !== "?").map(([, value]) => value)]]);
}

/** One value of a literal; `{…}` without a type takes the element's type. */
function readElement(p: GoParser, elided: Expr): Expr {
  if (p.tok === t.LBRACE) return readLiteralValue(p, elided);
  const value = p.grammar.readExpression(p);
  return p.form === 2 ? unknown : value;
}

export function unquote(text: string): string | null {
  const quote = text.charCodeAt(0);
  const body = text.slice(1, -1);
  if (quote === 96 || !body.includes("\\")) return body;
  return body.replace(
    /\\(?:([abfnrtv\\'"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/g,
    (
      _,
      simple: string | undefined,
      hex: string | undefined,
      short: string | undefined,
      long: string | undefined,
      octal: string,
    ) => {
      if (simple !== undefined) return simpleEscapes[simple] ?? simple;
      const code = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? "0", 16) : Number.parseInt(octal, 8);
      return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
    },
  );
}

const simpleEscapes: Record<string, string> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
