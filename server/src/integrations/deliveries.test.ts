// Webhooks through the real HTTP server: who is let in, what is stored, what it leads to, and that order and repetition change nothing.
import { createHmac, randomUUID } from "node:crypto";
import { loadWebhookSchema } from "@opentrace/connectors/github/testing/webhook-schema.ts";
import { addIssue, renameRepository, touchIssue } from "@opentrace/connectors/github/testing/fake-state.ts";
import type { Integration, SyncRun, WebhookDelivery } from "@opentrace/contract/integrations.ts";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startGitHubServer, type GitHubServer } from "./testing/github-server.ts";

forEachStore("webhooks", (test) => {
  let on: GitHubServer;
  let integration: Integration;
  beforeAll(async () => {
    on = await startGitHubServer(test.config);
    const { app, installation, shop } = on.sample;
    ({ integration } = await on.connect({
      auth: "app",
      credential: {
        appId: String(app.id),
        privateKey: app.pem,
        installationId: String(installation.id),
        webhookSecret: app.webhookSecret,
      },
    }));
    app.hookUrl = `${on.server.address}${path()}`;
    await on.server.send("POST", `/api/v1/integrations/${integration.id}/scopes`, {
      select: [{ id: String(shop.id) }],
    });
    await on.settled();
  });
  afterAll(async () => {
    const violations = [...on.fake.violations];
    await on.close();
    expect(violations).toEqual([]);
  });

  const path = (id = integration.id, connector = "github"): string => `/api/v1/webhooks/${connector}/${id}`;
  const signed = (event: string, text: string, secret = on.sample.app.webhookSecret, guid: string = randomUUID()) => ({
    "content-type": "application/json",
    "x-github-event": event,
    "x-github-delivery": guid,
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(text).digest("hex")}`,
  });
  const post = async (text: string, headers: Record<string, string>, to = path()) =>
    on.server.send("POST", to, text, headers);
  const deliveries = async (query = ""): Promise<WebhookDelivery[]> =>
    (
      (await on.server.send("GET", `/api/v1/integrations/${integration.id}/deliveries?limit=200${query}`)).body as {
        deliveries: WebhookDelivery[];
      }
    ).deliveries;
  const worked = async (): Promise<void> => {
    await vi.waitFor(async () => expect(await deliveries("&state=received")).toEqual([]), {
      timeout: 300_000,
      interval: 50,
    });
    await on.settled();
  };
  const titles = async (): Promise<string[]> => {
    const { nodes } = (await on.server.send("GET", "/api/v1/graph/nodes?type=Issue&limit=200")).body as {
      nodes: { name: string }[];
    };
    return nodes.map(({ name }) => name);
  };
  const runs = async (): Promise<SyncRun[]> =>
    ((await on.server.send("GET", `/api/v1/integrations/${integration.id}/runs?limit=200`)).body as { runs: SyncRun[] })
      .runs;
  const emit = async (event: string, payload: Parameters<typeof on.fake.webhooks.emit>[3]) =>
    on.fake.webhooks.emit(on.sample.app, on.sample.installation, event, payload, on.sample.shop);

  it("lets in what is genuine, and stores nothing of what is not", async () => {
    const text = JSON.stringify({ zen: "Speak like a human.", hook_id: 1 });
    const before = (await deliveries()).length;
    const good = signed("ping", text);
    const refused = async (headers: Record<string, string>, body = text, to = path()): Promise<number> =>
      (await post(body, headers, to)).status;
    expect(await refused(signed("ping", text, "another secret"))).toBe(401);
    expect(await refused(good, `${text} `)).toBe(401);
    expect(await refused({ "content-type": "application/json" })).toBe(401);
    expect(await refused({ ...good, "x-hub-signature-256": "sha256=" })).toBe(401);
    expect(await refused(good, text, path("int_unknown"))).toBe(404);
    expect(await refused(good, text, path(integration.id, "gitlab"))).toBe(404);
    expect((await on.server.send("GET", path())).status).toBe(405);
    expect((await deliveries()).length).toBe(before);
    const accepted = await post(text, good);
    expect([accepted.status, accepted.body]).toEqual([202, { status: "accepted" }]);
    // What is signed need not be JSON, nor look like it.
    const odd = Buffer.from([0xff, 0xfe, 0x00]).toString("latin1");
    expect((await post(odd, { ...signed("push", odd), "content-type": "text/odd" })).status).toBe(202);
    await worked();
    const [last, first] = await deliveries();
    expect(first).toMatchObject({ event: "ping", state: "ignored", deliveryId: good["x-github-delivery"] });
    expect(last).toMatchObject({ event: "push", state: "ignored", detail: expect.stringContaining("not understood") });
    expect(Date.parse(first?.receivedAt ?? "")).toBeGreaterThan(0);
  });

  it("keeps no secret and no signature", async () => {
    const rows = await on.server.application.store.app.selectFrom("integration_deliveries").selectAll().execute();
    const text = JSON.stringify(rows.map(({ headers, detail }) => ({ headers, detail })));
    expect(rows.length).toBeGreaterThan(0);
    expect(text).toContain("x-github-event");
    expect(text).not.toMatch(/sha256=|signature/i);
    expect(text).not.toContain(on.sample.app.webhookSecret);
  });

  it("brings an edited issue into the graph", async () => {
    const { shop, issue } = on.sample;
    touchIssue(on.fake.state, issue, { title: "Charges are rounded up" });
    await emit("issues", on.fake.webhooks.payloads.issue(shop, issue, "edited"));
    await worked();
    expect(await titles()).toContain("Charges are rounded up");
    expect((await deliveries())[0]).toMatchObject({ event: "issues.edited", state: "done", recovered: false });
    expect((await runs())[0]).toMatchObject({ trigger: "webhook", mode: "incremental", state: "succeeded" });
    expect(await on.integration(integration.id)).toMatchObject({ health: { state: "ok" } });
  });

  it("makes few syncs of many deliveries, and takes each delivery once, in whatever order they come", async () => {
    const { shop } = on.sample;
    const { payloads } = on.fake.webhooks;
    const made: { text: string; headers: Record<string, string> }[] = [];
    for (let at = 0; at < 40; at++) {
      const issue = addIssue(on.fake.state, shop, { title: `Before ${at}`, author: "ada", labels: [] });
      for (const title of [`Then ${at}`, `At last ${at}`]) {
        touchIssue(on.fake.state, issue, { title });
        const text = JSON.stringify({
          ...payloads.issue(shop, issue, "edited"),
          repository: on.fake.shapes.repository(shop),
        });
        made.push({ text, headers: signed("issues", text) });
      }
    }
    const before = { runs: (await runs()).length, deliveries: (await deliveries()).length };
    // Last first, each of them three times.
    const sent = made.toReversed().flatMap((one) => [one, one, one]);
    // As when they come faster than they are worked off.
    await on.server.application.runner.stop();
    const statuses = await Promise.all(sent.map(async ({ text, headers }) => (await post(text, headers)).status));
    expect(new Set(statuses)).toEqual(new Set([202]));
    on.server.application.runner.start();
    await worked();
    expect((await deliveries()).length - before.deliveries).toBe(made.length);
    const found = await titles();
    for (let at = 0; at < 40; at++) expect(found).toContain(`At last ${at}`);
    expect(found.filter((title) => /^(Before|Then) /.test(title))).toEqual([]);
    expect((await runs()).length - before.runs).toBe(1);
  });

  it("takes every official example of GitHub's webhooks", async () => {
    const before = (await deliveries()).length;
    let count = 0;
    for (const { event, payload } of loadWebhookSchema().examples()) {
      // Those about installations are about this one's, and would end it.
      if (event.startsWith("installation")) continue;
      const text = JSON.stringify(payload);
      expect([event, (await post(text, signed(event, text))).status]).toEqual([event, 202]);
      count++;
    }
    expect(count).toBeGreaterThan(250);
    await worked();
    const kept = await on.server.application.store.app
      .selectFrom("integration_deliveries")
      .select(["event", "state"])
      .where("integration", "=", integration.id)
      .execute();
    expect(kept.length - before).toBe(count);
    expect(kept.filter(({ state }) => state === "failed" || state === "received")).toEqual([]);
  });

  it("are listed page by page", async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const answer = await on.server.send(
        "GET",
        `/api/v1/integrations/${integration.id}/deliveries?limit=100${cursor === null ? "" : `&cursor=${cursor}`}`,
      );
      const { deliveries: shown, page } = answer.body as {
        deliveries: WebhookDelivery[];
        page: { nextCursor: string | null };
      };
      seen.push(...shown.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    const all = await on.server.application.store.app
      .selectFrom("integration_deliveries")
      .select("id")
      .where("integration", "=", integration.id)
      .execute();
    expect(seen).toEqual(all.map(({ id }) => String(id)).toSorted((a, b) => Number(b) - Number(a)));
  });

  it("that did not arrive are asked for, and taken once", async () => {
    const { shop, issue } = on.sample;
    on.fake.webhooks.settings.lose = true;
    touchIssue(on.fake.state, issue, { title: "Told while nobody listened" });
    const lost = await emit("issues", on.fake.webhooks.payloads.issue(shop, issue, "edited"));
    on.fake.webhooks.settings.lose = false;
    const recover = async (): Promise<void> => {
      const answer = await on.server.send("POST", `/api/v1/integrations/${integration.id}/deliveries/recover`, {});
      expect(answer.status).toBe(202);
      await on.server.waitForJob((answer.body as { id: string }).id);
      await worked();
    };
    await recover();
    expect(await titles()).toContain("Told while nobody listened");
    const [found] = await deliveries();
    expect(found).toMatchObject({ deliveryId: lost.guid, recovered: true, state: "done" });
    const before = (await deliveries()).length;
    await recover();
    await on.fake.webhooks.redeliver(on.sample.app, lost);
    await worked();
    expect((await deliveries()).length).toBe(before);
    expect((await deliveries()).filter(({ deliveryId }) => deliveryId === lost.guid)).toHaveLength(1);
  });

  const scopes = async (): Promise<{ name: string; state: string }[]> =>
    (
      (await on.server.send("GET", `/api/v1/integrations/${integration.id}/scopes`)).body as {
        scopes: { name: string; state: string }[];
      }
    ).scopes;

  it("follows a repository to its new name", async () => {
    const { shop } = on.sample;
    renameRepository(on.fake.state, shop, "acme/store");
    await emit("repository", {
      ...on.fake.webhooks.payloads.repository("renamed"),
      changes: { repository: { name: { from: "shop" } } },
    });
    await worked();
    await on.settled();
    expect(await scopes()).toMatchObject([{ name: "acme/store", state: "active" }]);
    expect(await titles()).toContain("Told while nobody listened");
  });

  it("says so when the installation is suspended, keeps what there is, and goes on when it is restored", async () => {
    const { app, installation } = on.sample;
    const { emitInstallation } = on.fake.webhooks;
    const suspendedAt = new Date().toISOString();
    Object.assign(installation, { suspendedAt });
    await emitInstallation(app, installation, "suspend", []);
    await worked();
    expect((await on.integration(integration.id)).health).toMatchObject({
      state: "unauthorized",
      reason: expect.stringContaining("suspended"),
    });
    expect((await titles()).length).toBeGreaterThan(0);
    Object.assign(installation, { suspendedAt: null });
    await emitInstallation(app, installation, "unsuspend", []);
    // The older news once more, late: what is so now counts.
    const text = JSON.stringify({ action: "suspend", installation: { id: installation.id } });
    await post(text, signed("installation", text));
    await worked();
    expect((await on.integration(integration.id)).health).toMatchObject({ state: "ok", reason: null });
  });

  it("takes away what is of a repository that was deleted or is no longer shared, and of that alone", async () => {
    const { shop, docs, app, installation } = on.sample;
    const issue = addIssue(on.fake.state, docs, { title: "Of the docs", author: "ada", labels: [] });
    expect(issue.number).toBe(1);
    await on.server.send("POST", `/api/v1/integrations/${integration.id}/scopes`, {
      select: [{ id: String(docs.id) }],
    });
    await on.settled();
    expect(await titles()).toContain("Of the docs");
    // Still shared: a message that comes late, or from nowhere, takes nothing away.
    await on.fake.webhooks.emitRepositories(app, installation, { added: [], removed: [docs] });
    await worked();
    expect(await titles()).toContain("Of the docs");
    on.fake.state.repositories.delete(shop.id);
    await emit("repository", on.fake.webhooks.payloads.repository("deleted"));
    await worked();
    await on.settled();
    expect(await titles()).toEqual(["Of the docs"]);
    expect(await scopes()).toMatchObject([{ name: "acme/docs", state: "active" }]);
  });

  it("asks senders without a genuine signature to wait, and no one else", async () => {
    const other = "int_made_up";
    let status = 0;
    let retryAfter: string | null = null;
    for (let at = 0; at < 40 && status !== 429; at++) {
      const answer = await post("{}", signed("ping", "{}", "wrong"), path(other));
      status = answer.status;
      retryAfter = answer.headers.get("retry-after");
    }
    expect(status).toBe(429);
    expect(Number(retryAfter)).toBeGreaterThan(0);
    expect((await post("{}", signed("ping", "{}"))).status).toBe(202);
    const large = "x".repeat(26 * 1024 * 1024);
    expect((await post(large, signed("push", large))).status).toBe(413);
  });
});
