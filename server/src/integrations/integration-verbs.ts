// The verbs on integrations: what can be connected, connect, list, look at, test, change, rotate, pause.
import { z } from "zod";
import type { Json } from "@opentrace/connectors/connector.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import { AuthKind, AvailableIntegration, Integration, IntegrationTest } from "@opentrace/contract/integrations.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { JobRunner } from "../jobs/job-runner.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { callbackUrlOf } from "./addresses.ts";
import { availableOf } from "./available.ts";
import { connect, type ConnectDeps, testAgain, unusedName } from "./connect.ts";
import { credentialSchema, parseForm, refuseField } from "./forms.ts";
import { isCredentialRefused } from "./health.ts";
import type { IntegrationRow } from "./integrations.ts";
import { presentNow, type Present } from "./present.ts";
import { authMethod } from "./registry.ts";
import { enqueueScan } from "./sync-queue.ts";

export interface IntegrationVerbsDeps extends ConnectDeps {
  queue: JobQueue;
  runner: Pick<JobRunner, "wake" | "cancelled">;
  present: Present;
  /** The server's own address, as vendors' pages lead back to it. */
  homeUrl(this: void): string;
}

export const IntegrationId = z.strictObject({
  id: z
    .string()
    .min(1)
    .max(200)
    .describe("The integration's id; its name or its connector's id will do where only one has it"),
});
const Fields = z.record(z.string().max(200), z.json());
const Name = z.string().trim().min(1).max(100);

const ConnectInput = z.strictObject({
  connector: z.string().min(1).max(100).describe("Which integration, e.g. github"),
  auth: AuthKind.describe("How to authenticate: one of the ways that integrations.available lists for it"),
  credential: Fields.default({}).describe("The fields of that way; sealed at rest, never returned"),
  config: Fields.default({}).describe("The integration's own settings, e.g. baseUrl"),
  name: Name.optional().describe("Your name for it; the account's name if absent"),
});
const ConnectOutput = z.object({ integration: Integration, test: IntegrationTest.nullable() });

export function integrationVerbs(deps: IntegrationVerbsDeps): Verb[] {
  const { integrations, registry, connections, testConnection, present, queue, runner, homeUrl } = deps;

  const answer = (row: IntegrationRow): Promise<Integration> => presentNow(deps, row);

  async function setPaused(id: string, workspace: string, paused: boolean): Promise<Integration> {
    const row = await integrations.find(id, workspace);
    await integrations.update(row.id, { paused: paused ? 1 : 0 });
    if (!paused && row.paused === 1) {
      await enqueueScan(queue, row, { cause: "schedule", mode: "incremental", onlyNew: false });
      runner.wake();
    }
    await integrations.changed(row.id, workspace);
    return answer(row);
  }

  return [
    defineVerb({
      name: "integrations.available",
      summary: "List what can be connected",
      description:
        "Every integration with what it provides, the ways to authenticate with their forms and permissions, what can be chosen to be synced, and how many of it are connected.",
      permission: "integrations:read",
      input: z.strictObject({}),
      output: z.object({ integrations: z.array(AvailableIntegration) }),
      http: { method: "GET", path: "/integrations/available" },
      async run({ workspace }) {
        const rows = await integrations.all(workspace);
        return {
          integrations: registry.all().map(({ connector }) => {
            const connected = rows.filter((row) => row.connector === connector.manifest.id).length;
            return availableOf(connector, connected, callbackUrlOf(homeUrl(), connector.manifest.id));
          }),
        };
      },
    }),
    defineVerb({
      name: "integrations.connect",
      summary: "Connect an integration",
      description:
        "Connects with a credential, after trying it: one that the vendor refuses leaves nothing behind. The answer holds the test, permission by permission. Nothing is synced until scopes are chosen. A way of authenticating that leads to the vendor's page makes the integration in the state connecting, and test is null.",
      permission: "integrations:write",
      input: ConnectInput,
      output: ConnectOutput,
      http: { method: "POST", path: "/integrations", status: 201 },
      writes: true,
      async run({ workspace, signal }, input) {
        const { row, test } = await connect(deps, workspace, input, signal);
        return { integration: await answer(row), test };
      },
    }),
    defineVerb({
      name: "integrations.list",
      summary: "List integrations",
      description: "What is connected, with its health, what it brought, what is running, and the vendor's budgets.",
      permission: "integrations:read",
      input: z.strictObject({}),
      output: z.object({ integrations: z.array(Integration) }),
      http: { method: "GET", path: "/integrations" },
      mcp: { tool: "list_integrations" },
      run: async ({ workspace }) => ({
        integrations: await present(await integrations.all(workspace), workspace),
      }),
    }),
    defineVerb({
      name: "integrations.get",
      summary: "Get an integration",
      description: "One integration with its health, what it brought, what is running, and the vendor's budgets.",
      permission: "integrations:read",
      input: IntegrationId,
      output: Integration,
      http: { method: "GET", path: "/integrations/{id}" },
      run: async ({ workspace }, { id }) => answer(await integrations.find(id, workspace)),
    }),
    defineVerb({
      name: "integrations.test",
      summary: "Test an integration",
      description:
        "Tries the credential and each of its permissions with a real call, and says how long each took and what to do about a missing one. `name` is the integration's name, its id, or its connector's id.",
      permission: "integrations:read",
      input: z.strictObject({ name: z.string().min(1).max(200) }),
      output: IntegrationTest,
      http: { method: "GET", path: "/integrations/test/{name}" },
      run: async ({ workspace, signal }, { name }) => testAgain(deps, await integrations.find(name, workspace), signal),
    }),
    defineVerb({
      name: "integrations.testAll",
      summary: "Test all integrations",
      description: "Tries every integration's credential and permissions. ok = all of them passed.",
      permission: "integrations:read",
      input: z.strictObject({}),
      output: z.object({ ok: z.boolean(), tests: z.array(IntegrationTest) }),
      http: { method: "GET", path: "/integrations/test/all" },
      async run({ workspace, signal }) {
        const tests: IntegrationTest[] = [];
        const rows = (await integrations.all(workspace)).filter((row) => row.credential !== null);
        // A few at once: one vendor that hangs must not use up the time of all.
        for (let at = 0; at < rows.length; at += testedAtOnce)
          tests.push(
            ...(await Promise.all(rows.slice(at, at + testedAtOnce).map((row) => testAgain(deps, row, signal)))),
          );
        return { ok: tests.every((test) => test.ok), tests };
      },
    }),
    defineVerb({
      name: "integrations.change",
      summary: "Change an integration's name or settings",
      description:
        "Gives it another name, or other settings (the ones left out stay). New settings are tried first; what is wrong with them is told field by field and nothing changes.",
      permission: "integrations:write",
      input: IntegrationId.extend({ name: Name.optional(), config: Fields.optional() }),
      output: Integration,
      http: { method: "PATCH", path: "/integrations/{id}" },
      writes: true,
      async run({ workspace, signal }, { id, name, config }) {
        if (name === undefined && config === undefined)
          throw new AppError("bad_request", "Give name or config: there is nothing to change.");
        const row = await integrations.find(id, workspace);
        if (name !== undefined && (await unusedName(integrations, row, name)) !== name)
          throw refuseField("name", `Another integration is called ${name} already.`);
        if (config !== undefined) await changeConfig(row, config, signal);
        if (name !== undefined) await integrations.update(row.id, { name });
        await integrations.changed(row.id, workspace);
        return answer(row);
      },
    }),
    defineVerb({
      name: "integrations.rotate",
      summary: "Rotate an integration's credential",
      description:
        "Puts another credential in the place of the old one, after trying it: one that the vendor refuses changes nothing. What was synced is kept, and syncing goes on where it was. End the old credential at the vendor.",
      permission: "integrations:write",
      input: IntegrationId.extend({ auth: AuthKind.optional(), credential: Fields }),
      output: ConnectOutput,
      http: { method: "POST", path: "/integrations/{id}/rotate" },
      writes: true,
      async run({ workspace, signal }, { id, auth, credential }) {
        const row = await integrations.find(id, workspace);
        const test = await rotate(row, auth ?? row.auth, credential, signal);
        await enqueueScan(queue, row, { cause: "configure", mode: "incremental", onlyNew: false });
        runner.wake();
        await integrations.changed(row.id, workspace);
        return { integration: await answer(row), test };
      },
    }),
    defineVerb({
      name: "integrations.pause",
      summary: "Pause an integration",
      description: "Nothing is synced any more until it is resumed, unless it is asked for. What was synced stays.",
      permission: "integrations:write",
      input: IntegrationId,
      output: Integration,
      http: { method: "POST", path: "/integrations/{id}/pause" },
      writes: true,
      run: ({ workspace }, { id }) => setPaused(id, workspace, true),
    }),
    defineVerb({
      name: "integrations.resume",
      summary: "Resume an integration",
      description: "Syncs again, from where it was.",
      permission: "integrations:write",
      input: IntegrationId,
      output: Integration,
      http: { method: "POST", path: "/integrations/{id}/resume" },
      writes: true,
      run: ({ workspace }, { id }) => setPaused(id, workspace, false),
    }),
  ];

  async function changeConfig(row: IntegrationRow, change: Record<string, Json>, signal: AbortSignal): Promise<void> {
    const connector = registry.find(row.connector);
    const before = JSON.parse(row.config) as Record<string, Json>;
    const next = JSON.stringify(parseForm(connector.config, { ...before, ...change }, "config"));
    if (next === row.config) return;
    const tried = { ...row, config: next };
    const { test, error } = await testConnection(tried, signal);
    if (error !== null) {
      connections.forget(row.id);
      throw refuseField("config", error.message, error);
    }
    await integrations.update(row.id, { config: next, account: test.account });
    connections.forget(row.id);
  }

  /** The authorizer reads the stored credential, so the new one is stored to be tried, and taken back when it is refused. */
  async function rotate(
    row: IntegrationRow,
    auth: string,
    typed: Record<string, Json>,
    signal: AbortSignal,
  ): Promise<IntegrationTest> {
    const method = authMethod(registry.find(row.connector), auth);
    if (method.kind === "oauth2") throw refuseField("auth", "Sign in at the vendor again to rotate this credential.");
    const values = parseForm(credentialSchema(method), typed, "credential") as Record<string, Json>;
    const before = integrations.credential(row);
    if (!(await integrations.saveCredential(row, { values, oauth: null })))
      throw new AppError("conflict", `The credential of ${row.name} is being changed by another. Try again.`);
    await integrations.update(row.id, { auth: method.kind });
    connections.forget(row.id);
    const tried = await integrations.find(row.id, row.workspace);
    const { test, error } = await testConnection(tried, signal).catch(async (failure: unknown) => {
      await takeBack(row, before);
      throw failure;
    });
    if (error === null) return test;
    await takeBack(row, before);
    if (isCredentialRefused(error)) throw refuseField("credential", error.message, error);
    throw error;
  }

  async function takeBack(row: IntegrationRow, before: ReturnType<typeof integrations.credential>): Promise<void> {
    const now = await integrations.find(row.id, row.workspace);
    if (before === null) await integrations.update(row.id, { credential: null, auth: row.auth });
    else {
      await integrations.saveCredential(now, before);
      await integrations.update(row.id, { auth: row.auth });
    }
    connections.forget(row.id);
    await integrations.setHealth(now, { state: row.state, reason: row.reason, action: row.action });
  }
}

const testedAtOnce = 4;
