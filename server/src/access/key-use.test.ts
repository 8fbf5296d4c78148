// API keys at work: rotated without a gap, counted by day and verb, limited each by its own rate; and the audit log that tells of it.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ApiKey, ApiKeyUsage, CreatedApiKey } from "@opentrace/contract/access.ts";
import type { AuditRecord, Identity } from "@opentrace/contract/users.ts";
import { renameRoles } from "../store/migrations/app-0004-access.ts";
import { untyped } from "../store/store.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import { localActor } from "./actors.ts";

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

forEachStore("keys in use", (test) => {
  let server: TestServer;
  let admin: Record<string, string>;
  const send = (method: string, path: string, body?: unknown, headers = admin) =>
    server.send(method, `/api/v1${path}`, body, headers);
  const make = async (input: object): Promise<CreatedApiKey> => (await send("POST", "/auth/api-keys", input)).body;
  beforeAll(async () => {
    server = await startTestServer({ ENABLE_AUTH: "true", OPENTRACE_RATE_LIMIT: "100000" }, test.config);
    const { key } = await server.application.keys.create({ name: "admin", role: "admin" }, localActor, "default");
    admin = bearer(key);
  });
  afterAll(() => server.close());

  it("says of a key whose it is, what it may do, and until when", async () => {
    const made = await make({ name: "datadog", role: "ingest", expires_days: 365, rate_limit: 300 });
    expect(made).toMatchObject({ name: "datadog", scopes: ["ingest"], rate_limit: 300, replaced_by: null });
    const days = (Date.parse(made.expires_at ?? "") - Date.parse(made.created_at)) / 86_400_000;
    expect(days).toBe(365);
    const me = (await send("GET", "/auth/verify", undefined, bearer(made.key))).body as Identity;
    expect(me).toEqual({
      authenticated: true,
      kind: "key",
      id: `key:${made.id}`,
      name: "datadog",
      email: null,
      role: null,
      permissions: ["incidents:report"],
      workspace: "default",
      credential: "api_key",
      expires_at: made.expires_at,
      rate_limit: 300,
    });
    expect(await make({ name: "plain" })).toMatchObject({ scopes: ["viewer"], expires_at: null, rate_limit: null });
    expect((await send("POST", "/auth/api-keys", { name: "x", expires_days: 0 })).status).toBe(400);
    expect((await send("POST", "/auth/api-keys", { name: "x", role: "editor" })).status).toBe(400);
  });

  it("rotates a key: the old one works for the time of grace, and is rotated once", async () => {
    const old = await make({ name: "ci", scopes: ["viewer", "jobs:write"], rate_limit: 50, expires_days: 30 });
    const next = (await send("POST", `/auth/api-keys/${old.id}/rotate`, { grace_hours: 2 })).body as CreatedApiKey;
    expect(next).toMatchObject({ name: "ci", scopes: ["viewer", "jobs:write"], rate_limit: 50 });
    const opens = async (key: string): Promise<number> =>
      (await send("GET", "/auth/verify", undefined, bearer(key))).status;
    expect([await opens(old.key), await opens(next.key)]).toEqual([200, 200]);
    const { keys } = (await send("GET", "/auth/api-keys")).body as { keys: ApiKey[] };
    const listed = keys.find(({ id }) => id === old.id);
    expect(listed).toMatchObject({ replaced_by: next.id, state: "active" });
    expect(Date.parse(listed?.expires_at ?? "") - Date.now()).toBeLessThanOrEqual(7_200_000);
    expect((await send("POST", `/auth/api-keys/${old.id}/rotate`)).status).toBe(409);
    const last = (await send("POST", `/auth/api-keys/${next.id}/rotate`, { grace_hours: 0 })).body as CreatedApiKey;
    expect([await opens(next.key), await opens(last.key)]).toEqual([401, 200]);
    expect((await send("POST", `/auth/api-keys/${next.id}/rotate`)).status).toBe(409);
    expect((await send("POST", "/auth/api-keys/nope/rotate")).status).toBe(404);
  });

  it("lets nobody rotate a key that may do more than they", async () => {
    const strong = await make({ name: "strong", role: "admin" });
    const manager = await make({ name: "manager", scopes: ["keys:manage"] });
    const refused = await send("POST", `/auth/api-keys/${strong.id}/rotate`, {}, bearer(manager.key));
    expect(refused.status).toBe(403);
    expect((await send("GET", "/auth/verify", undefined, bearer(strong.key))).status).toBe(200);
  });

  it("rotates once when asked twice at the same time", async () => {
    const key = await make({ name: "twice" });
    const both = await Promise.all([1, 2].map(() => send("POST", `/auth/api-keys/${key.id}/rotate`)));
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  });

  it("counts what a key is used for, failures too, by day and by verb", async () => {
    const { id, key } = await make({ name: "counted", role: "viewer" });
    for (let at = 0; at < 3; at++) await send("GET", "/repositories", undefined, bearer(key));
    await send("GET", "/repositories/nope", undefined, bearer(key));
    await send("POST", "/repositories", {}, bearer(key));
    await send("GET", "/no/such/path", undefined, bearer(key));
    const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "get_stats", arguments: {} } };
    await server.send("POST", "/mcp/v1", call, {
      ...bearer(key),
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2025-06-18",
    });
    const usage = (await send("GET", `/auth/api-keys/${id}/usage`)).body as ApiKeyUsage;
    const today = new Date().toISOString().slice(0, 10);
    const of = (verb: string) => usage.verbs.find((each) => each.verb === verb);
    expect(of("repositories.list")).toEqual({ verb: "repositories.list", requests: 3, errors: 0 });
    expect(of("repositories.get")).toEqual({ verb: "repositories.get", requests: 1, errors: 1 });
    expect(of("repositories.add")).toEqual({ verb: "repositories.add", requests: 1, errors: 1 });
    expect(of("graph.stats")).toEqual({ verb: "graph.stats", requests: 1, errors: 0 });
    expect(usage.days.map(({ day }) => day)).toEqual([today]);
    expect(usage.requests).toBeGreaterThanOrEqual(7);
    expect(usage.verbs.reduce((sum, { requests }) => sum + requests, 0)).toBe(usage.requests);
    // Counts of several flushes add up, and old ones go.
    await send("GET", "/repositories", undefined, bearer(key));
    const app = server.application.store.app;
    await app
      .insertInto("api_key_usage")
      .values({ api_key: id, day: 100, verb: "repositories.list", requests: 9, errors: 0 })
      .execute();
    await server.application.access.usage.prune();
    const later = (await send("GET", `/auth/api-keys/${id}/usage?days=90`)).body as ApiKeyUsage;
    expect(later.verbs.find(({ verb }) => verb === "repositories.list")?.requests).toBe(4);
    expect(await app.selectFrom("api_key_usage").where("day", "=", 100).selectAll().execute()).toEqual([]);
    expect((await send("GET", "/auth/api-keys/nope/usage")).status).toBe(404);
  });

  it("gives each key its own rate, and tells it in the headers", async () => {
    const slow = await make({ name: "slow", role: "viewer", rate_limit: 2 });
    const ask = () => send("GET", "/repositories", undefined, bearer(slow.key));
    const first = await ask();
    expect([first.headers.get("ratelimit-limit"), first.headers.get("ratelimit-remaining")]).toEqual(["2", "1"]);
    await ask();
    const third = await ask();
    expect(third.status).toBe(429);
    expect(third.headers.get("ratelimit-remaining")).toBe("0");
    expect(Number(third.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await send("GET", "/repositories")).headers.get("ratelimit-limit")).toBe("100000");
  });

  it("keeps an audit log that can be filtered and paged", async () => {
    const read = async (query: string) =>
      (await send("GET", `/audit?${query}`)).body as { items: AuditRecord[]; next_cursor: string | null };
    const made = await read("verb=keys.create&limit=2");
    expect(made.items).toHaveLength(2);
    const more = await read(`verb=keys.create&limit=2&cursor=${made.next_cursor}`);
    expect(Number(more.items[0]?.id)).toBeLessThan(Number(made.items[1]?.id));
    expect(made.items[0]).toMatchObject({ verb: "keys.create", door: "rest", address: "127.0.0.1", outcome: "done" });
    expect(made.items[0]?.target).toMatch(/^key_/);
    const failed = await read("verb=keys&outcome=failed&limit=500");
    expect(failed.items.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(["forbidden", "conflict"]));
    expect(failed.items.every(({ verb, outcome }) => verb.startsWith("keys.") && outcome !== "done")).toBe(true);
    const denied = await read("verb=repositories.add&outcome=forbidden");
    expect(denied.items).toHaveLength(1);
    expect((await read(`since=${new Date(Date.now() + 60_000).toISOString()}`)).items).toEqual([]);
    expect((await read(`actor=${denied.items[0]?.actor}`)).items.length).toBeGreaterThan(0);
    expect((await send("GET", "/audit?cursor=nonsense")).status).toBe(400);
  });

  it("removes rows of the audit log that are older than they are to be kept, and no others", async () => {
    const { store, access } = server.application;
    const day = 86_400_000;
    const row = (days: number, workspace = "default") => ({
      workspace,
      at: Date.now() - days * day,
      actor: "test",
      verb: "test.prune",
      target: String(days),
      outcome: "done",
      detail: null,
    });
    const old = Array.from({ length: 2_500 }, (_, at) => row(401 + at));
    for (let at = 0; at < old.length; at += 500)
      await store.app
        .insertInto("audit")
        .values(old.slice(at, at + 500))
        .execute();
    await store.app
      .insertInto("audit")
      .values([row(399), row(1), row(500, "elsewhere")])
      .execute();
    await access.prune();
    const left = await store.app.selectFrom("audit").select("target").where("verb", "=", "test.prune").execute();
    expect(left.map(({ target }) => target)).toEqual(expect.arrayContaining(["1", "399", "500"]));
    expect(left).toHaveLength(3);
  });

  it("lets keys with the earlier role names do exactly what they could", async () => {
    const app = server.application.store.app;
    const { id, key } = await make({ name: "from before" });
    await app.updateTable("api_keys").set({ scopes: '["editor","graph:read"]' }).where("id", "=", id).execute();
    await renameRoles(untyped(app));
    const me = (await send("GET", "/auth/verify", undefined, bearer(key))).body as Identity;
    expect(me.permissions).toEqual(
      expect.arrayContaining(["graph:read", "repositories:write", "jobs:write", "integrations:read"]),
    );
    expect(me.permissions).not.toContain("incidents:write");
    expect(me.permissions).not.toContain("keys:manage");
  });
});
