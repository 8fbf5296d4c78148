import { expect, test } from "vitest";
import type { FileIr } from "../../ir.ts";
import { language } from "./index.ts";

export const lower = (source: string, path = "a.ts"): FileIr => language.lower(source, path);
const symbols = (ir: FileIr): string[] => ir.symbols.map((s) => `${s.kind} ${s.path}`);

test("functions are named after where they land", () => {
  const ir = lower(
    `const f = () => {};
     let obj = { foo() {}, bar: () => {}, deep: { er: function () {} } };
     exports.run = function () {};
     module.exports.stop = () => {};
     function Foo() { this.go = function () {} }
     Foo.prototype.bar = function () {};
     Foo.make = function () {};
     call(function () {}, () => {});`,
    "a.cjs",
  );
  expect(symbols(ir)).toEqual([
    "Function f",
    "Variable obj",
    "Function obj.foo",
    "Function obj.bar",
    "Function obj.deep.er",
    "Function run",
    "Function stop",
    "Function Foo",
    "Method Foo.go",
    "Method Foo.bar",
    "Function Foo.make",
    "Function <anonymous1>",
    "Function <anonymous2>",
  ]);
});
