import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { AppError } from "@opentrace/contract/errors.ts";
import { decodeIr, encodeIr, isIr } from "./ir-codec.ts";
import { bounds, importKinds, paramKinds, scopeKinds, symbolKinds, visibilities } from "./ir-codec/vocabulary.ts";
import type { BindingIr, CallIr, Expr, ExportIr, FileIr, ImportIr, ParamIr, ScopeIr, StoreIr, SymbolIr } from "./ir.ts";

/** All parts of each: a part that the types gain and the codec does not know fails to compile here. */
const fileParts = "language package doc lines symbols scopes calls refs imports exports problems extra";
const symbolParts = "kind name path parent range signature doc visibility exported flags";
const scopeParts =
  "kind parent symbol bindings stores regions params returns yields returnType bound async bases implements metaclass underlying typeParams";
const callParts = "s f a k l at r new implicit";
type Parts<Text extends string> = Text extends `${infer One} ${infer More}` ? One | Parts<More> : Text;

test("the codec knows every part of the IR", () => {
  expectTypeOf<keyof FileIr>().toEqualTypeOf<Parts<typeof fileParts>>();
  expectTypeOf<keyof SymbolIr>().toEqualTypeOf<Parts<typeof symbolParts>>();
  expectTypeOf<keyof ScopeIr>().toEqualTypeOf<Parts<typeof scopeParts>>();
  expectTypeOf<keyof CallIr>().toEqualTypeOf<Parts<typeof callParts>>();
  expectTypeOf<keyof BindingIr>().toEqualTypeOf<"n" | "v" | "at" | "r" | "t" | "s">();
  expectTypeOf<keyof StoreIr>().toEqualTypeOf<"o" | "k" | "v" | "at" | "r" | "l">();
  expectTypeOf<keyof ParamIr>().toEqualTypeOf<"n" | "kind" | "v" | "t">();
  expectTypeOf<keyof ImportIr>().toEqualTypeOf<"specifier" | "kind" | "name" | "alias" | "type" | "l">();
  expectTypeOf<keyof ExportIr>().toEqualTypeOf<"name" | "v" | "at">();
  expectTypeOf<symbolKindsOf>().toEqualTypeOf<SymbolIr["kind"]>();
  expectTypeOf<(typeof visibilities)[number]>().toEqualTypeOf<SymbolIr["visibility"]>();
  expectTypeOf<(typeof scopeKinds)[number]>().toEqualTypeOf<ScopeIr["kind"]>();
  expectTypeOf<(typeof bounds)[number]>().toEqualTypeOf<ScopeIr["bound"]>();
  expectTypeOf<(typeof paramKinds)[number]>().toEqualTypeOf<ParamIr["kind"]>();
  expectTypeOf<(typeof importKinds)[number]>().toEqualTypeOf<ImportIr["kind"]>();
});
type symbolKindsOf = (typeof symbolKinds)[number];

/** What was read lazily as plain objects, parts that are not there left out. */
function plain(ir: FileIr): unknown {
  const pick = (from: object, parts: string): Record<string, unknown> =>
    Object.fromEntries(
      parts
        .split(" ")
        .map((part) => [part, from[part as never] as unknown] as const)
        .filter(([, value]) => value !== undefined),
    );
  return {
    ...pick(ir, fileParts),
    symbols: ir.symbols.map((one) => pick(one, symbolParts)),
    scopes: ir.scopes.map((one) => pick(one, scopeParts)),
    calls: ir.calls.map((one) => pick(one, callParts)),
  };
}

// Any UTF-16: lone surrogates come from escapes in string constants, and from texts that are cut.
const text = fc.oneof(
  fc.constantFrom("self", "x", "日本", "", "\ud800", "é"),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const index = fc.integer({ min: -1, max: 300 });
const place = fc.oneof(fc.nat(300), fc.integer(), fc.constantFrom(2 ** 32, 2 ** 40 + 1));
const number = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true }), fc.constantFrom(-0, Infinity));
const many = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 4 });

const { expr } = fc.letrec<{ expr: Expr }>((tie) => ({
  expr: fc.oneof(
    { maxDepth: 4, depthIdentifier: "expr" },
    fc.constantFrom<Expr>(["?"], ["this"], ["super"]),
    fc.tuple(fc.constantFrom("n" as const, "s" as const), text),
    fc.tuple(fc.constantFrom("c" as const, "f" as const, "k" as const, "m" as const), index),
    fc.tuple(fc.constant("#" as const), number),
    fc.tuple(fc.constant("a" as const), tie("expr"), text),
    fc.tuple(fc.constant("i" as const), tie("expr"), tie("expr")),
    fc.tuple(fc.constantFrom("e" as const, "w" as const, "*" as const, "I" as const), tie("expr")),
    fc.tuple(fc.constant("d" as const), index, tie("expr")),
    fc.tuple(fc.constant("o" as const), many(fc.tuple(fc.option(text), tie("expr")))),
    fc.tuple(fc.constantFrom("l" as const, "u" as const), many(tie("expr"))),
    fc.tuple(fc.constant("g" as const), tie("expr"), many(tie("expr"))),
  ),
}));

/** `optional` parts are there or not. */
const part = <T>(model: { [P in keyof T]-?: fc.Arbitrary<T[P]> }, required: (keyof T)[]): fc.Arbitrary<T> =>
  fc.record(model, { requiredKeys: required, noNullPrototype: true });
const yes = fc.constant(true as const);

const symbol = part<SymbolIr>(
  {
    kind: fc.constantFrom(...symbolKinds),
    name: text,
    path: text,
    parent: fc.integer({ min: -1, max: 3 }),
    range: fc.record(
      { startLine: place, startColumn: place, endLine: place, endColumn: place },
      { noNullPrototype: true },
    ),
    signature: text,
    doc: text,
    visibility: fc.constantFrom(...visibilities),
    exported: fc.boolean(),
    flags: many(text),
  },
  ["kind", "name", "path", "parent", "range", "visibility", "exported"],
);
const binding = part<BindingIr>({ n: text, v: expr, at: place, r: index, t: expr, s: index }, ["n", "v", "at", "r"]);
const scope = part<ScopeIr>(
  {
    kind: fc.constantFrom(...scopeKinds),
    parent: index,
    symbol: index,
    bindings: many(binding),
    stores: many(
      fc.record({ o: expr, k: fc.option(text), v: expr, at: place, r: index, l: place }, { noNullPrototype: true }),
    ),
    regions: many(fc.tuple(index, fc.integer({ min: -2, max: 9 }))),
    params: many(part<ParamIr>({ n: text, kind: fc.constantFrom(...paramKinds), v: expr, t: expr }, ["n", "kind"])),
    returns: many(expr),
    yields: many(expr),
    returnType: expr,
    bound: fc.constantFrom(...bounds.slice(1)),
    async: yes,
    bases: many(expr),
    implements: many(expr),
    metaclass: expr,
    underlying: expr,
    typeParams: many(part<{ n: string; t?: Expr }>({ n: text, t: expr }, ["n"])),
  },
  ["kind", "parent", "symbol", "bindings"],
);
const call = part<CallIr>(
  {
    s: index,
    f: expr,
    a: many(expr),
    k: many(fc.tuple(fc.option(text), expr)),
    l: place,
    at: place,
    r: index,
    new: yes,
    implicit: yes,
  },
  ["s", "f", "a", "l", "at", "r"],
);
const file = part<FileIr>(
  {
    language: text,
    package: text,
    doc: text,
    lines: place,
    symbols: many(symbol),
    scopes: many(scope),
    calls: many(call),
    refs: many(fc.record({ s: index, e: expr, l: place }, { noNullPrototype: true })),
    imports: many(
      part<ImportIr>(
        {
          specifier: text,
          kind: fc.constantFrom(...importKinds),
          name: fc.option(text),
          alias: fc.option(text),
          type: yes,
          l: place,
        },
        ["specifier", "kind", "name", "alias", "l"],
      ),
    ),
    exports: many(fc.record({ name: text, v: expr, at: place }, { noNullPrototype: true })),
    problems: many(fc.tuple(place, text)),
    extra: fc.constant({ partialTypes: { Café: 3 }, nested: [null, "\ud800"] }),
  },
  ["language", "lines", "symbols", "scopes", "calls", "refs", "imports"],
);

describe("bytes of a file's IR", () => {
  test("give back what went in, whatever it is", () => {
    fc.assert(
      fc.property(file, (ir) => {
        expect(plain(decodeIr(encodeIr(ir)))).toStrictEqual(ir);
      }),
      { numRuns: 400 },
    );
  });

  test("can lie anywhere in a larger buffer", () => {
    fc.assert(
      fc.property(file, fc.nat(20), (ir, offset) => {
        const bytes = encodeIr(ir);
        const larger = new Uint8Array(bytes.length + offset + 5).fill(255);
        larger.set(bytes, offset);
        expect(plain(decodeIr(larger.subarray(offset, offset + bytes.length)))).toStrictEqual(ir);
      }),
      { numRuns: 50 },
    );
  });

  test("are refused when cut, changed by one bit, or somebody else's", () => {
    fc.assert(
      fc.property(file, fc.nat(), fc.nat(7), (ir, at, bit) => {
        const bytes = encodeIr(ir);
        expect(isIr(bytes)).toBe(true);
        const index = at % bytes.length;
        expect(isIr(bytes.subarray(0, index))).toBe(false);
        expect(isIr(bytes.with(index, bytes[index]! ^ (1 << bit)))).toBe(false);
      }),
    );
    for (const foreign of ["", "{}", "x".repeat(200)]) {
      expect(isIr(Buffer.from(foreign))).toBe(false);
      expect(() => decodeIr(Buffer.from(foreign))).toThrow(AppError);
    }
  });

  test("of expressions do not share one: each stands for its place", () => {
    const nothing: Expr = ["?"];
    const ir: FileIr = {
      language: "python",
      lines: 1,
      symbols: [],
      scopes: [],
      calls: [{ s: 0, f: nothing, a: [nothing], l: 1, at: 1, r: 0 }],
      refs: [],
      imports: [],
    };
    const [read] = decodeIr(encodeIr(ir)).calls;
    expect(read!.f).toEqual(read!.a[0]);
    expect(read!.f).not.toBe(read!.a[0]);
    expect(read!.f).toBe(read!.f);
  });
});
