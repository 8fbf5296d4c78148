// Questions about incidents asked of a real server, over the shop and what a code host told of it.
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { AskAnswer } from "@opentrace/contract/ask.ts";
import type { Incident, IncidentDetail } from "@opentrace/contract/incidents.ts";
import type { Permission } from "@opentrace/contract/access.ts";
import { localActor } from "../access/actors.ts";
import type { Problem } from "../api/rest/problem.ts";
import { deliveryScopes } from "../delivery/testing/delivery-facts.ts";
import { createIngest } from "../graph/ingest.ts";
import { batch, edge, never, node, shop, shopScopes, writeSource } from "../graph/testing/sample.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

const api = "/api/v1";
const hour = 3_600_000;

forEachStore("questions about incidents", (test) => {
  let server: TestServer;
  let open: Incident;
  let over: Incident;
  let headers: Record<string, string>;
  let graphOnly: Record<string, string>;

  const declare = async (body: object): Promise<Incident> => {
    const made = await server.send("POST", `${api}/incidents`, body, headers);
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    return made.body;
  };
  const keyWith = async (scopes: Permission[]): Promise<Record<string, string>> => {
    const { key } = await server.application.keys.create({ name: scopes.join(), scopes }, localActor, "default");
    return { "x-api-key": key };
  };
  const ask = async (question: string, who = headers): Promise<{ status: number; body: AskAnswer }> =>
    await server.send("POST", `${api}/ask`, { question }, who);
  const answer = async (question: string): Promise<AskAnswer> => {
    const { status, body } = await ask(question);
    expect(status, `${question}: ${JSON.stringify(body)}`).toBe(200);
    return body;
  };

  beforeAll(async () => {
    server = await startTestServer({ ENABLE_AUTH: "true" }, test.config);
    headers = await keyWith(["graph:read", "incidents:read", "incidents:report", "incidents:write"]);
    graphOnly = await keyWith(["graph:read"]);
    const ingest = createIngest({ store: server.application.store });
    await writeSource(ingest, shop, shopScopes);
    const ref = { workspace: "default", source: "integration:int_1" };
    await ingest.openSource({ ...ref, name: "GitHub acme", kind: "integration" });
    const running = {
      scope: "1/services",
      nodes: [node("service:checkout", "Service", "checkout"), node("service:mail", "Service", "mail")],
      edges: [edge("service:checkout", "DEPENDS_ON", shop)],
    };
    await ingest.apply(ref, batch([...deliveryScopes, running]), never);
    await ingest.mark(ref, { state: "fresh", observedAt: new Date() });
    open = await declare({
      title: "Cards are declined",
      severity: "critical",
      affected_services: ["checkout"],
      owner: "grace",
      started_at: new Date(Date.now() - 2 * hour).toISOString(),
    });
    over = await declare({
      title: "Old trouble",
      severity: "low",
      status: "resolved",
      affected_services: ["checkout"],
      started_at: new Date(Date.now() - 40 * 24 * hour).toISOString(),
    });
    const inGraph = async (): Promise<void> => {
      const { body } = await server.send("GET", `${api}/incidents/${open.id}`, undefined, headers);
      expect((body as IncidentDetail).affected_nodes).toMatchObject([{ node: { key: "service:checkout" } }]);
      const { status } = await server.send("GET", `${api}/graph/nodes/incident:${over.id}`, undefined, headers);
      expect(status).toBe(200);
    };
    await vi.waitFor(inGraph, { timeout: 300_000, interval: 100 });
  });
  afterAll(() => server.close());

  it("lists what affects a service, with a link to each and its node", async () => {
    const told = await answer("What incidents affect checkout?");
    expect(told).toMatchObject({ understood: true, intent: "incidents" });
    expect(told.answer).toMatch(/^2 incidents affect `checkout`:/);
    expect(told.answer).toContain(`[${open.reference}](/incidents/${open.id}) \`Cards are declined\` — critical, open`);
    expect(told.nodes.map((one) => one.key)).toEqual(
      expect.arrayContaining(["service:checkout", `incident:${open.id}`, `incident:${over.id}`]),
    );
    expect(told.queries.map((query) => query.verb)).toContain("incidents.list");
    expect((await answer("Which incidents affect mail?")).answer).toBe("No incident affects `mail`.");
  });

  it("narrows by status, severity and time", async () => {
    const critical = await answer("Open critical incidents?");
    expect(critical.answer).toMatch(/^1 open critical incident:/);
    expect(critical.answer).toContain(open.id);
    expect((await answer("Which resolved incidents affect checkout?")).answer).toContain(over.id);
    expect((await answer("What incidents affect checkout since yesterday?")).answer).toMatch(
      /^1 incident affects `checkout` since /,
    );
    expect((await answer("unowned incidents")).answer).toContain(over.id);
  });

  it("leads from what a service needs to the service's incidents", async () => {
    const told = await answer("What incidents affect the repository shop?");
    expect(told.answer).toMatch(/^No incident affects `shop` itself, but services that need it \(`checkout`\)/);
    expect(told.answer).toContain(`/incidents/${open.id}`);
  });

  it("tells what happened somewhere: incidents, then changes", async () => {
    const told = await answer("What happened in checkout last week?");
    expect(told).toMatchObject({ understood: true, intent: "happened" });
    expect(told.answer).toContain(open.id);
    expect(told.answer).not.toContain(over.id);
    expect(told.answer).toMatch(/No commits|commits? changed/);
  });

  it("tells of one incident and of its causes", async () => {
    const told = await answer(`Tell me about ${open.reference}`);
    expect(told.answer).toContain("owner: `grace`");
    expect(told.answer).toContain("Nobody has looked for its cause yet");
    expect(told.nodes.map((one) => one.key)).toEqual([`incident:${open.id}`, "service:checkout"]);
    expect(await answer("what caused INC-99999?")).toMatchObject({ understood: false });
  });

  it("knows what caused incidents when a person has confirmed it", async () => {
    const pull = "pr:github.com/acme/shop#13";
    expect((await answer("Which incidents were caused by PR 13?")).answer).toContain("No incident is known");
    const at = Date.now();
    const hypothesis = (id: string, cause_key: string, status: "confirmed" | "rejected") => ({
      id,
      workspace: "default",
      incident: open.id,
      cause_key,
      origin: "automatic" as const,
      title: "Tidy the docs",
      status,
      contributions: "[]",
      supporting: "[]",
      contradicting: "[]",
      path: "[]",
      version: 1,
      created_by: "local",
      created_at: at,
      updated_at: at,
      status_at: at,
    });
    await server.application.store.app
      .insertInto("hypotheses")
      .values([hypothesis("hyp_1", pull, "confirmed"), hypothesis("hyp_2", "pr:github.com/acme/shop#12", "rejected")])
      .execute();
    const told = await answer("Which incidents were caused by PR 13?");
    expect(told.answer).toMatch(/^1 incident was caused by `Tidy the docs`, as people have confirmed:/);
    expect(told.answer).toContain(`/incidents/${open.id}`);
    expect(told.nodes.map((one) => one.key)).toEqual([pull, `incident:${open.id}`]);
    expect((await answer("Which incidents were caused by the repository shop?")).answer).toContain(open.reference);
    expect((await answer("Which incidents were caused by PR 12?")).answer).toContain("No incident is known");
    expect((await answer(`What caused ${open.reference}?`)).answer).toContain("`Tidy the docs` (confirmed)");
  });

  it("tells nobody of incidents who may not read them", async () => {
    const refused = await ask("What incidents affect checkout?", graphOnly);
    expect(refused.status).toBe(403);
    expect((refused.body as unknown as Problem).detail).toContain("incidents:read");
    const happened = await ask("What happened in checkout last week?", graphOnly);
    expect(happened.status).toBe(200);
    expect(happened.body.answer).toContain("you need the permission incidents:read");
    expect(JSON.stringify(happened.body)).not.toContain("Cards are declined");
  });
});
