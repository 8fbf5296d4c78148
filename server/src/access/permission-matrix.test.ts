// Every verb by every door that refuses it. The list of verbs is the server's own: a new verb is in here by itself, and needs an input.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roles, type Permission } from "@opentrace/contract/access.ts";
import { describeVerbs } from "../all-verbs.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import { localActor } from "./actors.ts";

/** What each verb needs, said a second time and by hand: a verb that asks for less than is meant, or is not listed, fails. */
const expected: Record<string, Permission> = {
  "graph.search": "graph:read",
  "graph.listNodes": "graph:read",
  "graph.getNode": "graph:read",
  "graph.neighbors": "graph:read",
  "graph.dependencies": "graph:read",
  "graph.dependents": "graph:read",
  "graph.traverse": "graph:read",
  "graph.impact": "graph:read",
  "graph.impactOfChange": "graph:read",
  "graph.path": "graph:read",
  "graph.similar": "graph:read",
  "graph.critical": "graph:read",
  "graph.stats": "graph:read",
  "graph.source": "source:read",
  "graph.searchSource": "source:read",
  "delivery.overview": "graph:read",
  "delivery.pullRequests": "graph:read",
  "delivery.issues": "graph:read",
  "delivery.pipelines": "graph:read",
  "delivery.deployments": "graph:read",
  "delivery.owners": "graph:read",
  "ask.question": "graph:read",
  "repositories.changes": "graph:read",
  "repositories.add": "repositories:write",
  "repositories.list": "repositories:read",
  "repositories.get": "repositories:read",
  "repositories.sync": "repositories:write",
  "repositories.change": "repositories:write",
  "repositories.remove": "repositories:write",
  "repositories.skipped": "repositories:read",
  "repositories.languages": "repositories:read",
  "repositories.branches": "repositories:read",
  "integrations.available": "integrations:read",
  "integrations.connect": "integrations:write",
  "integrations.list": "integrations:read",
  "integrations.get": "integrations:read",
  "integrations.test": "integrations:read",
  "integrations.testAll": "integrations:read",
  "integrations.change": "integrations:write",
  "integrations.rotate": "integrations:write",
  "integrations.pause": "integrations:write",
  "integrations.resume": "integrations:write",
  "integrations.choices": "integrations:write",
  "integrations.scopes": "integrations:read",
  "integrations.select": "integrations:write",
  "integrations.changeScope": "integrations:write",
  "integrations.count": "integrations:write",
  "integrations.sync": "integrations:write",
  "integrations.cancelSync": "integrations:write",
  "integrations.runs": "integrations:read",
  "integrations.log": "integrations:read",
  "integrations.health": "integrations:read",
  "integrations.signInState": "integrations:read",
  "integrations.deliveries": "integrations:read",
  "integrations.recoverDeliveries": "integrations:write",
  "integrations.disconnectPreview": "integrations:read",
  "integrations.disconnect": "integrations:write",
  "incidents.create": "incidents:report",
  "incidents.list": "incidents:read",
  "incidents.get": "incidents:read",
  "incidents.change": "incidents:write",
  "incidents.history": "incidents:read",
  "evidence.add": "incidents:report",
  "evidence.list": "incidents:read",
  "evidence.get": "incidents:read",
  "jobs.list": "jobs:read",
  "jobs.get": "jobs:read",
  "jobs.cancel": "jobs:write",
  "keys.list": "keys:manage",
  "keys.create": "keys:manage",
  "keys.revoke": "keys:manage",
};
/** Paths that are no verbs, with what they need. */
const streams: [method: string, path: string, Permission][] = [["GET", "/api/v1/events", "jobs:read"]];

/** Change nothing here, but show what the credential can see at the vendor: for those who may choose from it. */
const looksOnly = new Set(["integrations.choices", "integrations.count"]);

const verbs = describeVerbs();

describe("the permission matrix", () => {
  it("has an entry for every verb", () => {
    const missing = verbs
      .filter((verb) => expected[verb.name] !== verb.permission)
      .map((verb) => `${verb.name}: ${verb.permission}`);
    expect(missing).toEqual([]);
    expect(verbs.length).toBeGreaterThan(20);
  });

  it("marks every verb that changes something, so that it is audited", () => {
    for (const verb of verbs)
      expect({ verb: verb.name, writes: verb.writes === true }).toEqual({
        verb: verb.name,
        writes:
          /:(write|report|manage)$/.test(verb.permission) && !verb.name.endsWith(".list") && !looksOnly.has(verb.name),
      });
  });
});

forEachStore("access", (test) => {
  let server: TestServer;
  const keyOf: Record<string, string> = {};
  const make = async (name: string, scopes: string[], workspace = "default", days?: number): Promise<string> =>
    (
      await server.application.keys.create(
        { name, scopes: scopes as Permission[], ...(days === undefined ? {} : { expiresInDays: days }) },
        localActor,
        workspace,
      )
    ).key;

  beforeAll(async () => {
    server = await startTestServer({ ENABLE_AUTH: "true", OPENTRACE_RATE_LIMIT: "100000" }, test.config);
    keyOf["admin"] = await make("admin", ["admin"]);
    keyOf["elsewhere"] = await make("elsewhere", ["admin"], "another-workspace");
    const revoked = await server.application.keys.create({ name: "revoked", scopes: ["admin"] }, localActor, "default");
    await server.application.keys.revoke(revoked.id, "default");
    keyOf["revoked"] = revoked.key;
    const expired = await server.application.keys.create(
      { name: "expired", scopes: ["admin"], expiresInDays: 1 },
      localActor,
      "default",
    );
    await server.application.store.app
      .updateTable("api_keys")
      .set({ expires_at: Date.now() - 1 })
      .where("id", "=", expired.id)
      .execute();
    keyOf["expired"] = expired.key;
    for (const permission of roles.admin)
      keyOf[`without ${permission}`] = await make(
        `without ${permission}`,
        roles.admin.filter((one) => one !== permission),
      );
  });
  afterAll(() => server.close());

  const calls = (): [name: string, method: string, path: string, Permission][] => [
    ...verbs.flatMap((verb): [string, string, string, Permission][] =>
      verb.http === undefined
        ? []
        : [[verb.name, verb.http.method, `/api/v1${verb.http.path}`.replace(/\{\w+\}/g, "x"), verb.permission]],
    ),
    ...streams.map(([method, path, permission]): [string, string, string, Permission] => [
      path,
      method,
      path,
      permission,
    ]),
  ];
  const status = async (method: string, path: string, key: string | undefined): Promise<number> => {
    const body = method === "GET" || method === "DELETE" ? undefined : {};
    return (await server.send(method, path, body, key === undefined ? {} : { authorization: `Bearer ${key}` })).status;
  };

  it("lets nobody in without a valid key, whatever they ask", async () => {
    for (const [name, method, path] of calls())
      for (const who of [
        undefined,
        "otk_short",
        `otk_${"A".repeat(43)}`,
        keyOf["revoked"],
        keyOf["expired"],
        keyOf["elsewhere"],
      ])
        expect({ name, who: who?.slice(0, 12), status: await status(method, path, who) }).toEqual({
          name,
          who: who?.slice(0, 12),
          status: 401,
        });
  });

  it("refuses a key that lacks the permission, and nothing else for it", async () => {
    for (const [name, method, path, permission] of calls())
      expect({ name, status: await status(method, path, keyOf[`without ${permission}`]) }).toEqual({
        name,
        status: 403,
      });
  });

  it("lets a key with the permission through to the input's checks", async () => {
    for (const verb of verbs) {
      if (verb.http === undefined) continue;
      const code = await status(verb.http.method, `/api/v1${verb.http.path}`.replace(/\{\w+\}/g, "x"), keyOf["admin"]);
      expect([401, 403, 405, 500]).not.toContain(code);
    }
  });

  it("takes the key from either header, and tells how to get in", async () => {
    expect((await server.send("GET", "/api/v1/repositories", undefined, { "x-api-key": keyOf["admin"]! })).status).toBe(
      200,
    );
    const refused = await server.send("GET", "/api/v1/repositories");
    expect(refused.headers.get("www-authenticate")).toMatch(
      /^Bearer .*resource_metadata="http.*\/\.well-known\/oauth-protected-resource\/mcp\/v1"/,
    );
    const metadata = await server.send("GET", "/.well-known/oauth-protected-resource/mcp/v1");
    expect(metadata.body).toMatchObject({ resource: `${server.address}/mcp/v1`, bearer_methods_supported: ["header"] });
    expect((await server.send("POST", "/mcp/v1", { jsonrpc: "2.0", id: 1, method: "tools/list" })).status).toBe(401);
  });

  it("lets no key make a stronger one", async () => {
    const weak = await make("weak", ["keys:manage"]);
    const answer = await server.send(
      "POST",
      "/api/v1/auth/api-keys",
      { name: "strong", scopes: ["admin"] },
      { authorization: `Bearer ${weak}` },
    );
    expect(answer.status).toBe(403);
    expect((answer.body as { detail: string }).detail).toContain("graph:read");
  });

  it("shows a key once, keeps only its hash, and writes an audit row", async () => {
    const auth = { authorization: `Bearer ${keyOf["admin"]}` };
    const made = (
      await server.send("POST", "/api/v1/auth/api-keys", { name: "ci", scopes: ["reader"], expiresInDays: 7 }, auth)
    ).body as { id: string; key: string; prefix: string };
    expect(made.key).toMatch(/^otk_[A-Za-z0-9_-]{43}$/);
    const listed = JSON.stringify((await server.send("GET", "/api/v1/auth/api-keys", undefined, auth)).body);
    expect(listed).toContain(made.prefix);
    expect(listed).not.toContain(made.key);
    const rows = await server.application.store.app.selectFrom("api_keys").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(made.key);
    expect(
      (await server.send("GET", "/api/v1/repositories", undefined, { authorization: `Bearer ${made.key}` })).status,
    ).toBe(200);
    expect((await server.send("DELETE", `/api/v1/auth/api-keys/${made.id}`, undefined, auth)).body).toMatchObject({
      state: "revoked",
    });
    expect(
      (await server.send("GET", "/api/v1/repositories", undefined, { authorization: `Bearer ${made.key}` })).status,
    ).toBe(401);
    const audit = await server.application.store.app
      .selectFrom("audit")
      .selectAll()
      .where("verb", "in", ["keys.create", "keys.revoke"])
      .execute();
    expect(audit.map((row) => [row.verb, row.outcome])).toEqual(
      expect.arrayContaining([
        ["keys.create", "forbidden"],
        ["keys.create", "done"],
        ["keys.revoke", "done"],
      ]),
    );
  });
});

describe("the rate limit", () => {
  it("counts each key's requests and says when to come back", async () => {
    const server = await startTestServer({ ENABLE_AUTH: "true", OPENTRACE_RATE_LIMIT: "3" });
    const { key } = await server.application.keys.create({ name: "k", scopes: ["reader"] }, localActor, "default");
    const auth = { authorization: `Bearer ${key}` };
    const first = await server.send("GET", "/api/v1/repositories", undefined, auth);
    expect(first.headers.get("ratelimit-limit")).toBe("3");
    expect(first.headers.get("ratelimit-remaining")).toBe("2");
    await server.send("GET", "/api/v1/repositories", undefined, auth);
    await server.send("GET", "/api/v1/repositories", undefined, auth);
    const fourth = await server.send("GET", "/api/v1/repositories", undefined, auth);
    expect(fourth.status).toBe(429);
    expect(fourth.body).toMatchObject({ code: "rate_limited" });
    expect(Number(fourth.headers.get("retry-after"))).toBeGreaterThan(0);
    await server.close();
  });
});
