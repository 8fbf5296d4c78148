// An investigation on both stores, over the shop of graph/testing/sample.ts and what a code host told of it. It is 2 January 2026, 03:04 UTC.
import type {
  Hypotheses,
  Hypothesis,
  IncidentAction,
  IncidentActions,
  Timeline,
  TimelineBuilt,
  TimelineEntry,
} from "@opentrace/contract/investigation.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changes, pull } from "../delivery/testing/delivery-facts.ts";
import { batch, edge, file, never, node, shop } from "../graph/testing/sample.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { openShopIncidents, refusal, type ShopIncidents } from "./testing/shop-incidents.ts";

forEachStore("investigation", (test) => {
  let incidents: ShopIncidents;
  beforeAll(async () => {
    incidents = await openShopIncidents(test);
  });
  afterAll(() => incidents.close());
  const run: ShopIncidents["run"] = (verb, input, more) => incidents.run(verb, input, more);
  const declare: ShopIncidents["declare"] = (more) => incidents.declare(more);
  const withTrace: ShopIncidents["withTrace"] = (more) => incidents.withTrace(more);
  const lines = ({ items }: Timeline): string[] =>
    items.map((one) => `${one.at.slice(5, 16)} ${one.kind}: ${one.title}`);

  describe("the timeline", () => {
    it("is built from what is delivered near the affected service, evidence and history, in order, each with why", async () => {
      const { incident, evidence } = await withTrace();
      await run("incidents.change", { id: incident.id, status: "investigating" });
      const built = await run<TimelineBuilt>("timeline.generate", { id: incident.id });
      const timeline = await run<Timeline>("timeline.list", { id: incident.id });
      expect(timeline.total).toBe(built.total);
      expect(lines(timeline)).toEqual(
        expect.arrayContaining([
          "01-01T12:10 deployment: Deployed to production: production: main",
          "01-01T22:00 pipeline: Deploy #8: failure",
          "01-02T02:40 pull_request: Merged: Take amounts as text",
          "01-02T03:00 incident: It began: Payments fail",
          "01-02T04:00 evidence: Errors of the checkout",
          "01-02T04:00 status: Status: open → investigating",
        ]),
      );
      expect(timeline.items.map((one) => one.at)).toEqual(timeline.items.map((one) => one.at).sort());
      const merged = timeline.items.find((one) => one.title.endsWith("Take amounts as text"))!;
      expect(merged).toMatchObject({
        source_url: "https://github.com/acme/shop/pull/20",
        actor: "grace",
        origin: "automatic",
        node: { type: "PullRequest" },
        relation: { distance: 0 },
      });
      expect(merged.relation.why).toContain("shop → ");
      expect(merged.relation.path.map((step) => step.node.name)[0]).toBe("shop");
      const own = timeline.items.find((one) => one.evidence_id === evidence.id)!;
      expect(own).toMatchObject({ source: "datadog", source_url: "https://logs.example/1" });
      expect(new Set(timeline.items.map((one) => `${one.kind} ${one.title} ${one.at}`)).size).toBe(timeline.total);
      expect(incidents.events).toContainEqual({
        type: "investigation.changed",
        incidentId: incident.id,
        part: "timeline",
      });
    });

    it("changes nothing when it is built again, and keeps what people added and took out", async () => {
      const { incident } = await withTrace();
      await run("timeline.generate", { id: incident.id });
      const mine = await run<TimelineEntry>("timeline.add", {
        id: incident.id,
        at: "2026-01-02T03:05:00+01:00",
        title: "Support called",
      });
      expect(mine).toMatchObject({ at: "2026-01-02T02:05:00.000Z", kind: "note", origin: "manual" });
      const before = await run<Timeline>("timeline.list", { id: incident.id });
      const hidden = before.items.find((one) => one.kind === "deployment")!;
      await run("timeline.remove", { id: incident.id, entry_id: hidden.id });
      const again = await run<TimelineBuilt>("timeline.generate", { id: incident.id });
      expect(again).toMatchObject({ added: 0, changed: 0, removed: 0, total: before.total - 1 });
      const after = await run<Timeline>("timeline.list", { id: incident.id });
      expect(after.items.map((one) => one.id)).toEqual(
        before.items.map((one) => one.id).filter((id) => id !== hidden.id),
      );
      await run("timeline.change", { id: incident.id, entry_id: mine.id, title: "Support called twice", version: 1 });
      expect(
        (await refusal(run("timeline.change", { id: incident.id, entry_id: mine.id, title: "x", version: 1 }))).code,
      ).toBe("precondition_failed");
      const automatic = after.items.find((one) => one.origin === "automatic")!;
      expect(
        (await refusal(run("timeline.change", { id: incident.id, entry_id: automatic.id, title: "x" }))).code,
      ).toBe("conflict");
      await run("timeline.remove", { id: incident.id, entry_id: mine.id });
      expect((await refusal(run("timeline.remove", { id: incident.id, entry_id: mine.id }))).code).toBe("not_found");
    });

    it("has changes of configuration, and of what runs near an affected service, with the way to it", async () => {
      const { ingest } = incidents;
      const cluster = { workspace: "default", source: "integration:int_2" };
      await ingest.openSource({ ...cluster, name: "Cluster", kind: "integration" });
      const at = "2026-01-02T02:30:00Z";
      const merged = pull(21, "Halve the memory", { state: "merged", mergedAt: at, updatedAt: at }, [
        changes(21, file("deploy/values.yaml"), {}),
      ]);
      const scopes = batch([
        {
          scope: "prod",
          nodes: [
            node("service:checkout", "Service", "checkout"),
            node("k8s:prod/checkout", "Workload", "checkout-api", {
              updatedAt: "2026-01-02T02:50:00Z",
              url: "https://k8s.example/checkout",
            }),
            node("k8s:prod/other", "Workload", "other", { updatedAt: "2026-01-02T02:50:00Z" }),
            node(file("deploy/values.yaml"), "File", "values.yaml", { path: "deploy/values.yaml" }),
          ],
          edges: [
            edge("k8s:prod/checkout", "RUNS", "service:checkout"),
            edge(shop, "BUILDS", "service:checkout"),
            edge(shop, "CONTAINS", file("deploy/values.yaml")),
          ],
        },
      ]);
      await ingest.apply(cluster, scopes, never);
      await ingest.apply({ workspace: "default", source: "integration:int_1" }, batch([merged]), never);
      const incident = await declare({ affected_services: ["checkout"] });
      await run("timeline.generate", { id: incident.id });
      const { items } = await run<Timeline>("timeline.list", { id: incident.id, kind: ["topology", "config"] });
      expect(items.map((one) => [one.kind, one.title, one.relation.distance, one.source_url])).toEqual([
        ["config", "Configuration changed: Halve the memory", 0, "https://github.com/acme/shop/pull/21"],
        ["topology", "Workload checkout-api changed", 1, "https://k8s.example/checkout"],
      ]);
    });

    it("is paged in both directions and by kind", async () => {
      const { incident } = await withTrace();
      await run("timeline.generate", { id: incident.id });
      const whole = await run<Timeline>("timeline.list", { id: incident.id });
      for (const order of ["asc", "desc"] as const) {
        const seen: string[] = [];
        for (let cursor: string | undefined; ;) {
          const page = await run<Timeline>("timeline.list", { id: incident.id, limit: 2, order, cursor });
          seen.push(...page.items.map((one) => one.id));
          if (page.next_cursor === null) break;
          cursor = page.next_cursor;
        }
        const expected = whole.items.map((one) => one.id);
        expect(seen).toEqual(order === "asc" ? expected : expected.toReversed());
      }
      const merged = await run<Timeline>("timeline.list", { id: incident.id, kind: ["pull_request"] });
      expect(merged.items.map((one) => one.kind)).toEqual(Array.from({ length: merged.total }, () => "pull_request"));
      expect((await refusal(run("timeline.list", { id: incident.id, cursor: "x" }))).code).toBe("bad_request");
      expect((await refusal(run("timeline.list", { id: "inc_none" }))).code).toBe("not_found");
    });
  });

  describe("hypotheses", () => {
    it("name the change whose lines the stack trace goes through, with every reason, and survive being judged", async () => {
      const { incident, evidence } = await withTrace();
      const { items, verdict } = await run<Hypotheses>("hypotheses.generate", { id: incident.id });
      expect(verdict).toMatchObject({ found: true, ranker: "changes/2", onset: "2026-01-02T03:00:00.000Z" });
      const [first] = items;
      expect(first).toMatchObject({
        title: 'The pull request "Take amounts as text"',
        rank: 1,
        status: "pending",
        supporting_evidence: [evidence.id],
        cause: { kind: "pull_request", url: "https://github.com/acme/shop/pull/20", author: "grace" },
      });
      expect(first!.contributions.map((one) => one.words)).toEqual(
        expect.arrayContaining([
          "it happened 20 minutes before the onset",
          "the stack trace goes through src/pay.ts:21, a line that it changes",
        ]),
      );
      expect(first!.contributions.reduce((sum, one) => sum + one.points, 0)).toBeCloseTo(first!.score!, 2);
      expect(first!.path.length).toBeGreaterThan(0);

      const judged = await run<Hypothesis>("hypotheses.change", {
        id: first!.id,
        status: "rejected",
        reason: "Not deployed",
      });
      expect(judged).toMatchObject({
        status: "rejected",
        status_reason: "Not deployed",
        status_by: "local",
        rank: null,
      });
      const again = await run<Hypotheses>("hypotheses.generate", { id: incident.id });
      const rejected = again.items.find((one) => one.id === first!.id)!;
      expect(rejected).toMatchObject({ status: "rejected", status_reason: "Not deployed", rank: null });
      expect(again.items.at(-1)!.id).toBe(first!.id);
      expect(again.items[0]!.cause?.key).not.toBe(first!.cause!.key);

      await run("hypotheses.change", { id: first!.id, status: "confirmed" });
      const confirmed = await run<Hypotheses>("hypotheses.generate", { id: incident.id });
      expect(confirmed.items[0]).toMatchObject({ id: first!.id, status: "confirmed", status_reason: null, rank: 1 });
    });

    it("say that no likely cause was found where nothing near was changed", async () => {
      const incident = await declare({ started_at: "2025-09-01T00:00:00Z", title: "The printer is on fire" });
      const { items, verdict } = await run<Hypotheses>("hypotheses.generate", { id: incident.id });
      expect(items).toEqual([]);
      expect(verdict).toMatchObject({ found: false, considered: 0 });
      expect(verdict!.summary).toContain("No likely cause found");
    });

    it("of people are kept, cite evidence of the incident only, and can be changed", async () => {
      const { incident, evidence } = await withTrace();
      const other = await withTrace();
      const mine = await run<Hypothesis>("hypotheses.add", {
        id: incident.id,
        title: "The database is full",
        supporting_evidence: [evidence.id],
      });
      const foreign = await refusal(
        run("hypotheses.add", { id: incident.id, title: "x", supporting_evidence: [other.evidence.id] }),
      );
      expect(foreign.code).toBe("unprocessable");
      expect(foreign.message).toContain(other.evidence.id);
      await run("hypotheses.generate", { id: incident.id });
      expect(await run<Hypothesis>("hypotheses.get", { id: mine.id })).toEqual(mine);
      await run("hypotheses.change", { id: mine.id, title: "The disk is full", version: 1 });
      expect((await refusal(run("hypotheses.change", { id: mine.id, status: "confirmed", version: 1 }))).code).toBe(
        "precondition_failed",
      );
      expect(
        (await refusal(run("hypotheses.change", { id: mine.id, status: "confirmed" }, { ifMatch: '"1-abc"' }))).code,
      ).toBe("precondition_failed");
    });

    it("are narrated by a model, whose claims without evidence of the incident are dropped", async () => {
      const { incident, evidence } = await withTrace();
      let seen = "";
      incidents.models.narrator = {
        model: "fake",
        async generate({ data }) {
          seen = data;
          const [{ cause }] = (JSON.parse(data) as { causes: [{ cause: string }] }).causes;
          return {
            hypotheses: [
              {
                cause,
                claims: [
                  { text: "charge fails on text.", evidence_ids: [evidence.id] },
                  { text: "Nobody said this.", evidence_ids: [] },
                  { text: "From elsewhere.", evidence_ids: ["evd_other", evidence.id] },
                ],
              },
              { cause: "pr:unknown#1", claims: [{ text: "x", evidence_ids: [evidence.id] }] },
            ],
          };
        },
      };
      const { items } = await run<Hypotheses>("hypotheses.generate", { id: incident.id });
      expect(items[0]!.narration).toEqual({
        model: "fake",
        claims: [{ text: "charge fails on text.", evidence_ids: [evidence.id] }],
        dropped: 2,
      });
      expect(seen).toContain("amount.toFixed");
      for (const broken of [async () => "half a JSON {", async () => Promise.reject(new Error("down"))]) {
        incidents.models.narrator = { model: "fake", generate: broken };
        const { items: plain, verdict } = await run<Hypotheses>("hypotheses.generate", { id: incident.id });
        expect(plain[0]!.narration).toBeNull();
        expect(verdict!.found).toBe(true);
        expect(verdict!.unknown.join(" ")).toContain("The model fake");
      }
      incidents.models.narrator = null;
    });
  });

  describe("actions", () => {
    it("are suggested from the likeliest cause, and never go back", async () => {
      const { incident } = await withTrace();
      const { items } = await run<Hypotheses>("hypotheses.generate", { id: incident.id });
      const list = async () => (await run<IncidentActions>("actions.list", { id: incident.id })).items;
      const suggested = await list();
      const rollback = suggested.find((one) => one.kind === "rollback")!;
      expect(rollback).toMatchObject({
        title: 'Revert "Take amounts as text"',
        hypothesis_id: items[0]!.id,
        status: "pending",
        possible: ["in_progress", "skipped"],
        origin: "suggested",
      });
      await run("hypotheses.generate", { id: incident.id });
      expect((await list()).map((one) => one.id)).toEqual(suggested.map((one) => one.id));

      const early = await refusal(run("actions.change", { id: rollback.id, status: "completed" }));
      expect(early).toMatchObject({ code: "conflict", details: { possible: ["in_progress", "skipped"] } });
      expect(early.message).toContain("Possible: in_progress, skipped.");
      await run("actions.change", { id: rollback.id, status: "in_progress" });
      const done = await run<IncidentAction>("actions.change", {
        id: rollback.id,
        status: "completed",
        result: "Errors ended",
      });
      expect(done).toMatchObject({ status: "completed", possible: [], result: "Errors ended" });
      expect((await refusal(run("actions.change", { id: rollback.id, status: "pending" }))).message).toContain(
        "has ended",
      );
      const mine = await run<IncidentAction>("actions.add", {
        id: incident.id,
        kind: "query",
        title: "Look at the logs",
      });
      expect(mine).toMatchObject({ origin: "manual", status: "pending" });
      expect(
        (await refusal(run("actions.add", { id: incident.id, kind: "other", title: "x", hypothesis_id: "hyp_no" })))
          .code,
      ).toBe("unprocessable");
      await run("timeline.generate", { id: incident.id });
      const timeline = await run<Timeline>("timeline.list", { id: incident.id, kind: ["action"] });
      expect(timeline.items.map((one) => one.title)).toEqual([
        'Action begun: Revert "Take amounts as text"',
        'Action completed: Revert "Take amounts as text"',
      ]);
    });
  });
});
