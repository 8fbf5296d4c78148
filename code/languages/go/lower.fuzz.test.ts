// Whatever the text, the Go lowering ends, throws nothing, and says nothing that is not in the file.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { growth } from "@opentrace/contract/testing/count-work.ts";
import type { Expr, FileIr } from "../../ir.ts";
import { lower as lowerGo } from "./lower.ts";

const seed = `// Package p is.
package p

import ("fmt"; q "a.com/q/v2")

type (
	S[T any, U interface{ ~int | string; M() }] struct { *E; q.F; a, b map[string][]func(x T) (U, error) \`tag\`; c struct{ d chan<- int } }
	I interface { fmt.Stringer; M(a int, b ...string) (n int, err error) }
	A = []S[int, string]
)
const ( X K = iota << 1; Y; Z = 'a' + 0x1p-2i )
var v, w = func() (int, error) { return 1, nil }()
var _ I = (*S[int, string])(nil)

func (s *S[T, U]) M(a int, b ...string) (n int, err error) {
	defer func() { if r := recover(); r != nil { panic(r) } }()
outer:
	for i, x := range s.a["k"] {
		switch y := any(x).(type) { case nil, int: continue outer; case func(T) (U, error): y(nil); default: break }
		select { case v, ok := <-ch: go f(v, ok); case ch <- 1: default: }
		if z, err := q.Do[T](i, &S[T, U]{a: nil, b: map[string][]int{"x": {1, 2}}}, b...); err != nil && z[1:2:3] != nil { return 0, err } else if i++; true { goto outer }
	}
	for range 10 { x, y = y, x; x += <-ch; *p = -1 }
	return
}
`;

function check(text: string): FileIr {
  const ir = lowerGo(text, "p/p.go");
  const lines = text.split("\n");
  const inFile = (line: number, column: number): boolean =>
    line >= 1 && line <= lines.length && column >= 0 && column <= (lines[line - 1] ?? "").length;
  for (const [index, symbol] of ir.symbols.entries()) {
    const { startLine, startColumn, endLine, endColumn } = symbol.range;
    expect(symbol.parent).toBeLessThan(index);
    expect(inFile(startLine, startColumn) && inFile(endLine, endColumn)).toBe(true);
    expect(endLine > startLine || (endLine === startLine && endColumn >= startColumn)).toBe(true);
  }
  expect(new Set(ir.symbols.map((symbol) => symbol.path)).size).toBe(ir.symbols.length);
  const known = (e: Expr): boolean => {
    if (e[0] === "f" || e[0] === "k") return e[1] < ir.scopes.length;
    if (e[0] === "c") return e[1] < ir.calls.length;
    if (e[0] === "m") return e[1] < ir.imports.length;
    return e.slice(1).every((part) => !Array.isArray(part) || everyExpr(part));
  };
  const everyExpr = (part: readonly unknown[]): boolean =>
    typeof part[0] === "string" && !Array.isArray(part[1]) && part.length === 2 && !exprKinds.has(part[0])
      ? true
      : typeof part[0] === "string" && exprKinds.has(part[0])
        ? known(part as unknown as Expr)
        : part.every((one) => !Array.isArray(one) || everyExpr(one));
  for (const [index, scope] of ir.scopes.entries()) {
    expect(scope.parent).toBeLessThan(index === 0 ? 0 : ir.scopes.length);
    expect(scope.symbol).toBeLessThan(ir.symbols.length);
    for (const binding of scope.bindings) {
      expect(known(binding.v) && (binding.t === undefined || known(binding.t))).toBe(true);
      expect(binding.r).toBeLessThan(scope.regions?.length ?? 1);
    }
  }
  for (const call of ir.calls) {
    expect(call.s).toBeLessThan(ir.scopes.length);
    expect(known(call.f) && call.a.every(known)).toBe(true);
    expect(call.r).toBeLessThan(ir.scopes[call.s]?.regions?.length ?? 1);
    expect(text[call.at]).toBe("(");
  }
  for (const ref of ir.refs) expect(known(ref.e) && ref.s < ir.scopes.length).toBe(true);
  expect(JSON.parse(JSON.stringify(ir))).toEqual(ir);
  return ir;
}

const exprKinds = new Set("n this super a i e w * c d f k o l s # u m I g ?".split(" "));

test("the seed itself is read without a problem", () => {
  expect(check(seed).problems).toBeUndefined();
});

test("cut anywhere, it still gives what stands before the cut", () => {
  for (let length = 0; length <= seed.length; length++) check(seed.slice(0, length));
  expect(check(seed.slice(0, -3)).symbols.map((symbol) => symbol.path)).toContain("S.M");
});

test("with pieces removed, doubled, moved or replaced it still ends and stays within the file", () => {
  const piece = fc.oneof(
    fc.constantFrom(..."(){}[];:,.=<-*&!~\"'`\n".split("")),
    fc.constantFrom(
      ":=",
      "...",
      "func",
      "type",
      "case",
      "struct{",
      "interface{",
      "if",
      "for range",
      "map[",
      "//",
      "/*",
      "*/",
      "0x",
      "é",
      "\u{1f600}",
      "\0",
      "\ufeff",
      "\r\n",
      "[T any]",
      "<-chan",
    ),
    fc.string({ maxLength: 6, unit: "binary" }),
  );
  const edit = fc.record({ at: fc.nat(seed.length), remove: fc.nat(30), insert: piece });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
      let text = seed;
      for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove);
      check(text);
    }),
    { numRuns: 600 },
  );
});

test("random tokens end", () => {
  const tokens =
    '( ) { } [ ] ; : , . = := <- * & ! ~ \n func type struct interface map chan if else for range switch case default select return go defer var const import package a T 1 "s" \' ` ... + ++ |'.split(
      / /,
    );
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...tokens), { maxLength: 200 }), (list) => void check(list.join(" "))),
    { numRuns: 600 },
  );
});

test("one megabyte on one line takes no more work for each byte than a quarter of it", () => {
  for (const part of [
    "a(b).c[d] + ",
    "f(x, ",
    '"s" + ',
    "x := []int{1}; ",
    "if a { b() }; ",
    "{",
    "[",
    "/*",
    "`",
    "\\",
    "func() { ",
  ]) {
    const read = (bytes: number) => lowerGo(`package p\nfunc f() { ${part.repeat(bytes / part.length)} }\n`, "p.go");
    expect(growth(read, 250_000, 4), part).toBeLessThan(1.3);
  }
});

test("work grows with the size and not faster", () => {
  const read = (copies: number) => lowerGo(seed + seed.slice(seed.indexOf("\nfunc")).repeat(copies), "p.go");
  expect(growth(read, 500, 8)).toBeLessThan(1.3);
});

test("Windows line ends and a byte order mark change no position", () => {
  const text = readFileSync(new URL("./fixtures/shop.go.txt", import.meta.url), "utf8");
  const plain = lowerGo(text, "a.go");
  const windows = lowerGo(`\ufeff${text.replaceAll("\n", "\r\n")}`, "a.go");
  expect(windows.problems).toBeUndefined();
  expect(windows.symbols.map(({ path, range, doc }) => [path, range.startLine, range.endLine, doc])).toEqual(
    plain.symbols.map(({ path, range, doc }) => [path, range.startLine, range.endLine, doc]),
  );
});
