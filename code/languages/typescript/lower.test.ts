import { describe, expect, test } from "vitest";
import type { BindingIr, Expr, FileIr, ScopeIr } from "../../ir.ts";
import { lower as lowerPath } from "./lower.ts";

const lower = (source: string, path = "a.ts"): FileIr => lowerPath(source, path);
const symbols = (ir: FileIr): string[] =>
  ir.symbols.map((s) => `${s.kind} ${s.path}${s.flags === undefined ? "" : ` [${s.flags.join(" ")}]`}`);

function scopeOf(ir: FileIr, path: string): ScopeIr {
  const symbol = ir.symbols.findIndex((s) => s.path === path);
  const scope = ir.scopes.find((s) => s.symbol === symbol && s.kind !== "block");
  if (symbol < 0 || scope === undefined) throw new Error(`no scope of ${path}`);
  return scope;
}

function binding(scope: ScopeIr | undefined, name: string): BindingIr {
  const found = scope?.bindings.findLast((b) => b.n === name);
  if (found === undefined) throw new Error(`no binding of ${name}`);
  return found;
}

/** `a.b.c` for a chain of names, the raw tuple for anything else. */
function text(e: Expr | undefined): string {
  if (e === undefined) return "nothing";
  if (e[0] === "n") return e[1];
  if (e[0] === "this" || e[0] === "super") return e[0];
  return e[0] === "a" ? `${text(e[1])}.${e[2]}` : JSON.stringify(e);
}
const callees = (ir: FileIr): string[] =>
  ir.calls.map((c) => `${c.new ? "new " : ""}${c.implicit ? "implicit " : ""}${text(c.f)}:${c.l}`);
const imports = (ir: FileIr): string[] =>
  ir.imports.map((i) => `${i.kind} ${i.specifier} ${i.name ?? "-"} ${i.alias ?? "-"}${i.type ? " type" : ""}`);

describe("symbols", () => {
  test("functions are named after where they land", () => {
    const ir = lower(
      `const f = () => {};
       let obj = { foo() {}, bar: () => {}, deep: { er: function () {} }, [key]() {} };
       exports.run = function () {};
       module.exports.stop = () => {};
       function Foo() { this.go = function () {} }
       Foo.prototype.bar = function () {};
       Foo.prototype = { baz() {} };
       Foo.make = function () {};
       call(function () {}, () => {}, function named() {});`,
      "a.cjs",
    );
    expect(symbols(ir)).toEqual([
      "Function f",
      "Variable obj",
      "Function obj.foo",
      "Function obj.bar",
      "Function obj.deep.er",
      "Function obj.[key]",
      "Function run",
      "Function stop",
      "Function Foo",
      "Method Foo.go",
      "Method Foo.bar",
      "Function Foo.baz",
      "Function Foo.make",
      "Function <anonymous1> [anonymous]",
      "Function <anonymous2> [anonymous]",
      "Function named",
    ]);
    expect(ir.symbols.filter((s) => s.exported).map((s) => s.name)).toEqual(["run", "stop"]);
  });

  test("classes with all kinds of members, their visibility and flags", () => {
    const ir = lower(`
      /** A shop. */
      export abstract class Shop<T extends Item> extends Base implements Open {
        static #count = 0;
        readonly name: string = "x";
        protected handler = () => this.open();
        constructor(private readonly db: Db, public size = 1) { super(); }
        static create() {}
        get total() { return 1; }
        set total(v) {}
        async *walk() {}
        private abstract secret(): void;
        over(a: string): void;
        over(a: number): void;
        over(a: unknown) {}
        static { init(); }
        [Symbol.iterator]() {}
        'quoted name'() {}
      }`);
    expect(symbols(ir)).toEqual([
      "Class Shop [abstract]",
      "Variable Shop.#count [static]",
      "Variable Shop.name [readonly]",
      "Method Shop.handler",
      "Method Shop.constructor [constructor]",
      "Variable Shop.db [readonly]",
      "Variable Shop.size",
      "Method Shop.create [static]",
      "Method Shop.total [getter]",
      "Method Shop.total~2 [setter]",
      "Method Shop.walk [async generator]",
      "Method Shop.secret [abstract]",
      "Method Shop.over",
      "Method Shop.[Symbol.iterator]",
      "Method Shop.quoted name",
    ]);
    const by = (path: string) => ir.symbols.find((s) => s.path === path);
    expect(by("Shop")).toMatchObject({
      doc: "A shop.",
      exported: true,
      signature: "export abstract class Shop<T extends Item> extends Base implements Open",
      range: { startLine: 3, startColumn: 6, endLine: 19, endColumn: 7 },
    });
    expect(by("Shop.#count")?.visibility).toBe("private");
    expect(by("Shop.handler")?.visibility).toBe("protected");
    expect(by("Shop.db")).toMatchObject({ visibility: "private", exported: false });
    expect(by("Shop.over")?.signature).toBe("over(a: unknown)");
    expect(scopeOf(ir, "Shop").bases).toEqual([["n", "Base"]]);
    expect(scopeOf(ir, "Shop").implements).toEqual([["n", "Open"]]);
    // An arrow in a field sees the instance.
    expect(scopeOf(ir, "Shop.handler").bound).toBe("instance");
    expect(callees(ir)).toContain("super.constructor:7");
  });

  test("interfaces, type aliases, enums, namespaces and ambient modules", () => {
    const ir = lower(`
      export interface Store extends Base { get(key: string): Promise<Item>; size: Size; }
      type Alias = Store & { extra(): void };
      export const enum Color { Red = 1, Green = make() }
      namespace A.B { export function f() {} const hidden = 1; }
      declare module "pkg" { export class Ambient { m(): void } }
      declare global { interface Window { x: 1 } }`);
    expect(symbols(ir)).toEqual([
      "Interface Store",
      "Method Store.get [abstract]",
      "Interface Alias [type]",
      "Method Alias.extra [abstract]",
      "Class Color [enum const]",
      "Variable Color.Red [const]",
      "Variable Color.Green [const]",
      "Module A [namespace]",
      "Module A.B [namespace]",
      "Function A.B.f",
      "Variable A.B.hidden [const]",
      "Module pkg [ambient]",
      "Class pkg.Ambient",
      "Method pkg.Ambient.m",
      "Module global [ambient]",
      "Interface global.Window",
    ]);
    expect(binding(scopeOf(ir, "Store"), "size").t).toEqual(["n", "Size"]);
    expect(scopeOf(ir, "Store.get").returnType).toEqual(["g", ["n", "Promise"], [["n", "Item"]]]);
    expect(scopeOf(ir, "Alias").bases).toEqual([["n", "Store"]]);
  });

  test("module-level variables, also destructured and in var blocks; local ones are none", () => {
    const ir = lower(`const { a, b: [c, ...d], ...e } = load();
      let x = 1, y = 2;
      if (x) { var hoisted = 1; let local = 2; }
      function f() { const inner = 1; const g = () => {}; }`);
    expect(symbols(ir)).toEqual([
      "Variable a [const]",
      "Variable c [const]",
      "Variable d [const]",
      "Variable e [const]",
      "Variable x",
      "Variable y",
      "Variable hoisted",
      "Function f",
      "Function f.g",
    ]);
  });

  test("a second definition of a path is told apart", () => {
    const ir = lower("function f() {}\nfunction f() {}\nfunction f() {}", "a.js");
    expect(ir.symbols.map((s) => s.path)).toEqual(["f", "f~2", "f~3"]);
  });

  test("doc comments lose their markers, and belong to what follows them", () => {
    const ir = lower(`/** @file About this. */
import "x";
/**
 * Pays.
 *   - at once
 */
// eslint-disable-next-line
export const pay = () => {};
/* no doc */
function other() {}
/** far */ const q = 1; function none() {}`);
    expect(ir.doc).toBe("@file About this.");
    expect(ir.symbols.map((s) => [s.name, s.doc])).toEqual([
      ["pay", "Pays.\n  - at once"],
      ["other", undefined],
      ["q", "far"],
      ["none", undefined],
    ]);
  });
});

describe("values", () => {
  test("parameters: patterns are bound off a made-up name, with defaults and types", () => {
    const ir = lower("function f(a: A, { b, c: [d = e] }: P = {}, ...rest: R[]) {}");
    const f = scopeOf(ir, "f");
    expect(f.params).toEqual([
      { n: "a", kind: "positional", t: ["n", "A"] },
      { n: "{1}", kind: "pattern", v: ["o", []], t: ["n", "P"] },
      { n: "rest", kind: "rest", t: ["g", ["n", "[]"], [["n", "R"]]] },
    ]);
    expect(binding(f, "b").v).toEqual(["a", ["n", "{1}"], "b"]);
    expect(binding(f, "d").v).toEqual([
      "u",
      [
        ["i", ["a", ["n", "{1}"], "c"], ["#", 0]],
        ["n", "e"],
      ],
    ]);
  });

  test("choices, awaits, assertions and sequences keep what may come out of them", () => {
    const value = (source: string): Expr => binding(lower(`const v = ${source}`).scopes[0], "v").v;
    expect(value("a ? b : c")).toEqual([
      "u",
      [
        ["n", "b"],
        ["n", "c"],
      ],
    ]);
    expect(value("a && b")).toEqual(["n", "b"]);
    expect(value("a ?? b")).toEqual([
      "u",
      [
        ["n", "a"],
        ["n", "b"],
      ],
    ]);
    expect(value("a || null")).toEqual(["n", "a"]);
    expect(value("await a")).toEqual(["w", ["n", "a"]]);
    expect(value("(0, a.b)")).toEqual(["a", ["n", "a"], "b"]);
    expect(value("a as Foo")).toEqual([
      "u",
      [
        ["n", "a"],
        ["I", ["n", "Foo"]],
      ],
    ]);
    expect(value("<Foo>a")).toEqual([
      "u",
      [
        ["n", "a"],
        ["I", ["n", "Foo"]],
      ],
    ]);
    expect(value("a satisfies Foo")).toEqual([
      "u",
      [
        ["n", "a"],
        ["I", ["n", "Foo"]],
      ],
    ]);
    expect(value("a!.b?.[0]")).toEqual(["i", ["a", ["n", "a"], "b"], ["#", 0]]);
    expect(value("a['b']")).toEqual(["a", ["n", "a"], "b"]);
    expect(value("{ x: a, y: 1 > 2, ...b, [k]: c, 'z z': d }")).toEqual([
      "o",
      [
        ["x", ["n", "a"]],
        [null, ["*", ["n", "b"]]],
        [null, ["n", "c"]],
        ["z z", ["n", "d"]],
      ],
    ]);
    expect(value("[a, ...b, , 1]")).toEqual(["l", [["n", "a"], ["*", ["n", "b"]], ["?"], ["#", 1]]]);
    expect(value("`text`")).toEqual(["s", "text"]);
    expect(value("`a${f()}`")).toEqual(["?"]);
  });

  test("assignments are listed where the name is declared, with the scope their value is read in", () => {
    const ir = lower(
      `let cb;
       if (x) cb = a; else cb = b;
       function set(g) { cb = g; }
       for (;;) { let y = c; cb = y; }`,
      "a.js",
    );
    const module = ir.scopes[0]!;
    const found = module.bindings.filter((b) => b.n === "cb");
    expect(found.map((b) => text(b.v))).toEqual(['["?"]', "a", "b", "g", "y"]);
    const group = (b: BindingIr | undefined): number | undefined => module.regions?.[b?.r ?? 0]?.[1];
    expect(group(found[1])).toBe(group(found[2]));
    expect(group(found[1])).toBeGreaterThan(0);
    expect(found[1]?.r).not.toBe(found[2]?.r);
    expect(group(found[3])).toBe(-2);
    expect(group(found[4])).toBe(-1);
    expect(ir.scopes[found[3]?.s ?? -1]?.params?.[0]?.n).toBe("g");
    expect(ir.scopes[found[4]?.s ?? -1]?.kind).toBe("block");
  });

  test("functions are hoisted to their scope, let and const stay in their block", () => {
    const ir = lower("use(); function use() {} { const only = 1; { function deep() {} } }", "a.mjs");
    expect(binding(ir.scopes[0], "use").at).toBe(0);
    expect(ir.scopes[0]?.bindings.map((b) => b.n)).toEqual(["use"]);
    expect(ir.scopes.filter((s) => s.kind === "block").map((s) => s.bindings.map((b) => b.n))).toEqual([
      ["only"],
      ["deep"],
    ]);
    const sloppy = lower("{ function deep() {} }", "a.cjs");
    expect(sloppy.scopes[0]?.bindings.map((b) => b.n)).toEqual(["deep"]);
  });

  test("prototype and object members say what this is; a stated this counts too", () => {
    const ir = lower("function F() {}\nF.prototype.m = function () {};\nconst o = { a() {} };", "a.js");
    expect(binding(scopeOf(ir, "F.m"), "this").v).toEqual(["I", ["n", "F"]]);
    expect(binding(scopeOf(ir, "o.a"), "this").v).toEqual(["n", "o"]);
    expect(binding(scopeOf(lower("function f(this: Foo) {}"), "f"), "this").t).toEqual(["n", "Foo"]);
  });

  test("returns and yields are what the function gives", () => {
    const ir = lower("const a = (x) => x.y; function* g() { yield a; yield* b; return c }", "a.js");
    expect(scopeOf(ir, "a").returns).toEqual([["a", ["n", "x"], "y"]]);
    expect(scopeOf(ir, "g").yields).toEqual([
      ["n", "a"],
      ["e", ["n", "b"]],
    ]);
    expect(scopeOf(ir, "g").returns).toEqual([["n", "c"]]);
  });
});

describe("calls", () => {
  test("every form of call is one, on the line of its name", () => {
    const ir = lower(
      `a.b()
  .c?.()
new D(...xs)
tag\`\${f()}\`
super_.m()
this.x()
;(function () { g() })()
h?.(); i!(); (j as any)()
"text".trim()`,
    );
    expect(callees(ir)).toEqual([
      "a.b:1",
      '["c",0].c:2',
      "new D:3",
      "f:4",
      "tag:4",
      "super_.m:5",
      "this.x:6",
      "g:7",
      '["f",1]:7',
      "h:8",
      "i:8",
      "j:8",
      '["s","text"].trim:9',
    ]);
    expect(ir.calls.find((c) => c.new)?.a).toEqual([["*", ["n", "xs"]]]);
  });

  test("decorators are implicit calls on what they decorate", () => {
    const ir = lower("@One @Two(1) class A { @Three m(@Four p) {} @Five() f = 1 }");
    expect(callees(ir)).toContain("implicit One:1");
    expect(callees(ir)).toContain("Two:1");
    expect(callees(ir)).toContain("implicit Three:1");
    expect(callees(ir)).toContain("implicit Four:1");
    expect(binding(ir.scopes[0], "A").v[0]).toBe("d");
  });

  test("components are called with their properties, plain tags are looked through", () => {
    const ir = lower(
      "const App = () => <div><Item on={go} {...rest}>{(x) => x}</Item><ns.Part/><b c={f()}/></div>",
      "a.tsx",
    );
    expect(callees(ir)).toEqual(["Item:1", "ns.Part:1", "f:1"]);
    expect(ir.calls[0]?.a).toEqual([
      [
        "o",
        [
          ["on", ["n", "go"]],
          [null, ["*", ["n", "rest"]]],
          ["children", ["f", 2]],
        ],
      ],
    ]);
  });

  test("require and import() are imports, not calls", () => {
    expect(callees(lower("require('a'); import('b'); require(name)", "a.js"))).toEqual(["require:1"]);
  });
});

describe("imports and exports", () => {
  test("of ECMAScript modules", () => {
    const ir = lower(`import d, { a as b, type T } from "m";
import * as ns from "n";
import type { U } from "t";
import "side";
import eq = require("cjs");
export { x as default, ns };
export { y as z } from "r";
export * from "s";
export * as all from "u";
export type { V } from "v";
const x = import("dyn"), w: import("w").W = 1;`);
    expect(imports(ir)).toEqual([
      "member m default d",
      "member m a b",
      "member m T T type",
      "module n - ns",
      "member t U U type",
      "side-effect side - -",
      "module cjs - eq",
      "member r y -",
      "star s - -",
      "module u - -",
      "member v V - type",
      "dynamic dyn - -",
      "member w W - type",
    ]);
    expect(ir.exports?.map((e) => `${e.name} = ${text(e.v)}`)).toEqual([
      "default = x",
      "ns = ns",
      'z = ["m",7]',
      '* = ["m",8]',
      'all = ["m",9]',
      'V = ["m",10]',
    ]);
  });

  test("of CommonJS modules", () => {
    const ir = lower(
      `const a = require("a"), { b, c: d, ...e } = require("b"), f = require("c").g;
require("side");
module.exports = { a, run };
module.exports.extra = function () {};
exports.late = d;
function run() {}`,
      "a.cjs",
    );
    expect(imports(ir)).toEqual([
      "module a - a",
      "member b b b",
      "member b c d",
      "module b - e",
      "member c g f",
      "module side - -",
    ]);
    expect(ir.exports?.map((e) => e.name)).toEqual(["=", "extra", "late"]);
    expect(ir.symbols.filter((s) => s.exported).map((s) => s.name)).toEqual(["extra", "run"]);
  });

  test("a wrapper's own exports parameter is not the file's", () => {
    expect(lower("wrap((exports, module) => { exports.x = 1; module.exports = 2 })", "a.js").exports).toBeUndefined();
  });

  test("default exports get a name, whatever they are", () => {
    const name = (source: string): string[] => lower(source).symbols.map((s) => s.path);
    expect(name("export default function () {}")).toEqual(["default"]);
    expect(name("export default class {}")).toEqual(["default"]);
    expect(name("export default () => {}")).toEqual(["default"]);
    expect(name("export default { data() {} }")).toEqual(["default.data"]);
    expect(lower("export default function named() {}").exports).toMatchObject([{ name: "default", v: ["n", "named"] }]);
  });
});

describe("references and types", () => {
  test("what is read but not called, if it may be declared at module level; once a symbol", () => {
    const ir = lower(
      `import { imp, ns } from "m"; const top = 1; class K {}
       function f(param) { const local = 1; use(top, top, param, local, ns.deep.x, undefined, console); return imp as K }`,
    );
    expect(ir.refs.map((r) => text(r.e))).toEqual(["top", "ns.deep.x", "imp", "K"]);
  });

  test("declared types leave out what says nothing", () => {
    const t = (type: string): Expr | undefined =>
      lower(`function f<T extends B, U>(p: ${type}) {}`).scopes[1]?.params?.[0]?.t;
    expect(t("Foo | null | undefined | string")).toEqual(["n", "Foo"]);
    expect(t("Foo | Bar")).toEqual([
      "u",
      [
        ["n", "Foo"],
        ["n", "Bar"],
      ],
    ]);
    expect(t("Array<Foo>")).toEqual(["g", ["n", "[]"], [["n", "Foo"]]]);
    expect(t("readonly ns.Foo[]")).toEqual(["g", ["n", "[]"], [["a", ["n", "ns"], "Foo"]]]);
    expect(t("[Foo, string]")).toEqual(["l", [["n", "Foo"], ["?"]]]);
    expect(t("Map<string, Foo>")).toEqual(["g", ["n", "Map"], [["?"], ["n", "Foo"]]]);
    expect(t("Record<string, Foo>")).toEqual(["g", ["n", "map"], [["?"], ["n", "Foo"]]]);
    expect(t("Partial<Foo>")).toEqual(["n", "Foo"]);
    expect(t("() => Foo")).toEqual(["g", ["n", "func"], [["n", "Foo"]]]);
    expect(t("T")).toEqual(["n", "B"]);
    expect(t("U")).toBeUndefined();
    expect(t("string | 5 | `x`")).toBeUndefined();
    expect(t("InstanceType<typeof Foo>")).toEqual(["n", "Foo"]);
    // The value itself, not an instance of it.
    expect(lower("function f(p: typeof Foo) {}").scopes[1]?.params?.[0]).toMatchObject({ v: ["n", "Foo"] });
  });

  test("JSDoc states types in JavaScript", () => {
    const ir = lower(
      `/**
 * @param {import("./m").Foo} a @param {?Bar[]=} b
 * @param {{ x: number }} c
 * @param {Array.<Baz>|string} d
 * @returns {Promise<Foo>} later */
function f(a, b, c, d) {}
/** @type {Map<string, Foo>} */
const m = q`,
      "a.js",
    );
    const f = scopeOf(ir, "f");
    expect(f.params?.map((p) => p.t)).toEqual([
      ["m", 0],
      ["g", ["n", "[]"], [["n", "Bar"]]],
      undefined,
      ["g", ["n", "[]"], [["n", "Baz"]]],
    ]);
    expect(f.returnType).toEqual(["g", ["n", "Promise"], [["n", "Foo"]]]);
    expect(binding(ir.scopes[0], "m").t).toEqual(["g", ["n", "Map"], [["?"], ["n", "Foo"]]]);
    expect(imports(ir)).toEqual(["member ./m Foo - type"]);
  });
});

describe("sources as they come", () => {
  test.each([
    ["a.js", "#!/usr/bin/env node\nwith (o) f(); var x = 010; label: for (;;) break label", ["f"]],
    ["a.js", "return early(); await_(); var async = 1, of, let_", ["early", "await_"]],
    ["a.cjs", "return early()", ["early"]],
    ["a.js", "\uFEFFf();\r\ng();\r\n", ["f", "g"]],
    ["a.js", "const x = <Foo a={b}/>; f()", ["Foo", "f"]],
    ["a.js", "// @flow\nfunction f(x: number): string { return g(x) }", ["g"]],
    ["a.ts", "const f = <T,>(x: T) => g(x); using r = open(); let u = x satisfies Y", ["g", "open"]],
    ["a.mts", "export const x = await f()", ["f"]],
    ["a.jsx", "const A = () => <><B/>{c()}</>", ["B", "c"]],
  ])("%s %j is read", (path, source, names) => {
    expect(lower(source, path).calls.map((c) => text(c.f))).toEqual(names);
  });

  test("lines are counted as editors do", () => {
    expect(["", "a", "a\n", "a\r\nb", "\n\n"].map((s) => lower(s).lines)).toEqual([0, 1, 1, 2, 2]);
    expect(callees(lower("/* é😀 */ a()\r\n\r\n  b()"))).toEqual(["a:1", "b:3"]);
    expect(lower("/* é😀 */ class A {}").symbols[0]?.range.startColumn).toBe(10);
  });

  test("a file of which nothing can be read is refused with its place; an empty one is empty", () => {
    expect(() => lower("const = = ;\n")).toThrow(/a\.ts could not be parsed.*line 1/);
    expect(lower("").symbols).toEqual([]);
    expect(lower("// only a comment").symbols).toEqual([]);
  });
});
