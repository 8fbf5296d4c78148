// From end to end: a real repository whose manifest changes between two readings, and a cluster whose services do, in the timeline and the causes.
import type { Incident } from "@opentrace/contract/incidents.ts";
import type { Hypotheses, Timeline } from "@opentrace/contract/investigation.ts";
import type { Job } from "@opentrace/contract/repositories.ts";
import type { TopologyChanges } from "@opentrace/contract/topology.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createIngest, type Ingest } from "../graph/ingest.ts";
import { batch, edge, never, node } from "../graph/testing/sample.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import {
  createRepository,
  shopFiles,
  startTestServer,
  type TestRepository,
  type TestServer,
} from "../testing/test-server.ts";

const manifest = (dependencies: Record<string, string>): string =>
  JSON.stringify({ name: "shop", version: "1.0.0", dependencies }, null, 2);

forEachStore("changes of the topology around an incident", (test) => {
  let server: TestServer;
  let git: TestRepository;
  let ingest: Ingest;
  let repository: string;
  const cluster = { workspace: "default", source: "integration:cluster" };

  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await server.send(method, `/api/v1${path}`, body);
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    return answer.body;
  };
  const services = (calls: string[], replicas: number) =>
    batch([
      {
        scope: "services",
        nodes: [
          node("service:checkout", "Service", "checkout", { replicas }),
          node("service:ledger", "Service", "ledger"),
          node("service:far", "Service", "far", { replicas }),
        ],
        edges: calls.map((to) => edge("service:checkout", "REQUESTS", to)),
      },
    ]);
  const read = async (facts: ReturnType<typeof batch>): Promise<void> => {
    await ingest.openSource({ ...cluster, name: "Cluster", kind: "integration" });
    await ingest.apply(cluster, facts, never);
    await ingest.mark(cluster, { state: "fresh", observedAt: new Date() });
  };
  const declare = (more: object): Promise<Incident> =>
    call("POST", "/incidents", {
      title: "It fails",
      severity: "high",
      started_at: new Date(Date.now() + 60_000).toISOString(),
      ...more,
    });
  const timelineOf = async (incident: Incident): Promise<Timeline> => {
    await call("POST", `/incidents/${incident.id}/generate-timeline`);
    return await call("GET", `/incidents/${incident.id}/timeline?kind=config,topology`);
  };

  beforeAll(async () => {
    server = await startTestServer({}, test.config);
    ingest = createIngest({ store: server.application.store });
    git = createRepository({ ...shopFiles, "package.json": manifest({ stripe: "^11.0.0", "left-pad": "1.3.0" }) });
    repository = (await server.index(git.path)).id;
    await read(services(["service:ledger"], 2));
    git.write({ "package.json": manifest({ stripe: "^12.0.0", express: "^5.0.0" }) });
    git.commit("Bump what we build on");
    const { job } = await call<{ job: Job }>("POST", `/repositories/${repository}/sync`);
    expect((await server.waitForJob(job.id)).state).toBe("succeeded");
    await read(services([], 1));
  });
  afterAll(async () => {
    await server.close();
    git.remove();
  });

  it("tells which dependencies a repository gained, lost and moved to another version, and nothing of its first reading", async () => {
    const repo = (await call<{ key: string }>("GET", `/repositories/${repository}`)).key;
    const { changes } = await call<TopologyChanges>(
      "GET",
      `/graph/topology-changes?node=${encodeURIComponent(repo)}&depth=0`,
    );
    const ofPackage = changes.filter((one) => one.node.type === "Package").map((one) => one.words);
    expect(ofPackage.sort()).toEqual([
      "shop depends on stripe: constraint ^11.0.0 → ^12.0.0",
      "shop does not depend on left-pad any more",
      "shop now depends on express ^5.0.0",
    ]);
    expect(changes.every((one) => one.scope === "manifest:package.json" && one.source === repo)).toBe(true);
  });

  it("says in the timeline and in the causes what the commit did to the dependencies, and what the evidence names of it", async () => {
    const repo = await call<{ key: string; name: string }>("GET", `/repositories/${repository}`);
    const incident = await declare({ affected_services: [repo.key] });
    const evidence = await call<{ id: string }>("POST", `/evidence/incident/${incident.id}`, {
      evidence_type: "log",
      title: "Errors",
      content: "Error: No such customer\n    at Stripe.charge (/app/node_modules/stripe/lib/stripe.js:12:3)",
    });
    const { items } = await timelineOf(incident);
    expect(items.map((one) => one.title)).toEqual(["Configuration changed: Bump what we build on"]);
    expect(items[0]!.detail).toContain("shop depends on stripe: constraint ^11.0.0 → ^12.0.0.");
    expect(items[0]!.detail).toContain("shop does not depend on left-pad any more.");
    const causes = await call<Hypotheses>("POST", `/incidents/${incident.id}/generate-hypotheses`);
    expect(causes.items[0]!.cause).toMatchObject({ title: "Bump what we build on", kind: "config" });
    expect(causes.items[0]!.contributions).toContainEqual(
      expect.objectContaining({
        words: "the stack trace goes through the package stripe, which it changes",
        evidence_ids: [evidence.id],
      }),
    );
  });

  it("has what changed near an affected service, with how far and between when, and not what is far", async () => {
    const incident = await declare({ affected_services: ["checkout"] });
    const { items } = await timelineOf(incident);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      kind: "topology",
      title: "Service checkout: replicas 2 → 1, and 1 more change",
      relation: { distance: 0 },
    });
    expect(items[0]!.detail).toMatch(
      /checkout does not call ledger any more\. Seen when Cluster was read; it happened after \d/,
    );
    const causes = await call<Hypotheses>("POST", `/incidents/${incident.id}/generate-hypotheses`);
    expect(causes.items.map((one) => one.cause?.kind)).toContain("topology");
    expect((await timelineOf(incident)).total).toBe(1);
  });
});
