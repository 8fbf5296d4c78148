// Every verb by every door that refuses it. The list of verbs is the server's own: a new verb is in here by itself, and needs an input.
// Long because there is an input for every verb.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roles, type Permission, type Role } from "@opentrace/contract/access.ts";
import { describeVerbs } from "../all-verbs.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import type { Needed } from "../verb.ts";
import { localActor } from "./actors.ts";
import { hashPassword } from "./password.ts";
import { Secret } from "./secret.ts";

/** What each verb needs, said a second time and by hand: a verb that asks for less than is meant, or is not listed, fails. */
const expected: Record<string, Needed> = {
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
  "graph.topologyChanges": "graph:read",
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
  "incidents.causedBy": "incidents:read",
  "timeline.list": "incidents:read",
  "timeline.generate": "incidents:write",
  "timeline.add": "incidents:write",
  "timeline.change": "incidents:write",
  "timeline.remove": "incidents:write",
  "hypotheses.list": "incidents:read",
  "hypotheses.generate": "incidents:write",
  "hypotheses.add": "incidents:write",
  "hypotheses.get": "incidents:read",
  "hypotheses.change": "incidents:write",
  "actions.list": "incidents:read",
  "actions.add": "incidents:write",
  "actions.get": "incidents:read",
  "actions.change": "incidents:write",
  "incidents.changeMany": "incidents:write",
  "incidents.merge": "incidents:write",
  "incidents.unmerge": "incidents:write",
  "incidents.comment": "incidents:write",
  "incidents.comments": "incidents:read",
  "incidents.changeComment": "incidents:write",
  "incidents.removeComment": "incidents:write",
  "incidents.views": "incidents:read",
  "incidents.saveView": "incidents:write",
  "incidents.changeView": "incidents:write",
  "incidents.removeView": "incidents:write",
  "runbooks.list": "incidents:read",
  "runbooks.add": "incidents:write",
  "runbooks.import": "incidents:write",
  "runbooks.get": "incidents:read",
  "runbooks.change": "incidents:write",
  "runbooks.remove": "incidents:write",
  "runbooks.suggest": "incidents:read",
  "postmortem.generate": "incidents:write",
  "postmortem.get": "incidents:read",
  "postmortem.change": "incidents:write",
  "postmortem.versions": "incidents:read",
  "postmortem.version": "incidents:read",
  "postmortem.restore": "incidents:write",
  "evidence.add": "incidents:report",
  "evidence.list": "incidents:read",
  "evidence.get": "incidents:read",
  "evidence.change": "incidents:write",
  "evidence.remove": "incidents:write",
  "evidence.analyze": "incidents:write",
  "evidence.compare": "incidents:read",
  "models.list": "settings:manage",
  "models.add": "settings:manage",
  "models.change": "settings:manage",
  "models.remove": "settings:manage",
  "models.test": "settings:manage",
  "vlm.status": "incidents:read",
  "vlm.test": "incidents:write",
  "jobs.list": "jobs:read",
  "jobs.get": "jobs:read",
  "jobs.cancel": "jobs:write",
  "auth.verify": "signed-in",
  "auth.changePassword": "signed-in",
  "sessions.list": "signed-in",
  "sessions.end": "signed-in",
  "sessions.endOthers": "signed-in",
  "users.list": "users:manage",
  "users.get": "users:manage",
  "users.change": "users:manage",
  "users.signOut": "users:manage",
  "users.resetPassword": "users:manage",
  "users.invite": "users:manage",
  "users.listInvitations": "users:manage",
  "users.revokeInvitation": "users:manage",
  "keys.list": "keys:manage",
  "keys.create": "keys:manage",
  "keys.revoke": "keys:manage",
  "keys.rotate": "keys:manage",
  "keys.usage": "keys:manage",
  "audit.list": "audit:read",
  "identityProviders.list": "users:manage",
  "identityProviders.create": "users:manage",
  "identityProviders.change": "users:manage",
  "identityProviders.test": "users:manage",
  "identityProviders.remove": "users:manage",
};
/** Routes that are no verbs, with what they need; `open`: nothing, or (webhooks, links, callbacks) proof of another kind. */
const otherDoors: Record<string, Needed | "open"> = {
  "GET /": "open",
  "GET /api/v1/auth/methods": "open",
  "POST /api/v1/auth/sign-in": "open",
  "POST /api/v1/auth/sign-out": "open",
  "POST /api/v1/auth/links/look": "open",
  "POST /api/v1/auth/links/accept": "open",
  "GET /api/v1/openapi.json": "open",
  "GET /api/v1/evidence/:id/content": "incidents:read",
  "POST /api/v1/evidence/incident/:incident_id/upload": "incidents:report",
  "GET /.well-known/oauth-protected-resource": "open",
  "GET /.well-known/oauth-protected-resource/mcp/v1": "open",
  "GET /healthz": "open",
  "GET /readyz": "open",
  "GET /info": "open",
  "GET /icons/integrations/:file": "open",
  "GET /docs/integrations": "open",
  "GET /docs/integrations/:id": "open",
  "POST /api/v1/webhooks/:connector/:integration": "open",
  "GET /api/v1/integrations/sign-in/:state": "open",
  "GET /api/v1/integrations/callback/:connector": "open",
  "POST /api/v1/integrations/:id/sign-in": "integrations:write",
  "POST /api/v1/evidence/incident/:incident_id/upload-screenshot": "incidents:report",
  "GET /api/v1/evidence/:id/image": "incidents:read",
  "GET /api/v1/evidence/:id/thumbnail": "incidents:read",
  "GET /api/v1/events": "jobs:read",
  "GET /api/v1/graph/export": "graph:read",
  "GET /api/v1/auth/sso/:provider": "open",
  "GET /api/v1/auth/sso/:provider/callback": "open",
  "GET /api/v1/auth/authorize": "open",
  "GET /api/v1/auth/authorize/:uid": "open",
  "POST /api/v1/auth/token": "open",
  "GET /api/v1/auth/jwks": "open",
  "POST /api/v1/auth/register": "open",
  "GET /api/v1/auth/register/:client": "open",
  "POST /api/v1/auth/revoke": "open",
  "GET /.well-known/oauth-authorization-server": "open",
  "GET /.well-known/openid-configuration": "open",
  "GET /api/v1/auth/interactions/:uid": "open",
  "GET /api/v1/auth/interactions/:uid/details": "signed-in",
  "POST /api/v1/auth/interactions/:uid/decision": "signed-in",
  "GET /api/v1/incidents/:id/postmortem/export": "incidents:read",
  "GET /mcp": "open",
  "POST /mcp": "open",
  "DELETE /mcp": "open",
  "GET /mcp/v1": "signed-in",
  "POST /mcp/v1": "signed-in",
  "DELETE /mcp/v1": "signed-in",
};
/** Swagger UI's and the web UI's own files. */
const files = /^GET \/(docs($|\/(json|yaml|static\/))|assets\/|[\w-]+\.\w+$)/;

/** Change nothing, but show what only those may see who may change it. */
const looksOnly = new Set([
  "integrations.choices",
  "integrations.count",
  "users.get",
  "users.listInvitations",
  "keys.usage",
]);
/** Change something of one's own. */
const ownWrites = new Set(["auth.changePassword", "sessions.end", "sessions.endOthers"]);

/** What is sent instead of {} where that would be taken, and read a picture for each of them. */
const bodies: Record<string, string> = { "POST /api/v1/test/vlm": '{"image":"-"}' };

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
          ownWrites.has(verb.name) ||
          (/:(write|manage|report)$/.test(verb.permission) &&
            !verb.name.endsWith(".list") &&
            !looksOnly.has(verb.name)),
      });
  });
});

forEachStore("access", (test) => {
  let server: TestServer;
  const headersOf: Record<string, Record<string, string>> = {};
  const mayOf: Record<string, ReadonlySet<Permission>> = {};
  const strangers = [
    "anonymous",
    "malformed",
    "unknown",
    "revoked",
    "expired",
    "elsewhere",
    "ended session",
    "disabled",
  ];
  const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
  const make = async (name: string, scopes: (Permission | Role)[], workspace = "default", days?: number) =>
    server.application.keys.create(
      { name, scopes, ...(days === undefined ? {} : { expires_days: days }) },
      localActor,
      workspace,
    );
  const person = async (role: Role, email = `${role}@example.org`) => {
    const user = await server.application.access.users.create(
      { email, name: role, role, password: await hashPassword(new Secret("nine green bottles")), by: "test" },
      "default",
    );
    const { token } = await server.application.access.sessions.begin(
      user,
      "password",
      { address: "127.0.0.1", client: null },
      null,
    );
    return { user, cookie: { cookie: `opentrace-session=${token}`, origin: server.address } };
  };

  beforeAll(async () => {
    server = await startTestServer({ ENABLE_AUTH: "true", OPENTRACE_RATE_LIMIT: "100000" }, test.config);
    const { keys, access, store } = server.application;
    headersOf["anonymous"] = {};
    headersOf["malformed"] = bearer("otk_short");
    headersOf["unknown"] = bearer(`otk_${"A".repeat(43)}`);
    headersOf["elsewhere"] = bearer((await make("elsewhere", ["admin"], "another-workspace")).key);
    const revoked = await make("revoked", ["admin"]);
    await keys.revoke(revoked.id, "default");
    headersOf["revoked"] = bearer(revoked.key);
    const expired = await make("expired", ["admin"], "default", 1);
    await store.app
      .updateTable("api_keys")
      .set({ expires_at: Date.now() - 1 })
      .where("id", "=", expired.id)
      .execute();
    headersOf["expired"] = bearer(expired.key);
    const admin = await person("admin");
    headersOf["admin"] = admin.cookie;
    const disabled = await person("admin", "disabled@example.org");
    await access.users.change(disabled.user.id, { disabled: true }, "default");
    headersOf["disabled"] = disabled.cookie;
    const ended = await person("admin", "ended@example.org");
    await access.sessions.endAll(ended.user.id, null);
    headersOf["ended session"] = ended.cookie;
    for (const role of ["viewer", "responder"] as const) headersOf[role] = (await person(role)).cookie;
    headersOf["ingest"] = bearer((await make("ingest", ["ingest"])).key);
    for (const role of ["viewer", "responder", "ingest", "admin"] as const) mayOf[role] = new Set(roles[role]);
    for (const permission of roles.admin) {
      const others = roles.admin.filter((one) => one !== permission);
      headersOf[`all but ${permission}`] = bearer((await make(permission, others)).key);
      mayOf[`all but ${permission}`] = new Set(others);
    }
  });
  afterAll(() => server.close());

  const doors = (): [door: string, needed: Needed][] => [
    ...verbs.flatMap(({ http, permission }): [string, Needed][] =>
      http === undefined ? [] : [[`${http.method} /api/v1${http.path.replace(/\{(\w+)\}/g, ":$1")}`, permission]],
    ),
    ...Object.entries(otherDoors).filter((entry): entry is [string, Needed] => entry[1] !== "open"),
  ];
  const status = async (door: string, who: string): Promise<number> => {
    const [method = "", path = ""] = door.split(" ");
    const body = method === "GET" || method === "DELETE" ? undefined : {};
    const response = await fetch(`${server.address}${path.replaceAll(/:\w+/g, "x")}`, {
      method,
      headers: { ...headersOf[who], ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: bodies[door] ?? "{}" }),
    });
    // Streams go on for ever.
    await response.body?.cancel();
    return response.status;
  };

  it("knows every route there is", () => {
    const known = new Set([...doors().map(([door]) => door), ...Object.keys(otherDoors)]);
    const strange = server.doors.filter(
      (door) => !/^(HEAD|OPTIONS) /.test(door) && !known.has(door) && !files.test(door),
    );
    expect(strange).toEqual([]);
    expect([...known].filter((door) => !server.doors.includes(door))).toEqual([]);
  });

  it("lets nobody in without a valid credential, whatever they ask", async () => {
    for (const [door] of doors())
      for (const who of strangers)
        expect({ door, who, status: await status(door, who) }).toEqual({ door, who, status: 401 });
  });

  it("refuses each role what it may not do, and nothing else for it", async () => {
    expect(Object.keys(mayOf).length).toBe(4 + roles.admin.length);
    for (const [door, needed] of doors())
      for (const [who, may] of Object.entries(mayOf)) {
        const code = await status(door, who);
        if (needed === "signed-in") expect({ door, who, code }).not.toMatchObject({ code: 401 });
        // Keys that lack one permission can't hand on a role either, with every right to be asked.
        else if (may.has(needed) && !Object.hasOwn(roles, who)) expect(code, `${who} ${door}`).not.toBe(401);
        else if (may.has(needed)) expect([401, 403, 405, 500], `${who} ${door}`).not.toContain(code);
        else expect({ door, who, code }).toEqual({ door, who, code: 403 });
      }
  });

  it("takes the key from either header, and tells how to get in", async () => {
    expect(
      (
        await server.send("GET", "/api/v1/repositories", undefined, {
          "x-api-key": (await make("header", ["admin"])).key,
        })
      ).status,
    ).toBe(200);
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
      bearer(weak.key),
    );
    expect(answer.status).toBe(403);
    expect((answer.body as { detail: string }).detail).toContain("graph:read");
  });

  it("shows a key once, keeps only its hash, and writes an audit row", async () => {
    const auth = bearer((await make("admin", ["admin"])).key);
    const made = (
      await server.send("POST", "/api/v1/auth/api-keys", { name: "ci", role: "viewer", expires_days: 7 }, auth)
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
    const { key } = await server.application.keys.create({ name: "k", role: "viewer" }, localActor, "default");
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
