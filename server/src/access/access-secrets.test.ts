// Secrets of access, planted and looked for everywhere they could come out; and the master key rotated while they are in use.
import { inspect } from "node:util";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CreatedApiKey } from "@opentrace/contract/access.ts";
import { rotateMasterKey } from "../rotate-master-key.ts";
import { untyped } from "../store/store.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import type { Log } from "../verb.ts";
import { localActor } from "./actors.ts";
import { Secret } from "./secret.ts";

const planted = {
  password: "canary-password-of-ada",
  guess: "canary-password-that-is-wrong",
  providerSecret: "canary-client-secret-stored",
  configuredSecret: "canary-client-secret-configured",
};

forEachStore("planted secrets", (test) => {
  let server: TestServer;
  const logged: string[] = [];
  const write = (fields: object, message: string): void =>
    void logged.push(`${message} ${inspect(fields, { depth: 12 })}`);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  beforeAll(async () => {
    server = await startTestServer(
      {
        ENABLE_AUTH: "true",
        OPENTRACE_RATE_LIMIT: "100000",
        OPENTRACE_OIDC_ISSUER: "http://127.0.0.1:9",
        OPENTRACE_OIDC_CLIENT_ID: "opentrace",
        OPENTRACE_OIDC_CLIENT_SECRET: planted.configuredSecret,
      },
      test.config,
      log,
    );
  });
  afterAll(() => server.close());

  it("come out nowhere: not in answers, errors, logs, events, nor in the store", async () => {
    const { keys, access, store } = server.application;
    const answers: string[] = [];
    const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
      const answer = await server.send(method, path, body, headers);
      answers.push(JSON.stringify([path, answer.body, [...answer.headers]]));
      return answer;
    };
    await access.account.createUser({
      email: "ada@example.org",
      name: "Ada",
      role: "admin",
      password: new Secret(planted.password),
    });
    const setUp = server.setUpLink?.split("#")[1] ?? "";
    const { id, key } = await keys.create({ name: "planted", role: "admin" }, localActor, "default");
    const credentials = { email: "ada@example.org", password: planted.password };
    const signedIn = await server.send("POST", "/api/v1/auth/sign-in", credentials);
    const session = /opentrace-session=([\w-]{43})/.exec(signedIn.headers.get("set-cookie") ?? "")?.[1] ?? "";
    const cookie = { cookie: `opentrace-session=${session}`, origin: server.address };
    const granted = await fetch(`${server.address}/api/v1/auth/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "client_credentials", client_id: id, client_secret: key }),
    });
    const { access_token: token = "" } = (await granted.json()) as { access_token?: string };
    expect([setUp, session, token].map(({ length }) => length > 40)).toEqual([true, true, true]);
    const bearer = (text: string): Record<string, string> => ({ authorization: `Bearer ${text}` });

    const stop = new AbortController();
    const stream = await fetch(`${server.address}/api/v1/events`, { headers: cookie, signal: stop.signal });
    const events: string[] = [];
    const reading = (async () => {
      for await (const chunk of stream.body ?? []) events.push(Buffer.from(chunk).toString());
    })().catch(() => undefined);

    await send("POST", "/api/v1/auth/sign-in", { ...credentials, password: planted.guess });
    await send("POST", "/api/v1/auth/sign-in", { email: planted.password, password: planted.guess });
    await send("POST", "/api/v1/auth/sign-in", { ...credentials, pasword: planted.password });
    await send("POST", "/api/v1/auth/sign-in", `{"email": "ada@example.org", "password": "${planted.password}`);
    await send("POST", "/api/v1/auth/links/accept", {
      token: setUp,
      password: planted.password,
      email: "eve@example.org",
    });
    await send(
      "POST",
      "/api/v1/auth/password",
      { current_password: planted.guess, new_password: planted.guess },
      cookie,
    );
    await send("GET", "/api/v1/auth/verify", undefined, bearer(key));
    await send("GET", "/api/v1/auth/verify", undefined, bearer(token));
    await send("GET", "/api/v1/auth/verify", undefined, bearer(`${token.slice(0, -4)}AAAA`));
    await send("GET", "/api/v1/auth/verify", undefined, cookie);
    await send("GET", "/api/v1/auth/sessions", undefined, cookie);
    await send("GET", "/api/v1/auth/methods");
    await send("GET", "/api/v1/auth/api-keys", undefined, cookie);
    await send("GET", `/api/v1/auth/api-keys/${id}/usage`, undefined, cookie);
    const provider = {
      name: "Acme",
      issuer: "http://127.0.0.1:9",
      client_id: "opentrace",
      client_secret: planted.providerSecret,
    };
    const made = await send("POST", "/api/v1/auth/providers", provider, cookie);
    expect(made.status).toBe(201);
    await send("POST", "/api/v1/auth/providers", { ...provider, clientSecret: planted.providerSecret }, cookie);
    await send("GET", "/api/v1/auth/providers", undefined, cookie);
    for (const each of ["sso", (made.body as { id: string }).id]) await send("GET", `/api/v1/auth/sso/${each}`);
    for (const form of [
      { grant_type: "client_credentials", client_id: id, client_secret: planted.providerSecret },
      { grant_type: "authorization_code", client_id: id, client_secret: key, code: token },
    ]) {
      const refused = await fetch(`${server.address}/api/v1/auth/token`, {
        method: "POST",
        body: new URLSearchParams(form),
      });
      answers.push(await refused.text());
    }
    await send("GET", "/api/v1/users", undefined, cookie);
    await send("GET", "/api/v1/audit?limit=500", undefined, cookie);
    await send("GET", "/api/v1/openapi.json");
    await access.usage.flush();
    stop.abort();
    await reading;

    const dump: string[] = [];
    const db = untyped(store.app);
    for (const { name, schema } of await db.introspection.getTables())
      if (schema === undefined || schema === "app")
        dump.push(JSON.stringify((await sql`select * from ${sql.table(name)}`.execute(db)).rows));
    const places = {
      answers,
      logged,
      events,
      dump,
      config: [inspect(server.config, { depth: 12 }), JSON.stringify(server.config)],
    };
    expect(answers.length).toBeGreaterThan(20);
    expect(logged.length).toBeGreaterThan(20);
    expect(dump.join("")).toContain("ada@example.org");
    const secrets = { ...planted, key, session, setUp, token };
    for (const [secret, value] of Object.entries(secrets))
      for (const [place, texts] of Object.entries(places)) {
        const found = texts.filter((text) => text.includes(value));
        expect({ secret, place, found }).toEqual({ secret, place, found: [] });
      }
  });

  it("open all the time while the master key is rotated, and are sealed under the new one after", async () => {
    const { keys, store } = server.application;
    const made = await keys.create({ name: "program", role: "viewer" }, localActor, "default");
    const envelopes = async (): Promise<string[]> => {
      const found: string[] = [];
      for (const [table, column] of [
        ["signing_keys", "sealed"],
        ["oauth_items", "sealed"],
        ["identity_providers", "client_secret"],
      ] as const) {
        const { rows } = await sql<{
          envelope: string;
        }>`select ${sql.ref(column)} as envelope from ${sql.table(table)}`.execute(untyped(store.app));
        expect(rows.length, table).toBeGreaterThan(0);
        found.push(...rows.map(({ envelope }) => envelope.split(".")[1] ?? ""));
      }
      return [...new Set(found)];
    };
    const register = () =>
      fetch(`${server.address}/api/v1/auth/register`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ redirect_uris: ["http://127.0.0.1:9/back"], application_type: "native" }),
      });
    const use = async ({ id, key }: CreatedApiKey): Promise<number[]> => {
      const client = await register();
      const { client_id } = (await client.json()) as { client_id: string };
      const query = new URLSearchParams({
        client_id,
        response_type: "code",
        redirect_uri: "http://127.0.0.1:9/back",
        code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        code_challenge_method: "S256",
      });
      const asked = await fetch(`${server.address}/api/v1/auth/authorize?${query.toString()}`, { redirect: "manual" });
      const form = new URLSearchParams({ grant_type: "client_credentials", client_id: id, client_secret: key });
      const granted = await fetch(`${server.address}/api/v1/auth/token`, { method: "POST", body: form });
      const methods = await fetch(`${server.address}/api/v1/auth/methods`);
      return [client.status, asked.status, granted.status, methods.status];
    };
    expect(await use(made)).toEqual([201, 303, 200, 200]);
    const before = await envelopes();
    let running = true;
    let rounds = 0;
    const load = (async () => {
      for (; running || rounds < 5; rounds++) expect(await use(made)).toEqual([201, 303, 200, 200]);
    })();
    const rotated = await rotateMasterKey(server.config, () => undefined, new AbortController().signal, {
      settle: 2000,
    });
    running = false;
    await load;
    expect(rounds).toBeGreaterThan(3);
    expect(rotated.damaged).toEqual([]);
    const after = await envelopes();
    expect(after).toEqual([rotated.keyId]);
    expect(before).not.toEqual(after);
  });
});
