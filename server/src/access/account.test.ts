// People: the set-up link, invitations, signing in and out, sessions, and what a stranger with a list of passwords can do.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CreatedUserLink, Identity, Session, User } from "@opentrace/contract/users.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import { localActor } from "./actors.ts";
import { hashPassword, passwordIsDated, passwordMatches } from "./password.ts";
import { Secret } from "./secret.ts";
import { networkOf } from "./throttle.ts";

const password = "nine green bottles";
const cookieOf = (headers: Headers): string => (headers.get("set-cookie") ?? "").split(";")[0] ?? "";

forEachStore("people", (test) => {
  let server: TestServer;
  let admin: string;
  const rowsOf = (verb: string) =>
    server.application.store.app.selectFrom("audit").selectAll().where("verb", "=", verb).orderBy("id").execute();
  const post = (path: string, body: unknown, cookie?: string) =>
    server.send("POST", `/api/v1${path}`, body, cookie === undefined ? {} : { cookie, origin: server.address });
  const get = (path: string, cookie: string) => server.send("GET", `/api/v1${path}`, undefined, { cookie });
  const signIn = (email: string, word = password, cookie?: string) =>
    post("/auth/sign-in", { email, password: word }, cookie);
  const tokenOf = ({ url }: { url: string }): string => new URL(url).hash.slice(1);
  const join = async (email: string, role: string): Promise<{ cookie: string; user: User }> => {
    const invited = (await post("/users/invitations", { email, role }, admin)).body as CreatedUserLink;
    const joined = await post("/auth/links/accept", { token: tokenOf(invited), password, name: email.split("@")[0] });
    expect(joined.status).toBe(200);
    return { cookie: cookieOf(joined.headers), user: (joined.body as { user: User }).user };
  };
  const forgive = () => server.application.store.app.deleteFrom("sign_in_attempts").execute();

  beforeAll(async () => {
    server = await startTestServer({ ENABLE_AUTH: "true", OPENTRACE_RATE_LIMIT: "100000" }, test.config);
  });
  afterAll(() => server.close());

  it("is set up by a link that makes the first administrator and opens once", async () => {
    expect((await server.send("GET", "/api/v1/auth/methods")).body).toMatchObject({ set_up_needed: true });
    expect(server.setUpLink).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/join#otl_[A-Za-z0-9_-]{43}$/);
    const token = tokenOf({ url: server.setUpLink ?? "" });
    expect((await post("/auth/links/look", { token })).body).toMatchObject({ kind: "setup", role: "admin" });
    const short = await post("/auth/links/accept", { token, email: "ada@example.org", password: "short" });
    expect(short.status).toBe(400);
    const guessable = await post("/auth/links/accept", { token, email: "ada@example.org", password: "Password-12345" });
    expect((guessable.body as { detail: string }).detail).toContain("easy to guess");
    const done = await post("/auth/links/accept", { token, email: "Ada@Example.org ", name: "Ada", password });
    expect(done.status).toBe(200);
    expect(done.headers.get("set-cookie")).toMatch(/^opentrace-session=[\w-]{43};.*HttpOnly;.*SameSite=Lax/);
    admin = cookieOf(done.headers);
    expect((await get("/auth/verify", admin)).body).toMatchObject({
      kind: "user",
      email: "ada@example.org",
      role: "admin",
      credential: "session",
    });
    expect((await post("/auth/links/accept", { token, email: "eve@example.org", password })).status).toBe(404);
    expect((await server.send("GET", "/api/v1/auth/methods")).body).toMatchObject({ set_up_needed: false });
    expect(await server.application.access.account.setUpLink()).toBeNull();
  });

  it("lets only one of two who open set-up links at once become the first", async () => {
    const other = "elsewhere";
    const { users } = server.application.access;
    const first = (email: string) =>
      users.create({ email, name: "x", role: "admin", password: null, by: "system" }, other, { onlyFirst: true });
    const ended = await Promise.allSettled([first("one@example.org"), first("two@example.org")]);
    expect(ended.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("keeps of passwords, sessions and links only what opens nothing", async () => {
    const { user } = await join("grace@example.org", "responder");
    const app = server.application.store.app;
    const kept = JSON.stringify([
      await app.selectFrom("users").selectAll().execute(),
      await app.selectFrom("sessions").selectAll().execute(),
      await app.selectFrom("user_links").selectAll().execute(),
    ]);
    expect(kept).toContain(user.id);
    expect(kept).toContain("$argon2id$v=19$m=19456,t=2,p=1$");
    for (const secret of [password, admin.split("=")[1] ?? "", tokenOf({ url: server.setUpLink ?? "" })])
      expect(kept).not.toContain(secret);
  });

  it("answers the same to a wrong password and to an address that nobody has", async () => {
    const wrong = await signIn("ada@example.org", "not the password");
    const nobody = await signIn("nobody@example.org", "not the password");
    expect([wrong.status, nobody.status]).toEqual([401, 401]);
    expect((wrong.body as { detail: string }).detail).toBe((nobody.body as { detail: string }).detail);
    expect(wrong.headers.get("set-cookie")).toBeNull();
    const outcomes = (await rowsOf("auth.signIn")).map(({ actor, outcome }) => `${actor} ${outcome}`);
    expect(outcomes.filter((row) => row === "anonymous unauthenticated")).toHaveLength(2);
    expect(JSON.stringify(await rowsOf("auth.signIn"))).not.toContain("nobody@example.org");
  });

  it("ends the session that a browser had when it signs in anew", async () => {
    const first = cookieOf((await signIn("ada@example.org")).headers);
    const second = cookieOf((await signIn("ada@example.org", password, first)).headers);
    expect(second).not.toBe(first);
    expect((await get("/auth/verify", first)).status).toBe(401);
    expect((await get("/auth/verify", second)).status).toBe(200);
    expect((await post("/auth/sign-out", undefined, second)).status).toBe(204);
    expect((await get("/auth/verify", second)).status).toBe(401);
  });

  it("takes a change with a session cookie from its own pages only", async () => {
    const send = (headers: Record<string, string>) =>
      server.send("POST", "/api/v1/users/invitations", { role: "viewer" }, { cookie: admin, ...headers });
    expect((await send({})).status).toBe(403);
    expect((await send({ origin: "https://evil.example" })).status).toBe(403);
    expect((await send({ origin: "null" })).status).toBe(403);
    expect((await send({ "sec-fetch-site": "same-site" })).status).toBe(403);
    expect((await send({ "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await send({ "sec-fetch-site": "same-origin" })).status).toBe(201);
    expect((await send({ origin: server.address })).status).toBe(201);
    expect((await get("/users", admin)).status).toBe(200);
  });

  it("lists sessions, ends one, and ends the others when the password changes", async () => {
    const { cookie: here } = await join("lin@example.org", "viewer");
    const there = cookieOf((await signIn("lin@example.org")).headers);
    const elsewhere = cookieOf((await signIn("lin@example.org")).headers);
    const sessions = (await get("/auth/sessions", here)).body as { items: Session[] };
    expect(sessions.items).toHaveLength(3);
    expect(sessions.items.filter(({ current }) => current)).toHaveLength(1);
    const mine = (await get("/auth/sessions", elsewhere)).body as { items: Session[] };
    const id = mine.items.find(({ current }) => current)?.id;
    const own = { cookie: here, origin: server.address };
    expect((await server.send("DELETE", `/api/v1/auth/sessions/${id}`, undefined, own)).status).toBe(204);
    expect((await get("/auth/verify", elsewhere)).status).toBe(401);
    // Somebody else's is not theirs to end.
    const admins = (await get("/auth/sessions", admin)).body as { items: Session[] };
    const others = await server.send("DELETE", `/api/v1/auth/sessions/${admins.items[0]?.id}`, undefined, own);
    expect(others.status).toBe(404);
    const wrong = await post("/auth/password", { current_password: "no", new_password: "five golden rings" }, here);
    expect(wrong.status).toBe(403);
    const change = { current_password: password, new_password: "five golden rings" };
    expect((await post("/auth/password", change, here)).status).toBe(204);
    expect((await get("/auth/verify", here)).status).toBe(200);
    expect((await get("/auth/verify", there)).status).toBe(401);
    expect((await signIn("lin@example.org")).status).toBe(401);
    expect((await signIn("lin@example.org", "five golden rings")).status).toBe(200);
  });

  it("ends a session that is idle, and any after its time", async () => {
    const { cookie, user } = await join("idle@example.org", "viewer");
    const app = server.application.store.app;
    const set = (values: { last_seen_at?: number; expires_at?: number }) =>
      app.updateTable("sessions").set(values).where("user_id", "=", user.id).execute();
    await set({ last_seen_at: Date.now() - 13 * 3_600_000 });
    expect((await get("/auth/verify", cookie)).status).toBe(401);
    await set({ last_seen_at: Date.now() });
    expect((await get("/auth/verify", cookie)).status).toBe(200);
    await set({ expires_at: Date.now() - 1 });
    expect((await get("/auth/verify", cookie)).status).toBe(401);
  });

  it("lets an administrator reset a password by a link, disable and enable", async () => {
    const { cookie, user } = await join("kim@example.org", "responder");
    const link = (await post(`/users/${user.id}/reset-link`, undefined, admin)).body as CreatedUserLink;
    const reset = await post("/auth/links/accept", { token: tokenOf(link), password: "three french hens" });
    expect(reset.body).toMatchObject({ user: { email: "kim@example.org", role: "responder" } });
    expect((await get("/auth/verify", cookie)).status).toBe(401);
    const now = cookieOf(reset.headers);
    const patch = (change: object) =>
      server.send("PATCH", `/api/v1/users/${user.id}`, change, { cookie: admin, origin: server.address });
    expect((await patch({ disabled: true })).body).toMatchObject({ state: "disabled" });
    expect((await get("/auth/verify", now)).status).toBe(401);
    expect((await signIn("kim@example.org", "three french hens")).status).toBe(401);
    await patch({ disabled: false, role: "viewer" });
    const again = cookieOf((await signIn("kim@example.org", "three french hens")).headers);
    expect((await get("/auth/verify", again)).body).toMatchObject({ role: "viewer" });
    expect((await post("/users/invitations", {}, again)).status).toBe(403);
  });

  it("never loses its last administrator, whoever asks at once", async () => {
    const { users } = server.application.access;
    const there = "last-ones";
    const make = (email: string) =>
      users.create({ email, name: "x", role: "admin", password: null, by: "test" }, there);
    const [one, two] = [await make("one@example.org"), await make("two@example.org")];
    const ended = await Promise.allSettled([
      users.change(one.id, { role: "viewer" }, there),
      users.change(two.id, { disabled: true }, there),
    ]);
    expect(ended.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const left = (await users.list(there)).filter(({ role, disabled_at }) => role === "admin" && disabled_at === null);
    expect(left).toHaveLength(1);
    const me = (await get("/auth/verify", admin)).body as Identity;
    const own = await server.send(
      "PATCH",
      `/api/v1/users/${me.id.replace("user:", "")}`,
      { role: "viewer" },
      { cookie: admin, origin: server.address },
    );
    expect(own.status).toBe(409);
  });

  it("slows down who guesses, and lets the owner in from where they have been before", async () => {
    await forgive();
    const { throttle } = server.application.access;
    let refused = 0;
    for (let at = 0; at < 8; at++)
      if ((await signIn("grace@example.org", `guess number ${at}`)).status === 429) refused++;
    expect(refused).toBeGreaterThan(1);
    const answer = await signIn("grace@example.org");
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    // Another account from the same address goes on.
    expect((await signIn("ada@example.org")).status).toBe(200);
    // Guesses from a hundred addresses make strangers wait, the owner's own address does not, and the wait is short.
    const waits: number[] = [];
    for (let at = 0; at < 100; at++)
      await throttle.attempt("grace@example.org", `203.0.113.${at}`, false).catch((error: unknown) => {
        waits.push((error as { details: { retryAfter: number } }).details.retryAfter);
      });
    expect(waits.length).toBeGreaterThan(50);
    expect(Math.max(...waits)).toBeLessThanOrEqual(10);
    await expect(throttle.attempt("grace@example.org", "198.51.100.7", true)).resolves.toBeUndefined();
    await forgive();
    expect((await signIn("grace@example.org")).status).toBe(200);
  });

  it("counts attempts that come at once one after the other", async () => {
    await forgive();
    const { throttle } = server.application.access;
    const ended = await Promise.allSettled(
      Array.from({ length: 30 }, () => throttle.attempt("many@example.org", "192.0.2.1", false)),
    );
    expect(ended.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  });

  it("tells the audit log of every way in", async () => {
    const rows = [...(await rowsOf("auth.acceptLink")), ...(await rowsOf("auth.signIn"))];
    expect(rows.some(({ actor, outcome }) => actor.startsWith("user:") && outcome === "done")).toBe(true);
    expect(rows.some(({ outcome }) => outcome === "rate_limited")).toBe(true);
    expect(JSON.parse(rows[0]?.detail ?? "{}")).toMatchObject({ address: "127.0.0.1", door: "rest" });
    expect((await rowsOf("users.change")).map(({ outcome }) => outcome)).toContain("conflict");
  });
});

describe("passwords", () => {
  it("match what they were made from, in whatever form it is typed, and nothing else", async () => {
    const hash = await hashPassword(new Secret("Ünïcode pässphrase"));
    expect(await passwordMatches(new Secret("Ünïcode pässphrase".normalize("NFD")), hash)).toBe(true);
    expect(await passwordMatches(new Secret("ünïcode pässphrase"), hash)).toBe(false);
    expect(await passwordMatches(new Secret(""), null)).toBe(false);
    expect(passwordIsDated(hash)).toBe(false);
    expect(passwordIsDated(hash.replace("m=19456", "m=4096"))).toBe(true);
  });
});

describe("the network of an address", () => {
  it("is the address itself, or an IPv6 customer's /64", () => {
    expect(networkOf("192.0.2.1")).toBe("192.0.2.1");
    expect(networkOf("::ffff:192.0.2.1")).toBe("192.0.2.1");
    expect(networkOf("2001:db8::1")).toBe(networkOf("2001:0db8:0:0:ffff:ffff:ffff:ffff"));
    expect(networkOf("2001:db8:0:1::1")).not.toBe(networkOf("2001:db8::1"));
  });
});

describe("a server without authentication", () => {
  it("has one actor, this machine, and makes no set-up link", async () => {
    const server = await startTestServer();
    expect(server.setUpLink).toBeNull();
    expect((await server.send("GET", "/api/v1/auth/verify")).body).toMatchObject({
      kind: "local",
      id: localActor.id,
      credential: "none",
    });
    expect((await server.send("GET", "/api/v1/auth/methods")).body).toMatchObject({
      auth_required: false,
      set_up_needed: false,
    });
    await server.close();
  });
});
