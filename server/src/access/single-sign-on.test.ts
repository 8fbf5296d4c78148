// Signing in at an identity provider, with a real OIDC server (oidc-provider) at the other end, in all the ways that must not work too.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Identity, IdentityProvider, IdentityProviderTest, SignInMethods } from "@opentrace/contract/users.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import { localActor } from "./actors.ts";
import { Secret } from "./secret.ts";
import { isOwnPath } from "./single-sign-on.ts";

const secret = "canary-client-secret-of-the-provider";

/** A company's provider: whoever comes is the person that `claims` tells of, without being asked. */
async function startProvider(claims: () => Record<string, unknown>, redirects: () => string[]) {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const asked = { discovery: 0 };
  let nonceOf = (nonce: string): string => nonce;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "opentrace", client_secret: secret, redirect_uris: redirects() }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
    scopes: ["openid", "email", "profile", "groups"],
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...claims() }) }),
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ["for this test"] },
    pkce: { required: () => true },
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client?.clientId ?? "",
        accountId: ctx.oidc.session?.accountId ?? "",
      });
      grant.addOIDCScope("openid email profile groups");
      await grant.save();
      return grant;
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  });
  server.on("request", (request, response) => {
    if (request.url?.startsWith("/interaction/"))
      void provider.interactionFinished(request, response, { login: { accountId: String(claims()["sub"]) } });
    else {
      const url = new URL(request.url ?? "", issuer);
      if (url.pathname === "/.well-known/openid-configuration") asked.discovery++;
      const nonce = url.searchParams.get("nonce");
      if (nonce !== null) {
        url.searchParams.set("nonce", nonceOf(nonce));
        request.url = `${url.pathname}${url.search}`;
      }
      void provider.callback()(request, response);
    }
  });
  return {
    issuer,
    asked,
    swapNonce: (swap: (nonce: string) => string) => void (nonceOf = swap),
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A browser: keeps cookies by host and path, and goes where it is sent until `until`. */
function browser() {
  const jar = new Map<string, string>();
  const go = async (url: string): Promise<Response> => {
    const at = new URL(url);
    const cookie = [...jar]
      .filter(([id]) => {
        const [host = "", path = ""] = id.split(" ");
        return host === at.host && at.pathname.startsWith(path);
      })
      .map(([id, value]) => `${id.split(" ")[2]}=${value}`)
      .join("; ");
    const response = await fetch(at, { redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const id = `${at.host} ${/path=([^;]+)/i.exec(line)?.[1] ?? "/"} ${name}`;
      if (value === "") jar.delete(id);
      else jar.set(id, value);
    }
    return response;
  };
  return {
    jar,
    go,
    async follow(from: string, until: (url: string) => boolean) {
      let url = from;
      for (let hops = 0; hops < 12; hops++) {
        if (until(url)) return url;
        const next = (await go(url)).headers.get("location");
        if (next === null) throw new Error(`${url} leads nowhere`);
        url = new URL(next, url).href;
      }
      throw new Error("too many redirects");
    },
    session: (host: string) => jar.get(`${host} / opentrace-session`),
  };
}

forEachStore("single sign-on", (test) => {
  let server: TestServer;
  let provider: Awaited<ReturnType<typeof startProvider>>;
  let id: string;
  let admin: Record<string, string>;
  let person: Record<string, unknown> = {};
  const isCallback = (url: string): boolean => url.includes("/callback");
  const begin = (query = ""): string => `${server.address}/api/v1/auth/sso/${id}${query}`;
  const signIn = async (query = "") => {
    const at = browser();
    const callback = await at.follow(begin(query), isCallback);
    const answer = await at.go(callback);
    return { at, callback, answer, text: await answer.text() };
  };
  const whoIs = async (at: ReturnType<typeof browser>): Promise<Identity> => {
    const cookie = `opentrace-session=${at.session(new URL(server.address).host)}`;
    return (await server.send("GET", "/api/v1/auth/verify", undefined, { cookie })).body;
  };

  beforeAll(async () => {
    server = await startTestServer({ ENABLE_AUTH: "true", OPENTRACE_RATE_LIMIT: "100000" }, test.config);
    const { keys, access } = server.application;
    const { key } = await keys.create({ name: "admin", role: "admin" }, localActor, "default");
    admin = { authorization: `Bearer ${key}` };
    const made = await server.send(
      "POST",
      "/api/v1/auth/providers",
      {
        name: "Acme",
        issuer: "http://127.0.0.1:1",
        client_id: "opentrace",
        client_secret: secret,
        scopes: "openid email profile groups",
        role_of_group: { platform: "admin", sre: "responder" },
        default_role: "viewer",
      },
      admin,
    );
    expect(made.status).toBe(201);
    expect(JSON.stringify(made.body)).not.toContain(secret);
    id = (made.body as IdentityProvider).id;
    // It must know our callback, which has the id in it.
    provider = await startProvider(
      () => person,
      () => [`${server.address}/api/v1/auth/sso/${id}/callback`],
    );
    await server.application.store.app
      .updateTable("identity_providers")
      .set({ issuer: provider.issuer })
      .where("id", "=", id)
      .execute();
    await access.account.createUser({
      email: "ada@example.org",
      name: "Ada",
      role: "admin",
      password: new Secret("nine green bottles"),
    });
  });
  afterAll(async () => {
    await provider.close();
    await server.close();
  });

  it("is offered on the sign-in page", async () => {
    const methods = (await server.send("GET", "/api/v1/auth/methods")).body as SignInMethods;
    expect(methods.providers).toEqual([{ id, name: "Acme", url: `/api/v1/auth/sso/${id}` }]);
  });

  it("is tested by what it tells of itself, without its secret, and one that does not answer says so", async () => {
    const test = async (which: string) =>
      (await server.send("POST", `/api/v1/auth/providers/${which}/test`, {}, admin)).body as IdentityProviderTest;
    expect(await test(id)).toMatchObject({
      ok: true,
      reason: null,
      authorization_endpoint: `${provider.issuer}/auth`,
      token_endpoint: `${provider.issuer}/token`,
      callback_url: `${server.address}/api/v1/auth/sso/${id}/callback`,
    });
    const silent = await server.send(
      "POST",
      "/api/v1/auth/providers",
      { name: "Silent", issuer: "http://127.0.0.1:1", client_id: "x", client_secret: secret },
      admin,
    );
    const { id: gone } = silent.body as IdentityProvider;
    const failed = await test(gone);
    expect(failed).toMatchObject({ ok: false, authorization_endpoint: null });
    expect(failed.reason).toBeTruthy();
    expect(JSON.stringify(failed)).not.toContain(secret);
    expect((await server.send("DELETE", `/api/v1/auth/providers/${gone}`, undefined, admin)).status).toBe(204);
    expect((await server.send("POST", `/api/v1/auth/providers/${gone}/test`, {}, admin)).status).toBe(404);
  });

  it("makes an account with the role of the person's groups, and follows them when they change", async () => {
    person = { sub: "1", email: "Bo@Example.org", email_verified: true, name: "Bo", groups: ["all", "sre"] };
    const { at, answer } = await signIn("?return_to=/explore%3Fa%3D1");
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/explore?a=1"]);
    expect(await whoIs(at)).toMatchObject({ email: "bo@example.org", name: "Bo", role: "responder" });
    person = { ...person, groups: [], email: "renamed@example.org" };
    expect(await whoIs((await signIn()).at)).toMatchObject({ email: "bo@example.org", role: "viewer" });
    const kept = JSON.stringify([
      await server.application.store.app.selectFrom("identity_providers").selectAll().execute(),
      await server.application.store.app.selectFrom("identity_flows").selectAll().execute(),
    ]);
    expect(kept).not.toContain(secret);
  });

  it("takes over an account of the same address only when the provider says that the address is verified", async () => {
    person = { sub: "2", email: "ada@example.org", email_verified: false, groups: ["platform"] };
    const refused = await signIn();
    expect(refused.answer.status).toBe(403);
    expect(refused.text).toContain("verified");
    expect(refused.at.session(new URL(server.address).host)).toBeUndefined();
    person = { ...person, email_verified: true };
    expect(await whoIs((await signIn()).at)).toMatchObject({ email: "ada@example.org", role: "admin" });
    // The last administrator stays one, whatever the groups say.
    person = { ...person, groups: [] };
    expect(await whoIs((await signIn()).at)).toMatchObject({ role: "admin" });
  });

  it("lets nobody in who is disabled here, or in no group with a role", async () => {
    const { users } = server.application.access;
    const bo = await users.findByEmail("bo@example.org", "default");
    await users.change(bo?.id ?? "", { disabled: true }, "default");
    person = { sub: "1", email: "bo@example.org", email_verified: true, groups: ["sre"] };
    expect((await signIn()).answer.status).toBe(403);
    const app = server.application.store.app;
    await app.updateTable("identity_providers").set({ default_role: null }).where("id", "=", id).execute();
    person = { sub: "3", email: "eve@example.org", email_verified: true, groups: ["guests"] };
    const eve = await signIn();
    expect([eve.answer.status, eve.text.includes("groups")]).toEqual([403, true]);
    expect(await users.findByEmail("eve@example.org", "default")).toBeNull();
    await app.updateTable("identity_providers").set({ default_role: "viewer" }).where("id", "=", id).execute();
  });

  it("uses a state once, in the browser that began, with this provider", async () => {
    person = { sub: "4", email: "kim@example.org", email_verified: true };
    const { at, callback, answer } = await signIn();
    expect(answer.status).toBe(303);
    expect((await at.go(callback)).status).toBe(400);
    const victim = browser();
    const stolen = await browser().follow(begin(), isCallback);
    expect((await victim.go(stolen)).status).toBe(400);
    await victim.follow(begin(), isCallback);
    expect((await victim.go(stolen)).status).toBe(400);
    const mine = browser();
    const other = (await mine.follow(begin(), isCallback)).replace(`/${id}/`, "/idp_other/");
    expect((await mine.go(other)).status).toBe(404);
    const forged = browser();
    await forged.go(begin());
    expect((await forged.go(`${begin()}/callback?state=x&code=y`)).status).toBe(400);
  });

  it("refuses an ID token with another nonce, a code that is not the provider's, and another issuer's answer", async () => {
    person = { sub: "5", email: "lin@example.org", email_verified: true };
    provider.swapNonce(() => "somebody-elses");
    expect((await signIn()).answer.status).toBe(403);
    provider.swapNonce((nonce) => nonce);
    for (const change of [{ code: "not-a-code" }, { iss: "https://evil.example" }]) {
      const at = browser();
      const url = new URL(await at.follow(begin(), isCallback));
      for (const [name, value] of Object.entries(change)) url.searchParams.set(name, value);
      expect((await at.go(url.href)).status).toBe(403);
    }
    expect(await server.application.access.users.findByEmail("lin@example.org", "default")).toBeNull();
    const rows = await server.application.store.app
      .selectFrom("audit")
      .selectAll()
      .where("verb", "=", "auth.signIn")
      .where("target", "=", id)
      .execute();
    expect(rows.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(["forbidden", "bad_request"]));
  });

  it("sends nobody to another site afterwards", async () => {
    person = { sub: "4", email: "kim@example.org", email_verified: true };
    for (const there of ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]) {
      const { answer } = await signIn(`?return_to=${encodeURIComponent(there)}`);
      expect(answer.headers.get("location")).toBe("/");
      expect(isOwnPath(there)).toBe(false);
    }
  });

  it("writes one audit row for each sign-in, whether it ended well or not", async () => {
    const rows = () =>
      server.application.store.app
        .selectFrom("audit")
        .select(["actor", "outcome", "target"])
        .where("verb", "=", "auth.signIn")
        .orderBy("id")
        .execute();
    const { users } = server.application.access;
    person = { sub: "6", email: "mo@example.org", email_verified: true };
    const before = (await rows()).length;
    await signIn();
    const mo = await users.findByEmail("mo@example.org", "default");
    await users.change(mo?.id ?? "", { disabled: true }, "default");
    await signIn();
    person = { sub: "7", email: "not an address" };
    await signIn();
    expect((await rows()).slice(before)).toEqual([
      { actor: `user:${mo?.id}`, outcome: "done", target: mo?.id },
      { actor: "anonymous", outcome: "forbidden", target: mo?.id },
      { actor: "anonymous", outcome: "forbidden", target: id },
    ]);
  });

  it("asks the provider once in a while what it is, and again after a refusal", async () => {
    person = { sub: "4", email: "kim@example.org", email_verified: true };
    await signIn();
    const before = provider.asked.discovery;
    for (let at = 0; at < 3; at++) expect((await signIn()).answer.status).toBe(303);
    expect(provider.asked.discovery).toBe(before);
    const at = browser();
    const url = new URL(await at.follow(begin(), isCallback));
    url.searchParams.set("code", "not-a-code");
    expect((await at.go(url.href)).status).toBe(403);
    expect((await signIn()).answer.status).toBe(303);
    expect(provider.asked.discovery).toBe(before + 1);
  });

  it("can be changed: at once for the next who sign in, and its secret goes to no other issuer", async () => {
    const change = (body: object, headers = admin) =>
      server.send("PATCH", `/api/v1/auth/providers/${id}`, body, headers);
    const renamed = await change({ name: "Acme login", role_of_group: { oncall: "responder" }, auto_provision: false });
    expect(renamed.body).toMatchObject({
      id,
      name: "Acme login",
      role_of_group: { oncall: "responder" },
      default_role: "viewer",
      scopes: "openid email profile groups",
      auto_provision: false,
      enabled: true,
      has_secret: true,
    });
    person = { sub: "8", email: "nia@example.org", email_verified: true, groups: ["oncall"] };
    expect((await signIn()).answer.status).toBe(403);
    await change({ auto_provision: true });
    expect(await whoIs((await signIn()).at)).toMatchObject({ role: "responder" });

    expect((await change({ client_secret: "another secret" })).status).toBe(200);
    expect((await signIn()).answer.status).toBe(403);
    await change({ client_secret: secret });
    expect((await signIn()).answer.status).toBe(303);

    expect((await change({ enabled: false })).body).toMatchObject({ enabled: false });
    expect((await browser().go(begin())).status).toBe(404);
    const methods = (await server.send("GET", "/api/v1/auth/methods")).body as SignInMethods;
    expect(methods.providers).toEqual([]);
    const { items } = (await server.send("GET", "/api/v1/auth/providers", undefined, admin)).body as {
      items: IdentityProvider[];
    };
    expect(items).toMatchObject([{ id, enabled: false }]);
    await change({ enabled: true });

    const elsewhere = await change({ issuer: "http://127.0.0.1:9/" });
    expect(elsewhere.status).toBe(400);
    expect(elsewhere.body).toMatchObject({ errors: [{ field: "client_secret" }] });
    const links = () =>
      server.application.store.app.selectFrom("identities").selectAll().where("provider", "=", id).execute();
    expect((await links()).length).toBeGreaterThan(0);
    expect((await change({ issuer: "http://127.0.0.1:9/", client_secret: "of the other" })).status).toBe(200);
    // "8" of another issuer is another person.
    expect(await links()).toEqual([]);
    expect((await change({ issuer: provider.issuer, client_secret: secret })).status).toBe(200);
    expect(await whoIs((await signIn()).at)).toMatchObject({ email: "nia@example.org" });

    expect((await change({ role_of_group: { a: "emperor" } })).status).toBe(400);
    expect((await change({ colour: "red" })).status).toBe(400);
    expect((await server.send("PATCH", "/api/v1/auth/providers/idp_nope", { name: "x" }, admin)).status).toBe(404);
    const manager = await server.application.keys.create(
      { name: "m", scopes: ["users:manage"] },
      localActor,
      "default",
    );
    expect((await change({ name: "Mine" }, { authorization: `Bearer ${manager.key}` })).status).toBe(403);
  });

  it("says which provider does not answer, and never asks a metadata service", async () => {
    const app = server.application.store.app;
    const issuer = (value: string) =>
      app.updateTable("identity_providers").set({ issuer: value }).where("id", "=", id).execute();
    await issuer("http://127.0.0.1:9/");
    const down = await browser().go(begin());
    expect(down.status).toBe(502);
    await issuer("http://169.254.169.254/");
    expect((await browser().go(begin())).status).toBe(403);
    await issuer(provider.issuer);
  });
});
