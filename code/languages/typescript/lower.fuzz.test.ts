import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AppError } from "@opentrace/contract/errors.ts";
import type { FileIr } from "../../ir.ts";
import { language } from "./index.ts";
import { lower } from "./lower.ts";

const own = [
  "lowering/statements.ts",
  "lowering/expressions.ts",
  "imports/packages.ts",
  "nesting.ts",
  "lower.test.ts",
].map((name) => readFileSync(new URL(name, import.meta.url), "utf8"));
const pieces =
  "{ } ( ) [ ] < > => ; , . ?. ... : ? ! @ # ` ${ ' \" / // /* */ /** \\ = += ??= ** function class extends async await yield import export default from " +
  "const let var if else for of in while do switch case try catch new super this return throw static get set type interface enum namespace declare " +
  "abstract readonly satisfies as keyof infer typeof require module.exports exports.x <a> </a> 0 1n .5 é 😀 \u2028 \0 a b";

const kinds = new Set([
  "n",
  "this",
  "super",
  "a",
  "i",
  "e",
  "w",
  "*",
  "c",
  "d",
  "f",
  "k",
  "o",
  "l",
  "s",
  "#",
  "u",
  "m",
  "I",
  "g",
  "?",
]);

/** Every index in the IR leads somewhere, whatever the source was. */
function check(ir: FileIr): void {
  const expr = (e: unknown): void => {
    if (!Array.isArray(e)) return;
    if (typeof e[0] === "string" && kinds.has(e[0])) {
      if (e[0] === "c" || e[0] === "d") expect(ir.calls[e[1] as number]).toBeDefined();
      if (e[0] === "f") expect(ir.scopes[e[1] as number]?.kind).toBe("function");
      if (e[0] === "k") expect(ir.scopes[e[1] as number]?.kind).toBe("class");
      if (e[0] === "m") expect(ir.imports[e[1] as number]).toBeDefined();
    }
    for (const part of e) expr(part);
  };
  const paths = new Set(ir.symbols.map((s) => s.path));
  expect(paths.size).toBe(ir.symbols.length);
  ir.symbols.forEach((s, i) => {
    expect(s.parent).toBeLessThan(i);
    expect(s.range.startLine).toBeGreaterThan(0);
    expect(s.range.endLine).toBeLessThanOrEqual(ir.lines + 1);
  });
  ir.scopes.forEach((scope, i) => {
    expect(scope.parent).toBeLessThan(i);
    expect(scope.symbol).toBeLessThan(ir.symbols.length);
    let last = -1;
    for (const b of scope.bindings) {
      expect(b.at).toBeGreaterThanOrEqual(last);
      last = b.at;
      expr(b.v);
      if (b.t !== undefined) expr(b.t);
      if (b.s !== undefined) expect(ir.scopes[b.s]).toBeDefined();
    }
    for (const e of [...(scope.returns ?? []), ...(scope.yields ?? []), ...(scope.bases ?? [])]) expr(e);
    for (const s of scope.stores ?? []) expr([s.o, s.v]);
  });
  for (const call of ir.calls) {
    expect(ir.scopes[call.s]).toBeDefined();
    expr([call.f, call.a]);
  }
  for (const ref of ir.refs) expect(ir.scopes[ref.s]).toBeDefined();
}

function read(source: string, path: string): void {
  let ir: FileIr;
  try {
    ir = lower(source, path);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    return;
  }
  check(ir);
}

const path = fc.constantFrom("a.ts", "a.tsx", "a.js", "a.d.ts", "a.cjs", "a.mjs");

test("our own sources make sound IR", () => {
  for (const source of own) check(lower(source, "a.ts"));
});

test("truncated, spliced and mutated sources never throw anything but AppError, and what is read is sound", () => {
  const edit = fc.record({
    source: fc.constantFrom(...own),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    size: fc.nat(400),
    insert: fc.array(fc.constantFrom(...pieces.split(" ")), { maxLength: 4 }),
    cut: fc.boolean(),
    path,
  });
  fc.assert(
    fc.property(edit, ({ source, from, size, insert, cut, path }) => {
      const at = Math.floor(from * source.length);
      const start = Math.max(0, at - 3000);
      read(source.slice(start, at) + insert.join(" ") + (cut ? "" : source.slice(at + size, at + 3000)), path);
    }),
    { numRuns: 400 },
  );
});

test("any sequence of tokens, and any text, is read or refused", () => {
  const tokens = fc.array(fc.constantFrom(...pieces.split(" ")), { maxLength: 60 }).map((list) => list.join(" "));
  fc.assert(fc.property(fc.oneof(tokens, fc.string({ unit: "binary", maxLength: 200 })), path, read), {
    numRuns: 1500,
  });
});

test("any text is a manifest or refused as one", () => {
  const manifest = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((value) => `{"name":"a","dependencies":${value}}`),
  );
  fc.assert(
    fc.property(manifest, (text) => {
      try {
        language.readManifest("package.json", text);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }),
  );
});
