// Webhooks that are made at GitLab, through the doors: in step with what is chosen, delivered to the server, recovered, removed.
import { type FakeGitLab, startFakeGitLab } from "@opentrace/connectors/gitlab/testing/fake-gitlab.ts";
import { addIssue, addProject } from "@opentrace/connectors/gitlab/testing/fake-state.ts";
import { addSampleGroup } from "@opentrace/connectors/gitlab/testing/sample-group.ts";
import type { Integration, ScopeChoices, SelectedScope, WebhookDelivery } from "@opentrace/contract/integrations.ts";
import type { Job } from "@opentrace/contract/repositories.ts";
import { afterEach, beforeEach, expect, it } from "vitest";
import { localActor } from "../access/actors.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import { openPublicAddress, type PublicAddress } from "./testing/public-address.ts";

forEachStore("webhooks made at GitLab", (test) => {
  let fake: FakeGitLab;
  let sample: ReturnType<typeof addSampleGroup>;
  let door: PublicAddress;
  let server: TestServer;
  let integration: Integration;
  let headers: Record<string, string>;
  beforeEach(async () => {
    fake = await startFakeGitLab();
    sample = addSampleGroup(fake);
    door = await openPublicAddress();
    const env = {
      OPENTRACE_RATE_LIMIT: "1000000",
      OPENTRACE_PUBLIC_URL: door.url,
      OPENTRACE_PRIVATE_HOSTS: "127.0.0.1",
    };
    server = await startTestServer(env, test.config);
    await server.application.integrations.rest();
    const { key } = await server.application.keys.create({ name: "test", scopes: ["admin"] }, localActor, "default");
    headers = { authorization: `Bearer ${key}` };
    door.leadTo(server.address);
  });
  afterEach(async () => {
    await disconnect().catch(() => null);
    await server.close();
    await door.close();
    await fake.close();
    expect(fake.violations).toEqual([]);
  });

  const send = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await server.send(method, `/api/v1${path}`, body, headers);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const get = <T>(path: string): Promise<T> => send("GET", path);
  const settled = (): Promise<void> => server.settled();
  const ended = async ({ id }: Job): Promise<Job> => {
    await settled();
    return await get(`/jobs/${id}`);
  };
  async function connect(scopes = ["api", "read_repository"]): Promise<void> {
    ({ integration } = await send<{ integration: Integration }>("POST", "/integrations", {
      connector: "gitlab",
      auth: "token",
      credential: { token: fake.access.mintToken("ada", scopes).value },
      config: { baseUrl: fake.urls.web, detailDays: 0 },
    }));
  }
  async function choose(change: { select?: string[]; deselect?: string[] }): Promise<void> {
    const ids = new Map<string, string>();
    for (const kind of ["group", "project"])
      for (const { name, id } of (await get<ScopeChoices>(`/integrations/${integration.id}/choices?kind=${kind}`))
        .scopes)
        ids.set(name, id);
    const idsOf = (names: readonly string[] = []) => names.map((name) => ids.get(name) ?? name);
    await send("POST", `/integrations/${integration.id}/scopes`, {
      select: idsOf(change.select).map((id) => ({ id })),
      deselect: idsOf(change.deselect),
    });
    await settled();
  }
  async function disconnect(): Promise<Job> {
    const confirm = encodeURIComponent(integration.name);
    const { job } = await send<{ job: Job }>("DELETE", `/integrations/${integration.id}?confirm=${confirm}`);
    return await ended(job);
  }
  const shown = async (): Promise<Integration["webhook"]> =>
    (await get<Integration>(`/integrations/${integration.id}`)).webhook;
  /** Name of the scope → how it stands with its webhook. */
  const states = async (): Promise<Record<string, string | undefined>> => {
    const { scopes } = await get<{ scopes: SelectedScope[] }>(`/integrations/${integration.id}/scopes`);
    return Object.fromEntries(scopes.map((scope) => [scope.name, scope.webhook?.state]));
  };
  const hooksAtGitLab = (): Record<string, number> => ({
    acme: sample.acme.hooks.size,
    platform: sample.platform.hooks.size,
    shop: sample.shop.hooks.size,
    docs: sample.docs.hooks.size,
  });
  const rename = async (title: string): Promise<void> => {
    sample.issue.title = title;
    sample.issue.updatedAt = new Date().toISOString();
    await fake.webhooks.emit(sample.shop, fake.webhooks.payloads.issue(sample.shop, sample.issue, "update"));
  };
  const titleOf = async (number: number): Promise<string> => {
    const key = encodeURIComponent(`issue:${new URL(fake.urls.web).host}/acme/platform/shop#${number}`);
    return JSON.stringify((await server.send("GET", `/api/v1/graph/nodes/${key}`, undefined, headers)).body);
  };

  it("are there for each chosen project, follow the choice, bring what happens within seconds, and go with it", async () => {
    await connect();
    await choose({ select: ["acme/platform/shop"] });
    expect(hooksAtGitLab()).toEqual({ acme: 0, platform: 0, shop: 1, docs: 0 });
    const [hook] = sample.shop.hooks.values();
    expect(hook).toMatchObject({ url: `${door.url}/api/v1/webhooks/gitlab/${integration.id}` });
    expect([hook?.token, hook?.signingToken]).not.toContain(null);
    expect(await shown()).toMatchObject({ registered: true, hooks: { made: 1, covered: 0, refused: 0, reason: null } });

    await rename("Charges are rounded twice");
    await expect.poll(() => titleOf(1)).toContain("rounded twice");
    await choose({ select: ["acme/docs"], deselect: ["acme/platform/shop"] });
    expect(hooksAtGitLab()).toEqual({ acme: 0, platform: 0, shop: 0, docs: 1 });
    await disconnect();
    expect(hooksAtGitLab()).toEqual({ acme: 0, platform: 0, shop: 0, docs: 0 });
  });

  it("are one for a chosen group where the tier has them, in the place of those of its projects", async () => {
    await connect();
    await choose({ select: ["acme/platform/shop"] });
    await choose({ select: ["acme"] });
    expect(hooksAtGitLab()).toEqual({ acme: 1, platform: 0, shop: 1, docs: 0 });
    expect(await states()).toEqual({ acme: "made", "acme/docs": "covered", "acme/platform/shop": "made" });
    expect(await shown()).toMatchObject({ hooks: { made: 2, covered: 1, refused: 0 } });
    await disconnect();
    expect(hooksAtGitLab()).toEqual({ acme: 0, platform: 0, shop: 0, docs: 0 });
  });

  it("are the projects' own where the tier has none for groups, those of projects that come later, too", async () => {
    fake.state.settings.groupHooks = false;
    await connect();
    await choose({ select: ["acme"] });
    expect(hooksAtGitLab()).toEqual({ acme: 0, platform: 0, shop: 1, docs: 1 });
    expect(await shown()).toMatchObject({ hooks: { made: 2, covered: 0, refused: 0, reason: null } });
    const cart = addProject(fake.state, "acme/platform/cart");
    await send("POST", `/integrations/${integration.id}/sync`, { mode: "incremental" });
    await settled();
    expect(cart.hooks.size).toBe(1);

    // An upgrade: one of the group takes the place of all.
    fake.state.settings.groupHooks = true;
    await send("POST", `/integrations/${integration.id}/sync`, { mode: "incremental" });
    await settled();
    expect({ ...hooksAtGitLab(), cart: cart.hooks.size }).toEqual({ acme: 1, platform: 0, shop: 0, docs: 0, cart: 0 });
  });

  it("that the token may not make are told with what to do, asked for once, and made once it may", async () => {
    await connect(["read_api", "read_repository"]);
    await choose({ select: ["acme/platform/shop", "acme/docs"] });
    expect(await shown()).toMatchObject({
      registered: false,
      hooks: {
        made: 0,
        refused: 2,
        reason: expect.stringMatching(/scope “api”/) as string,
        action: expect.stringMatching(/by hand/) as string,
      },
    });
    expect((await get<Integration>(`/integrations/${integration.id}`)).health.state).toBe("ok");
    const { lines } = await get<{ lines: { message: string }[] }>(`/integrations/${integration.id}/log`);
    expect(lines.filter(({ message }) => message === "no webhook was made")).toHaveLength(1);
    await send("POST", `/integrations/${integration.id}/rotate`, {
      credential: { token: fake.access.mintToken("ada", ["api", "read_repository"]).value },
    });
    await settled();
    expect(await shown()).toMatchObject({ hooks: { made: 2, refused: 0, reason: null, action: null } });
    // One that was deleted at GitLab comes back with the next sync that a person asks for.
    sample.shop.hooks.clear();
    await send("POST", `/integrations/${integration.id}/sync`, { mode: "incremental" });
    await settled();
    expect(hooksAtGitLab()).toMatchObject({ shop: 1, docs: 1 });
  });

  it("that could not be delivered are fetched from GitLab, once each, and synced", async () => {
    await connect();
    await choose({ select: ["acme/platform/shop"] });
    await rename("Before the outage");
    await expect.poll(() => titleOf(1)).toContain("Before the outage");
    door.leadTo(null);
    addIssue(fake.state, sample.shop, { title: "Receipts are lost" });
    await rename("During the outage");
    await rename("Later in the outage");
    door.leadTo(server.address);
    const recover = async (): Promise<unknown> => {
      const job = await send<Job>("POST", `/integrations/${integration.id}/deliveries/recover`);
      return (await ended(job)).result?.["recovered"];
    };
    expect(await recover()).toBe(2);
    await expect.poll(() => titleOf(1)).toContain("Later in the outage");
    expect(await recover()).toBe(0);
    await settled();
    const { deliveries } = await get<{ deliveries: WebhookDelivery[] }>(`/integrations/${integration.id}/deliveries`);
    expect(deliveries.map(({ recovered, state }) => [recovered, state])).toEqual([
      [true, "done"],
      [true, "done"],
      [false, "done"],
    ]);
  });
});
