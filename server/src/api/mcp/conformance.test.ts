// The protocol's own conformance suite against our HTTP server: its guards, keys and MCP route, with the fixtures the suite calls by name.
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultWorkspace, localActor } from "../../access/actors.ts";
import { createAuthenticate } from "../../access/authenticate.ts";
import { readConfig } from "../../config.ts";
import { openApplication, type Application } from "../../application.ts";
import { createHttpServer } from "../http-server.ts";
import { actorOfAuthInfo, registerMcp } from "./http-route.ts";
import { createConformanceFixture } from "./testing/conformance-fixture.ts";

const suite = join(
  dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/package.json")),
  "dist",
  "index.js",
);
const silent = { debug() {}, info() {}, warn() {}, error() {} };

const asksClient =
  "asks the client in the midst of a 2025-11-25 call, which needs a session to hear the answer; OpenTrace keeps none and asks nothing";

/** What a revision requires: how many scenarios, and for each that does not pass here, why it cannot apply. */
const required = {
  "2025-11-25": {
    scenarios: 30,
    cannotApply: {
      "tools-call-sampling": asksClient,
      "tools-call-elicitation": asksClient,
      "elicitation-sep1034-defaults": asksClient,
      "elicitation-sep1330-enums": asksClient,
      "server-sse-multiple-streams": "the suite skips it where there is no session; the 2026-07-28 run passes it",
    },
  },
  "2026-07-28": { scenarios: 37, cannotApply: {} },
} as const;

let folder: string;
let application: Application;
let app: Awaited<ReturnType<typeof createHttpServer>>;
let withKey: Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "opentrace-conformance-"));
  const config = readConfig({
    env: { OPENTRACE_DATA: folder, OPENTRACE_PORT: "0", ENABLE_AUTH: "true" },
    cwd: folder,
  });
  application = await openApplication(config, silent);
  const { keys, verbs, invoke } = application;
  const fixture = createConformanceFixture();
  app = await createHttpServer({
    rates: null,
    config,
    verbs,
    invoke,
    authenticate: createAuthenticate({
      required: config.auth,
      verifyKey: (key) => keys.verify(key, defaultWorkspace),
      verifyToken: async () => null,
      verifySession: async () => null,
    }),
    readiness: async () => undefined,
    log: silent,
    version: "0",
    webFolder: folder,
    routes: [
      (scope) =>
        registerMcp(scope, {
          onReader: () => undefined,
          config,
          log: silent,
          factory: (context) => {
            if (actorOfAuthInfo(context.authInfo).kind !== "key") throw new Error("nobody was authenticated");
            return fixture(context);
          },
        }),
    ],
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { key } = await keys.create({ name: "conformance", scopes: ["viewer"] }, localActor, defaultWorkspace);
  // The suite can't send a key: this adds it and passes everything else on as it came.
  const { port } = app.server.address() as AddressInfo;
  withKey = createServer((from, to) => {
    const headers = { ...from.headers, authorization: `Bearer ${key}` };
    const on = request({ port, method: from.method, path: from.url, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(to);
    });
    on.on("error", () => to.destroy());
    to.on("close", () => on.destroy());
    from.pipe(on);
  });
  await new Promise<void>((resolve) => withKey.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  withKey.closeAllConnections();
  withKey.close();
  await app.close();
  await application.close();
  removeFolder(folder);
});

/** Scenario → checks passed and failed, of those that the revision requires. */
async function run(revision: string): Promise<Map<string, { passed: number; failed: number }>> {
  const { port } = withKey.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/mcp/v1`;
  const output = mkdtempSync(join(folder, `${revision}-`));
  const child = spawn(process.execPath, [suite, "server", "--url", url, "--requirements", revision, "-o", output], {
    cwd: output,
    env: { PATH: process.env.PATH ?? "", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await new Promise((resolve) => child.once("close", resolve));
  const results = new Map<string, { passed: number; failed: number }>();
  for (const [, name = "", passed, failed] of said.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed/gm))
    results.set(name, { passed: Number(passed), failed: Number(failed) });
  // Extensions, and what the suite's own reference server cannot pass yet, are run but required of nobody.
  for (const [, name = ""] of said.matchAll(/^ {2}[✓✗] (\S+) \((?:extension|pending|added-after-release)\)/gm))
    results.delete(name);
  return results;
}

describe("the MCP conformance suite", () => {
  it.each(["2025-11-25", "2026-07-28"] as const)(
    "finds all that %s requires, but for what a server without sessions cannot do",
    async (revision) => {
      const { scenarios, cannotApply } = required[revision];
      const results = await run(revision);
      expect(results.size).toBe(scenarios);
      const wanting = [...results].filter(([, { passed, failed }]) => failed > 0 || passed === 0);
      expect(Object.fromEntries(wanting)).toEqual(
        Object.fromEntries(Object.keys(cannotApply).map((name) => [name, expect.anything()])),
      );
    },
  );
});
