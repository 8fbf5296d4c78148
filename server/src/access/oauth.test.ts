// Access tokens: for programs with an API key, and for people through code + PKCE, with a real OAuth client (openid-client) at the other end.
import { SignJWT, decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair } from "jose";
import * as client from "openid-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CreatedApiKey } from "@opentrace/contract/access.ts";
import type { Authorization, Identity } from "@opentrace/contract/users.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import { localActor } from "./actors.ts";
import { Secret } from "./secret.ts";

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const callback = "http://127.0.0.1:51234/callback";

forEachStore("access tokens", (test) => {
  let server: TestServer;
  let key: CreatedApiKey;
  const whoIs = (token: string) => server.send("GET", "/api/v1/auth/verify", undefined, bearer(token));
  const token = async (form: Record<string, string>, headers: Record<string, string> = {}) => {
    const response = await fetch(`${server.address}/api/v1/auth/token`, {
      method: "POST",
      headers,
      body: new URLSearchParams(form),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  const programs = (more: Record<string, string> = {}, { id, key: secret } = key) =>
    token({ grant_type: "client_credentials", client_id: id, client_secret: secret, ...more });

  /** A browser: keeps cookies by their path, follows nothing by itself. */
  function browser() {
    const jar = new Map<string, { value: string; path: string }>();
    return {
      async go(url: string, method = "GET", body?: object) {
        const at = new URL(url, server.address);
        const cookie = [...jar]
          .filter(([, each]) => at.pathname.startsWith(each.path))
          .map(([name, { value }]) => `${name.split(" ")[0]}=${value}`)
          .join("; ");
        const response = await fetch(at, {
          method,
          redirect: "manual",
          headers: {
            cookie,
            ...(method === "GET" ? {} : { origin: server.address }),
            ...(body === undefined ? {} : { "content-type": "application/json" }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        for (const line of response.headers.getSetCookie()) {
          const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          const path = /path=([^;]+)/i.exec(line)?.[1] ?? "/";
          if (value === "") jar.delete(`${name} ${path}`);
          else jar.set(`${name} ${path}`, { value, path });
        }
        return response;
      },
    };
  }

  async function discover(): Promise<client.Configuration> {
    const execute = [client.allowInsecureRequests];
    return client.dynamicClientRegistration(
      new URL(server.address),
      {
        client_name: "An assistant",
        redirect_uris: [callback],
        token_endpoint_auth_method: "none",
        application_type: "native",
      },
      client.None(),
      { algorithm: "oauth2", execute },
    );
  }

  async function signedIn(email = "ada@example.org") {
    const person = browser();
    const done = await person.go("/api/v1/auth/sign-in", "POST", { email, password: "nine green bottles" });
    expect(done.status).toBe(200);
    return person;
  }

  /** As far as the page on which the person decides. */
  async function ask(person: ReturnType<typeof browser>, config: client.Configuration, more: Record<string, string>) {
    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: callback,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      ...more,
    });
    const step = (await person.go(url.href)).headers.get("location") ?? "";
    expect(step).toMatch(/\/api\/v1\/auth\/interactions\/[\w-]+$/);
    return { step: new URL(step, server.address).pathname, verifier, state };
  }

  async function allow(person: ReturnType<typeof browser>, step: string, yes = true): Promise<URL> {
    const decided = await person.go(`${step}/decision`, "POST", { allow: yes });
    expect(decided.status).toBe(200);
    const { redirect_to } = (await decided.json()) as { redirect_to: string };
    return new URL((await person.go(redirect_to)).headers.get("location") ?? "");
  }

  async function tokensFor(more: Record<string, string> = {}, email?: string) {
    const person = await signedIn(email);
    const config = await discover();
    const { step, verifier, state } = await ask(person, config, more);
    const back = await allow(person, step);
    const tokens = await client.authorizationCodeGrant(config, back, {
      pkceCodeVerifier: verifier,
      expectedState: state,
    });
    return { config, tokens, back, verifier };
  }

  beforeAll(async () => {
    server = await startTestServer({ ENABLE_AUTH: "true", OPENTRACE_RATE_LIMIT: "100000" }, test.config);
    const { keys, access } = server.application;
    key = await keys.create({ name: "program", role: "responder", rate_limit: 5000 }, localActor, "default");
    for (const [name, role] of [
      ["ada", "admin"],
      ["vera", "viewer"],
    ] as const)
      await access.account.createUser({
        email: `${name}@example.org`,
        name,
        role,
        password: new Secret("nine green bottles"),
      });
  });
  afterAll(() => server.close());

  it("are given to a program for its API key, in the form or by HTTP Basic", async () => {
    const { status, body } = await programs();
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 900 });
    const jwt = body["access_token"] ?? "";
    expect(decodeProtectedHeader(jwt)).toMatchObject({ alg: "ES256", typ: "at+jwt" });
    expect(decodeJwt(jwt)).toMatchObject({ iss: server.address, aud: server.address, sub: key.id, client_id: key.id });
    expect((await whoIs(jwt)).body).toMatchObject({
      kind: "key",
      id: `key:${key.id}`,
      credential: "token",
      rate_limit: 5000,
    });
    const basic = Buffer.from(`${encodeURIComponent(key.id)}:${encodeURIComponent(key.key)}`).toString("base64");
    const byHeader = await token({ grant_type: "client_credentials" }, { authorization: `Basic ${basic}` });
    expect(byHeader.status).toBe(200);
  });

  it("are refused for another secret, another key's, or a key that opens nothing", async () => {
    expect((await programs({ client_secret: `otk_${"A".repeat(43)}` })).status).toBe(401);
    const other = await server.application.keys.create({ name: "other" }, localActor, "default");
    expect((await programs({ client_secret: other.key })).status).toBe(401);
    await server.application.keys.revoke(other.id, "default");
    expect((await programs({}, other)).status).toBe(401);
    const foreign = await server.application.keys.create({ name: "x" }, localActor, "another-workspace");
    expect((await programs({}, foreign)).status).toBe(401);
    const rows = await server.application.store.app
      .selectFrom("audit")
      .selectAll()
      .where("verb", "=", "auth.token")
      .execute();
    const outcomes = rows.map(({ actor, outcome }) => `${actor} ${outcome}`);
    expect(outcomes).toContain(`key:${key.id} done`);
    expect(outcomes).toContain("anonymous invalid_client");
  });

  it("can be limited to some permissions, never beyond what the key may", async () => {
    const may = async (scope: string): Promise<string[]> => {
      const jwt = (await programs({ scope })).body["access_token"] ?? "";
      return ((await whoIs(jwt)).body as Identity).permissions;
    };
    expect(await may("incidents:report")).toEqual(["incidents:report"]);
    expect(await may("admin")).not.toContain("keys:manage");
    expect((await programs({ scope: "everything" })).status).toBe(400);
    expect((await programs({ resource: "https://elsewhere.example" })).body["error"]).toBe("invalid_target");
  });

  it("open nothing once the key is revoked, and nothing when forged", async () => {
    const short = await server.application.keys.create({ name: "short" }, localActor, "default");
    const jwt = (await programs({}, short)).body["access_token"] ?? "";
    expect((await whoIs(jwt)).status).toBe(200);
    await server.application.keys.revoke(short.id, "default");
    expect((await whoIs(jwt)).status).toBe(401);
    const claims = decodeJwt((await programs()).body["access_token"] ?? "");
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    const sign = (header: Record<string, unknown>) =>
      new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ: "at+jwt", ...header }).sign(privateKey);
    const none = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString("base64url")}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
    for (const forged of [await sign({}), await sign({ jwk: await exportJWK(publicKey) }), none])
      expect((await whoIs(forged)).status).toBe(401);
    const ours = (await programs()).body["access_token"] ?? "";
    const [head, , tail] = ours.split(".");
    const raised = Buffer.from(JSON.stringify({ ...decodeJwt(ours), sub: "usr_x" })).toString("base64url");
    expect((await whoIs(`${head}.${raised}.${tail}`)).status).toBe(401);
  });

  it("are given to an application that a person allows, with PKCE, and refreshed by rotation", async () => {
    const { config, tokens } = await tokensFor();
    const me = (await whoIs(tokens.access_token)).body as Identity;
    expect(me).toMatchObject({ kind: "user", email: "ada@example.org", role: "admin", credential: "token" });
    expect(me.permissions).toContain("users:manage");
    const first = tokens.refresh_token ?? "";
    const next = await client.refreshTokenGrant(config, first);
    expect((await whoIs(next.access_token)).status).toBe(200);
    expect(next.refresh_token).not.toBe(first);
    // The old one again: somebody has a copy. Everything that came of the grant ends.
    await expect(client.refreshTokenGrant(config, first)).rejects.toThrow();
    await expect(client.refreshTokenGrant(config, next.refresh_token ?? "")).rejects.toThrow();
    const kept = JSON.stringify(await server.application.store.app.selectFrom("oauth_items").selectAll().execute());
    for (const secret of [first, next.refresh_token ?? ""]) expect(kept).not.toContain(secret);
  });

  it("end with all sessions when a person signs out everywhere, refresh tokens too", async () => {
    const admin = await server.application.keys.create({ name: "admin", role: "admin" }, localActor, "default");
    const ends: ((person: string) => Promise<number>)[] = [
      async (person) =>
        (await server.send("DELETE", `/api/v1/users/${person}/sessions`, undefined, bearer(admin.key))).status,
      async () => (await (await signedIn()).go("/api/v1/auth/sessions", "DELETE")).status,
    ];
    for (const end of ends) {
      const { config, tokens } = await tokensFor();
      const me = (await whoIs(tokens.access_token)).body as Identity;
      expect(await end(me.id.slice("user:".length))).toBe(204);
      expect((await whoIs(tokens.access_token)).status).toBe(401);
      await expect(client.refreshTokenGrant(config, tokens.refresh_token ?? "")).rejects.toThrow();
      // A token of the very second of the sign-out may be from before it.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      expect((await whoIs((await tokensFor()).tokens.access_token)).status).toBe(200);
    }
  });

  it("tell the audit log whose request it was and from where, through the proxies that are trusted", async () => {
    const behind = await startTestServer({ OPENTRACE_PUBLIC_URL: "https://opentrace.example.org" });
    try {
      const made = await behind.application.keys.create({ name: "p", role: "viewer" }, localActor, "default");
      const form = { grant_type: "client_credentials", client_id: made.id, client_secret: made.key };
      const answer = await fetch(`${behind.address}/api/v1/auth/token`, {
        method: "POST",
        headers: { "x-forwarded-for": "203.0.113.9", "x-forwarded-host": "opentrace.example.org" },
        body: new URLSearchParams(form),
      });
      expect(answer.status).toBe(200);
      const row = await behind.application.store.app
        .selectFrom("audit")
        .selectAll()
        .where("verb", "=", "auth.token")
        .executeTakeFirstOrThrow();
      expect(row.actor).toBe(`key:${made.id}`);
      expect(JSON.parse(row.detail ?? "{}")).toEqual({
        door: "rest",
        requestId: answer.headers.get("x-request-id"),
        address: "203.0.113.9",
      });
    } finally {
      await behind.close();
    }
  });

  it("hold only what the person may, and what was asked for", async () => {
    const viewer = await tokensFor({ scope: "graph:read keys:manage" }, "vera@example.org");
    const me = (await whoIs(viewer.tokens.access_token)).body as Identity;
    expect(me.permissions).toEqual(["graph:read"]);
    const vera = await server.application.access.users.findByEmail("vera@example.org", "default");
    const mcp = await tokensFor({ resource: `${server.address}/mcp/v1` }, "vera@example.org");
    expect(decodeJwt(mcp.tokens.access_token).aud).toBe(`${server.address}/mcp/v1`);
    const list = await server.send(
      "POST",
      "/mcp/v1",
      { jsonrpc: "2.0", id: 1, method: "tools/list" },
      { ...bearer(mcp.tokens.access_token), accept: "application/json, text/event-stream" },
    );
    expect(list.status).toBe(200);
    expect(JSON.stringify(list.body)).toContain("get_stats");
    await server.application.access.users.change(vera?.id ?? "", { disabled: true }, "default");
    expect((await whoIs(mcp.tokens.access_token)).status).toBe(401);
    await expect(client.refreshTokenGrant(mcp.config, mcp.tokens.refresh_token ?? "")).rejects.toThrow();
  });

  it("need the person's yes, their own session, and the code's own verifier, once", async () => {
    const person = await signedIn();
    const config = await discover();
    const no = await ask(person, config, {});
    const details = (await (await person.go(`${no.step}/details`)).json()) as Authorization;
    expect(details).toMatchObject({
      application: "An assistant",
      goes_to: "127.0.0.1:51234",
      user: { email: "ada@example.org" },
    });
    const stranger = browser();
    expect((await stranger.go(`${no.step}/details`)).status).toBe(401);
    expect((await (await signedIn()).go(`${no.step}/decision`, "POST", { allow: true })).status).toBe(404);
    const refused = await allow(person, no.step, false);
    expect(refused.searchParams.get("error")).toBe("access_denied");

    const { step, verifier, state } = await ask(person, config, {});
    const back = await allow(person, step);
    const grant = (pkceCodeVerifier: string) =>
      client.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState: state });
    await expect(grant(client.randomPKCECodeVerifier())).rejects.toThrow();
    const again = await ask(person, config, {});
    const there = await allow(person, again.step);
    const use = () =>
      client.authorizationCodeGrant(config, there, { pkceCodeVerifier: again.verifier, expectedState: again.state });
    expect((await whoIs((await use()).access_token)).status).toBe(200);
    await expect(use()).rejects.toThrow();
    expect(verifier).not.toBe(again.verifier);
    // Signed out here: the authorization server's own session does not let anybody on.
    await person.go("/api/v1/auth/sign-out", "POST", {});
    const after = await ask(person, config, {});
    expect((await person.go(`${after.step}/details`)).status).toBe(401);
  });

  it("are never sent to an address that the application did not register, nor without PKCE", async () => {
    const config = await discover();
    const person = await signedIn();
    const elsewhere = client.buildAuthorizationUrl(config, {
      redirect_uri: "https://evil.example/callback",
      code_challenge: "x".repeat(43),
      code_challenge_method: "S256",
    });
    const refused = await person.go(elsewhere.href);
    expect([refused.status, refused.headers.get("location")]).toEqual([400, null]);
    const bare = client.buildAuthorizationUrl(config, { redirect_uri: callback });
    const back = (await person.go(bare.href)).headers.get("location") ?? "";
    expect(new URL(back).searchParams.get("error")).toBe("invalid_request");
  });

  it("are announced to MCP clients in the metadata of the protected resource", async () => {
    const resource = (await server.send("GET", "/.well-known/oauth-protected-resource/mcp/v1")).body as object;
    expect(resource).toMatchObject({ authorization_servers: [server.address] });
    const as = (await server.send("GET", "/.well-known/oauth-authorization-server")).body as object;
    expect(as).toMatchObject({
      issuer: server.address,
      token_endpoint: `${server.address}/api/v1/auth/token`,
      registration_endpoint: `${server.address}/api/v1/auth/register`,
      code_challenge_methods_supported: ["S256"],
    });
  });
});
