import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRepository } from "./git/open-repository.ts";
import { indexRepository } from "./index-repository.ts";
import { INDEXER_VERSION, type IndexOptions } from "./pipeline/run.ts";
import type { IndexProgress, IndexSummary } from "./indexing.ts";
import { createTestRepository, type FileSpec, type TestRepository } from "./testing/git-repository.ts";
import { createMemoryState, type MemoryState } from "./testing/memory-state.ts";

const never = new AbortController().signal;
let repository: TestRepository;

beforeEach(() => {
  repository = createTestRepository();
});
afterEach(() => repository.remove());

interface RunResult {
  summary: IndexSummary;
  progress: IndexProgress[];
  batches: number;
  scopes: string[];
  facts: number[];
}

async function index(
  state: MemoryState,
  options: Partial<IndexOptions> & { branch?: string; stopAfter?: number } = {},
  signal: AbortSignal = never,
): Promise<RunResult> {
  const { branch, stopAfter = Infinity, ...rest } = options;
  const opened = await openRepository(
    { source: repository.folder, branch, cacheFolder: os.tmpdir(), protocols: [], depth: 100 },
    signal,
  );
  const run = indexRepository({ repository: opened, state, historyLimit: 50, ...rest }, signal);
  const result: Omit<RunResult, "summary"> = { progress: [], batches: 0, scopes: [], facts: [] };
  for (;;) {
    const step = await run.next();
    if (step.done === true) {
      state.complete(step.value.commit, INDEXER_VERSION);
      return { ...result, summary: step.value };
    }
    if (step.value.is === "progress") result.progress.push(step.value);
    else {
      state.apply(step.value.batch);
      result.batches++;
      result.scopes.push(...step.value.batch.scopes.map(({ scope }) => scope), ...step.value.batch.removedScopes);
      result.facts.push(
        step.value.batch.scopes.reduce((sum, { nodes, edges }) => sum + nodes.length + edges.length, 0),
      );
      if (result.batches >= stopAfter) {
        await run.return({} as IndexSummary);
        return { ...result, summary: {} as IndexSummary };
      }
    }
  }
}

const skippedOf = (state: MemoryState): Record<string, string> =>
  Object.fromEntries(
    [...state.records.values()].flatMap(({ path: name, skipped }) =>
      skipped === null ? [] : [[name, skipped.reason]],
    ),
  );

const edgesOf = (state: MemoryState, type: string): string[] =>
  [...state.stored.values()].flatMap(({ edges }) =>
    edges.filter((edge) => edge.type === type).map(({ from, to }) => `${short(from)} -> ${short(to)}`),
  );

const short = (key: string): string => key.replace(`local${repository.folder}`, "").replace(/^(commit:#.{6}).*/, "$1");

const SHOP = {
  "package.json": JSON.stringify({
    name: "shop",
    version: "1.2.3",
    dependencies: { react: "^19.0.0" },
    devDependencies: { vitest: "5.1.1" },
  }),
  "src/pay.ts": "export class PayService {\n  charge(cents: number) { return cents }\n}\n",
  "src/shop.ts": 'import { PayService } from "./pay";\nexport function buy() { return new PayService().charge(1) }\n',
  "README.md": "# Shop\n",
} satisfies Record<string, FileSpec>;

test("a repository becomes its directories, files, symbols, packages, branches, commits and people", async () => {
  repository.commit(SHOP, { message: "Open the shop" });
  repository.commit({ "README.md": "# The shop\n" }, { author: "Bob", email: "Bob@Example.com" });
  const state = createMemoryState();
  const { summary } = await index(state);
  expect(summary).toMatchObject({ files: 4, parsed: 2, changed: 2, skipped: 0, branch: "main" });
  expect(edgesOf(state, "CONTAINS")).toEqual(
    expect.arrayContaining([
      "repo: -> dir:#src",
      "dir:#src -> file:#src/pay.ts",
      "repo: -> file:#README.md",
      "repo: -> branch:#main",
    ]),
  );
  expect(edgesOf(state, "DEPENDS_ON")).toEqual(
    expect.arrayContaining([
      "repo: -> package:npm/react",
      "package:npm/shop -> package:npm/react",
      "file:#package.json -> package:npm/vitest",
    ]),
  );
  expect(edgesOf(state, "AUTHORED").map((edge) => edge.split(" ")[0])).toEqual(
    expect.arrayContaining(["person:ada@example.com", "person:bob@example.com"]),
  );
  expect(edgesOf(state, "CHANGES")).toHaveLength(5);
  expect(edgesOf(state, "DEFINES")).toContain("file:#src/pay.ts -> symbol:#src/pay.ts#PayService");
  const nodes = [...state.stored.values()].flatMap((scope) => scope.nodes);
  expect(nodes.find(({ key }) => key === "package:npm/shop")?.props).toMatchObject({ version: "1.2.3", local: true });
  const keys = new Set(nodes.map(({ key }) => key));
  for (const { edges } of state.stored.values()) {
    for (const edge of edges) expect([edge, keys.has(edge.from), keys.has(edge.to)]).toEqual([edge, true, true]);
  }
});

test("a second run at the same commit yields nothing, and another branch's move only its node", async () => {
  repository.commit(SHOP);
  const state = createMemoryState();
  await index(state);
  const again = await index(state);
  expect(again.batches).toBe(0);
  expect(again.summary).toMatchObject({ files: 4, parsed: 2, changed: 0 });
  repository.commit({ "x.md": "x" }, { branch: "other" });
  expect((await index(state)).scopes).toEqual(["branches"]);
});

test("an edit rewrites the file's own scope and little else", async () => {
  repository.commit(SHOP);
  const state = createMemoryState();
  await index(state);
  repository.commit({ "src/shop.ts": `${SHOP["src/shop.ts"]}export const open = true;\n` });
  const { scopes, summary } = await index(state);
  expect(summary.changed).toBe(1);
  expect(scopes.map((scope) => scope.replace(/^commit:.*/, "commit")).sort()).toEqual(
    ["branches", "commit", "file:src/shop.ts", "repository", "repository"].sort(),
  );
});

test("stored code that is cut, damaged or of another version is read again from its source when it is needed", async () => {
  repository.commit({
    "a.ts": "export function a() { return 1 }\n",
    "b.ts": "export function b() { return 2 }\n",
    "c.ts": "export function c() { return 3 }\n",
    "use.ts": `import { a } from "./a"; import { b } from "./b"; import { c } from "./c";\nexport const use = () => [a(), b(), c()];\n`,
  });
  const state = createMemoryState();
  await index(state);
  const damage = (name: string, change: (ir: Uint8Array) => Uint8Array): void => {
    const record = state.records.get(name)!;
    state.records.set(name, { ...record, ir: change(record.ir!) });
  };
  const before = state.graph();
  damage("a.ts", (ir) => ir.subarray(0, ir.length - 1));
  damage("b.ts", (ir) => ir.with(ir.length - 1, ir.at(-1)! ^ 1));
  damage("c.ts", (ir) => ir.with(4, 0));
  damage("use.ts", () => Buffer.from('{"language":"typescript"}'));
  expect(state.graph()).not.toEqual(before);
  repository.commit({
    "use.ts": `import { a } from "./a"; import { b } from "./b"; import { c } from "./c";\nexport const use = () => [c(), b(), a()];\n`,
  });
  const { summary } = await index(state);
  expect(summary.changed).toBe(1);
  const clean = createMemoryState();
  await index(clean);
  expect(state.graph()).toEqual(clean.graph());
});

test("a batch stays small, and progress is determinate and never goes back", async () => {
  const files: Record<string, FileSpec> = {};
  for (let i = 0; i < 300; i++)
    files[`src/m${i % 10}/f${i}.ts`] = Array.from({ length: 30 }, (_, n) => `export const v${n} = ${n};`).join("\n");
  repository.commit(files);
  const { facts, progress } = await index(createMemoryState());
  expect(Math.max(...facts)).toBeLessThan(3_000);
  expect(facts.length).toBeGreaterThan(5);
  const reading = progress.filter(({ phase }) => phase === "reading");
  expect(reading.every(({ filesTotal }) => filesTotal === 300)).toBe(true);
  expect(reading.at(-1)?.filesDone).toBe(300);
  const done = reading.map(({ filesDone }) => filesDone);
  expect(done).toEqual([...done].sort((a, b) => a - b));
});

describe("what is left out", () => {
  test("default exclusions and ignore files are listed once a folder, with the number of files and the reason", async () => {
    repository.commit({
      "node_modules/a/index.js": "x",
      "node_modules/b/index.js": "x",
      "lib/vendor/x.py": "x = 1",
      "dist/a.js": "x",
      ".otignore": "*.gen.ts\n!dist/\n",
      ".opentraceignore": "/private\n",
      "a.gen.ts": "export const a = 1",
      "private/b.ts": "export const b = 1",
      build: "a file of that name is a file",
    });
    const state = createMemoryState();
    await index(state);
    expect(skippedOf(state)).toEqual({
      "node_modules/": "excluded",
      "lib/vendor/": "excluded",
      "a.gen.ts": "ignored",
      "private/": "ignored",
    });
    expect(state.records.get("node_modules/")?.skipped?.detail).toMatch(/^2 files/);
    expect(state.records.get("private/")?.skipped?.detail).toContain(".opentraceignore:1");
    expect(edgesOf(state, "CONTAINS")).toContain("dir:#dist -> file:#dist/a.js");
    expect(edgesOf(state, "CHANGES").some((edge) => edge.includes("node_modules"))).toBe(false);
  });

  test("links, submodules, binaries, large files, broken text and broken code are listed by reason; the rest is read", async () => {
    repository.commit({
      "escape.ts": { symlink: "../../../../etc/passwd" },
      folder: { symlink: "/etc" },
      "third-party/lib": { submodule: "1".repeat(40) },
      "binary.ts": Buffer.from([0x65, 0, 1, 2]),
      "large.ts": "x".repeat(1024 * 1024 + 1),
      "one-line.ts": `export const a = [${"1,".repeat(400_000)}1];`,
      "latin1.ts": Buffer.from("// \xa9\nexport const caf\xe9 = 1;\nexport function ok() {}\n", "latin1"),
      "utf16.ts": Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("export const wide = 1;", "utf16le")]),
      "broken.ts": "export function (((( {\n",
      "good.ts": "export const good = 1;\n",
      "package.json": "{ not json",
      "sub/package.json": '{"dependencies": []}',
      "go.mod": "\0\0\0",
    });
    const state = createMemoryState();
    await index(state);
    expect(skippedOf(state)).toMatchObject({
      "escape.ts": "symlink",
      folder: "symlink",
      "third-party/lib": "submodule",
      "binary.ts": "binary",
      "large.ts": "too_large",
      "latin1.ts": "encoding",
      "broken.ts": "parse_failed",
      "package.json": "parse_failed",
    });
    expect(state.records.get("broken.ts")?.skipped?.detail).toMatch(/line 1/);
    const defined = edgesOf(state, "DEFINES");
    expect(defined).toContain("file:#good.ts -> symbol:#good.ts#good");
    expect(defined).toContain("file:#latin1.ts -> symbol:#latin1.ts#ok");
    expect(defined).toContain("file:#latin1.ts -> symbol:#latin1.ts#café");
    expect(defined).toContain("file:#utf16.ts -> symbol:#utf16.ts#wide");
    expect(JSON.stringify([...state.stored.values()])).not.toContain("root:x:0");
  });

  test("nothing can be nested so deeply that more than the one file is lost", async () => {
    const deep = 100_000;
    repository.commit({
      "parens.ts": `export const a = ${"(".repeat(deep)}1${")".repeat(deep)};`,
      "arrays.js": `x = ${"[".repeat(deep)}${"]".repeat(deep)}`,
      "not.js": `x = ${"!".repeat(deep)}1`,
      "plus.js": `x = ${"1+".repeat(deep)}1`,
      "blocks.js": `${"{".repeat(deep)}${"}".repeat(deep)}`,
      "arrow.js": `x = ${"a=>".repeat(deep)}1`,
      "chain.js": `x${".a()".repeat(deep)}`,
      "types.ts": `type A = ${"Array<".repeat(deep)}1${">".repeat(deep)}`,
      "cond.ts": `x = ${"a?b:".repeat(deep)}c`,
      "jsx.tsx": `x = ${"<a>".repeat(deep)}`,
      "else.js": `${"if (a) {} else ".repeat(deep / 2)} {}`,
      "nested.go": `package a\nvar x = ${"(".repeat(deep)}1${")".repeat(deep)}\n`,
      "blocks.go": `package a\nfunc f() {${"{".repeat(deep)}${"}".repeat(deep)}}\n`,
      "lists.py": `x = ${"[".repeat(deep)}${"]".repeat(deep)}\n`,
      "calls.py": `x = f${"()".repeat(deep)}\n`,
      "indent.py": Array.from({ length: 900 }, (_, i) => `${" ".repeat(i)}if x:`).join("\n"),
      "good.ts": "export const good = 1;\n",
      "good.go": "package a\nfunc Good() {}\n",
      "good.py": "def good(): pass\n",
    });
    const state = createMemoryState();
    await index(state, { parse: { fileTimeoutMs: 60_000 } });
    const defined = edgesOf(state, "DEFINES");
    expect(defined).toContain("file:#good.ts -> symbol:#good.ts#good");
    const reasons = Object.values(skippedOf(state));
    for (const reason of reasons) expect(["nested_too_deeply", "parse_failed", "timed_out"]).toContain(reason);
  });

  test("an iterator that is its own iterable, and classes that iterate each other, end", async () => {
    repository.commit({
      "own.ts":
        "class Own { [Symbol.iterator]() { return this } next() { return { value: work } } }\nfunction work() {}\nfor (const f of new Own()) f();\n",
      "each.ts":
        "class A { [Symbol.iterator]() { return new B() } }\nclass B { [Symbol.iterator]() { return new A() } }\nfor (const f of new A()) f();\n",
    });
    const state = createMemoryState();
    await index(state);
    expect(edgesOf(state, "CALLS")).toContain("file:#own.ts -> symbol:#own.ts#work");
    expect(JSON.stringify([...state.stored.values()])).not.toContain("notResolved");
  });

  test("file names may hold anything that git allows", async () => {
    const names = [
      "new\nline.ts",
      'quo"te.ts',
      "-rf.ts",
      "tab\t.ts",
      "ünïcödé/日本.ts",
      "a b/c d.ts",
      "Case.ts",
      "case.ts",
      "back\\slash.ts",
      "$(touch x).ts",
      "%2e%2e.ts",
      "a:b.ts",
      "#hash.ts",
    ];
    repository.commit(Object.fromEntries(names.map((name, i) => [name, `export const v${i} = ${i};\n`])));
    const state = createMemoryState();
    const { summary } = await index(state);
    expect(summary).toMatchObject({ files: names.length, parsed: names.length, skipped: 0 });
    for (const [i, name] of names.entries()) {
      expect(edgesOf(state, "DEFINES")).toContain(`file:#${name} -> symbol:#${name}#v${i}`);
      expect(edgesOf(state, "CHANGES").some((edge) => edge.endsWith(`file:#${name}`))).toBe(true);
    }
  });

  test("paths that no file system accepts are listed, not followed", async () => {
    const blob = repository.commit({ "x.ts": "export const x = 1;\n" }) && repository.git("rev-parse", "main:x.ts");
    const inner = execFileSync("git", ["--git-dir", repository.folder, "mktree"], {
      input: `100644 blob ${blob}\tpasswd.ts\n`,
      encoding: "utf8",
    }).trim();
    const tree = execFileSync(
      "git",
      ["--git-dir", repository.folder, "hash-object", "-t", "tree", "--literally", "-w", "--stdin"],
      {
        input: Buffer.concat([
          Buffer.from("40000 ..\0"),
          Buffer.from(inner, "hex"),
          Buffer.from("100644 x.ts\0"),
          Buffer.from(blob, "hex"),
        ]),
        encoding: "utf8",
      },
    ).trim();
    const commit = repository.git("-c", "user.name=a", "-c", "user.email=a@b", "commit-tree", "-m", "evil", tree);
    repository.git("update-ref", "refs/heads/main", commit);
    const state = createMemoryState();
    const { summary } = await index(state);
    expect(skippedOf(state)).toEqual({ "../passwd.ts": "unsupported" });
    expect(summary.parsed).toBe(1);
  });

  test("a blob of 1 GB is named and never loaded", async () => {
    const sparse = path.join(repository.folder, "sparse");
    writeFileSync(sparse, "");
    truncateSync(sparse, 1024 ** 3);
    const blob = repository.git("-c", "core.compression=1", "hash-object", "-w", sparse);
    rmSync(sparse);
    repository.commit({ "good.py": "def good(): pass\n" });
    const small = repository.git("rev-parse", "main:good.py");
    const tree = execFileSync("git", ["--git-dir", repository.folder, "mktree"], {
      input: `100644 blob ${small}\tgood.py\n100644 blob ${blob}\thuge.py\n`,
      encoding: "utf8",
    }).trim();
    const commit = repository.git("-c", "user.name=a", "-c", "user.email=a@b", "commit-tree", "-m", "huge", tree);
    repository.git("update-ref", "refs/heads/main", commit);
    const before = process.resourceUsage().maxRSS;
    const state = createMemoryState();
    await index(state);
    expect(skippedOf(state)).toEqual({ "huge.py": "too_large" });
    expect(edgesOf(state, "DEFINES")).toContain("file:#good.py -> symbol:#good.py#good");
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(150 * 1024);
  });

  test("a damaged object costs its file only", async () => {
    repository.commit({
      "a.ts": "export const a = 1;\n",
      "b.ts": `export const b = "${"b".repeat(5000)}";\n`,
      "c.ts": "export const c = 1;\n",
    });
    const blob = repository.git("rev-parse", "main:b.ts");
    const packs = path.join(repository.folder, "objects/pack");
    for (const name of readdirSync(packs).filter((file) => file.endsWith(".pack"))) {
      const aside = path.join(repository.folder, name);
      renameSync(path.join(packs, name), aside);
      for (const index of readdirSync(packs)) rmSync(path.join(packs, index), { force: true });
      execFileSync("git", ["--git-dir", repository.folder, "unpack-objects", "-q"], { input: readFileSync(aside) });
    }
    const loose = path.join(repository.folder, "objects", blob.slice(0, 2), blob.slice(2));
    chmodSync(loose, 0o644);
    const bytes = readFileSync(loose);
    bytes.fill(0x55, Math.floor(bytes.length / 2));
    writeFileSync(loose, bytes);
    const state = createMemoryState();
    await index(state);
    expect(skippedOf(state)).toEqual({ "b.ts": "parse_failed" });
    expect(state.records.get("b.ts")?.skipped?.detail).toContain("damaged");
    expect(edgesOf(state, "DEFINES")).toEqual(
      expect.arrayContaining(["file:#a.ts -> symbol:#a.ts#a", "file:#c.ts -> symbol:#c.ts#c"]),
    );
  });
});
