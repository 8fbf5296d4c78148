// Whatever is edited, added, moved or removed: resolving only what `affected` names ends in the facts of a clean resolution.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ScopeFacts } from "@opentrace/contract/facts.ts";
import { encodeSources, resolutionOf, type Sources } from "./testing/tiny-repository.ts";

interface State {
  sources: Sources;
  encoded: Map<string, Uint8Array>;
  records: Map<string, Uint8Array>;
  facts: Map<string, ScopeFacts>;
}

function clean(sources: Sources): State {
  const encoded = encodeSources(sources);
  const resolution = resolutionOf(sources, encoded);
  const state: State = { sources, encoded, records: new Map(), facts: new Map() };
  for (const path of encoded.keys()) resolveInto(state, resolution, path);
  for (const facts of resolution.links(state.records)) state.facts.set(facts.scope, facts);
  return state;
}

function resolveInto(state: State, resolution: ReturnType<typeof resolutionOf>, path: string): void {
  const result = resolution.resolve(path);
  if (result.is !== "resolved") throw new Error(`${path} needs ${result.paths.join()}`);
  state.records.set(path, result.resolution);
  state.facts.set(path, result.facts);
}

function sync(before: State, sources: Sources): { state: State; resolved: number } {
  const encoded = encodeSources(sources);
  const same = (path: string): boolean => {
    const a = before.encoded.get(path);
    const b = encoded.get(path);
    return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0;
  };
  const changed = [...encoded.keys()].filter((path) => !same(path));
  const removed = [...before.encoded.keys()].filter((path) => !encoded.has(path));
  const paths = (of: Sources): string => Object.keys(of).sort().join();
  const resolution = resolutionOf(sources, encoded);
  const state: State = { sources, encoded, records: new Map(before.records), facts: new Map(before.facts) };
  for (const path of removed) {
    state.records.delete(path);
    state.facts.delete(path);
  }
  const todo = resolution.affected({
    changed,
    removed,
    filesMoved: paths(sources) !== paths(before.sources),
    previousIr: (path) => before.encoded.get(path) ?? null,
    previous: before.records,
  });
  for (const path of todo) resolveInto(state, resolution, path);
  // As the indexer does: links are told anew as a whole.
  for (const scope of state.facts.keys()) if (scope.startsWith("link:")) state.facts.delete(scope);
  for (const facts of resolution.links(state.records)) state.facts.set(facts.scope, facts);
  return { state, resolved: todo.length };
}

const text = (state: State): string =>
  [...state.facts.keys()]
    .sort()
    .map((key) => JSON.stringify(state.facts.get(key)))
    .join("\n");

interface Dialect {
  paths: readonly string[];
  fixed: Sources;
  lines: readonly string[];
}

const python: Dialect = {
  paths: ["a.py", "b.py", "c.py", "pkg/__init__.py", "pkg/a.py", "pkg/sub/__init__.py"],
  fixed: {},
  lines: [
    "from a import f, K",
    "from b import *",
    "from pkg import a, f",
    "from pkg.a import g as h",
    "import pkg.sub",
    "import a, b",
    "from . import a",
    "from .a import f",
    "def f(x=None):\n    return x()",
    "def f():\n    return g",
    "def g(x):\n    x.m()\n    return x",
    "def g(cb):\n    h(cb)",
    "def h(cb):\n    cb()",
    "class K:\n    def m(self): self.n()\n    def n(self): f()",
    "class K:\n    def __init__(self, f): self.f = f\n    def m(self): self.f()",
    "class L(K):\n    def n(self): super().n()",
    "class M(a.K, b.K): pass",
    "K(f).m()",
    "L().m()",
    "g(L())",
    "h(f)",
    "f(h)",
    "table = {'k': f, 'l': g}",
    "table['k'] = h",
    "table['k']()",
    "x = f\nx = g",
    "x()",
    "@h\ndef k(): pass",
    "k()",
    "pkg.sub.f()",
    "a.f(b.g)",
    "b.table['l'](f)",
    "# a comment that moves what follows",
  ],
};

const javascript: Dialect = {
  paths: ["a.js", "b.js", "lib/index.js", "lib/c.mjs", "lib/d.cjs"],
  fixed: { "package.json": '{"name":"x"}' },
  lines: [
    'import { f, K } from "./a.js";',
    'import * as b from "./b.js";',
    'import lib from "./lib/index.js";',
    'import { g as h } from "../a.js";',
    'export * from "./lib/c.mjs";',
    'export { f as e } from "./a.js";',
    'const d = require("./lib/d.cjs");',
    'const { f: ff } = require("../a.js");',
    "export function f(x) { return x(); }",
    "export function g(k) { k.m(); return k; }",
    "export const h = (cb) => cb();",
    "export class K { constructor(f) { this.f = f; } m() { this.f(); this.n(); } n() {} }",
    "export class L extends K { n() { super.n(); } }",
    "export default function main() { f(g); }",
    "module.exports = { f, g };",
    "exports.f = function () { g(); };",
    "module.exports = function () { f(); };",
    "module.exports.g = function () { h(); };",
    "var api = exports = module.exports = {};",
    "api.g = h;",
    "new K(f).m();",
    "new L(h).m();",
    "g(new K(h));",
    "h(f);",
    "f(h);",
    "b.f(b.g);",
    "lib(d.f);",
    "d.f(d.g);",
    "const table = { k: f, l: g };",
    "table.k = h;",
    "table.k();",
    "let x = f; x = g;",
    "x();",
    "// a comment that moves what follows",
  ],
};

const go: Dialect = {
  paths: ["main.go", "other.go", "lib/a.go", "lib/b.go", "lib/a_test.go"],
  fixed: { "go.mod": "module ex.com/m\n" },
  lines: [
    "type T struct{ n *T }",
    "type I interface{ M() }",
    "func (t *T) M() { t.n.N() }",
    "func (t *T) N() { F() }",
    "func F() *T { return &T{} }",
    "func F() I { return nil }",
    "func G(f func()) { f() }",
    "func H() { G(K); F().M() }",
    "func K() { var i I = F(); i.M() }",
    "type E struct{ T }",
    "func L(e *E) { e.M() }",
    "var V = F()",
    "func W() { V.N(); lib.F().M() }",
    "// a comment that moves what follows",
  ],
};

const goText = (path: string, lines: readonly string[]): string =>
  `package ${path.startsWith("lib/") ? "lib" : "main"}\n${path.startsWith("lib/") ? "" : 'import "ex.com/m/lib"\n'}${lines.join("\n")}\n`;

/** A step sets a file's lines by their numbers; no lines at all removes it. */
const steps = (dialect: Dialect) =>
  fc.array(
    fc.tuple(
      fc.nat(dialect.paths.length - 1),
      fc.array(fc.nat(dialect.lines.length - 1), { minLength: 0, maxLength: 9 }),
    ),
    { minLength: 3, maxLength: 10 },
  );

function apply(dialect: Dialect, sources: Sources, step: readonly [number, readonly number[]]): Sources {
  const path = dialect.paths[step[0]]!;
  const next = { ...sources };
  if (step[1].length === 0) delete next[path];
  else {
    const lines = step[1].map((line) => dialect.lines[line]!);
    next[path] = dialect === go ? goText(path, lines) : `${lines.join("\n")}\n`;
  }
  return next;
}

for (const [name, dialect] of [
  ["Python", python],
  ["JavaScript", javascript],
  ["Go", go],
] as const) {
  test(`${name}: after any edits the facts are those of a clean resolution`, () => {
    let spared = 0;
    fc.assert(
      fc.property(steps(dialect), (sequence) => {
        let sources: Sources = dialect.fixed;
        // All files first, so that most steps are edits.
        for (const [index] of dialect.paths.entries()) {
          const from = sequence[index % sequence.length]![1];
          sources = apply(dialect, sources, [index, from.map((line) => (line + index * 7) % dialect.lines.length)]);
        }
        let state = clean(sources);
        for (const step of sequence) {
          sources = apply(dialect, sources, step);
          const { state: after, resolved } = sync(state, sources);
          spared += after.encoded.size - resolved;
          expect(text(after)).toBe(text(clean(sources)));
          state = after;
        }
      }),
      { numRuns: Number(process.env["INCREMENTAL_RUNS"] ?? 60) },
    );
    // An incremental run that resolves everything anew would prove nothing.
    expect(spared).toBeGreaterThan(0);
  });
}

test("the order in which files are resolved does not show in their facts", () => {
  const sources: Sources = {
    "a.py": "from b import g\ndef f(cb): cb()\nclass K:\n    def m(self): g(self)\n",
    "b.py": "from a import f, K\ndef g(k): k.m()\nf(g)\ng(K())\n",
    "c.py": "from a import *\nfrom b import *\ng(K())\nf(g)\n",
  };
  const encoded = encodeSources(sources);
  const run = (paths: readonly string[]): string => {
    const resolution = resolutionOf(sources, encoded);
    const out = new Map<string, string>();
    for (const path of paths) out.set(path, JSON.stringify(resolution.resolve(path)));
    return [...out.keys()]
      .sort()
      .map((path) => out.get(path))
      .join("\n");
  };
  expect(run(["c.py", "b.py", "a.py"])).toBe(run(["a.py", "b.py", "c.py"]));
});

test("a comment above a function that others call makes nobody else be resolved", () => {
  const before = clean({ "a.py": "def f(): pass\n", "b.py": "from a import f\nf()\n" });
  const { resolved } = sync(before, { "a.py": "# new\ndef f(): pass\n", "b.py": "from a import f\nf()\n" });
  expect(resolved).toBe(1);
});

test("a function added above the class of another file changes nothing of how its methods are inherited", () => {
  const caller = 'import { K } from "./a.js";\nclass L extends K {}\nnew L().m();\n';
  const base = "export class K { m() {} }\n";
  const rules = (a: string): (string | undefined)[] => {
    const edges = clean({ "a.js": a, "c.js": caller }).facts.get("c.js")?.edges ?? [];
    return edges.filter((edge) => edge.type === "CALLS").map((edge) => edge.rule);
  };
  expect(rules(base)).toContain("inherited");
  expect(rules(`export function f() {}\n${base}`)).toEqual(rules(base));
});

test("a file that moves into another build is led to anew by those that are built with it no more", () => {
  const caller = "//go:build other\n\npackage main\nfunc run() { start() }\n";
  const start = (constraint: string): string => `${constraint}package main\nfunc start() {}\n`;
  const before = clean({ "main.go": caller, "start.go": start("") });
  const sources = { "main.go": caller, "start.go": start("//go:build !other\n\n") };
  const { state } = sync(before, sources);
  expect(text(state)).toBe(text(clean(sources)));
  expect(text(before)).toContain('"type":"CALLS"');
  expect(text(state)).not.toContain('"type":"CALLS"');
});
