// A server that is killed in the middle of a sync, again and again: the next one goes on, and the graph ends as if nothing had happened.
// OPENTRACE_KILL_ROUNDS says how often, OPENTRACE_KILL_ITEMS how much there is to sync; the suite is content with a few.
import { setTimeout as sleep } from "node:timers/promises";
import { addIssue, addPull, addRepository, vendorTime } from "@opentrace/connectors/github/testing/fake-state.ts";
import type { Integration } from "@opentrace/contract/integrations.ts";
import { expect, it } from "vitest";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startGitHubServer, type GitHubServer } from "./testing/github-server.ts";
import { createServerProcess } from "./testing/server-process.ts";

const rounds = Number(process.env["OPENTRACE_KILL_ROUNDS"] ?? 2);
/** Issues of each of the two repositories. */
const items = Number(process.env["OPENTRACE_KILL_ITEMS"] ?? 230);

async function exported(url: string): Promise<string[]> {
  const text = await (await fetch(`${url}/api/v1/graph/export`)).text();
  return text
    .split("\n")
    .filter((line) => /"kind":"(?:node|edge)"/.test(line))
    .map((line) => line.replace(/"observedAt":"[^"]*",?/g, "").replace(/int_[\w-]{12}/g, "int"))
    .toSorted();
}

function fill({ fake }: GitHubServer): void {
  const updatedAt = vendorTime(new Date(Date.now() - 3_600_000));
  for (const name of ["acme/api", "acme/web"]) {
    const repository = addRepository(fake.state, name);
    for (let count = 0; count < items; count++) addIssue(fake.state, repository, { updatedAt });
    for (let count = 0; count < items / 6; count++) addPull(fake.state, repository, { updatedAt });
  }
}

forEachStore("a server killed in the middle of a sync", (test) => {
  it(
    "leaves it to the next one, which ends in the graph of an undisturbed one",
    { timeout: 900_000 + rounds * 60_000 },
    async () => {
      const on = await startGitHubServer(undefined, { OPENTRACE_INTEGRATIONS_EVERY: "0" });
      const server = createServerProcess(test.config);
      try {
        fill(on);
        const undisturbed = await on.connect();
        await on.post(`/integrations/${undisturbed.integration.id}/scopes`, { selectAll: { kind: "repository" } });
        await on.settled();
        const wanted = await exported(on.server.address);
        expect(wanted.length).toBeGreaterThan(1_000);
        const whole = on.fake.takeRequests().length;

        await server.start();
        const { integration } = await server.ask<{ integration: Integration }>("POST", "/integrations", {
          connector: "github",
          auth: "token",
          credential: { token: on.token() },
          config: { baseUrl: on.fake.urls.web, detailDays: 0 },
        });
        await server.ask("POST", `/integrations/${integration.id}/scopes`, { selectAll: { kind: "repository" } });
        on.fake.takeRequests();
        let served = 0;
        let syncs = 1;
        for (let round = 0; round < rounds; round++) {
          if (!(await server.isBusy())) {
            // Done before the last kill was: all of it once more, with its sweep.
            await server.ask("POST", `/integrations/${integration.id}/sync`, { mode: "full" });
            syncs++;
          }
          const enough = 3 + Math.floor(Math.random() * (whole / rounds));
          while (on.fake.requests.length < enough && (await server.isBusy())) await sleep(2);
          served += on.fake.takeRequests().length;
          await server.restart();
        }
        await server.settled();
        served += on.fake.takeRequests().length;
        const { health } = await server.ask<Integration>("GET", `/integrations/${integration.id}`);
        expect(health).toMatchObject({ state: "ok", reason: null });
        expect(await exported(server.url)).toEqual(wanted);
        // It went on at its cursors: a kill costs each running sync a page and the request under way, not what was done.
        expect(served).toBeLessThan(syncs * whole + rounds * 60);
        expect(on.fake.violations).toEqual([]);
      } finally {
        await server.remove();
        await on.close();
      }
    },
  );
});
