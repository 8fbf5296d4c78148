import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readBlobs } from "@opentrace/code/git/read-blobs.ts";
import type { FileRecord } from "@opentrace/code/indexing.ts";
import type { ImpactAnswer, SourceAnswer, SourceSearchAnswer } from "@opentrace/contract/graph-answers.ts";
import type { Verb } from "../verb.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { createIngest } from "./ingest.ts";
import { createGraphWorker, type GraphWorker } from "./snapshot/graph-worker.ts";
import { ask, batch, file, never, shop, shopScopes, symbol } from "./testing/sample.ts";
import { graphVerbs } from "./verbs.ts";

const payLines = Array.from({ length: 60 }, (_, at) => `line ${at + 1}`);
payLines[11] = "  charge(card: Card, amount: number) {";
payLines[30] = "  ";
payLines[39] = "    this.charge(card, -amount); // Charge back";

forEachStore("source text", (test) => {
  let worker: GraphWorker;
  let folder: string;
  let verbs: Map<string, Verb>;
  const verb = (name: string): Verb => verbs.get(`graph.${name}`)!;
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: folder, encoding: "utf8" }).trim();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "opentrace-source-"));
    git("init", "-q");
    const record = (path: string, text: string | Uint8Array, language: string | null): FileRecord => {
      writeFileSync(join(folder, "file"), text);
      const blob = git("hash-object", "-w", "file");
      return { path, blob, size: text.length, language, skipped: null, ir: null, resolution: null };
    };
    const ingest = createIngest({ store: test.store });
    const ref = { workspace: "default", source: shop };
    await ingest.openSource({ ...ref, name: "shop", kind: "repository" });
    const files = [
      record("src/pay.ts", `${payLines.join("\r\n")}\r\n`, "typescript"),
      record("src/order.ts", "import { PayService } from './pay';\nservice.charge(card, 3);\n", "typescript"),
      record("docs/notes.md", "We charge at night.\nNo charge on Sunday.\n", null),
      record("logo.png", new Uint8Array([137, 80, 78, 71, 0, 1, 2]), null),
    ];
    await ingest.apply(ref, batch(shopScopes, { files }), never);
    await ingest.mark(ref, { state: "fresh", commit: "c0ffee", observedAt: new Date() });
    worker = createGraphWorker({ config: test.config });
    const sourceFiles = {
      read: (ctx: { signal: AbortSignal }, _source: string, blobs: readonly string[], limit: number) =>
        readBlobs({ gitDir: join(folder, ".git"), subject: folder }, blobs, limit, ctx.signal),
    };
    verbs = new Map(graphVerbs({ store: test.store, worker, sourceFiles }).map((one) => [one.name, one]));
  });
  afterAll(async () => {
    await worker.close();
    removeFolder(folder);
  });

  it("takes a blank line between two methods for no change of their class", async () => {
    const lines = (startLine: number, endLine: number) => ({
      lines: [{ path: "src/pay.ts", startLine, endLine }],
    });
    const both = await ask<ImpactAnswer>(verb("impactOfChange"), lines(29, 33));
    expect(both.seeds.filter((seed) => seed.why === "lines").map((seed) => [seed.node.name, seed.detail])).toEqual([
      ["charge", "lines 29–30"],
      ["refund", "lines 32–33"],
    ]);
    const blank = await ask<ImpactAnswer>(verb("impactOfChange"), lines(31, 31));
    expect(blank).toMatchObject({ seeds: [], affected: [], unmatched: [{ detail: expect.stringMatching(/blank/) }] });
  });

  it("shows the lines of a symbol, with the commit they are of", async () => {
    const answer = await ask<SourceAnswer>(verb("source"), { id: symbol("src/pay.ts", "PayService.charge") });
    expect(answer).toMatchObject({ path: "src/pay.ts", startLine: 12, endLine: 30, totalLines: 61, commit: "c0ffee" });
    expect(answer.text.split("\n")[0]).toBe(payLines[11]);
    expect(answer.text.split("\n")).toHaveLength(19);
    expect(answer.truncated).toBe(false);
  });

  it("shows any lines of a file", async () => {
    const answer = await ask<SourceAnswer>(verb("source"), { repository: shop, path: "docs/notes.md", startLine: 2 });
    expect(answer.text).toBe("No charge on Sunday.\n");
    expect(answer.node).toBeNull();
  });

  it.each([
    [{}, "bad_request"],
    [{ repository: shop, path: "nowhere.ts" }, "not_found"],
    [{ repository: shop, path: "logo.png" }, "unprocessable"],
    [{ id: shop }, "unprocessable"],
    [{ id: file("src/pay.ts"), startLine: 500 }, "bad_request"],
  ])("says why there is no source for %j", async (input, code) => {
    await expect(ask(verb("source"), input)).rejects.toMatchObject({ code });
  });

  it("finds a text in every file, with the symbol that holds the match", async () => {
    const answer = await ask<SourceSearchAnswer>(verb("searchSource"), { q: "charge(" });
    expect(answer.matches.map((match) => [match.path, match.line, match.node?.name])).toEqual([
      ["src/order.ts", 2, "order.ts"],
      ["src/pay.ts", 12, "charge"],
      ["src/pay.ts", 40, "refund"],
    ]);
    expect(answer.page.total).toBe(3);
    expect(answer.detail).toBeNull();
    expect([answer.filesSearched, answer.filesTotal]).toEqual([4, 4]);
    expect(marked(answer)).toEqual(["charge(", "charge(", "charge("]);
  });

  it("minds case, language and path when asked", async () => {
    const count = async (input: object): Promise<number> =>
      (await ask<SourceSearchAnswer>(verb("searchSource"), { q: "Charge", ...input })).matches.length;
    expect(await count({})).toBe(5);
    expect(await count({ caseSensitive: true })).toBe(1);
    expect(await count({ path: "docs" })).toBe(2);
    expect(await count({ language: "typescript" })).toBe(3);
  });

  it("takes regular expressions and refuses those that could run away", async () => {
    const answer = await ask<SourceSearchAnswer>(verb("searchSource"), { q: "^no \\w+ on (sun|mon)day", regex: true });
    expect(answer.matches.map((match) => match.text)).toEqual(["No charge on Sunday."]);
    expect(marked(answer)).toEqual(["No charge on Sunday"]);
    const attempt = ask(verb("searchSource"), { q: "(?=x)y", regex: true });
    await expect(attempt).rejects.toMatchObject({ code: "bad_request", message: expect.stringContaining("(?=x)y") });
  });

  it("goes on where it stopped, match by match", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < 10; pages++) {
      const answer: SourceSearchAnswer = await ask(verb("searchSource"), { q: "charge", limit: 2, cursor });
      seen.push(...answer.matches.map((match) => `${match.path}:${match.line}`));
      cursor = answer.page.nextCursor ?? undefined;
      if (cursor === undefined) break;
    }
    expect(seen).toEqual(["docs/notes.md:1", "docs/notes.md:2", "src/order.ts:2", "src/pay.ts:12", "src/pay.ts:40"]);
  });
});

const marked = ({ matches }: SourceSearchAnswer): string[] =>
  matches.map(({ text, mark }) => text.slice(mark.start, mark.end));
