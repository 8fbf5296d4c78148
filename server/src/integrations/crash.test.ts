// A server that is killed (SIGKILL) at the worst moments of webhooks and sign-ins: nothing that was acknowledged is lost, and what was lost is
// said. OPENTRACE_KILL_ROUNDS says how often; the suite is content with a few.
import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { addIssue, touchIssue } from "@opentrace/connectors/github/testing/fake-state.ts";
import type { Integration } from "@opentrace/contract/integrations.ts";
import { type Kysely, sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AppTables } from "../store/tables.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { createJobQueue } from "../jobs/job-queue.ts";
import { enqueueDeliveries } from "./delivery-jobs.ts";
import { startGitHubServer, type GitHubServer } from "./testing/github-server.ts";
import { createServerProcess, type ServerProcess } from "./testing/server-process.ts";

const rounds = Number(process.env["OPENTRACE_KILL_ROUNDS"] ?? 2);
const timeout = 900_000 + rounds * 60_000;

forEachStore("a server that is killed", (test) => {
  /** The vendor; its own server is not used. */
  let on: GitHubServer;
  let server: ServerProcess;
  let integration: Integration;
  beforeAll(async () => {
    on = await startGitHubServer();
    server = createServerProcess(test.config);
    await server.start();
    const { app, installation, shop } = on.sample;
    ({ integration } = await server.ask<{ integration: Integration }>("POST", "/integrations", {
      connector: "github",
      auth: "app",
      credential: {
        appId: String(app.id),
        privateKey: app.pem,
        installationId: String(installation.id),
        webhookSecret: app.webhookSecret,
      },
      config: { baseUrl: on.fake.urls.web, detailDays: 0 },
    }));
    await server.ask("POST", `/integrations/${integration.id}/scopes`, { select: [{ id: String(shop.id) }] });
    await server.settled();
  }, timeout);
  afterAll(async () => {
    await server.remove();
    const violations = [...on.fake.violations];
    await on.close();
    expect(violations).toEqual([]);
  });

  /** As the vendor sends it. Answers the delivery's id once the server has acknowledged it; null when it died before. */
  async function deliver(event: string, body: object, padding = 0): Promise<string | null> {
    const text = JSON.stringify({ ...body, padding: "x".repeat(padding) });
    const guid = randomUUID();
    const signature = createHmac("sha256", on.sample.app.webhookSecret).update(text).digest("hex");
    try {
      const answer = await fetch(`${server.url}/api/v1/webhooks/github/${integration.id}`, {
        method: "POST",
        body: text,
        headers: {
          "content-type": "application/json",
          "x-github-event": event,
          "x-github-delivery": guid,
          "x-hub-signature-256": `sha256=${signature}`,
        },
      });
      if (answer.status !== 202) throw new Error(`answered ${answer.status}`, { cause: answer });
      return guid;
    } catch (error) {
      if (error instanceof TypeError) return null;
      throw error;
    }
  }
  const ofIssue = (issue: ReturnType<typeof addIssue>): object => ({
    ...on.fake.webhooks.payloads.issue(on.sample.shop, issue, "edited"),
    repository: on.fake.shapes.repository(on.sample.shop),
  });
  const states = async (): Promise<Map<string, string>> => {
    const rows = await server.stored(({ app }) =>
      app.selectFrom("integration_deliveries").select(["delivery_id", "state"]).execute(),
    );
    return new Map(rows.map((row) => [row.delivery_id, row.state]));
  };
  const workedOff = async (): Promise<void> => {
    for (;;) {
      const { deliveries } = await server.ask<{ deliveries: unknown[] }>(
        "GET",
        `/integrations/${integration.id}/deliveries?state=received`,
      );
      if (deliveries.length === 0) break;
      await sleep(50);
    }
    await server.settled();
  };
  const titles = async (): Promise<string[]> =>
    (await server.ask<{ nodes: { name: string }[] }>("GET", "/graph/nodes?type=Issue&limit=200")).nodes.map(
      ({ name }) => name,
    );

  /** Takes the job that works deliveries off, as another server would, until this one has been killed and started anew. */
  const takeDeliveriesJob = (): Promise<void> =>
    server.stored(async (store) => {
      const queue = createJobQueue({ store, now: () => new Date(), owner: "another" });
      const aheadBy = 3_600_000;
      const taker = createJobQueue({ store, now: () => new Date(Date.now() + aheadBy), owner: "another" });
      do await enqueueDeliveries(queue, { id: integration.id, workspace: "default" });
      while ((await taker.claim(["integration.deliveries"])) === null);
    });

  it("between a webhook's acknowledgement and its processing works it off in its next life", { timeout }, async () => {
    for (let round = 0; round < rounds; round++) {
      const title = `Told before death ${round}`;
      const issue = addIssue(on.fake.state, on.sample.shop, { title: "Before", author: "ada", labels: [] });
      touchIssue(on.fake.state, issue, { title });
      // However slow this process is: it is not worked off before the kill.
      await takeDeliveriesJob();
      const guid = await deliver("issues", ofIssue(issue));
      await server.kill();
      expect((await states()).get(guid ?? "")).toBe("received");
      await server.restart();
      await workedOff();
      expect((await states()).get(guid ?? "")).toBe("done");
      expect(await titles()).toContain(title);
    }
  });

  it("while it stores webhooks keeps each one that it had acknowledged, once", { timeout }, async () => {
    const acknowledged = new Set<string>();
    let cut = 0;
    for (let round = 0; round < rounds; round++) {
      const issues = Array.from({ length: 8 }, (_, at) =>
        addIssue(on.fake.state, on.sample.shop, { title: `Sent ${round}-${at}`, author: "ada", labels: [] }),
      );
      let dead = false;
      const senders = issues.map(async (issue) => {
        // Large ones: that storing takes its time.
        while (!dead) {
          const guid = await deliver("issues", ofIssue(issue), 200_000);
          if (guid === null) {
            cut++;
            return;
          }
          acknowledged.add(guid);
        }
      });
      const enough = acknowledged.size + 10 + Math.floor(Math.random() * 30);
      while (acknowledged.size < enough) await sleep(1);
      await server.kill();
      dead = true;
      await Promise.all(senders);
      await server.restart();
    }
    // Storing was under way when it died.
    expect(cut).toBeGreaterThan(0);
    const kept = await states();
    expect([...acknowledged].filter((guid) => !kept.has(guid))).toEqual([]);
    await workedOff();
    const after = await states();
    expect([...acknowledged].filter((guid) => after.get(guid) !== "done")).toEqual([]);
    for (let round = 0; round < rounds; round++) expect(await titles()).toContain(`Sent ${round}-0`);
  });

  it("while it works a webhook off does the rest of it in its next life", { timeout }, async () => {
    const { app, installation, docs } = on.sample;
    const before = addIssue(on.fake.state, docs, { title: "Of the docs", author: "ada", labels: [] });
    expect(before.number).toBe(1);
    await server.ask("POST", `/integrations/${integration.id}/scopes`, { select: [{ id: String(docs.id) }] });
    await server.settled();
    expect(await titles()).toContain("Of the docs");
    installation.repositories = new Set([on.sample.shop.id]);
    // The vendor is asked whether it is so, and does not answer before the server dies.
    on.fake.fail(/GET \/installation\/repositories/, { is: "half-open" });
    app.hookUrl = `${server.url}/api/v1/webhooks/github/${integration.id}`;
    const asked = () => on.fake.requests.some(({ path }) => path === "/installation/repositories");
    on.fake.takeRequests();
    const { guid } = await on.fake.webhooks.emitRepositories(app, installation, { added: [], removed: [docs] });
    while (!asked()) await sleep(5);
    await server.kill();
    expect((await states()).get(guid)).toBe("received");
    await server.restart();
    await workedOff();
    expect((await states()).get(guid)).toBe("done");
    expect(await titles()).not.toContain("Of the docs");
    const { scopes } = await server.ask<{ scopes: { name: string }[] }>(
      "GET",
      `/integrations/${integration.id}/scopes`,
    );
    expect(scopes).toMatchObject([{ name: "acme/shop" }]);
  });

  it(
    "between receiving a new token and storing it says that the sign-in ended, and keeps the data",
    { timeout },
    async () => {
      const { access } = on.fake;
      const app = access.registerApp({
        owner: "acme",
        callbackUrls: [`${server.url}/api/v1/integrations/callback/github`],
      });
      access.install(app, "acme");
      const { integration: signed } = await server.ask<{ integration: Integration }>("POST", "/integrations", {
        connector: "github",
        auth: "oauth2",
        credential: { clientId: app.clientId, clientSecret: app.clientSecret },
        config: { baseUrl: on.fake.urls.web, detailDays: 0 },
      });
      const signIn = async (): Promise<void> => {
        app.callbackUrls = [`${server.url}/api/v1/integrations/callback/github`];
        const begun = await fetch(`${server.url}/api/v1/integrations/${signed.id}/sign-in`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: "{}",
        });
        const cookie = begun.headers.getSetCookie()[0]?.split(";")[0] ?? "";
        const { redirect } = (await begun.json()) as { redirect: { url: string } };
        const agreed = await fetch(`${redirect.url}&answer=authorize&login=ada`, { redirect: "manual" });
        const done = await fetch(agreed.headers.get("location") ?? "", { headers: { cookie } });
        expect([done.status, await done.text()]).toEqual([200, expect.stringContaining("is connected")]);
      };
      // Renewed at every use: its life is shorter than the minute that is kept in hand.
      access.settings.userTokenLife = 30_000;
      await signIn();
      await server.ask("POST", `/integrations/${signed.id}/scopes`, { select: [{ id: String(on.sample.shop.id) }] });
      await server.settled();
      const items = (await server.ask<Integration>("GET", `/integrations/${signed.id}`)).counts.items;
      expect(items).toBeGreaterThan(0);

      // The vendor has given new tokens; their way into the table is shut until the server is dead.
      const tokens = access.tokens.size;
      const spent = Promise.withResolvers<undefined>();
      const shut = Promise.withResolvers<undefined>();
      access.settings.beforeTokens = async () => {
        spent.resolve(undefined);
        await shut.promise;
      };
      const asking = server.ask("GET", `/integrations/test/${signed.id}`).catch(() => null);
      await spent.promise;
      await server.stored(async ({ app: tables }) => {
        await tables.transaction().execute(async (tx) => {
          // A row lock on PostgreSQL, the write lock on SQLite.
          await tx
            .updateTable("integrations")
            .set({ name: sql`name` })
            .execute();
          shut.resolve(undefined);
          // They are sent and received; storing them waits for this transaction.
          if ("databaseUrl" in test.config) while ((await storing(test.store.app)).length === 0) await sleep(5);
          else await sleep(300);
          await server.kill();
          // PostgreSQL would carry out what the dead server had sent.
          if ("databaseUrl" in test.config)
            for (const { pid } of await storing(test.store.app))
              await sql`select pg_terminate_backend(${pid}, 10000)`.execute(test.store.app);
        });
      });
      await asking;
      access.settings.beforeTokens = () => Promise.resolve();
      expect(access.tokens.size).toBe(tokens + 1);

      await server.restart();
      // The old token is spent with its refresh token: the vendor says no, and the user is told what to do.
      await server.ask("POST", `/integrations/${signed.id}/sync`, {});
      await server.settled();
      const after = await server.ask<Integration>("GET", `/integrations/${signed.id}`);
      expect(after.health).toMatchObject({
        state: "unauthorized",
        reason: expect.stringContaining("Connect it again") as string,
      });
      expect(after.counts.items).toBe(items);
      access.settings.userTokenLife = 8 * 3_600_000;
      await signIn();
      await server.ask("POST", `/integrations/${signed.id}/sync`, {});
      await server.settled();
      expect((await server.ask<Integration>("GET", `/integrations/${signed.id}`)).health).toMatchObject({
        state: "ok",
      });
    },
  );
});

/** Connections of this database that wait to write a credential. */
async function storing(db: Kysely<AppTables>): Promise<{ pid: number }[]> {
  const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%set "credential" =%'`.execute(db);
  return rows;
}
