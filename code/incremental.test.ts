import { fork } from "node:child_process";
import { mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { removeFolder } from "./testing/remove-folder.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openRepository } from "./git/open-repository.ts";
import { indexRepository } from "./index-repository.ts";
import { INDEXER_VERSION } from "./pipeline/run.ts";
import { createTestRepository, type FileSpec, type TestRepository } from "./testing/git-repository.ts";
import { createMemoryState, type MemoryState } from "./testing/memory-state.ts";
import { openFileState } from "./testing/file-state.ts";

const never = new AbortController().signal;

/** Indexes until the end, or until `stopAfter` batches were applied: then the run is dropped, as a killed process would. */
async function index(
  repository: TestRepository,
  state: MemoryState,
  branch?: string,
  stopAfter = Infinity,
): Promise<number> {
  const opened = await openRepository(
    { source: repository.folder, branch, cacheFolder: os.tmpdir(), protocols: [], depth: 100 },
    never,
  );
  const run = indexRepository({ repository: opened, state, historyLimit: 5 }, never);
  let batches = 0;
  for (;;) {
    const step = await run.next();
    if (step.done === true) {
      state.complete(step.value.commit, INDEXER_VERSION);
      return batches;
    }
    if (step.value.is !== "batch") continue;
    state.apply(step.value.batch);
    if (++batches >= stopAfter) {
      await run.return(undefined as never);
      return batches;
    }
  }
}

const names = ["alpha", "beta", "gamma", "delta"];
const extensions = ["ts", "py", "go", "js"] as const;
type Extension = (typeof extensions)[number];

/** A module that defines and calls functions under names that its neighbours have too. */
function moduleText(extension: Extension, folder: string, uses: readonly string[], version: number): string {
  const calls = uses.map((name) => `${name}_f`);
  if (extension === "py") {
    return [
      ...uses.map((name) =>
        version % 2 === 0 ? `from ${folder}.${name} import ${name}_f` : `from .${name} import ${name}_f`,
      ),
      `class Thing${version}:`,
      "    def run(self):",
      ...calls.map((call) => `        ${call}()`),
      "        return self.run()",
      ...names.slice(version % 3).map((name) => `def ${name}_f(x=${version}): return ${calls[0] ?? "None"}`),
    ].join("\n");
  }
  if (extension === "go") {
    return [
      `package ${folder}`,
      `type Thing${uses.join("")}${version} struct{}`,
      `func (t Thing${uses.join("")}${version}) Run() int { return ${uses[0] ?? "len"}G(1) }`,
      ...(version % 2 === 0 ? [`func ${names[version % 4]}G(x int) int { return ${uses.at(-1) ?? "cap"}G(x) }`] : []),
      // What implements it stands in other files: links.
      ...(version % 3 === 0
        ? [
            `type Runner${uses.join("")}${version} interface { Run() int }`,
            `func Start${uses.join("")}${version}(r Runner${uses.join("")}${version}) int { return r.Run() }`,
          ]
        : []),
    ].join("\n");
  }
  const kind = version % 3;
  return [
    ...uses.map((name) =>
      kind === 0 ? `import { ${name}_f } from "./${name}";` : `import * as ${name} from "../${folder}/${name}";`,
    ),
    `export class Thing${version} extends Object { run() { return ${kind === 0 ? (calls[0] ?? "undefined") : `${uses[0] ?? "Math"}.${uses[0] ?? "max"}_f`}(this.run()) } }`,
    ...names
      .slice(version % 3)
      .map((name) => `export function ${name}_f(f${extension === "ts" ? ": unknown" : ""}) { return ${version} }`),
    ...(kind === 2 ? [`export * from "./${names[version % 4]}";`] : []),
  ].join("\n");
}

const file = fc.record({
  folder: fc.constantFrom("app", "lib"),
  name: fc.constantFrom(...names),
  extension: fc.constantFrom(...extensions),
});
const pathOf = ({ folder, name, extension }: { folder: string; name: string; extension: string }): string =>
  `${folder}/${name}.${extension}`;

type Edit = Readonly<Record<string, FileSpec>>;
const write: fc.Arbitrary<Edit> = fc
  .tuple(file, fc.uniqueArray(fc.constantFrom(...names), { maxLength: 2 }), fc.nat(11))
  .map(([at, uses, version]) => ({ [pathOf(at)]: moduleText(at.extension, at.folder, uses, version) }));
const special: fc.Arbitrary<Edit> = fc.constantFrom<Edit[]>(
  { ".otignore": "lib/gamma.*\n" },
  { ".otignore": "!dist/\n*.js\n" },
  { ".otignore": null },
  { "package.json": '{"name":"app","dependencies":{"lib":"1"}}' },
  { "package.json": '{"name":"lib","workspaces":["lib"],"exports":"./lib/alpha.js"}' },
  { "package.json": "{broken" },
  { "tsconfig.json": '{"compilerOptions":{"paths":{"./beta":["lib/alpha"]}}}' },
  { "go.mod": "module example.com/app\n\nrequire example.com/x v1.0.0\n" },
  { "dist/alpha.js": "export function alpha_f() {}" },
  { "lib/__init__.py": "from .alpha import *\n" },
  { "app/delta.ts": "export function ((( {" },
  { "notes.md": "hello" },
);
const remove: fc.Arbitrary<Edit> = file.map((at) => ({ [pathOf(at)]: null }));
const rename: fc.Arbitrary<Edit> = fc.tuple(file, file, fc.nat(11)).map(([from, to, version]) => ({
  [pathOf(from)]: null,
  [pathOf(to)]: moduleText(to.extension, from.folder, ["alpha"], version),
}));
const start: Edit = Object.fromEntries(
  ["app", "lib"].flatMap((folder) =>
    names.flatMap((name, i) => {
      const extension = extensions[i % 4] ?? "ts";
      return [
        [`${folder}/${name}.${extension}`, moduleText(extension, folder, [names[(i + 1) % 4] ?? "alpha"], i)] as const,
      ];
    }),
  ),
);
const step = fc.record({
  edits: fc.array(
    fc.oneof(
      { weight: 5, arbitrary: write },
      { weight: 2, arbitrary: remove },
      { weight: 2, arbitrary: rename },
      { weight: 2, arbitrary: special },
    ),
    {
      minLength: 1,
      maxLength: 4,
    },
  ),
  /** Batches after which the run of this step is dropped; 0 = it ends well. */
  killedAfter: fc.constantFrom(0, 0, 0, 1, 2),
  branch: fc.constantFrom("main", "main", "main", "other"),
});

test("whatever is edited, renamed, removed or interrupted, a sync ends in the graph of a clean index", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 4 }), async (steps) => {
      using repository = createTestRepository();
      repository.commit(start);
      repository.commit(start, { branch: "other" });
      const synced = createMemoryState();
      await index(repository, synced);
      let branch = "main";
      for (const { edits, killedAfter, branch: next } of steps) {
        branch = next;
        repository.commit(Object.assign({}, ...edits) as Edit, { branch });
        if (killedAfter > 0) await index(repository, synced, branch, killedAfter);
        else {
          await index(repository, synced, branch);
          const clean = createMemoryState();
          await index(repository, clean, branch);
          expect(synced.graph()).toEqual(clean.graph());
        }
      }
      await index(repository, synced, branch);
      expect(await index(repository, synced, branch)).toBe(0);
      const clean = createMemoryState();
      await index(repository, clean, branch);
      expect(synced.graph()).toEqual(clean.graph());
    }),
    { numRuns: Number(process.env["OPENTRACE_PROPERTY_RUNS"] ?? 5), endOnFailure: true },
  );
});

test("an indexer killed again and again ends in the same graph", async () => {
  using repository = createTestRepository();
  const files: Record<string, FileSpec> = { ...start };
  for (let i = 0; i < 400; i++) files[`many/f${i}.ts`] = moduleText("ts", "many", [`f${(i * 7) % 400}`], i);
  repository.commit(files);
  const folder = mkdtempSync(path.join(os.tmpdir(), "opentrace-killed-"));
  try {
    const runner = fileURLToPath(new URL("./testing/index-into-file-state.ts", import.meta.url));
    let kills = 0;
    for (let round = 0; round < 8; round++) {
      const child = fork(runner, [repository.folder, folder], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
      let batches = 0;
      const died = await new Promise<boolean>((resolve) => {
        child.on("message", () => {
          // Sooner and later, so that every stretch of a run is hit.
          if (++batches > round % 4) child.kill("SIGKILL");
        });
        child.on("exit", (_, signal) => resolve(signal === "SIGKILL"));
      });
      if (died) kills++;
      if (round % 2 === 1)
        repository.commit({
          "app/alpha.ts": `export function alpha_f() { return ${round} }`,
          [`many/f${round}.ts`]: null,
        });
    }
    expect(kills).toBeGreaterThan(3);
    const state = openFileState(folder);
    await index(repository, state);
    const clean = createMemoryState();
    await index(repository, clean);
    expect(state.graph()).toEqual(clean.graph());
  } finally {
    removeFolder(folder);
  }
});

test("an abort ends a run at the next step, wherever it is", async () => {
  using repository = createTestRepository();
  const files: Record<string, FileSpec> = {};
  for (let i = 0; i < 200; i++) files[`many/f${i}.ts`] = moduleText("ts", "many", [`f${(i * 7) % 200}`], i).repeat(20);
  repository.commit(files);
  /** The phases of the steps that a run got to, and those after it was told to stop: at once, or in the midst of the work for the next. */
  const run = async (stopAfter: number, later = false): Promise<{ steps: string[]; after: number; error: unknown }> => {
    const stop = new AbortController();
    const steps: string[] = [];
    let after = 0;
    const options = { source: repository.folder, cacheFolder: os.tmpdir(), protocols: [], depth: 100 };
    const opened = await openRepository(options, never);
    const abort = (): void => stop.abort(new Error("stopped"));
    if (stopAfter === 0) abort();
    try {
      for await (const step of indexRepository(
        { repository: opened, state: createMemoryState(), historyLimit: 5 },
        stop.signal,
      )) {
        if (stop.signal.aborted) after++;
        steps.push(step.is === "progress" ? step.phase : step.is);
        if (steps.length === stopAfter) {
          if (later) setImmediate(abort);
          else abort();
        }
      }
      return { steps, after, error: null };
    } catch (error) {
      return { steps, after, error };
    }
  };
  const whole = await run(Number.POSITIVE_INFINITY);
  expect(whole.error).toBeNull();
  const starts = [...new Set(whole.steps)].map((phase) => whole.steps.indexOf(phase) + 1);
  for (const [index, stopAfter] of [0, ...starts, Math.floor(whole.steps.length / 2)].entries()) {
    const { steps, after, error } = await run(stopAfter, index % 2 === 0);
    expect(after, `after step ${stopAfter} of ${whole.steps.length}`).toBeLessThanOrEqual(2);
    // Two steps before the end there may be nothing left to stop.
    if (stopAfter < whole.steps.length - 3) expect(error).toEqual(new Error("stopped"));
    if (error !== null) expect(steps.length).toBeLessThan(whole.steps.length);
  }
});
