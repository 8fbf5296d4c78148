import fc from "fast-check";
import { expect, test } from "vitest";
import { countWork } from "@opentrace/contract/testing/count-work.ts";
import type { Expr, FileIr } from "../../ir.ts";
import { lower as lowerPython } from "./lower.ts";

const n = 100_000;

test.each([
  ["open parentheses", "(".repeat(n)],
  ["open brackets of all kinds", "([{".repeat(n)],
  ["nested lists", `x = ${"[".repeat(n)}${"]".repeat(n)}\n`],
  ["nested calls", `${"f(".repeat(n)}${")".repeat(n)}\n`],
  ["nested subscripts", `${"a[".repeat(n)}${"]".repeat(n)}\n`],
  ["nested formatted strings", `x = ${"f'{".repeat(n)}${"}'".repeat(n)}\n`],
  ["nested format specifications", `x = f'${"{x:".repeat(n)}${"}".repeat(n)}'\n`],
  ["nested lambdas", `x = ${"lambda: ".repeat(n)}1\n`],
  ["nested yields", `def f(): x = ${"yield ".repeat(n)}\n`],
  ["nested patterns", `match x:\n case ${"[".repeat(n)}${"]".repeat(n)}: pass\n`],
  ["nested types in a string", `x: "${"A[".repeat(n)}${"]".repeat(n)}" = 1\n`],
  ["long chains of attributes", `x = a${".b".repeat(n)}\n`],
  ["long chains of calls", `x = a${".b()".repeat(n)}\n`],
  ["many unary operators", `x = ${"not - ".repeat(n)}a\n`],
  ["many binary operators", `x = ${"a() ** ".repeat(n)}b\n`],
  ["long conditionals", `x = ${"a if b else ".repeat(n)}c\n`],
  ["many decorators", `${"@a\n".repeat(n)}def f(): pass\n`],
  ["many elifs", `if a: pass\n${"elif b: f()\n".repeat(n)}`],
  [
    "deep indentation",
    `${Array.from({ length: 3000 }, (_, i) => `${" ".repeat(i)}if x:`).join("\n")}\n${" ".repeat(3000)}f()\n`,
  ],
  [
    "deep classes",
    `${Array.from({ length: 300 }, (_, i) => `${" ".repeat(i)}class A:`).join("\n")}\n${" ".repeat(300)}f()\n`,
  ],
  ["a megabyte in one line", `x = [${"1, ".repeat(350_000)}]\n`],
  ["a bracket left open on every line", "foo(x,\n".repeat(n)],
  ["what could be `match` or `with` on every line", "match (x,\nwith (y,\n".repeat(n / 10)],
  ["a quote on every line", "'\n".repeat(n)],
  ["formatted strings left open on every line", "f'{\n".repeat(n)],
  ["only characters that Python does not know", "$?`\0".repeat(n)],
  [
    "nested comprehensions that use their variables twice",
    `x = [a60 for a0 in q ${Array.from({ length: 60 }, (_, i) => `for a${i + 1} in [a${i}, a${i}]`).join(" ")}]\n`,
  ],
])("%s neither overflow the stack nor take more work than their length", (_, source) => {
  let json = "";
  const work = countWork(() => (json = JSON.stringify(lowerPython(`${source}\nclass After: pass\n`))));
  expect(json.length).toBeLessThan(30 * source.length + 20_000);
  expect(work).toBeLessThan(100 * source.length + 20_000);
});

test("what is nested too deep is listed, and what stands around it is read", () => {
  const ir = lowerPython(`x = ${"(".repeat(500)}1${")".repeat(500)}\ndef f(): g()\n`);
  expect(ir.problems).toEqual([[1, "nested deeper than 200 levels: the inner part is not read"]]);
  expect(ir.symbols.map((symbol) => symbol.path)).toEqual(["x", "f"]);
  expect(ir.calls).toHaveLength(1);
});

const sample = `
"""Doc."""
from __future__ import annotations
import os.path as p, sys
from .a import (b as c, d)

LIMIT: int = 3

@decorator(f"{x!r:>{width}} {y['k']}")
class Pay(Base[int], metaclass=Meta):
    '''It\\'s a doc.'''
    def __init__(self, a, /, *args: "list[Foo]", k=lambda v, *w: v + 1, **kw) -> None:
        self.x, (self.y, *rest) = a, [i for i in args if i.ok() and (z := i.f())]
        with open(a) as f, lock: yield from g(*args, **{**kw, "n": [1, 2]})

    async def go(self):
        async for x in await self.x[1:2, ...]: self.y[x] += x if x else not -y
        try:
            raise Error("bad") from None
        except (A, B) as e:
            print >>sys.stderr, e; del e
        finally:
            return super().go()

    match = {"a": 1, **d}
    match x:
        case {"k": [A(b=1), *_], **rest} | None if rest: pass
        case _: global g
`;

function checkIr(ir: FileIr, lines: number): void {
  const check = (e: Expr): void => {
    if (e[0] === "c") expect(ir.calls[e[1]]).toBeDefined();
    else if (e[0] === "f" || e[0] === "k") expect(ir.scopes[e[1]]).toBeDefined();
    else if (e[0] === "m") expect(ir.imports[e[1]]).toBeDefined();
    else if (e[0] === "l" || e[0] === "u") for (const item of e[1]) check(item);
    else if (e[0] === "a" || e[0] === "i" || e[0] === "e") check(e[1]);
  };
  expect(ir.lines).toBe(lines);
  for (const symbol of ir.symbols) {
    const { startLine, startColumn, endLine, endColumn } = symbol.range;
    expect(startLine).toBeGreaterThan(0);
    expect(endLine).toBeLessThanOrEqual(lines);
    expect(startLine < endLine || (startLine === endLine && startColumn <= endColumn)).toBe(true);
    expect(symbol.parent).toBeLessThan(ir.symbols.indexOf(symbol));
  }
  expect(new Set(ir.symbols.map((symbol) => symbol.path)).size).toBe(ir.symbols.length);
  for (const call of ir.calls) {
    expect(call.l).toBeGreaterThan(0);
    expect(call.l).toBeLessThanOrEqual(lines);
    expect(ir.scopes[call.s]).toBeDefined();
    if (call.r > 0) expect(ir.scopes[call.s]?.regions?.[call.r]).toBeDefined();
    check(call.f);
    for (const argument of call.a) check(argument);
  }
  for (const scope of ir.scopes) for (const binding of scope.bindings) check(binding.v);
}

const lineCount = (source: string) => source.split(/\r\n|\r|\n/).length;

test("the sample that is cut up below is read without a problem", () => {
  const ir = lowerPython(sample.replace("print >>sys.stderr, e", "pass"));
  expect(ir.problems).toBeUndefined();
  expect(ir.symbols.length).toBeGreaterThan(6);
});

test("any beginning of a file can be read", () => {
  for (let length = 0; length <= sample.length; length++) {
    const source = sample.slice(0, length);
    checkIr(lowerPython(source), lineCount(source));
  }
});

test("any change of a file can be read: it never throws, and all that it says lies inside the file", () => {
  const piece = fc.constantFrom(
    ..."()[]{}:,.;=*@#'\"\\\n\r\t -!~0f".split(""),
    '"""',
    "'''",
    "f'",
    "\n    ",
    "\n",
    " if ",
    " else ",
    " for ",
    " in ",
    " lambda ",
    " def ",
    "class ",
    "import ",
    " as ",
    ":=",
    "**",
    "->",
    "{x",
    "\u00e9",
    "\ud83d\ude00",
  );
  const edit = fc.record({
    at: fc.nat({ max: sample.length }),
    remove: fc.nat({ max: 30 }),
    insert: fc.array(piece, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), (edits) => {
      let source = sample;
      for (const { at, remove, insert } of edits)
        source = source.slice(0, at) + insert.join("") + source.slice(at + remove);
      checkIr(lowerPython(source), lineCount(source));
    }),
    { numRuns: 3000 },
  );
});

test("any text at all can be read", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (source) => {
      checkIr(lowerPython(source), lineCount(source));
    }),
    { numRuns: 2000 },
  );
});
