// `opentrace integrations …`: what is connected and how it is doing; connect by token, choose, sync, test, disconnect.
import { createInterface } from "node:readline/promises";
import { AppError } from "@opentrace/contract/errors.ts";
import type {
  AvailableIntegration,
  Integration,
  IntegrationLogLine,
  IntegrationTest,
  ScopeChoices,
  SyncRun,
} from "@opentrace/contract/integrations.ts";
import type { Job } from "@opentrace/contract/repositories.ts";
import { connect, type Client } from "../client.ts";
import { cut, none, note, plural, print, table } from "../output.ts";
import { awaitJob } from "./await-job.ts";
import type { CommonOptions } from "./verb-commands.ts";

type Values = Record<string, unknown>;
type Action = (client: Client, values: Values, signal: AbortSignal) => Promise<{ answer: unknown; text: string }>;

const id = (values: Values): string => String(values["integration"]);

const health = ({ health: { state, reason } }: Integration): string =>
  reason === null ? state : `${state}: ${reason}`;

const describeTest = ({ name, ok, error, checks }: IntegrationTest): string =>
  [
    `${name}: ${ok ? "ok" : (error?.message ?? "a permission is missing")}`,
    ...checks.map(
      (check) => `  ${check.state.padEnd(8)} ${check.name}${check.detail === null ? "" : `: ${check.detail}`}`,
    ),
  ].join("\n");

const actions: Record<string, Action> = {
  async list(client, _values, signal) {
    const answer = await client.call<{ integrations: Integration[] }>("integrations.list", {}, signal);
    const rows = answer.integrations.map((one) => [
      one.name,
      one.connector,
      plural(one.counts.items, "item"),
      one.syncing.length + one.waiting > 0 ? "syncing" : (one.lastSuccessAt ?? "never synced"),
      health(one),
    ]);
    return { answer, text: rows.length === 0 ? none("integrations") : table(rows) };
  },
  async available(client, _values, signal) {
    const answer = await client.call<{ integrations: AvailableIntegration[] }>("integrations.available", {}, signal);
    const rows = answer.integrations.map((one) => [one.id, one.auth.map(({ kind }) => kind).join(","), one.summary]);
    return { answer, text: table(rows) };
  },
  async connect(client, values, signal) {
    const variable = String(values["tokenEnv"]);
    const token = process.env[variable];
    if (token === undefined || token === "")
      throw new AppError(
        "bad_request",
        `The environment variable ${variable} holds no token. Set it, and never type a token on the command line.`,
      );
    const answer = await client.call<{ integration: Integration; test: IntegrationTest }>(
      "integrations.connect",
      {
        connector: values["connector"],
        auth: "token",
        credential: { token },
        config: values["url"] === undefined ? {} : { baseUrl: values["url"] },
        ...(values["name"] === undefined ? {} : { name: values["name"] }),
      },
      signal,
    );
    return { answer, text: describeTest(answer.test) };
  },
  async choices(client, { integration, ...by }, signal) {
    const answer = await client.call<ScopeChoices>("integrations.choices", { id: integration, ...by }, signal);
    const rows = answer.scopes.map((one) => [one.selected ? "*" : "", one.id, one.kind, one.name]);
    return { answer, text: rows.length === 0 ? none("choices") : table(rows) + cut(answer) };
  },
  async choose(client, { integration, scopes, all }, signal) {
    const wanted = (scopes as string[]).map((scope) => ({ id: scope }));
    const answer = await client.call<{ selected: number }>(
      "integrations.select",
      {
        id: integration,
        ...(wanted.length === 0 ? {} : { select: wanted }),
        ...(all === undefined ? {} : { selectAll: { kind: all } }),
      },
      signal,
    );
    return { answer, text: `${plural(answer.selected, "scope")} chosen; syncing.` };
  },
  async sync(client, { integration, full }, signal) {
    const answer = await client.call(
      "integrations.sync",
      { id: integration, mode: full === true ? "full" : "incremental" },
      signal,
    );
    return { answer, text: `Syncing. See: opentrace integrations runs ${String(integration)}` };
  },
  async test(client, { integration }, signal) {
    if (integration === undefined) {
      const answer = await client.call<{ tests: IntegrationTest[] }>("integrations.testAll", {}, signal);
      return {
        answer,
        text: answer.tests.length === 0 ? none("integrations") : answer.tests.map(describeTest).join("\n"),
      };
    }
    const answer = await client.call<IntegrationTest>("integrations.test", { name: integration }, signal);
    return { answer, text: describeTest(answer) };
  },
  async runs(client, values, signal) {
    const answer = await client.call<{ runs: SyncRun[] }>("integrations.runs", { id: id(values) }, signal);
    const rows = answer.runs.map((one) => [
      one.startedAt,
      one.trigger,
      one.state,
      one.scopeName ?? "",
      `${one.items} written, ${one.removed} removed, ${plural(one.requests, "request")}`,
      one.error ?? "",
    ]);
    return { answer, text: rows.length === 0 ? none("syncs") : table(rows) };
  },
  async log(client, values, signal) {
    const answer = await client.call<{ lines: IntegrationLogLine[] }>("integrations.log", { id: id(values) }, signal);
    const rows = answer.lines.map((line) => [line.at, line.level, line.message, JSON.stringify(line.fields)]);
    return { answer, text: rows.length === 0 ? none("lines") : table(rows) };
  },
  async pause(client, values, signal) {
    const answer = await client.call<Integration>("integrations.pause", { id: id(values) }, signal);
    return { answer, text: `${answer.name} is paused.` };
  },
  async resume(client, values, signal) {
    const answer = await client.call<Integration>("integrations.resume", { id: id(values) }, signal);
    return { answer, text: `${answer.name} syncs again.` };
  },
  async disconnect(client, values, signal) {
    const { id: found, name } = await client.call<Integration>("integrations.get", { id: id(values) }, signal);
    if (values["yes"] !== true) await confirm(name);
    const { job } = await client.call<{ job: Job }>("integrations.disconnect", { id: found, confirm: name }, signal);
    const answer = await awaitJob(client, job.id, signal);
    const revoked = answer.result?.["revoked"];
    return { answer, text: `${name} is disconnected. ${typeof revoked === "string" ? revoked : ""}` };
  },
};

export async function integrationCommand(
  action: string,
  values: Values,
  options: CommonOptions,
  signal: AbortSignal,
): Promise<void> {
  const run = actions[action];
  if (run === undefined) throw new AppError("internal", `There is no command integrations ${action}.`);
  const client = await connect(options);
  try {
    if (client.server === null && syncing.has(action))
      note("No server is running: what is queued is synced when one is started.");
    const { answer, text } = await run(client, values, signal);
    print(options.json === true ? JSON.stringify(answer, null, 2) : text);
  } finally {
    await client.close();
  }
}

const syncing = new Set(["choose", "sync", "resume"]);

/** Never asks where nobody can answer. */
async function confirm(name: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw new AppError(
      "bad_request",
      `Disconnecting ${name} removes what it brought. Say --yes to do it without being asked.`,
    );
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question(`Type "${name}" to disconnect it and remove what it brought: `);
  lines.close();
  if (answer.trim() !== name) throw new AppError("cancelled", "Not disconnected.");
}
