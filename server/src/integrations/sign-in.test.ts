// Signing in at a vendor through the real server and a GitHub with pages: OAuth with PKCE, the App made by a manifest, and every way it fails.
import type { Integration } from "@opentrace/contract/integrations.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSealer } from "../access/seal.ts";
import { loadKeyring } from "../access/master-key.ts";
import { createEventFeed } from "../jobs/event-feed.ts";
import { openStore } from "../store/store.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { createConnections } from "./connections.ts";
import { createIntegrations } from "./integrations.ts";
import { startGitHubServer, type GitHubServer } from "./testing/github-server.ts";

interface Seen {
  status: number;
  location: string | null;
  policy: string;
  text: string;
}

/** What a browser does with cookies and redirects, one step at a time. */
function openBrowser() {
  let cookie = "";
  const keep = (response: Response): void => {
    for (const line of response.headers.getSetCookie()) cookie = line.split(";")[0] ?? "";
  };
  return {
    get cookie() {
      return cookie;
    },
    keep,
    async open(url: string): Promise<Seen> {
      const headers = { accept: "text/html", ...(cookie === "" ? {} : { cookie }) };
      const response = await fetch(url, { redirect: "manual", headers });
      keep(response);
      return {
        status: response.status,
        location: response.headers.get("location"),
        policy: response.headers.get("content-security-policy") ?? "",
        text: await response.text(),
      };
    },
  };
}
type Browser = ReturnType<typeof openBrowser>;

const decoded = (html: string): string =>
  html.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
const silent = { debug() {}, info() {}, warn() {}, error() {} };

forEachStore("signing in at a vendor", (test) => {
  let on: GitHubServer;
  let app: ReturnType<GitHubServer["fake"]["access"]["registerApp"]>;
  beforeAll(async () => {
    on = await startGitHubServer(test.config);
    app = on.fake.access.registerApp({
      owner: "acme",
      callbackUrls: [`${on.server.address}/api/v1/integrations/callback/github`],
    });
    on.fake.access.install(app, "acme");
  });
  afterAll(async () => {
    const violations = [...on.fake.violations];
    await on.close();
    expect(violations).toEqual([]);
  });

  const connect = async (auth: "oauth2" | "app"): Promise<Integration> => {
    const credential = auth === "app" ? {} : { clientId: app.clientId, clientSecret: app.clientSecret };
    return (await on.connect({ auth, credential })).integration;
  };
  const begin = async (browser: Browser, id: string, body: object = {}) => {
    const response = await fetch(`${on.server.address}/api/v1/integrations/${id}/sign-in`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...(browser.cookie === "" ? {} : { cookie: browser.cookie }) },
    });
    browser.keep(response);
    return { status: response.status, body: (await response.json()) as { url: string; redirect: { url: string } } };
  };
  const state = async (id: string) =>
    (await on.server.send("GET", `/api/v1/integrations/${id}/sign-in`)).body as {
      state: string;
      message: string | null;
    };
  /** From our page to the vendor's, and back to the address that it sends the browser to. */
  const visitVendor = async (browser: Browser, id: string, answer: "authorize" | "cancel"): Promise<string> => {
    const { body } = await begin(browser, id);
    const left = await browser.open(body.url);
    expect(left.status).toBe(303);
    const back = await fetch(`${left.location}&answer=${answer}&login=ada`, { redirect: "manual" });
    return back.headers.get("location") ?? "";
  };

  it("by OAuth with PKCE ends in a working integration, and tells no secret", async () => {
    const { id, health } = await connect("oauth2");
    expect(health.state).toBe("connecting");
    expect((await state(id)).state).toBe("none");
    const browser = openBrowser();
    const { body } = await begin(browser, id);
    const asked = new URL(body.redirect.url).searchParams;
    expect(asked.get("code_challenge_method")).toBe("S256");
    expect(asked.get("code_challenge")).toMatch(/^[\w-]{43}$/);
    expect(asked.get("state")).toMatch(/^[\w-]{43}$/);
    expect((await state(id)).state).toBe("waiting");
    const done = await browser.open(await visitVendor(browser, id, "authorize"));
    expect([done.status, done.text]).toEqual([200, expect.stringContaining("is connected")]);
    expect(await state(id)).toMatchObject({ state: "done", message: null });
    expect(await on.integration(id)).toMatchObject({ account: "acme", health: { state: "ok" } });
    const tested = await on.server.send("GET", `/api/v1/integrations/test/${id}`);
    expect(tested.body).toMatchObject({ ok: true });
    const { app: tables } = on.server.application.store;
    const rows = JSON.stringify([
      await tables.selectFrom("integrations").selectAll().execute(),
      await tables.selectFrom("integration_flows").selectAll().execute(),
      await tables.selectFrom("integration_log").selectAll().execute(),
      done.text,
    ]);
    for (const secret of [app.clientSecret, ...on.fake.access.tokens.keys()]) expect(rows).not.toContain(secret);
  });

  it("is waited for: what runs by itself does not take an unfinished one for a refused one", async () => {
    const { id } = await connect("oauth2");
    expect((await on.server.send("POST", `/api/v1/integrations/${id}/deliveries/recover`)).status).toBe(202);
    await on.server.application.store.app
      .updateTable("integrations")
      .set({ next_sync_at: Date.now() - 1 })
      .where("id", "=", id)
      .execute();
    await on.server.application.integrations.schedule.look(new AbortController().signal);
    await on.settled();
    expect((await on.integration(id)).health).toMatchObject({ state: "connecting", reason: null });
  });

  it("that nobody finished in a day is cleared away, but not under the hands of somebody at the vendor's page", async () => {
    const { id } = await connect("oauth2");
    const { app: tables } = on.server.application.store;
    const look = () => on.server.application.integrations.schedule.look(new AbortController().signal);
    const exists = async (): Promise<boolean> =>
      (await on.server.send("GET", `/api/v1/integrations/${id}`)).status === 200;
    await look();
    expect(await exists()).toBe(true);
    await tables.updateTable("integrations").set({ created_at: 0 }).where("id", "=", id).execute();
    await begin(openBrowser(), id);
    await look();
    expect(await exists()).toBe(true);
    await tables.updateTable("integration_flows").set({ expires_at: 1 }).where("integration", "=", id).execute();
    await look();
    expect(await exists()).toBe(false);
  });

  it("works once, for the browser that began, and not for ever", async () => {
    const { id } = await connect("oauth2");
    const browser = openBrowser();
    const stolen = await visitVendor(browser, id, "authorize");
    const other = await openBrowser().open(stolen);
    expect([other.status, other.text]).toEqual([403, expect.stringContaining("another browser")]);
    expect((await on.integration(id)).health.state).toBe("connecting");
    expect((await browser.open(stolen)).status).toBe(200);
    const again = await browser.open(stolen);
    expect([again.status, again.text]).toEqual([409, expect.stringContaining("used already")]);
    const unknown = await browser.open(stolen.replace(/state=[^&]+/, "state=made-up"));
    expect([unknown.status, unknown.text]).toEqual([404, expect.stringContaining("not known here")]);
    const late = await visitVendor(browser, id, "authorize");
    await on.server.application.store.app
      .updateTable("integration_flows")
      .set({ expires_at: Date.now() - 1 })
      .execute();
    const expired = await browser.open(late);
    expect([expired.status, expired.text]).toEqual([412, expect.stringContaining("took too long")]);
    expect((await browser.open(`${on.server.address}/api/v1/integrations/callback/github?code=1`)).status).toBe(400);
    const elsewhere = (await visitVendor(browser, id, "authorize")).replace("/callback/github", "/callback/gitlab");
    expect((await browser.open(elsewhere)).status).toBe(403);
  });

  it("says so when permission was denied, on the page and to whoever waits, and leads back", async () => {
    const { id } = await connect("oauth2");
    const browser = openBrowser();
    const denied = await browser.open(await visitVendor(browser, id, "cancel"));
    expect([denied.status, denied.text]).toEqual([502, expect.stringContaining("was not given permission")]);
    expect(denied.policy).toContain("default-src 'none'");
    expect(await state(id)).toMatchObject({ state: "failed", message: expect.stringContaining("permission") });
    expect((await on.integration(id)).health.state).toBe("connecting");
    // Whoever words the address can't send the browser away, or put script on the page.
    for (const returnTo of ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
      expect((await begin(browser, id, { returnTo })).status).toBe(400);
    const { body } = await begin(browser, id, { returnTo: "/integrations/github/connect?integration=1" });
    const state_ = new URL(body.redirect.url).searchParams.get("state") ?? "";
    const said = encodeURIComponent("<script>alert(1)</script>");
    const callback = `${on.server.address}/api/v1/integrations/callback/github?state=${state_}`;
    const odd = await browser.open(`${callback}&error=server_error&error_description=${said}`);
    expect(odd.text).not.toContain("<script>alert");
    expect(odd.text).toContain('href="/integrations/github/connect?integration=1"');
  });

  it("makes a GitHub App by a form of its own page, installs it, and is connected as it", async () => {
    const { id } = await connect("app");
    const browser = openBrowser();
    const { body } = await begin(browser, id);
    const left = await browser.open(body.url);
    expect(left.status).toBe(200);
    // The rest of the server lets no form go elsewhere; this page lets it go to GitHub alone.
    expect(left.policy).toContain(`form-action ${on.fake.urls.web}`);
    expect(left.policy).toContain("default-src 'none'");
    const html = decoded(left.text);
    const action = /action="([^"]+)"/.exec(html)?.[1] ?? "";
    const manifest = /name="manifest" value="(\{.+\})">/.exec(html)?.[1] ?? "";
    expect(JSON.parse(manifest)).toMatchObject({ public: false, default_permissions: { issues: "read" } });
    const made = await fetch(action, {
      method: "POST",
      body: new URLSearchParams({ manifest, confirmed: "1" }),
      redirect: "manual",
    });
    const installing = await browser.open(made.headers.get("location") ?? "");
    expect([installing.status, installing.location]).toEqual([
      303,
      expect.stringContaining("/installations/new?state="),
    ]);
    const installed = await fetch(`${installing.location}&account=acme`, { redirect: "manual" });
    const done = await browser.open(installed.headers.get("location") ?? "");
    expect([done.status, done.text]).toEqual([200, expect.stringContaining("is connected")]);
    expect(await on.integration(id)).toMatchObject({ auth: "app", health: { state: "ok" } });
    // The code of the first step is good for one conversion.
    expect((await browser.open(made.headers.get("location") ?? "")).status).toBe(409);
  });

  /** The authorization of an integration as another server on the same store would hold it. */
  async function anotherServer(id: string, later = 0) {
    const store = await openStore(on.server.application.store.config);
    const now = (): Date => new Date(Date.now() + later);
    const sealer = createSealer(loadKeyring(null, on.server.config.data));
    const integrations = createIntegrations({ store, sealer, feed: createEventFeed({ store, log: silent, now }), now });
    const connections = createConnections({
      integrations,
      registry: on.server.application.integrations.registry,
      network: { allowPrivate: true, allow: [], setting: "TEST" },
      log: silent,
      now,
    });
    const row = await integrations.find(id, "default");
    const ask = (): Promise<string> => {
      const { signal } = new AbortController();
      return connections
        .open(row)
        .context(signal)
        .authorize(signal)
        .then(({ values }) => values["token"] ?? "");
    };
    const close = async (): Promise<void> => {
      await connections.close();
      await store.close();
    };
    return { ask, integrations, close };
  }
  const hours = 3_600_000;
  const signedIn = async (): Promise<string> => {
    const { id } = await connect("oauth2");
    const browser = openBrowser();
    expect((await browser.open(await visitVendor(browser, id, "authorize"))).status).toBe(200);
    await on.settled();
    return id;
  };

  it("is renewed once, however many servers and requests find it ended", async () => {
    const id = await signedIn();
    const before = on.fake.access.tokens.size;
    const servers = [
      await anotherServer(id, 8 * hours),
      await anotherServer(id, 8 * hours),
      await anotherServer(id, 8 * hours),
    ];
    const tokens = await Promise.all(servers.flatMap(({ ask }) => [ask(), ask(), ask()]));
    for (const { close } of servers) await close();
    expect(new Set(tokens).size).toBe(1);
    expect(on.fake.access.tokens.size).toBe(before + 1);
  });

  it("has ended, and says what to do, when a server died between getting a new token and storing it", async () => {
    const id = await signedIn();
    const dying = await anotherServer(id, 8 * hours);
    // Never comes back from there: as after kill -9, the old refresh token is spent and the new one is lost.
    dying.integrations.saveCredential = () => new Promise(() => {});
    const before = on.fake.access.tokens.size;
    void dying.ask().catch(() => undefined);
    await expect.poll(() => on.fake.access.tokens.size).toBe(before + 1);
    // Its lease runs out; the next one is told by the vendor.
    const next = await anotherServer(id, 8 * hours + 60_000);
    await expect(next.ask()).rejects.toMatchObject({
      code: "upstream_auth",
      message: expect.stringContaining("Connect it again") as string,
      details: { reason: "credential" },
    });
    await dying.close();
    await next.close();
    const browser = openBrowser();
    expect((await browser.open(await visitVendor(browser, id, "authorize"))).status).toBe(200);
    const after = await anotherServer(id);
    expect(await after.ask()).toMatch(/^ghu_/);
    await after.close();
  });
});
