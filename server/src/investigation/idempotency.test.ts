// Idempotency-Key on what an investigation writes: the same request twice, at once, after a failure, and another one with its key.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Incident } from "@opentrace/contract/incidents.ts";
import type { Problem } from "../api/rest/problem.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

const api = "/api/v1";

forEachStore("Idempotency-Key in an investigation", (test) => {
  let server: TestServer;
  let incident: string;
  beforeAll(async () => {
    server = await startTestServer({}, test.config);
    incident = ((await server.send("POST", `${api}/incidents`, { title: "Down" })).body as Incident).id;
  });
  afterAll(() => server.close());

  let keys = 0;
  const newKey = (): string => `key-${++keys}`;
  const post = (path: string, body: object, key: string) =>
    server.send("POST", `${api}${path}`, body, { "idempotency-key": key });

  const creating: [what: string, path: string, list: string, body: object][] = [
    ["a hypothesis", "/hypotheses/incident/ID", "/hypotheses/incident/ID", { title: "The deploy" }],
    ["an action", "/actions/incident/ID", "/actions/incident/ID", { kind: "rollback", title: "Roll back" }],
    [
      "a timeline entry",
      "/incidents/ID/timeline",
      "/incidents/ID/timeline",
      { at: "2026-01-01T00:00:00Z", title: "Seen" },
    ],
    ["a runbook", "/runbooks", "/runbooks", { title: "How to roll back", body: "# Roll back" }],
    ["a comment", "/incidents/ID/comments", "/incidents/ID/comments", { body: "Looks like DNS" }],
    ["evidence", "/evidence/incident/ID", "/evidence/incident/ID", { evidence_type: "note", content: "It was slow" }],
  ];

  it.each(creating)("makes %s once, however often and at once it is asked for", async (_what, path, list, body) => {
    const at = (text: string): string => text.replace("ID", incident);
    const ids = async (): Promise<string[]> =>
      ((await server.send("GET", `${api}${at(list)}`)).body as { items: { id: string }[] }).items.map((one) => one.id);
    const before = await ids();
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 4 }, () => post(at(path), body, key)));
    answers.push(await post(at(path), body, key));
    const [first] = answers;
    for (const answer of answers) expect(answer).toMatchObject({ status: 201, body: first!.body });
    const made = (await ids()).filter((id) => !before.includes(id));
    expect(made).toEqual([(first!.body as { id: string }).id]);
    const other = await post(at(path), { ...body, [Object.keys(body).at(-1) ?? ""]: "Something else" }, key);
    expect(other.status).toBe(422);
    expect((other.body as Problem).detail).toContain("was used for another request");
    expect((await post(at(path), body, newKey())).status).toBe(201);
  });

  it("does again what failed", async () => {
    const key = newKey();
    const body = { title: "Later", supporting_evidence: ["evd_none"] };
    expect((await post(`/hypotheses/incident/${incident}`, body, key)).status).toBeGreaterThanOrEqual(400);
    const { id } = (await post(`/evidence/incident/${incident}`, { evidence_type: "note", content: "x" }, newKey()))
      .body;
    expect((await post(`/hypotheses/incident/${incident}`, { ...body, supporting_evidence: [id] }, key)).status).toBe(
      201,
    );
  });

  it("gives the answer again to what could not be done any more", async () => {
    const key = newKey();
    const { id } = (await post("/incidents", { title: "Twice" }, newKey())).body as Incident;
    const evidence = (await post(`/evidence/incident/${id}`, { evidence_type: "note", content: "x" }, newKey()))
      .body as { id: string };
    const asked = { title: "With evidence", supporting_evidence: [evidence.id] };
    const first = await post(`/hypotheses/incident/${id}`, asked, key);
    expect(first.status).toBe(201);
    expect((await server.send("DELETE", `${api}/evidence/${evidence.id}`)).status).toBeLessThan(300);
    expect(await post(`/hypotheses/incident/${id}`, asked, key)).toMatchObject({ status: 201, body: first.body });
  });

  it("leaves to another what holds a key, and takes over when that has held it no longer", async () => {
    const key = newKey();
    const path = `/incidents/${incident}/generate-timeline`;
    expect((await post(path, {}, key)).status).toBeLessThan(300);
    const { app } = server.application.store;
    const holdUntil = (heldUntil: number) =>
      app
        .updateTable("idempotency_keys")
        .set({ answer: null, holder: "another", held_until: heldUntil })
        .where("key", "=", key)
        .execute();
    await holdUntil(Date.now() + 3_600_000);
    const again = await post(path, {}, key);
    expect(again.status).toBe(409);
    expect((again.body as Problem).detail).toContain("is under way");
    await holdUntil(Date.now() - 1);
    const taken = await post(path, {}, key);
    expect(taken.status).toBeLessThan(300);
    expect(await post(path, {}, key)).toMatchObject({ status: taken.status, body: taken.body });
  });
});
