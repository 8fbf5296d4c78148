// The change log over small sources written through the real ingest, on both stores.
import type { Props } from "@opentrace/contract/graph.ts";
import type { TopologyChanges } from "@opentrace/contract/topology.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { createIngest, type Ingest, type SourceRef } from "./ingest.ts";
import { mostKept } from "./record-topology.ts";
import { createGraphWorker, type GraphWorker } from "./snapshot/graph-worker.ts";
import { ask, batch, edge, file, never, node, symbol, testContext } from "./testing/sample.ts";
import { topologyChangesVerb } from "./topology-changes.ts";

const repo = (name: string): string => `repo:github.com/acme/${name}`;
const npm = (name: string): string => `package:npm/${name}`;

/** As code/facts/manifest-facts.ts states a package.json at the root. */
const manifest = (of: string, version: string, dependencies: Record<string, string>) => {
  const holders = [file("package.json"), repo(of), npm(of)];
  return {
    scope: "manifest:package.json",
    nodes: [
      node(npm(of), "Package", of, { ecosystem: "npm", local: true, version }),
      ...Object.keys(dependencies).map((name) => node(npm(name), "Package", name, { ecosystem: "npm" })),
    ],
    edges: [
      edge(repo(of), "CONTAINS", npm(of)),
      ...holders.flatMap((holder) =>
        Object.entries(dependencies).map(([name, constraint]) =>
          edge(holder, "DEPENDS_ON", npm(name), { props: { constraint, kind: "runtime" } }),
        ),
      ),
    ],
  };
};

const service = (name: string, props: Props, calls: string[] = []) => ({
  scope: `service:${name}`,
  nodes: [node(`service:${name}`, "Service", name, props)],
  edges: calls.map((to) => edge(`service:${name}`, "REQUESTS", `service:${to}`)),
});

forEachStore("changes of the topology", (test) => {
  let worker: GraphWorker;
  let ingest: Ingest;
  let workspaces = 0;
  beforeAll(() => {
    worker = createGraphWorker({ config: test.config });
    ingest = createIngest({ store: test.store });
  });
  afterAll(() => worker.close());

  /** Each test in a workspace of its own, with a source that was read once. */
  async function open(source: string, scopes: Parameters<typeof batch>[0]) {
    const workspace = `w${++workspaces}`;
    const ref = { workspace, source };
    const read = async (of: SourceRef, all: Parameters<typeof batch>[0], removedScopes: string[] = []) => {
      await ingest.openSource({ ...of, name: of.source, kind: "repository" });
      await ingest.apply(of, { ...batch(all), removedScopes }, never);
      await ingest.mark(of, { state: "fresh", observedAt: new Date() });
    };
    await read(ref, [
      { scope: "repository", nodes: [node(source, "Repository", source.split("/").at(-1)!)] },
      ...scopes,
    ]);
    const changes = (input: object = {}): Promise<TopologyChanges> =>
      ask(topologyChangesVerb({ store: test.store, worker }), { ...input }, testContext(workspace));
    const words = async (input?: object): Promise<string[]> =>
      (await changes(input)).changes.map((one) => one.words).sort();
    return {
      workspace,
      ref,
      changes,
      words,
      again: (all: Parameters<typeof batch>[0], removed?: string[]) => read(ref, all, removed),
      read,
    };
  }

  it("says nothing of a first reading, and then which dependencies came, went and changed, once", async () => {
    const shop = await open(repo("shop"), [manifest("shop", "1.0.0", { stripe: "^11.0.0", "left-pad": "1.3.0" })]);
    expect(await shop.words()).toEqual([]);
    await shop.again([manifest("shop", "1.1.0", { stripe: "^12.0.0", express: "^5.0.0" })]);
    const answer = await shop.changes();
    expect(answer.changes.map((one) => one.words).sort()).toEqual([
      "Package shop: version 1.0.0 → 1.1.0",
      "shop depends on stripe: constraint ^11.0.0 → ^12.0.0",
      "shop depends on stripe: constraint ^11.0.0 → ^12.0.0",
      "shop does not depend on left-pad any more",
      "shop does not depend on left-pad any more",
      "shop now depends on express ^5.0.0",
      "shop now depends on express ^5.0.0",
    ]);
    // One of the repository and one of its package; what its file states is the same.
    const express = answer.changes.filter((one) => one.other?.name === "express");
    expect(express.map((one) => one.node.type).sort()).toEqual(["Package", "Repository"]);
    expect(express[0]).toMatchObject({ change: "appeared", edge: "DEPENDS_ON", scope: "manifest:package.json" });
    expect(Date.parse(express[0]!.after)).toBeLessThan(Date.parse(express[0]!.at));
    expect(answer.completeSince).toBeNull();
    await shop.again([manifest("shop", "1.1.0", { stripe: "^12.0.0", express: "^5.0.0" })]);
    expect((await shop.changes()).changes).toHaveLength(7);
  });

  it("records nothing of symbols, calls and commits, and of nodes only what is a setting", async () => {
    const shop = await open(repo("shop"), [service("pay", { replicas: 2, state: "up", updatedAt: "2026-01-01" })]);
    await shop.again([
      service("pay", { replicas: 2, state: "down", updatedAt: "2026-01-02" }),
      {
        scope: "file:src/pay.ts",
        nodes: [node(symbol("src/pay.ts", "charge"), "Function", "charge"), node(npm("got"), "Package", "got")],
        edges: [edge(symbol("src/pay.ts", "charge"), "CALLS", symbol("src/pay.ts", "refund"))],
      },
      { scope: "commit:1", nodes: [node("commit:r#1", "Commit", "1")] },
    ]);
    expect(await shop.words()).toEqual([]);
    await shop.again([service("pay", { replicas: 3, state: "down", ports: [80, 443] })]);
    expect(await shop.words()).toEqual(["Service pay: ports none → 80, 443; replicas 2 → 3"]);
  });

  it("tells of what is gone under the name that it had, and finds it by its key", async () => {
    const shop = await open(repo("shop"), [service("pay", {}, ["ledger"]), service("ledger", {})]);
    await shop.again([service("pay", {})], ["service:ledger"]);
    expect(await shop.words()).toEqual(["Service ledger is gone", "pay does not call ledger any more"]);
    expect(await shop.words({ node: "service:ledger" })).toHaveLength(2);
    expect(await shop.words({ node: "service:pay" })).toEqual(["pay does not call ledger any more"]);
    await expect(shop.changes({ node: "service:nothing" })).rejects.toThrow("There is no node");
  });

  it("says that a fact is gone only when nobody claims it any more", async () => {
    const shop = await open(repo("shop"), [manifest("shop", "1.0.0", { stripe: "^11.0.0" })]);
    const lib = { ...manifest("shop", "1.0.0", { stripe: "^11.0.0" }), scope: "manifest:lib/package.json" };
    await shop.again([lib]);
    expect(await shop.words()).toEqual([]);
    await shop.again([], ["manifest:package.json"]);
    expect(await shop.words()).toEqual([]);
    await shop.again([], ["manifest:lib/package.json"]);
    expect(await shop.words()).toEqual([
      "Package shop is gone",
      "shop does not depend on stripe any more",
      "shop does not depend on stripe any more",
    ]);
  });

  it("is silent about a source that is new, removed, or read by a newer indexer", async () => {
    const shop = await open(repo("shop"), [service("pay", {})]);
    const other = { workspace: shop.workspace, source: "integration:int_2" };
    await shop.read(other, [service("mail", {})]);
    await ingest.apply({ ...other, silent: true }, batch([service("mail", { size: 2 }), service("queue", {})]), never);
    await ingest.removeSource(other, never);
    expect(await shop.words()).toEqual([]);
  });

  describe("near something", () => {
    it("keeps what begins or ends there, and not what merely depends on the same package", async () => {
      const shop = await open(repo("shop"), [manifest("shop", "1", { stripe: "^11" }), service("pay", {})]);
      const other = { workspace: shop.workspace, source: repo("blog") };
      const blog = (constraint: string) => [
        { scope: "repository", nodes: [node(repo("blog"), "Repository", "blog")] },
        { ...manifest("blog", "1", { stripe: constraint }) },
      ];
      await shop.read(other, blog("^10"));
      await shop.read(other, blog("^11"));
      await shop.again([manifest("shop", "1", { stripe: "^12" })]);
      expect((await shop.words()).length).toBe(4);
      expect(new Set(await shop.words({ node: repo("shop") }))).toEqual(
        new Set(["shop depends on stripe: constraint ^11 → ^12"]),
      );
      expect((await shop.words({ node: npm("stripe") })).length).toBe(4);
      expect(await shop.words({ node: repo("shop"), depth: 0 })).toHaveLength(2);
    });

    it("pages, newest first, and within a time", async () => {
      const shop = await open(repo("shop"), []);
      const begun = new Date().toISOString();
      for (let at = 0; at < 5; at++) await shop.again([service(`s${at}`, {})]);
      const first = await shop.changes({ limit: 3 });
      expect(first.changes.map((one) => one.node.name)).toEqual(["s4", "s3", "s2"]);
      expect(first.page.truncated).toBe(true);
      const second = await shop.changes({ limit: 3, cursor: first.page.nextCursor });
      expect(second.changes.map((one) => one.node.name)).toEqual(["s1", "s0"]);
      expect(second.page).toMatchObject({ truncated: false, nextCursor: null });
      expect(await shop.words({ until: new Date(Date.parse(begun) - 1).toISOString() })).toEqual([]);
      expect(await shop.words({ since: new Date(Date.parse(begun) - 1).toISOString() })).toHaveLength(5);
    });
  });

  describe("bounds", () => {
    it("keeps a thousand changes of a batch and says that there were more", async () => {
      const shop = await open(repo("shop"), []);
      const many = Array.from({ length: 1_200 }, (_, at) => node(`service:m${at}`, "Service", `m${at}`));
      await shop.again([{ scope: "services", nodes: many }]);
      const page = await shop.changes({ limit: 500 });
      expect(page.completeSince).toBe(page.changes[0]!.at);
      const { n } = await test.store.graph
        .selectFrom("topology_changes")
        .innerJoin("workspaces", "workspaces.id", "topology_changes.workspace")
        .select(({ fn }) => fn.countAll<number | string>().as("n"))
        .where("workspaces.name", "=", shop.workspace)
        .executeTakeFirstOrThrow();
      expect(Number(n)).toBe(1_000);
    });

    it("drops what is older than 90 days, and the oldest when there are too many", async () => {
      const shop = await open(repo("shop"), [service("pay", { replicas: 1 })]);
      const workspace = (
        await test.store.graph
          .selectFrom("workspaces")
          .select("id")
          .where("name", "=", shop.workspace)
          .executeTakeFirstOrThrow()
      ).id;
      const old = { workspace, source: "s", scope: "s", change: "gone", node: 1, edge: null, other: null } as const;
      const fact = JSON.stringify({ node: ["service:old", 26, "old"], other: null, props: [] });
      const long = Date.now() - 91 * 86_400_000;
      await test.store.graph
        .insertInto("topology_changes")
        .values({ ...old, fact, version: -1, place: 0, since: 0, at: long })
        .execute();
      await shop.again([service("pay", { replicas: 2 })]);
      const kept = await shop.changes();
      expect(kept.changes.map((one) => one.words)).toEqual(["Service pay: replicas 1 → 2"]);
      expect(Date.parse(kept.completeSince!)).toBeGreaterThan(long);

      const recent = Date.now() - 1_000;
      for (let from = 0; from < mostKept; from += 500)
        await test.store.graph
          .insertInto("topology_changes")
          .values(
            Array.from({ length: 500 }, (_, at) => ({
              ...old,
              fact,
              version: -10 - Math.floor((from + at) / 100),
              place: at % 100,
              since: 0,
              at: recent,
            })),
          )
          .execute();
      await shop.again([service("pay", { replicas: 3 })]);
      const { n } = await test.store.graph
        .selectFrom("topology_changes")
        .select(({ fn }) => fn.countAll<number | string>().as("n"))
        .where("workspace", "=", workspace)
        .executeTakeFirstOrThrow();
      expect(Number(n)).toBeLessThanOrEqual(mostKept);
      expect(Date.parse((await shop.changes({ limit: 1 })).completeSince!)).toBe(recent);
    });
  });
});
