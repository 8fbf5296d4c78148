// What is broken in a repository costs what is broken: files that use it still lead to it.
import os from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRepository } from "./git/open-repository.ts";
import { indexRepository } from "./index-repository.ts";
import { INDEXER_VERSION } from "./pipeline/run.ts";
import { createTestRepository, type TestRepository } from "./testing/git-repository.ts";
import { createMemoryState, type MemoryState } from "./testing/memory-state.ts";

const never = new AbortController().signal;
let repository: TestRepository;

beforeEach(() => {
  repository = createTestRepository();
});
afterEach(() => repository.remove());

async function index(state: MemoryState): Promise<void> {
  const opened = await openRepository(
    { source: repository.folder, cacheFolder: os.tmpdir(), protocols: [], depth: 10 },
    never,
  );
  const run = indexRepository({ repository: opened, state, historyLimit: 0 }, never);
  for (;;) {
    const step = await run.next();
    if (step.done === true) return state.complete(step.value.commit, INDEXER_VERSION);
    if (step.value.is === "batch") state.apply(step.value.batch);
  }
}

const edgesOf = (state: MemoryState): string[] =>
  [...state.stored.values()]
    .flatMap(({ edges }) => edges)
    .filter(({ type }) => type === "IMPORTS" || type === "CALLS")
    .map(({ type, from, to }) => `${type} ${from} ${to}`.replaceAll(`local${repository.folder}`, ""))
    .sort();

const skippedOf = (state: MemoryState): Record<string, string> =>
  Object.fromEntries(
    [...state.records.values()].flatMap(({ path, skipped }) => (skipped === null ? [] : [[path, skipped.detail]])),
  );

const broken = {
  "a.py": Buffer.from("def foo():\n    return 1\n# caf\xe9\n", "latin1"),
  "b.py": "from a import foo\ndef go():\n    return foo()\n",
  "c.ts": Buffer.from("export function f() { return 1; }\n// caf\xe9\n", "latin1"),
  "d.ts": 'import { f } from "./c.ts";\nexport function g() { return f(); }\n',
  "unread.js": "export function (((( {\n",
  "e.js": 'import "./unread.js";\n',
};

const expected = [
  "CALLS symbol:#b.py#go symbol:#a.py#foo",
  "CALLS symbol:#d.ts#g symbol:#c.ts#f",
  "IMPORTS file:#b.py file:#a.py",
  "IMPORTS file:#d.ts file:#c.ts",
  "IMPORTS file:#e.js file:#unread.js",
];

test("imports and calls lead to files that were read in part or not at all", async () => {
  repository.commit(broken);
  const state = createMemoryState();
  await index(state);
  expect(Object.keys(skippedOf(state)).sort()).toEqual(["a.py", "c.ts", "unread.js"]);
  expect(edgesOf(state)).toEqual(expected);
});

test("a file that becomes broken, or whole again, leaves the edges of the others as a clean index makes them", async () => {
  const whole = { "a.py": "def foo():\n    return 1\n", "c.ts": "export function f() { return 1; }\n" };
  repository.commit({ ...broken, ...whole });
  const state = createMemoryState();
  await index(state);
  expect(edgesOf(state)).toEqual(expected);
  repository.commit(broken);
  await index(state);
  expect(edgesOf(state)).toEqual(expected);
  repository.commit(whole);
  await index(state);
  expect(edgesOf(state)).toEqual(expected);
});

test("a broken tsconfig.json is listed with what is wrong, one with comments is not, and a mended one is no longer", async () => {
  repository.commit({
    "tsconfig.json": '{\n  // all of it\n  "compilerOptions": { "baseUrl": "." },\n}\n',
    "app/tsconfig.json": '{ "compilerOptions": { "paths": {\n',
    "lib/jsconfig.json": "[]",
    "empty/tsconfig.json": "",
    "data/base.json": "{ not JSON, and none of a compiler's",
  });
  const state = createMemoryState();
  await index(state);
  expect(skippedOf(state)).toEqual({
    "app/tsconfig.json": expect.stringMatching(
      /^app\/tsconfig\.json is not valid JSON \(.+\)\. Its compiler options were not read\.$/,
    ),
    "lib/jsconfig.json": "lib/jsconfig.json holds no object. Its compiler options were not read.",
  });
  repository.commit({ "app/tsconfig.json": "{}" });
  await index(state);
  expect(Object.keys(skippedOf(state))).toEqual(["lib/jsconfig.json"]);
});
