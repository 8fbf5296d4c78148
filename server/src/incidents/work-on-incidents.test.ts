// What people do with incidents after they were declared: many at once, duplicates, comments, saved views.
import { afterAll, beforeAll, expect, it } from "vitest";
import type {
  BulkResult,
  Evidence,
  Incident,
  IncidentChange,
  IncidentComment,
  IncidentDetail,
  IncidentList,
  IncidentView,
} from "@opentrace/contract/incidents.ts";
import type { Problem } from "../api/rest/problem.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

const api = "/api/v1";

forEachStore("work on incidents", (test) => {
  let server: TestServer;
  beforeAll(async () => void (server = await startTestServer({}, test.config)));
  afterAll(() => server.close());

  const post = async <T>(path: string, body: object, status = 200): Promise<T> => {
    const answer = await server.send("POST", `${api}${path}`, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    return answer.body;
  };
  const get = async <T>(path: string): Promise<T> => {
    const answer = await server.send("GET", `${api}${path}`);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return answer.body;
  };
  const declare = (title: string, more: object = {}): Promise<Incident> => post("/incidents", { title, ...more }, 201);

  it("changes many incidents and says of each what became of it", async () => {
    const [a, b, closed] = await Promise.all([
      declare("Bulk a", { tags: ["old", "kept"] }),
      declare("Bulk b", { status: "resolved", owner: "ada" }),
      declare("Bulk c", { status: "closed" }),
    ]);
    const asked = { ids: [a.id, b.reference, closed.id, "inc_none"], changes: { status: "resolved", owner: "ada" } };
    const result = await post<BulkResult>("/incidents/bulk", asked);
    expect(result).toMatchObject({ changed: 1, unchanged: 1, failed: 2 });
    expect(result.results.map(({ id, outcome, error }) => [id, outcome, error?.code])).toEqual([
      [a.id, "changed", undefined],
      [b.reference, "unchanged", undefined],
      [closed.id, "failed", "conflict"],
      ["inc_none", "failed", "not_found"],
    ]);
    expect(await get<Incident>(`/incidents/${a.id}`)).toMatchObject({ status: "resolved", owner: "ada", version: 2 });
    expect(await get<Incident>(`/incidents/${closed.id}`)).toMatchObject({ status: "closed", owner: null });
    await post("/incidents/bulk", { ids: [a.id], changes: { add_tags: ["new"], remove_tags: ["OLD"] } });
    expect((await get<Incident>(`/incidents/${a.id}`)).tags).toEqual(["kept", "new"]);
    expect((await get<IncidentList>("/incidents?tag=new")).items).toHaveLength(1);
    expect((await get<IncidentList>("/incidents?tag=old")).items).toHaveLength(0);
  });

  it("merges duplicates: their evidence moves and is found, they point to what stays, and it can be undone", async () => {
    const survivor = await declare("Checkout fails");
    const duplicate = await declare("Payments fail", {
      status: "investigating",
      severity: "high",
      tags: ["merged-tag"],
      affected_services: ["merged-service"],
    });
    const add = (incident: string, content: string): Promise<Evidence> =>
      post(`/evidence/incident/${incident}`, { evidence_type: "log", content }, 201);
    const own = await add(survivor.id, "ownword");
    const moved = await add(duplicate.id, "movedword");
    expect(await post(`/incidents/${survivor.id}/merge`, { duplicates: [duplicate.id] })).toMatchObject({
      id: survivor.id,
      evidence_count: 2,
    });
    const evidenceOf = async (id: string): Promise<string[]> =>
      (await get<{ items: Evidence[] }>(`/evidence/incident/${id}`)).items.map((item) => item.id);
    expect(await evidenceOf(survivor.id)).toEqual([own.id, moved.id]);
    expect(await get<Evidence>(`/evidence/${moved.id}`)).toMatchObject({
      incident_id: survivor.id,
      moved_from: duplicate.id,
    });
    expect(await get<Incident>(`/incidents/${duplicate.id}`)).toMatchObject({
      merged_into: survivor.id,
      status: "closed",
      evidence_count: 0,
    });
    expect((await get<IncidentDetail>(`/incidents/${survivor.id}`)).duplicates.map(({ id }) => id)).toEqual([
      duplicate.id,
    ]);
    const found = async (query: string): Promise<string[]> =>
      (await get<IncidentList>(`/incidents?${query}`)).items.map((one) => one.id);
    expect(await found("q=movedword")).toEqual([survivor.id]);
    expect(await found("q=payments+fail")).toEqual([]);
    expect(await found("q=payments+fail&merged=include")).toEqual([duplicate.id]);
    const labelled = "tag=merged-tag&service=merged-service";
    expect(await found(labelled)).toEqual([]);
    expect(await found(`${labelled}&merged=only`)).toEqual([duplicate.id]);
    expect(await found(`${labelled}&merged=include`)).toEqual([duplicate.id]);
    const late = await add(duplicate.reference, "lateword");
    expect(late).toMatchObject({ incident_id: survivor.id, moved_from: duplicate.id });

    const refused = await server.send("PATCH", `${api}/incidents/${duplicate.id}`, { owner: "ada" });
    expect(refused).toMatchObject({ status: 409, body: { merged_into: survivor.id } });
    expect(
      (await server.send("POST", `${api}/incidents/${survivor.id}/merge`, { duplicates: [survivor.id] })).status,
    ).toBe(400);
    expect(
      (await server.send("POST", `${api}/incidents/${survivor.id}/merge`, { duplicates: [duplicate.id] })).status,
    ).toBe(409);
    expect(
      (await server.send("POST", `${api}/incidents/${duplicate.id}/merge`, { duplicates: [survivor.id] })).status,
    ).toBe(409);

    expect(await post(`/incidents/${duplicate.id}/unmerge`, {})).toMatchObject({
      id: duplicate.id,
      merged_into: null,
      status: "investigating",
      closed_at: null,
      evidence_count: 2,
    });
    expect(await evidenceOf(survivor.id)).toEqual([own.id]);
    expect(await evidenceOf(duplicate.id)).toEqual([moved.id, late.id]);
    expect(await found("q=movedword")).toEqual([duplicate.id]);
    expect(await found(labelled)).toEqual([duplicate.id]);
    const { items } = await get<{ items: IncidentChange[] }>(`/incidents/${duplicate.id}/history`);
    expect(items.map((item) => item.kind)).toEqual(["created", "evidence_added", "merged", "unmerged"]);
    expect((await server.send("POST", `${api}/incidents/${duplicate.id}/unmerge`, {})).status).toBe(409);
  });

  it("lets a duplicate's own duplicates follow it", async () => {
    const [a, b, c] = await Promise.all([declare("Chain a"), declare("Chain b"), declare("Chain c")]);
    await post(`/incidents/${b.id}/merge`, { duplicates: [c.id] });
    await post(`/incidents/${a.id}/merge`, { duplicates: [b.id] });
    expect(await get<Incident>(`/incidents/${c.id}`)).toMatchObject({ merged_into: a.id });
  });

  it("keeps comments, which only their author changes", async () => {
    const { id } = await declare("Talked about");
    const comment = await post<IncidentComment>(`/incidents/${id}/comments`, { body: " Looks like DNS " }, 201);
    expect(comment).toMatchObject({ incident_id: id, author: "local", body: "Looks like DNS", edited_at: null });
    const path = `${api}/incidents/${id}/comments/${comment.id}`;
    expect(await server.send("PATCH", path, { body: "It is DNS" })).toMatchObject({
      status: 200,
      body: { body: "It is DNS", edited_at: expect.any(String) },
    });
    await server.application.store.app
      .updateTable("incident_comments")
      .set({ author: "user:usr_other", author_name: "Bob" })
      .execute();
    const refused = await server.send("DELETE", path);
    expect(refused.status).toBe(403);
    expect((refused.body as Problem).detail).toContain("Bob");
    await server.application.store.app.updateTable("incident_comments").set({ author: "local" }).execute();
    expect((await server.send("DELETE", path)).status).toBe(200);
    expect(await get(`/incidents/${id}/comments`)).toEqual({ items: [], next_cursor: null });
    expect((await server.send("DELETE", path)).status).toBe(404);
  });

  it("saves a list under a name that is used once", async () => {
    const view = await post<IncidentView>(
      "/incidents/views",
      { name: "Mine", query: { owner: ["ada"], status: ["open"] } },
      201,
    );
    expect((await get<{ items: IncidentView[] }>("/incidents/views")).items).toEqual([view]);
    expect((await server.send("POST", `${api}/incidents/views`, { name: "Mine", query: {} })).status).toBe(409);
    expect(
      (await server.send("POST", `${api}/incidents/views`, { name: "Bad", query: { stats: ["open"] } })).status,
    ).toBe(400);
    const other = await post<IncidentView>("/incidents/views", { name: "Other", query: {} }, 201);
    expect((await server.send("PATCH", `${api}/incidents/views/${other.id}`, { name: "Mine" })).status).toBe(409);
    expect(await server.send("PATCH", `${api}/incidents/views/${view.id}`, { query: { q: "dns" } })).toMatchObject({
      status: 200,
      body: { name: "Mine", query: { q: "dns" } },
    });
    expect((await server.send("DELETE", `${api}/incidents/views/${view.id}`)).status).toBe(200);
    expect((await server.send("DELETE", `${api}/incidents/views/${view.id}`)).status).toBe(404);
  });
});
