// Runbooks on both stores: written, found, suggested with why, read from repositories, and in the graph.
import { readRunbook } from "@opentrace/contract/runbook-markdown.ts";
import type { Evidence } from "@opentrace/contract/incidents.ts";
import type { Runbook, Runbooks, RunbooksImported, RunbookSuggestions } from "@opentrace/contract/investigation.ts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { batch, never, shop } from "../graph/testing/sample.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { openShopIncidents, refusal, type ShopIncidents } from "./testing/shop-incidents.ts";

forEachStore("runbooks", (test) => {
  let incidents: ShopIncidents;
  const run: ShopIncidents["run"] = (verb, input, more) => incidents.run(verb, input, more);
  const titles = async (asked: object) => (await run<Runbooks>("runbooks.list", asked)).items.map((one) => one.title);
  let payments: Runbook;

  beforeAll(async () => {
    incidents = await openShopIncidents(test);
    payments = await run<Runbook>("runbooks.add", {
      title: "Payments are refused",
      body: "# Payments are refused\n\nLook at the gateway's status page. Then restart the `PayService`.",
      services: ["shop"],
      tags: ["payments"],
    });
    await run("runbooks.add", {
      title: "A disk is full",
      body: "Remove old logs with logrotate.",
      services: ["database"],
    });
    await run("runbooks.add", { title: "Certificates expire", body: "Renew them. 証明書を更新する。", tags: ["tls"] });
  });
  afterAll(() => incidents.close());

  it("are listed by title, and found by words, services and tags", async () => {
    expect(await titles({})).toEqual(["A disk is full", "Certificates expire", "Payments are refused"]);
    expect(await titles({ q: "gateway status" })).toEqual(["Payments are refused"]);
    expect(await titles({ q: "logrot" })).toEqual(["A disk is full"]);
    expect(await titles({ q: "payservice" })).toEqual(["Payments are refused"]);
    expect(await titles({ q: "nothing of this" })).toEqual([]);
    expect(await titles({ service: "Shop" })).toEqual(["Payments are refused"]);
    expect(await titles({ tag: "tls" })).toEqual(["Certificates expire"]);
    const first = await run<Runbooks>("runbooks.list", { limit: 2 });
    expect(first).toMatchObject({ total: 3 });
    expect(await titles({ limit: 2, cursor: first.next_cursor })).toEqual(["Payments are refused"]);
    const [found] = (await run<Runbooks>("runbooks.list", { q: "gateway" })).items;
    expect(found!.excerpt).toContain("gateway's status page");
  });

  it("are changed only from the version that was read, and found by what they say now", async () => {
    const made = await run<Runbook>("runbooks.add", { title: "Draft", body: "First words" });
    const after = await run<Runbook>("runbooks.change", { id: made.id, body: "Second words", version: 1 });
    expect(after).toMatchObject({ body: "Second words", version: 2, title: "Draft" });
    expect((await refusal(run("runbooks.change", { id: made.id, body: "Third", version: 1 }))).code).toBe(
      "precondition_failed",
    );
    expect(await titles({ q: "first words" })).toEqual([]);
    expect(await titles({ q: "second words" })).toEqual(["Draft"]);
    await run("runbooks.remove", { id: made.id });
    expect((await refusal(run("runbooks.get", { id: made.id }))).code).toBe("not_found");
    expect(await titles({ q: "second words" })).toEqual([]);
  });

  it("are suggested on an incident, each with why, and none is when none fits", async () => {
    const { incident } = await incidents.withTrace();
    const { items } = await run<RunbookSuggestions>("runbooks.suggest", { id: incident.id });
    expect(items[0]!.runbook.id).toBe(payments.id);
    expect(items[0]!.why.join(" ")).toContain("It is for shop, which is affected.");
    expect(items[0]!.why.join(" ")).toContain('"payservice"');
    expect(items.map((one) => one.runbook.title)).not.toContain("A disk is full");
    const other = await incidents.declare({ title: "The printer smells", affected_services: ["printer"] });
    const none = await run<RunbookSuggestions>("runbooks.suggest", { id: other.id });
    expect(none).toMatchObject({ items: [], detail: expect.stringContaining("None of the 3 runbooks") });
  });

  it("are compared by meaning where an embedding provider is configured, and not when it fails", async () => {
    const incident = await incidents.declare({ title: "HTTPS handshake refused", affected_services: ["edge"] });
    let calls = 0;
    incidents.models.embedder = {
      model: "fake-embed",
      async embed(texts) {
        calls += texts.length;
        return texts.map((text) => (/certificate|handshake/i.test(text) ? [1, 0.1] : [0, 1]));
      },
    };
    const suggested = async () => (await run<RunbookSuggestions>("runbooks.suggest", { id: incident.id })).items;
    const [first] = await suggested();
    expect(first!.runbook.title).toBe("Certificates expire");
    expect(first!.why.join(" ")).toContain("alike in meaning");
    expect(calls).toBe(4);
    await suggested();
    expect(calls, "stored vectors are used again").toBe(5);
    incidents.models.embedder = { model: "fake-embed", embed: async () => Promise.reject(new Error("down")) };
    expect(await suggested()).toEqual([]);
    incidents.models.embedder = null;
  });

  it("are read from indexed repositories, followed when files change, and not written over", async () => {
    const write = (files: [path: string, text: string][], removedFiles: string[] = []) => {
      for (const [path, text] of files) incidents.files.set(`${path}-${text.length}`, text);
      return incidents.ingest.apply(
        { workspace: "default", source: shop },
        batch([], {
          removedFiles,
          files: files.map(([path, text]) => ({
            path,
            blob: `${path}-${text.length}`,
            size: text.length,
            language: null,
            skipped: null,
            ir: null,
            resolution: null,
          })),
        }),
        never,
      );
    };
    await write([
      [
        "docs/runbooks/queue.md",
        "---\ntitle: The queue is stuck\nservices: [shop, worker]\ntags:\n  - queue\n---\nRestart it.",
      ],
      ["docs/runbooks/no-front.md", "# Cache is cold\n\nWarm it."],
      ["docs/guide.md", "# Not a runbook"],
    ]);
    expect(await run<RunbooksImported>("runbooks.import", {})).toMatchObject({
      added: 2,
      changed: 0,
      removed: 0,
      skipped: [],
    });
    expect(await titles({ tag: "queue" })).toEqual(["The queue is stuck"]);
    const [cold] = (await run<Runbooks>("runbooks.list", { q: "cache cold" })).items;
    expect(cold).toMatchObject({
      origin: "repository",
      services: ["shop"],
      source: expect.stringContaining("no-front.md"),
    });
    expect((await refusal(run("runbooks.change", { id: cold!.id, body: "x" }))).code).toBe("conflict");
    await write(
      [["docs/runbooks/queue.md", "# The queue is stuck again\n\nRestart it."]],
      ["docs/runbooks/no-front.md"],
    );
    expect(await run<RunbooksImported>("runbooks.import", { repository: shop })).toMatchObject({
      added: 0,
      changed: 1,
      removed: 1,
    });
    expect(await run<RunbooksImported>("runbooks.import", {})).toMatchObject({
      added: 0,
      changed: 0,
      removed: 0,
      unchanged: 1,
    });
    expect((await refusal(run("runbooks.import", { repository: "none" }))).code).toBe("not_found");
  });

  it("are nodes of the graph that lead to their services", async () => {
    incidents.opened.start();
    const node = await vi.waitFor(
      async () => {
        const nodes = test.store.graph.selectFrom("nodes").selectAll().where("key", "=", `runbook:${payments.id}`);
        return await nodes.executeTakeFirstOrThrow();
      },
      { timeout: 300_000 },
    );
    expect(node.name).toBe("Payments are refused");
    const edges = await test.store.graph.selectFrom("edges").selectAll().where("src", "=", node.id).execute();
    expect(edges).toHaveLength(1);
  });

  it("take evidence's services as affected too", async () => {
    const incident = await incidents.declare({ affected_services: [], title: "Slow" });
    await run<Evidence>("evidence.add", {
      incident_id: incident.id,
      evidence_type: "note",
      content: "see there",
      services: ["database"],
    });
    const { items } = await run<RunbookSuggestions>("runbooks.suggest", { id: incident.id });
    expect(items.map((one) => one.runbook.title)).toEqual(["A disk is full"]);
  });
});

describe("reading a runbook's Markdown", () => {
  it("takes front matter, else the heading, else the file's name", () => {
    expect(readRunbook("---\ntitle: 'A: b'\nservice: pay\n---\ntext", "x.md", "acme/shop")).toEqual({
      title: "A: b",
      body: "text",
      services: ["pay"],
      tags: [],
    });
    expect(readRunbook("\uFEFF# Head\r\nx", "a/b.md", "acme/shop")).toMatchObject({
      title: "Head",
      services: ["shop"],
    });
    expect(readRunbook("", "runbooks/disk-is_full.md", "shop")).toMatchObject({
      title: "disk is full",
      body: "disk is full",
    });
  });
});
