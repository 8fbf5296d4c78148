import { defineConnector, type Json, type SyncItem, type VendorScope } from "@opentrace/connectors/connector.ts";
import type { Http } from "@opentrace/connectors/http.ts";
import { beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { createIngest, type SourceRef } from "../graph/ingest.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { createLinkChanges } from "./link-changes.ts";
import { openSyncState } from "./sync-state.ts";
import { syncStream, type StreamCounts } from "./sync-stream.ts";

const { signal } = new AbortController();
const repo = "git.example/acme/shop";
const file = `file:${repo}#src/pay.ts`;
const scope: VendorScope = {
  id: "repository:1",
  kind: "repository",
  name: "acme/shop",
  description: null,
  url: null,
  private: false,
  archived: false,
  defaultBranch: "main",
  parent: null,
  handle: null,
};

const issue = (number: number, title = `Issue ${number}`): SyncItem => ({
  id: String(number),
  facts: { nodes: [{ key: `issue:${repo}#${number}`, type: "Issue", name: title }], edges: [] },
});

/** A vendor with pages of two issues. */
function vendor() {
  const shelf = {
    issues: new Map<number, SyncItem>(),
    dieAfter: Number.POSITIVE_INFINITY,
    complete: true,
    served: 0,
    pages: false,
  };
  const connector = defineConnector({
    manifest: {
      id: "acme",
      name: "Acme",
      summary: "",
      category: "code",
      provides: [],
      docs: "https://acme.example",
      scopeKinds: [],
      streams: [],
      emits: { nodes: ["Issue", "PullRequest"], edges: ["CHANGES"] },
    },
    config: z.object({}),
    auth: [],
    origins: () => ({ base: "https://acme.example" }),
    policy: { concurrency: 1, limits: null, waitMs: 1 },
    check: async () => ({ account: null, checks: [] }),
    async *sync(_ctx, { cursor, only, page: known }) {
      if (only !== null) {
        yield {
          is: "items",
          items: only.map((id) => shelf.issues.get(Number(id)) ?? { id, facts: null }),
          cursor: null,
        };
        return { complete: true, cursor: null };
      }
      const all = [...shelf.issues].toSorted(([a], [b]) => a - b).filter(([number]) => number > Number(cursor ?? 0));
      for (let at = 0; at < all.length; at += 2) {
        if (shelf.served >= shelf.dieAfter) throw new Error("killed");
        shelf.served++;
        const page = all.slice(at, at + 2);
        const next: Json = page.at(-1)?.[0] ?? null;
        const key = String(at);
        const etag = JSON.stringify(page);
        if (shelf.pages && (await known(key))?.etag === etag) yield { is: "unchanged", page: key, cursor: next };
        else if (shelf.pages)
          yield { is: "items", items: page.map(([, item]) => item), cursor: next, page: { key, etag, next: null } };
        else yield { is: "items", items: page.map(([, item]) => item), cursor: next };
      }
      return { complete: shelf.complete, cursor: null };
    },
  });
  return { shelf, connector };
}

forEachStore("a sync", (test) => {
  const ref = { workspace: "w", source: "integration:int_1" };
  let shelf: ReturnType<typeof vendor>["shelf"];
  let connector: ReturnType<typeof vendor>["connector"];

  beforeEach(async () => {
    const ingest = createIngest({ store: test.store });
    await ingest.removeSource(ref, signal);
    for (const table of ["sync_items", "sync_pages", "sync_streams"] as const)
      await test.store.graph.deleteFrom(table).execute();
    ({ shelf, connector } = vendor());
    await ingest.openSource({ ...ref, name: "Acme", kind: "integration" });
  });

  async function sync(
    mode: "full" | "incremental" = "full",
    only: string[] | null = null,
    as: { ref?: SourceRef; written?: () => Promise<void> } = {},
  ): Promise<StreamCounts> {
    const ingest = createIngest({ store: test.store });
    const linkChanges = createLinkChanges({ store: test.store, ingest });
    const silent = { debug() {}, info() {}, warn() {}, error() {} };
    return await syncStream(
      {
        connector,
        // This vendor asks nothing over HTTP.
        ctx: {
          config: {},
          http: {} as Http,
          authorize: () => Promise.reject(new Error("no credential")),
          log: silent,
          now: () => new Date(),
          signal,
        },
        ref: as.ref ?? ref,
        scope,
        stream: "issues",
        mode,
        only,
      },
      {
        ingest,
        state: await openSyncState(test.store, as.ref ?? ref),
        async linkChanges(...args) {
          await linkChanges(...args);
          await as.written?.();
        },
        now: () => new Date(),
        assertHeld: async () => undefined,
        progress: () => undefined,
      },
      signal,
    );
  }

  const names = async (): Promise<string[]> =>
    (
      await test.store.graph
        .selectFrom("nodes")
        .select(["name"])
        .where("key", "like", "issue:%")
        .orderBy("key")
        .execute()
    ).map((row) => row.name);

  it("writes what there is, and changes nothing the second time", async () => {
    for (let number = 1; number <= 5; number++) shelf.issues.set(number, issue(number));
    expect(await sync()).toMatchObject({ items: 5, unchanged: 0, removed: 0, complete: true });
    expect(await sync()).toMatchObject({ items: 0, unchanged: 5, removed: 0 });
    expect(await names()).toEqual(["Issue 1", "Issue 2", "Issue 3", "Issue 4", "Issue 5"]);
  });

  it("goes on at its cursor after it was killed, and sweeps only what the whole pass did not see", async () => {
    for (let number = 1; number <= 6; number++) shelf.issues.set(number, issue(number));
    await sync();
    shelf.issues.delete(1);
    shelf.served = 0;
    shelf.dieAfter = 1;
    await expect(sync()).rejects.toThrow("killed");
    expect(await names()).toHaveLength(6);
    shelf.dieAfter = Number.POSITIVE_INFINITY;
    shelf.served = 0;
    expect(await sync()).toMatchObject({ removed: 1, complete: true });
    expect(shelf.served).toBe(2);
    expect(await names()).toEqual(["Issue 2", "Issue 3", "Issue 4", "Issue 5", "Issue 6"]);
  });

  it("keeps what an unchanged page holds, even when a webhook has named it meanwhile", async () => {
    shelf.pages = true;
    for (let number = 1; number <= 6; number++) shelf.issues.set(number, issue(number));
    await sync();
    // Late, or for the second time: nothing is new in it.
    await sync("incremental", ["3", "6"]);
    expect(await sync()).toMatchObject({ items: 0, unchanged: 6, removed: 0 });
    expect(await names()).toHaveLength(6);
  });

  it("takes no page's word for what has left the page", async () => {
    shelf.pages = true;
    for (let number = 1; number <= 4; number++) shelf.issues.set(number, issue(number));
    await sync();
    shelf.issues.delete(2);
    shelf.complete = false;
    await sync();
    shelf.complete = true;
    expect(await sync()).toMatchObject({ removed: 1 });
    expect(await names()).toEqual(["Issue 1", "Issue 3", "Issue 4"]);
  });

  it("removes nothing after a pass that was not complete", async () => {
    shelf.issues.set(1, issue(1)).set(2, issue(2));
    await sync();
    shelf.issues.delete(2);
    shelf.complete = false;
    expect(await sync()).toMatchObject({ removed: 0, complete: false });
    expect(await names()).toEqual(["Issue 1", "Issue 2"]);
  });

  it("syncs the items that a webhook named, and forgets those that are gone", async () => {
    shelf.issues.set(1, issue(1)).set(2, issue(2));
    await sync();
    shelf.issues.set(1, issue(1, "Renamed")).delete(2);
    expect(await sync("incremental", ["1", "2"])).toMatchObject({ items: 1, removed: 1 });
    expect(await names()).toEqual(["Renamed"]);
  });

  it("refuses what the manifest does not declare, and names it", async () => {
    shelf.issues.set(1, {
      id: "1",
      facts: { nodes: [{ key: "cluster:x", type: "Cluster", name: "x" }], edges: [] },
    });
    await expect(sync()).rejects.toThrow(
      "The connector acme emitted Cluster in issues, which its manifest does not declare.",
    );
  });

  it("leads changed lines to the innermost symbols on them", async () => {
    const ingest = createIngest({ store: test.store });
    const code = { workspace: "w", source: `repo:${repo}` };
    await ingest.openSource({ ...code, name: "shop", kind: "repository" });
    const symbol = (path: string, startLine: number, endLine: number) => ({
      key: `symbol:${repo}#src/pay.ts#${path}`,
      type: "Function" as const,
      name: path,
      props: { range: { startLine, startColumn: 0, endLine, endColumn: 1 } },
    });
    const nodes = [
      { key: file, type: "File" as const, name: "pay.ts" },
      symbol("Pay", 1, 20),
      symbol("Pay.charge", 3, 8),
      symbol("Pay.refund", 10, 15),
    ];
    const facts = { scope: "file:src/pay.ts", nodes, edges: [], hash: "1" };
    await ingest.apply(code, { scopes: [facts], removedScopes: [], files: [], removedFiles: [] }, signal);
    const pull = (lines: number[][]): SyncItem => ({
      id: "7",
      facts: {
        nodes: [{ key: `pull:${repo}#7`, type: "PullRequest", name: "Charge twice" }],
        edges: [{ from: `pull:${repo}#7`, to: file, type: "CHANGES", props: { lines } }],
      },
    });
    const changed = async (): Promise<string[]> =>
      (
        await test.store.graph
          .selectFrom("edges")
          .innerJoin("nodes", "nodes.id", "edges.dst")
          .select("nodes.name")
          .orderBy("nodes.name")
          .execute()
      ).map((row) => row.name);
    shelf.issues.set(7, pull([[4, 5]]));
    await sync();
    expect(await changed()).toEqual(["Pay.charge", "pay.ts"]);
    shelf.issues.set(7, pull([[12, 12]]));
    await sync();
    expect(await changed()).toEqual(["Pay.refund", "pay.ts"]);
    shelf.issues.delete(7);
    await sync();
    expect(await changed()).toEqual([]);
  });

  it("that lost its job to another worker moves no cursor, ends no pass, and takes nothing away", async () => {
    for (const number of [1, 2, 3, 4]) shelf.issues.set(number, issue(number));
    const writer = (fence: number): SourceRef => ({ ...ref, writer: { resource: "int_1/repository:1", fence } });
    const source = { name: "Acme", kind: "integration" } as const;
    const another = createIngest({ store: await test.openAnother() });
    const at = async () => await (await openSyncState(test.store, ref)).stream(scope.id, "issues");
    const ingest = createIngest({ store: test.store });
    await ingest.openSource({ ...writer(1), ...source });
    // Between the facts of its first page and the cursor after them, the worst moment: the job is taken by another one.
    const stale = sync("full", null, {
      ref: writer(1),
      written: () => another.openSource({ ...writer(2), ...source }).then(() => undefined),
    });
    await expect(stale).rejects.toMatchObject({ code: "conflict" });
    expect(await at()).toMatchObject({ cursor: null, pass: "full" });
    // The one that has it now brings all of it, while the stale one goes on trying.
    expect(await sync("full", null, { ref: writer(2) })).toMatchObject({ unchanged: 2, items: 2, complete: true });
    const kept = await at();
    expect(kept).toMatchObject({ pass: null, state: "ok" });
    const late = await openSyncState(test.store, writer(1));
    const seen = { seen: ["9"], gone: ["1"], page: { key: "p", etag: "e", next: null }, cursor: "far on" };
    for (const write of [
      () => late.keep(kept, seen),
      () => late.keepPage(kept, "p", "far on"),
      () => late.save(scope.id, "issues", { cursor: "far on", completed_at: 1 }),
      () => late.stream(scope.id, "another"),
      () => late.forgetItems(kept, ["1", "2", "3", "4"]),
      () => late.forgetPages(kept),
      () => late.forgetScope(scope.id),
      () => late.forgetEverything(signal),
    ])
      await expect(write()).rejects.toMatchObject({ code: "conflict" });
    expect(await at()).toEqual(kept);
    expect(await (await openSyncState(test.store, ref)).anyItems(scope.id, 10)).toHaveLength(4);
    expect(await names()).toEqual(["Issue 1", "Issue 2", "Issue 3", "Issue 4"]);
  });
});
