// Connecting while the vendor fails: it is asked again with pauses, the user is told what it is, and what can't be had twice is kept.
import type { Integration, IntegrationTest } from "@opentrace/contract/integrations.ts";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { connect, finishSignIn } from "./connect.ts";
import { startGitHubServer, type GitHubServer } from "./testing/github-server.ts";

const listing = /GET \/user\/repos/;
const failing = { is: "status", status: 500 } as const;

forEachStore("connecting while the vendor fails", (test) => {
  let on: GitHubServer;
  beforeAll(async () => {
    on = await startGitHubServer(test.config);
  });
  afterAll(async () => {
    const violations = [...on.fake.violations];
    await on.close();
    expect(violations).toEqual([]);
  });
  afterEach(() => on.fake.clearFaults());

  const { signal } = new AbortController();
  const parts = () => on.server.application.integrations.parts;
  const all = async (): Promise<Integration[]> =>
    (await on.get<{ integrations: Integration[] }>("/integrations")).integrations;
  const request = () => ({
    connector: "github",
    auth: "token",
    credential: { token: on.token() },
    config: { baseUrl: on.fake.urls.web, detailDays: 0 },
  });

  it("waits until the vendor is well again", async () => {
    // One more than a single request is tried.
    on.fake.fail(listing, failing, 4);
    const { integration, test: tested } = await on.connect();
    expect(tested.ok).toBe(true);
    expect(integration).toMatchObject({ name: "acme", health: { state: "ok" } });
    expect((await on.disconnect(integration)).state).toBe("succeeded");
  });

  it("gives up after a while, says that the credential is not to blame, and leaves nothing behind", async () => {
    on.fake.fail(listing, failing, 100);
    const refused = connect({ ...parts(), patienceMs: 6_000 }, "default", request(), signal);
    await expect(refused).rejects.toMatchObject({
      code: "upstream_failed",
      message: expect.stringMatching(
        /answered 500 to GET .*\/user\/repos.*within \d+ s.*Try again in some minutes/,
      ) as string,
    });
    expect(await all()).toEqual([]);
    on.fake.clearFaults();
  });

  it("does not wait for a host that is not there", async () => {
    const nowhere = { ...request(), config: { baseUrl: "http://127.0.0.1:1" } };
    await expect(connect(parts(), "default", nowhere, signal)).rejects.toMatchObject({
      code: "upstream_failed",
      message: expect.not.stringContaining("Try again in some minutes") as string,
    });
    expect(await all()).toEqual([]);
  });

  it("keeps what was signed in for, and is connected by the next test that passes", async () => {
    const { integrations } = parts();
    const row = await integrations.insert({
      workspace: "default",
      connector: "github",
      name: "GitHub",
      auth: "token",
      config: JSON.stringify(request().config),
    });
    await integrations.saveCredential(row, { values: request().credential, oauth: null });
    on.fake.fail(listing, failing, 100);
    const signedIn = await integrations.find(row.id, "default");
    await expect(finishSignIn({ ...parts(), patienceMs: 0 }, { row: signedIn, name: null }, signal)).rejects.toThrow(
      "500",
    );
    const { health } = await on.integration(row.id);
    expect(health).toMatchObject({
      state: "failing",
      action: expect.stringContaining("the sign-in is kept") as string,
    });
    expect(health.reason).toContain("answered 500");
    const still = await on.get<IntegrationTest>(`/integrations/test/${row.id}`);
    expect([still.ok, still.error?.code]).toEqual([false, expect.stringMatching(/upstream_failed|unavailable/)]);

    on.fake.clearFaults();
    // The host was left alone meanwhile.
    await expect
      .poll(async () => (await on.get<IntegrationTest>(`/integrations/test/${row.id}`)).ok, {
        timeout: 300_000,
        interval: 1_000,
      })
      .toBe(true);
    expect(await on.integration(row.id)).toMatchObject({ name: "acme", account: "acme", health: { state: "ok" } });
    await on.disconnect({ id: row.id, name: "acme" });
  });
});
