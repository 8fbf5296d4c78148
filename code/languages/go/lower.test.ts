// What the Go lowering keeps of source text.
import { describe, expect, test } from "vitest";
import { growth } from "@opentrace/contract/testing/count-work.ts";
import type { FileIr, SymbolIr } from "../../ir.ts";
import { excludeEachOther, isInUsualBuild } from "./build-constraints.ts";
import { lower as lowerGo } from "./lower.ts";

const lower = (body: string, path = "shop/pay.go"): FileIr => lowerGo(`package shop\n${body}\n`, path);
const symbol = (ir: FileIr, path: string): SymbolIr => {
  const found = ir.symbols.find((one) => one.path === path);
  if (found === undefined) throw new Error(`no symbol ${path} in ${ir.symbols.map((one) => one.path).join(", ")}`);
  return found;
};
const callees = (ir: FileIr): unknown[] => ir.calls.map((call) => call.f);

describe("symbols", () => {
  test("a function has its head as signature, its doc comment, its range and the visibility of its first letter", () => {
    const ir = lower(`
// Charge takes the money.
//
//go:noinline
// It may fail.
func Charge(
	amount int, // in cents
	card *Card,
) (id string, err error) {
	return "", nil
}
func hidden() {}`);
    expect(symbol(ir, "Charge")).toEqual({
      kind: "Function",
      name: "Charge",
      path: "Charge",
      parent: -1,
      range: { startLine: 7, startColumn: 0, endLine: 12, endColumn: 1 },
      signature: "func Charge( amount int, card *Card, ) (id string, err error)",
      doc: "Charge takes the money.\n\nIt may fail.",
      visibility: "public",
      exported: true,
    });
    expect(symbol(ir, "hidden")).toMatchObject({ visibility: "private", exported: false });
  });

  test("a method belongs to its type, also when it stands above it or the type is in another file", () => {
    const ir = lower(`
func (s *Server) Start() {}
type Server struct{ Name string }
func (o Other) Stop() {}`);
    const server = ir.symbols.findIndex((one) => one.path === "Server");
    expect(symbol(ir, "Server.Start")).toMatchObject({ kind: "Method", parent: server });
    expect(symbol(ir, "Server.Name")).toMatchObject({ kind: "Variable", parent: server });
    expect(symbol(ir, "Other.Stop")).toMatchObject({ kind: "Method", parent: -1 });
    for (const [index, one] of ir.symbols.entries()) expect(one.parent).toBeLessThan(index);
    const partial = ir.extra?.["partialTypes"] as Record<string, number>;
    expect(Object.keys(partial)).toEqual(["Other"]);
    expect(ir.scopes[partial["Other"] ?? 0]).toMatchObject({ kind: "class", symbol: -1, bindings: [{ n: "Stop" }] });
  });

  test("structs, defined types, aliases and interfaces are told apart by flags", () => {
    const ir = lower(`
type A struct{}
type B map[string]int
type C = A
type D interface { Do(x int) error }`);
    expect(symbol(ir, "A")).toMatchObject({ kind: "Class", flags: ["struct"], signature: "type A struct" });
    expect(symbol(ir, "B")).toMatchObject({ kind: "Class", flags: ["type"], signature: "type B map[string]int" });
    expect(symbol(ir, "C")).toMatchObject({ kind: "Class", flags: ["type", "alias"], signature: "type C = A" });
    expect(symbol(ir, "D")).toMatchObject({ kind: "Interface" });
    expect(symbol(ir, "D.Do")).toMatchObject({ kind: "Method", flags: ["abstract"], signature: "Do(x int) error" });
  });

  test("function literals are numbered within the function around them", () => {
    const ir = lower(`
func f() {
	a := func() { func() {}() }
	b := func() {}
}
var top = func() {}`);
    expect(ir.symbols.map((one) => one.path)).toEqual([
      "f",
      "f.<anonymous1>",
      "f.<anonymous1>.<anonymous1>",
      "f.<anonymous2>",
      "<anonymous1>",
      "top",
    ]);
  });

  test("a second declaration of a path gets a number", () => {
    const ir = lower(`func init() {}\nfunc init() {}\nfunc init() {}`);
    expect(ir.symbols.map((one) => one.path)).toEqual(["init", "init~2", "init~3"]);
  });

  test("iota counts the entries of its group and the type is repeated", () => {
    const ir = lower(`const (\n\tA = iota\n\tB\n\t_\n\tD\n)\nconst (\n\tE Kind = iota\n\tF\n)`);
    expect(ir.scopes[0]?.bindings).toEqual([
      { n: "A", v: ["#", 0], at: 0, r: 0 },
      { n: "B", v: ["#", 1], at: 0, r: 0 },
      { n: "D", v: ["#", 3], at: 0, r: 0 },
      { n: "E", v: ["?"], at: 0, r: 0, t: ["n", "Kind"] },
      { n: "F", v: ["?"], at: 0, r: 0, t: ["n", "Kind"] },
    ]);
  });
});

describe("names", () => {
  test("a local that shadows a package-level name has a name of its own", () => {
    const ir = lower(`
func f() {
	run()
	{
		run := other
		run()
	}
	run()
}`);
    expect(callees(ir)).toEqual([
      ["n", "run"],
      ["n", "run~2"],
      ["n", "run"],
    ]);
  });

  test("a block's local that is met before the package-level name is renamed afterwards", () => {
    const ir = lower(`
func f() {
	{
		run := other
		run()
	}
	run()
}`);
    expect(callees(ir)).toEqual([
      ["n", "run~2"],
      ["n", "run"],
    ]);
    expect(ir.scopes[1]?.bindings.map((binding) => binding.n)).toEqual(["run~2"]);
  });

  test(":= assigns to the variable of its own block and declares in an inner one", () => {
    const ir = lower(`
func f(err error) {
	a, err := g()
	b, err := h()
	if c, err := k(); err != nil {
		err.Error()
	}
	err.Error()
}`);
    expect(ir.scopes[1]?.bindings.map((binding) => binding.n)).toEqual(["a", "err", "b", "err", "c", "err~2"]);
    expect(callees(ir).slice(-2)).toEqual([
      ["a", ["n", "err~2"], "Error"],
      ["a", ["n", "err"], "Error"],
    ]);
  });

  test("an import is reached by its alias, or by the name its path suggests", () => {
    const ir = lowerGo(
      `package a
import (
	"net/http"
	j "encoding/json"
	"gopkg.in/yaml.v3"
	"github.com/acme/go-shop/v2"
	. "math"
	_ "embed"
)
func f() { http.Get(""); j.Marshal(1); yaml.Marshal(2); shop.Open() }`,
      "a.go",
    );
    expect(ir.imports.map(({ kind, alias }) => [kind, alias])).toEqual([
      ["module", "http"],
      ["module", "j"],
      ["module", "yaml"],
      ["module", "shop"],
      ["star", null],
      ["side-effect", null],
    ]);
    expect(callees(ir)).toEqual([
      ["a", ["m", 0], "Get"],
      ["a", ["m", 1], "Marshal"],
      ["a", ["m", 2], "Marshal"],
      ["a", ["m", 3], "Open"],
    ]);
    expect(ir.extra?.["guessedAliases"]).toEqual([2, 3]);
  });
});

describe("values and types", () => {
  const bindings = (body: string): Record<string, unknown> => {
    const ir = lower(`func f(s []Item, m map[string]Item, c chan Item, x any) {\n${body}\n}`);
    return Object.fromEntries((ir.scopes[1]?.bindings ?? []).map((binding) => [binding.n, binding.t ?? binding.v]));
  };

  test("literals, new, make, assertions and conversions are instances of their type", () => {
    expect(
      bindings(`
a := Item{}
b := &pkg.Item{}
d := new(Item)
e := make(map[string]*Item)
g, ok := x.(*Item)
h := List[Item]{}
var i Item`),
    ).toEqual({
      a: ["I", ["n", "Item"]],
      b: ["I", ["a", ["n", "pkg"], "Item"]],
      d: ["I", ["n", "Item"]],
      e: [
        "I",
        [
          "g",
          ["n", "map"],
          [
            ["n", "string"],
            ["n", "Item"],
          ],
        ],
      ],
      g: ["I", ["n", "Item"]],
      h: ["I", ["g", ["n", "List"], [["n", "Item"]]]],
      i: ["n", "Item"],
    });
  });

  test("ranges, receives and indexes give elements", () => {
    expect(
      bindings(`
for _, a := range s {}
for b := range c {}
d := s[0]
e := m["k"]
g := <-c
h, ok := <-c`),
    ).toEqual({
      a: ["e", ["n", "s"]],
      b: ["a", ["n", "c"], "<key>"],
      d: ["i", ["n", "s"], ["#", 0]],
      e: ["i", ["n", "m"], ["s", "k"]],
      g: ["e", ["n", "c"]],
      h: ["e", ["n", "c"]],
    });
  });

  test("several results are taken apart by number", () => {
    expect(bindings(`a, b := open()`)).toEqual({ a: ["i", ["c", 0], ["#", 0]], b: ["i", ["c", 0], ["#", 1]] });
  });

  test("a type switch binds its variable anew in each clause", () => {
    const ir = lower(`
func f(x any) {
	switch v := x.(type) {
	case *A:
		v.One()
	case B, C:
		v.Two()
	default:
		v.Three()
	}
}`);
    expect(ir.scopes[1]?.bindings.map(({ n, v }) => [n, v])).toEqual([
      ["v", ["I", ["n", "A"]]],
      ["v~2", ["n", "x"]],
      ["v~3", ["n", "x"]],
    ]);
  });

  test("function values in fields, maps and slices are kept", () => {
    const ir = lower(`
func f() {
	s := &Server{handler: run, Sub: Sub{then: run}}
	m := map[string]func(){"a": run}
	l := []func(){run, nil}
	s.after = run
	m["b"] = run
}
func run() {}`);
    expect(ir.scopes.find((scope) => scope.symbol === 0)?.stores?.map(({ o, k, v }) => [o, k, v])).toEqual([
      [["I", ["n", "Server"]], "handler", ["n", "run"]],
      [["I", ["n", "Sub"]], "then", ["n", "run"]],
      [["I", ["n", "Server"]], "Sub", ["I", ["n", "Sub"]]],
      [["n", "s"], "after", ["n", "run"]],
      [["n", "m"], "b", ["n", "run"]],
    ]);
    const values = ir.scopes.find((scope) => scope.symbol === 0)?.bindings.map((binding) => binding.v);
    expect(values?.slice(1)).toEqual([
      [
        "u",
        [
          [
            "I",
            [
              "g",
              ["n", "map"],
              [
                ["n", "string"],
                ["g", ["n", "func"], [["?"]]],
              ],
            ],
          ],
          ["o", [["a", ["n", "run"]]]],
        ],
      ],
      [
        "u",
        [
          ["I", ["g", ["n", "[]"], [["g", ["n", "func"], [["?"]]]]]],
          ["l", [["n", "run"]]],
        ],
      ],
    ]);
  });

  test("a generic call and a generic literal are told from an index", () => {
    const ir = lower(`
func f[T any](x T, fs []func(), i int) {
	Map[int, string](x)
	New[T](x)
	Of[[]byte](x)
	fs[i]()
	y := Set[T]{}
	if a[i] == b { g() }
}`);
    expect(callees(ir)).toEqual([
      [
        "g",
        ["n", "Map"],
        [
          ["n", "int"],
          ["n", "string"],
        ],
      ],
      ["g", ["n", "New"], [["n", "T"]]],
      ["g", ["n", "Of"], [["g", ["n", "[]"], [["n", "byte"]]]]],
      ["i", ["n", "fs"], ["?"]],
      ["n", "g"],
    ]);
    expect(ir.problems).toBeUndefined();
  });
});

describe("files of no build together", () => {
  test.each([
    [["dedupelabels"], ["!dedupelabels && !slicelabels"], true],
    [["dedupelabels"], ["slicelabels && !dedupelabels"], true],
    [["dedupelabels"], ["slicelabels"], true],
    [["integration && slow"], ["slow"], false],
    [["race"], ["cgo"], false],
    [["windows"], ["linux"], true],
    [["unix"], ["linux"], false],
    [["linux && arm64"], ["amd64"], true],
    [["linux || darwin", "cgo"], ["darwin && !cgo"], true],
    [["go1.21"], ["linux"], false],
  ])("%j and %j: %s", (a, b, expected) => {
    expect(excludeEachOther(a, b)).toBe(expected);
    expect(excludeEachOther(b, a)).toBe(expected);
  });
});

describe("build constraints", () => {
  const extra = (text: string, path = "a.go"): unknown => lowerGo(text, path).extra;

  test("of the file's name and of its first lines are kept, and what the usual build leaves out is a variant", () => {
    expect(extra("package a\n")).toBeUndefined();
    expect(extra("package a\n", "x/dir_linux.go")).toEqual({ build: ["linux"] });
    expect(extra("package a\n", "x/dir_windows_test.go")).toEqual({ build: ["windows"], variant: true });
    expect(extra("package a\n", "x/dir_linux_arm64.go")).toEqual({ build: ["linux && arm64"], variant: true });
    expect(extra("//go:build !slicelabels && !dedupe\n\npackage a\n")).toEqual({ build: ["!slicelabels && !dedupe"] });
    expect(extra("//go:build slicelabels\n\npackage a\n")).toEqual({ build: ["slicelabels"], variant: true });
  });

  test.each([
    ["linux || darwin", true],
    ["darwin || (windows && amd64)", false],
    ["!(darwin || windows)", true],
    ["go1.21", true],
    ["!go1.21 || ignore", false],
    ["unix && !cgo", false],
    ["(((", false],
  ])("%s is in the usual build: %s", (constraint, expected) => {
    expect(isInUsualBuild(constraint)).toBe(expected);
  });
});

describe("errors", () => {
  test("a broken statement costs itself", () => {
    const ir = lower(`
func f() {
	one()
	x := := 3
	two()
}
func g() { three() }`);
    expect(callees(ir)).toEqual([
      ["n", "one"],
      ["n", "two"],
      ["n", "three"],
    ]);
    expect(ir.problems).toEqual([[5, "expected an expression, found `:=`"]]);
  });

  test("a missing brace does not swallow the next function", () => {
    const ir = lower(`
func f() {
	if x {
		one()

func g() {
	two()
}
func (s *T) h() { three() }`);
    expect(ir.symbols.map((one) => one.path)).toEqual(["f", "g", "T.h"]);
    expect(callees(ir)).toEqual([
      ["n", "one"],
      ["n", "two"],
      ["n", "three"],
    ]);
  });

  test.each([
    ["(", ")"],
    ["[", "]"],
    ["{", "}"],
    ["f(", ")"],
    ["[]T{", "}"],
    ["func() { ", " }"],
    ["func(", ")"],
    ["map[", "]int"],
    ["-", ""],
    ["*", ""],
    ["<-", ""],
    ["!(", ")"],
    ["a[", "]"],
    ["struct{ x ", " }"],
    ["interface{ M(", ") }"],
    ["chan ", ""],
    ["T[", "]"],
    ["if x {", "}"],
    ["switch { case x: ", "}"],
    ["if x {} else ", "{}"],
    ["L: ", ""],
    ["a.", "b"],
    ["a+", "b"],
    ["a+(", ")"],
    ["a().", "b()"],
    ["{ x: ", "}"],
  ])("100,000 times %s is read in linear work and without overflowing the stack", (open, close) => {
    const texts = (depth: number): string[] => {
      const deep = open.repeat(depth) + close.repeat(depth);
      return [deep, `x := ${deep}`, `var x ${deep}`, open.repeat(depth)];
    };
    for (const index of texts(1).keys()) {
      const read = (depth: number): void => {
        const ir = lower(`func before() {}\nfunc f() {\n\t${texts(depth)[index]}\n}\nfunc after() {}`);
        expect(ir.symbols[0]?.path).toBe("before");
        JSON.stringify(ir);
      };
      expect(growth(read, 25_000, 4)).toBeLessThan(1.3);
    }
  });
});
