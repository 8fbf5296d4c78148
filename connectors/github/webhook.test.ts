import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RawDelivery } from "../connector.ts";
import { type FakeGitHub, startFakeGitHub } from "./testing/fake-github.ts";
import { connectTo } from "./testing/run-sync.ts";
import { addSampleOrg } from "./testing/sample-org.ts";
import { Config } from "./config.ts";
import { webhook } from "./webhook.ts";

const config = Config.parse({});
const secret = "it is a secret";

function delivery(event: string, payload: unknown, by = secret): RawDelivery {
  const body = Buffer.from(JSON.stringify(payload));
  const signature = createHmac("sha256", by).update(body).digest("hex");
  return {
    body,
    headers: { "x-github-event": event, "x-github-delivery": "guid-1", "x-hub-signature-256": `sha256=${signature}` },
  };
}

let fake: FakeGitHub;
let sample: ReturnType<typeof addSampleOrg>;
beforeAll(async () => {
  fake = await startFakeGitHub();
  sample = addSampleOrg(fake);
});
afterAll(() => fake.close());

describe("a webhook", () => {
  it("is taken with any of the secrets, and refused without a genuine signature over its very bytes", () => {
    const good = delivery("issues", { action: "opened" });
    expect(webhook.verify(good, ["old", secret], new Date())).toEqual({ deliveryId: "guid-1", event: "issues.opened" });
    const refused: [RawDelivery, string[]][] = [
      [good, ["other"]],
      [good, [""]],
      [good, []],
      [delivery("issues", {}, ""), [""]],
      [{ ...good, body: Buffer.from(`${Buffer.from(good.body).toString()} `) }, [secret]],
      [{ ...good, headers: { ...good.headers, "x-hub-signature-256": "sha256=" } }, [secret]],
      [{ ...good, headers: { ...good.headers, "x-hub-signature-256": "" } }, [secret]],
    ];
    for (const [raw, secrets] of refused) expect(() => webhook.verify(raw, secrets, new Date())).toThrow(/signature/);
  });

  it("names what to sync", () => {
    const { payloads } = fake.webhooks;
    const { shop, issue, pull } = sample;
    const repository = fake.shapes.repository(shop);
    const scope = String(shop.id);
    const events = (event: string, payload: object) =>
      webhook.toEvents(delivery(event, { ...payload, repository }), config);
    expect(events("issues", payloads.issue(shop, issue, "edited"))).toEqual([
      { is: "changed", scope, stream: "issues", items: ["1"] },
    ]);
    expect(events("pull_request", payloads.pull(shop, pull, "synchronize"))).toEqual([
      { is: "changed", scope, stream: "pulls", items: ["2"] },
    ]);
    expect(events("push", payloads.push(shop, "topic"))).toEqual([{ is: "pushed", scope, branch: "topic" }]);
    expect(events("push", payloads.push(shop, "main"))).toHaveLength(2);
    expect(events("repository", payloads.repository("deleted"))).toEqual([{ is: "removed", scope, why: "deleted" }]);
    expect(events("repository", payloads.repository("renamed"))).toMatchObject([
      { is: "renamed", scope: { id: scope, name: "acme/shop", handle: { fullName: "acme/shop" } } },
    ]);
    expect(events("star", { action: "created" })).toMatchObject([{ is: "ignored" }]);
    expect(
      webhook.toEvents({ body: Buffer.from("nonsense"), headers: { "x-github-event": "push" } }, config),
    ).toMatchObject([{ is: "ignored" }]);
    const account = { id: 5, login: "acme" };
    const told = (event: string, payload: object) =>
      webhook.toEvents(delivery(event, { installation: { id: 1, account }, ...payload }), config).map(({ is }) => is);
    expect(told("installation", { action: "suspend" })).toEqual(["suspended"]);
    expect(told("installation", { action: "unsuspend" })).toEqual(["restored"]);
    expect(told("installation", { action: "deleted" })).toEqual(["uninstalled"]);
    const [added, removed] = [{ id: 7, name: "a", full_name: "acme/a", private: true }, { id: 8 }];
    expect(told("installation_repositories", { repositories_added: [added], repositories_removed: [removed] })).toEqual(
      ["removed", "added"],
    );
  });

  it("of every official example means something or is ignored, and none fails", async () => {
    const { loadWebhookSchema } = await import("./testing/webhook-schema.ts");
    const kinds = new Map<string, Set<string>>();
    for (const { event, payload } of loadWebhookSchema().examples()) {
      const found = webhook.toEvents(delivery(event, payload), config);
      expect(found.length, event).toBeGreaterThan(0);
      for (const { is } of found) kinds.set(event, (kinds.get(event) ?? new Set()).add(is));
    }
    for (const event of [
      "issues",
      "pull_request",
      "release",
      "deployment",
      "deployment_status",
      "workflow_run",
      "pull_request_review",
    ])
      expect([event, ...(kinds.get(event) ?? [])]).toEqual([event, "changed"]);
    expect(kinds.get("push")?.has("pushed")).toBe(true);
    expect(kinds.get("star")).toEqual(new Set(["ignored"]));
  });

  it("that was lost is fetched, once, signed so that it verifies", async () => {
    const { app, installation, shop, issue } = sample;
    const since = new Date(Date.now() - 60_000);
    const lost = await fake.webhooks.emit(
      app,
      installation,
      "issues",
      fake.webhooks.payloads.issue(shop, issue, "edited"),
      shop,
    );
    await fake.webhooks.redeliver(app, lost);
    const connected = connectTo(fake, sample);
    const found: RawDelivery[] = [];
    const asked = { since, hooks: [], secret: "", remember: () => Promise.resolve() };
    for await (const one of webhook.missed?.(connected.context(), asked) ?? []) found.push(one);
    await connected.close();
    expect(found.map((one) => webhook.verify(one, [app.webhookSecret], new Date()))).toEqual([
      { deliveryId: lost.guid, event: "issues.edited" },
    ]);
    expect(fake.violations).toEqual([]);
  });
});
