// `opentrace integrations …` beside a real server and a fake GitHub.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startGitHubServer, type GitHubServer } from "@opentrace/server/src/integrations/testing/github-server.ts";

const bin = join(import.meta.dirname, "bin", "opentrace.mjs");
let on: GitHubServer;
beforeAll(async () => {
  on = await startGitHubServer();
});
afterAll(() => on.close());

const opentrace = (args: string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(
      process.execPath,
      [bin, "integrations", ...args],
      { env: { ...process.env, OPENTRACE_DATA: on.server.folder, ...env } },
      (error, out, err) => resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err }),
    );
  });

it("connects, chooses, syncs, tests and disconnects from the command line, and prints no token", async () => {
  expect((await opentrace(["available"])).out).toMatch(/github\s+app,oauth2,token/);
  expect((await opentrace(["connect", "github"])).code).toBe(2);
  const token = on.token();
  const connected = await opentrace(["connect", "github", "--token-env", "GH", "--url", on.fake.urls.web], {
    GH: token,
  });
  expect(connected.out).toMatch(/acme: ok[\s\S]*granted\s+Issues: read/);
  const choices = await opentrace(["choices", "acme", "--search", "shop"]);
  const shop = /(\d+)\s+repository\s+acme\/shop/.exec(choices.out)?.[1] ?? "";
  expect((await opentrace(["choose", "acme", shop])).out).toContain("1 scope chosen");
  await on.settled();
  expect((await opentrace(["runs", "acme"])).out).toMatch(/configure\s+succeeded\s+acme\/shop/);
  expect((await opentrace(["list"])).out).toMatch(/acme\s+github\s+\d+ items\s+\S+\s+ok/);
  expect((await opentrace(["test"])).out).toContain("acme: ok");
  expect((await opentrace(["sync", "nothing"])).code).toBe(3);
  const kept = await opentrace(["disconnect", "acme"]);
  expect([kept.code, kept.err]).toEqual([2, expect.stringContaining("--yes")]);
  const gone = await opentrace(["disconnect", "acme", "--yes"]);
  expect(gone.out).toContain("acme is disconnected. GitHub lets nobody but you delete a personal access token");
  for (const { out, err } of [connected, choices, gone]) expect(`${out}${err}`).not.toContain(token);
});
