// What happens to repositories and installations at the vendor, as its webhooks and its lists tell it, through the real server and real git.
import { join } from "node:path";
import { addIssue, addRepository, renameRepository } from "@opentrace/connectors/github/testing/fake-state.ts";
import type { FakeRepository } from "@opentrace/connectors/github/testing/fake-state.ts";
import type { NodeAnswer } from "@opentrace/contract/graph-answers.ts";
import type { Integration, IntegrationLogLine, ScopeChoices, SelectedScope } from "@opentrace/contract/integrations.ts";
import type { Repository } from "@opentrace/contract/repositories.ts";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { createRepository, type TestRepository } from "../testing/test-server.ts";
import { startGitHubServer, type GitHubServer } from "./testing/github-server.ts";

forEachStore("at the vendor, a repository", (test) => {
  let on: GitHubServer;
  let git: TestRepository;
  let integration: Integration;
  let host: string;
  beforeAll(async () => {
    on = await startGitHubServer(test.config);
    git = createRepository({ "src/pay.py": "def charge(amount):\n    return amount\n" });
    on.sample.shop.gitFolder = join(git.path, ".git");
    host = new URL(on.fake.urls.web).host;
    const { app, installation } = on.sample;
    ({ integration } = await on.connect({
      auth: "app",
      credential: {
        appId: String(app.id),
        privateKey: app.pem,
        installationId: String(installation.id),
        webhookSecret: app.webhookSecret,
      },
    }));
    app.hookUrl = `${on.server.address}/api/v1/webhooks/github/${integration.id}`;
    const { scopes: found } = await on.get<ScopeChoices>(`/integrations/${integration.id}/choices?kind=organization`);
    await on.choose(integration.id, { select: [{ id: found[0]?.id }] });
    await worked();
  });
  afterAll(async () => {
    const violations = [...on.fake.violations];
    await on.close();
    git.remove();
    expect(violations).toEqual([]);
  });

  /** Ends when no delivery waits, and no job of any kind waits or runs. */
  async function worked(): Promise<void> {
    const waiting = async (): Promise<unknown[]> =>
      (await on.get<{ deliveries: unknown[] }>(`/integrations/${integration.id}/deliveries?state=received`)).deliveries;
    await vi.waitFor(async () => expect(await waiting()).toEqual([]), { timeout: 300_000 });
    await on.server.settled();
  }
  const tell = async (event: string, payload: Parameters<typeof on.fake.webhooks.emit>[3], about: FakeRepository) => {
    await on.fake.webhooks.emit(on.sample.app, on.sample.installation, event, payload, about);
    await worked();
  };
  const happens = (action: string, about: FakeRepository, changes?: Parameters<typeof tell>[1]) =>
    tell("repository", on.fake.webhooks.payloads.repository(action, changes), about);
  const scopes = async (): Promise<SelectedScope[]> =>
    (await on.get<{ scopes: SelectedScope[] }>(`/integrations/${integration.id}/scopes`)).scopes;
  const scopeOf = async ({ id }: FakeRepository) => (await scopes()).find((scope) => scope.id === String(id));
  const propsOf = async (name: string): Promise<Record<string, unknown> | null> => {
    const answer = await on.server.send("GET", `/api/v1/graph/nodes/${encodeURIComponent(`repo:${host}/${name}`)}`);
    return answer.status === 200 ? { ...(answer.body as NodeAnswer).node.props } : null;
  };
  const said = async (): Promise<string[]> =>
    (await on.get<{ lines: IntegrationLogLine[] }>(`/integrations/${integration.id}/log?level=warn`)).lines.map(
      (line) => `${line.message} ${JSON.stringify(line.fields)}`,
    );
  const sync = async (): Promise<void> => {
    await on.post(`/integrations/${integration.id}/sync`, {});
    await worked();
  };

  it("archived, made private or public is shown so at once, and nothing of it is read again", async () => {
    const { docs } = on.sample;
    for (const [action, change] of [
      ["archived", { archived: true }],
      ["unarchived", { archived: false }],
      ["privatized", { private: true }],
      ["publicized", { private: false }],
    ] as const) {
      Object.assign(docs, change);
      on.fake.takeRequests();
      await happens(action, docs);
      expect([action, await propsOf("acme/docs")]).toEqual([action, expect.objectContaining(change)]);
      expect(await scopeOf(docs)).toMatchObject({ ...change, state: "active" });
      // Asked what there is now, and that alone.
      expect(new Set(on.fake.takeRequests().map(({ path }) => path))).toEqual(new Set(["/installation/repositories"]));
    }
  });

  it("pushed to is indexed again by the webhook alone", async () => {
    const { shop } = on.sample;
    const named = async (name: string) =>
      (await on.get<{ nodes: { name: string }[] }>(`/graph/nodes?type=Function&limit=50`)).nodes.some(
        (node) => node.name === name,
      );
    expect([await named("charge"), await named("refund")]).toEqual([true, false]);
    git.write({
      "src/pay.py": "def charge(amount):\n    return amount\n\ndef refund(amount):\n    return charge(-amount)\n",
    });
    const head = git.commit("Refund");
    await tell("push", on.fake.webhooks.payloads.push(shop, "another", head), shop);
    expect(await named("refund")).toBe(false);
    await tell("push", on.fake.webhooks.payloads.push(shop, "main", head), shop);
    expect(await named("refund")).toBe(true);
    const { repositories } = await on.get<{ repositories: Repository[] }>("/repositories");
    expect(repositories.find((one) => one.name === "acme/shop")).toMatchObject({ state: "ready", commit: head });
  });

  it("renamed has everything under its new name, code too, and nothing under the old one", async () => {
    const { shop } = on.sample;
    renameRepository(on.fake.state, shop, "acme/store");
    await happens("renamed", shop, { repository: { name: { from: "shop" } } });
    expect(await scopeOf(shop)).toMatchObject({ name: "acme/store", state: "active" });
    expect(await propsOf("acme/shop")).toBeNull();
    expect(await propsOf("acme/store")).toMatchObject({ topics: ["payments"] });
    const lines = (await on.graph()).join("\n");
    expect(lines).toContain(`file:${host}/acme/store#src/pay.py`);
    expect(lines).toContain(`issue:${host}/acme/store#`);
    expect(lines).not.toMatch(new RegExp(`"[a-z]+:${host}/acme/shop["#]`));
  });

  it("transferred out of the organization that was chosen leaves, with its data", async () => {
    const { docs } = on.sample;
    addIssue(on.fake.state, docs, { title: "Goes along", author: "ada", labels: [] });
    await sync();
    expect((await on.graph()).join("\n")).toContain("Goes along");
    renameRepository(on.fake.state, docs, "globex/docs");
    // GitHub tells the new owner; here it is a change of what the installation is given.
    await on.fake.webhooks.emitRepositories(on.sample.app, on.sample.installation, { added: [], removed: [docs] });
    await worked();
    expect(await scopeOf(docs)).toBeUndefined();
    expect((await on.graph()).join("\n")).not.toContain("Goes along");
    expect((await said())[0]).toContain("no longer shared; its data is removed");
  });

  it("deleted without a word is kept at the first look, and gone with its data at the second", async () => {
    const added = addRepository(on.fake.state, "acme/short-lived");
    addIssue(on.fake.state, added, { title: "Of the short-lived one", author: "ada", labels: [] });
    await sync();
    expect(await scopeOf(added)).toMatchObject({ state: "active" });
    on.fake.state.repositories.delete(added.id);
    await sync();
    expect(await scopeOf(added)).toMatchObject({ state: "lost" });
    expect((await on.integration(integration.id)).health).toMatchObject({
      state: "degraded",
      reason: expect.stringContaining("acme/short-lived") as string,
    });
    expect((await on.graph()).join("\n")).toContain("Of the short-lived one");
    await sync();
    expect(await scopeOf(added)).toBeUndefined();
    expect((await on.graph()).join("\n")).not.toContain("Of the short-lived one");
    expect((await said())[0]).toContain("deleted at the vendor or no longer shared; its data is removed");
    await sync();
    expect((await on.integration(integration.id)).health).toMatchObject({ state: "ok", reason: null });
  });

  it("that is there although no list shows it stays", async () => {
    const { shop } = on.sample;
    const before = await on.graph();
    on.fake.access.settings.unlisted.add(shop.id);
    for (let round = 0; round < 3; round++) await sync();
    expect(await scopeOf(shop)).toMatchObject({ name: "acme/store", state: "active" });
    expect(await on.graph()).toEqual(before);
    on.fake.access.settings.unlisted.clear();
  });

  it("is kept when a credential shows nothing at all any more, however often it is looked for", async () => {
    const before = await on.graph();
    const { tokens } = on.fake.access;
    const given = (repositories: Set<number> | "all"): void => {
      for (const token of tokens.values()) token.repositories = repositories;
    };
    given(new Set());
    for (let round = 0; round < 3; round++) await sync();
    expect((await scopes()).map(({ state }) => state)).not.toContain("active");
    expect((await on.integration(integration.id)).health).toMatchObject({ state: "degraded" });
    expect(await on.graph()).toEqual(before);
    given("all");
    await sync();
    expect((await scopes()).every(({ state }) => state === "active")).toBe(true);
    expect((await on.integration(integration.id)).health).toMatchObject({ state: "ok" });
  });

  it("stays as it is when the App is uninstalled, which is said with what to do", async () => {
    const { app, installation } = on.sample;
    const before = await on.graph();
    on.fake.access.installations.delete(installation.id);
    await on.fake.webhooks.emitInstallation(app, installation, "deleted", []);
    await worked();
    expect((await on.integration(integration.id)).health).toMatchObject({
      state: "unauthorized",
      reason: expect.stringContaining("uninstalled") as string,
      action: expect.stringContaining("kept") as string,
    });
    expect(await on.graph()).toEqual(before);
  });
});
