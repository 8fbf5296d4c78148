// Connecting: a credential that the vendor takes makes an integration; one that it refuses leaves nothing behind. A vendor that fails is
// asked again for a while; then what was got from it by signing in is kept, and tried again with the next test.
import { setTimeout as sleep } from "node:timers/promises";
import type { AuthDefinition, Json } from "@opentrace/connectors/connector.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { IntegrationTest } from "@opentrace/contract/integrations.ts";
import type { Connections } from "./connections.ts";
import { credentialSchema, parseForm, refuseField } from "./forms.ts";
import { isCredentialRefused } from "./health.ts";
import type { IntegrationRow, Integrations } from "./integrations.ts";
import { authMethod, type Registry } from "./registry.ts";
import type { TestConnection } from "./test-connection.ts";

export interface ConnectDeps {
  integrations: Integrations;
  registry: Registry;
  connections: Connections;
  testConnection: TestConnection;
  /** How long a vendor that fails is asked again. */
  patienceMs?: number;
}

export interface ConnectRequest {
  connector: string;
  auth: string;
  credential: unknown;
  config: unknown;
  name?: string | undefined;
}

interface Connected {
  row: IntegrationRow;
  /** Null while the user has yet to go to the vendor's page. */
  test: IntegrationTest | null;
}

export async function connect(
  deps: ConnectDeps,
  workspace: string,
  request: ConnectRequest,
  signal: AbortSignal,
): Promise<Connected> {
  const { integrations, registry } = deps;
  const connector = registry.find(request.connector);
  const method = authMethod(connector, request.auth);
  const config = parseForm(connector.config, request.config, "config");
  const later = leadsToVendor(method, request.credential);
  const credential =
    later && method.kind !== "oauth2" ? null : parseForm(credentialSchema(method), request.credential, "credential");
  const row = await integrations.insert({
    workspace,
    connector: connector.manifest.id,
    name: request.name ?? connector.manifest.name,
    auth: method.kind,
    config: JSON.stringify(config),
  });
  try {
    if (credential !== null)
      // Parsed from JSON.
      await integrations.saveCredential(row, { values: credential as Record<string, Json>, oauth: null });
    if (later) return { row, test: null };
    return await finishConnect(deps, { row, name: request.name ?? null }, signal);
  } catch (error) {
    deps.connections.forget(row.id);
    await integrations.forget(row.id);
    throw error;
  }
}

/** Nothing to type, or only the application to sign in with: the rest comes from the vendor's page. */
const leadsToVendor = (method: AuthDefinition<Record<string, unknown>>, typed: unknown): boolean =>
  method.kind === "oauth2" ||
  (method.flow !== undefined && (typeof typed !== "object" || typed === null || Object.keys(typed).length === 0));

type FinishDeps = Pick<ConnectDeps, "integrations" | "testConnection" | "patienceMs">;

/** With its credential stored: tests it, names the integration after the account, and takes it into service. */
async function finishConnect(
  deps: FinishDeps,
  { row, name }: { row: IntegrationRow; name: string | null },
  signal: AbortSignal,
): Promise<{ row: IntegrationRow; test: IntegrationTest }> {
  const { test, error } = await testPatiently(deps, row, signal);
  if (error !== null) {
    const refused: boolean = isCredentialRefused(error);
    throw refused ? refuseField("credential", error.message, error) : error;
  }
  const fresh = await takeIntoService(deps, row, name, test);
  return { row: fresh, test: { ...test, name: fresh.name } };
}

/** After a test that passed. */
async function takeIntoService(
  { integrations }: Pick<ConnectDeps, "integrations">,
  row: IntegrationRow,
  name: string | null,
  test: IntegrationTest,
): Promise<IntegrationRow> {
  const wanted = name ?? test.account ?? row.name;
  const named = await unusedName(integrations, row, wanted);
  await integrations.update(row.id, { name: named, account: test.account });
  const fresh = await integrations.find(row.id, row.workspace);
  await integrations.setHealth(fresh, healthOfTest(test));
  return await integrations.find(row.id, row.workspace);
}

/** What was signed in for is not to be had twice: it is kept, and the integration waits for a test that passes. */
export async function finishSignIn(
  deps: FinishDeps,
  { row, name }: { row: IntegrationRow; name: string | null },
  signal: AbortSignal,
): Promise<void> {
  try {
    await finishConnect(deps, { row, name }, signal);
  } catch (error) {
    if (row.state === "connecting" && error instanceof AppError && isVendorFailing(error))
      await deps.integrations.setHealth(row, {
        state: "failing",
        reason: error.message,
        action: "Test the connection again in some minutes: the sign-in is kept, so it is not needed once more.",
      });
    throw error;
  }
}

/** A test on request. An integration whose first test the vendor's failure prevented is connected by the first that passes. */
export async function testAgain(
  deps: Pick<ConnectDeps, "integrations" | "testConnection" | "registry">,
  row: IntegrationRow,
  signal: AbortSignal,
): Promise<IntegrationTest> {
  const { test, error } = await deps.testConnection(row, signal);
  if (error !== null || !isUnfinished(row)) return test;
  const { name } = await takeIntoService(deps, row, givenName(deps.registry, row), test);
  return { ...test, name };
}

/** What the user called it; null while it has only the vendor's name, which the account's replaces. */
export const givenName = (registry: Registry, row: IntegrationRow): string | null =>
  row.name === registry.find(row.connector).manifest.name ? null : row.name;

const isUnfinished = (row: IntegrationRow): boolean =>
  row.state === "failing" && row.account === null && row.last_success_at === null && row.credential !== null;

const patience = 25_000;
const firstPauseMs = 1_500;

/** It answered, or did not in time: says nothing about the credential, and may be over soon. A host that is not there is no such thing. */
const isVendorFailing = ({ code, details }: AppError): boolean =>
  code === "timeout" ||
  code === "rate_limited" ||
  code === "unavailable" ||
  (code === "upstream_failed" && Number(details?.["status"] ?? 0) >= 500);

async function testPatiently(
  { testConnection, patienceMs = patience }: FinishDeps,
  row: IntegrationRow,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<TestConnection>>> {
  const began = performance.now();
  let said: AppError | null = null;
  for (let tries = 1, pauseMs = firstPauseMs; ; tries++, pauseMs *= 2) {
    const tested = await testConnection(row, signal);
    const { error } = tested;
    if (error === null || !isVendorFailing(error)) return tested;
    // What it answered tells more than that it is left alone since.
    if (said === null || error.code !== "unavailable") said = error;
    const named = error.details?.["retryAt"];
    const retryAt = typeof named === "string" ? Date.parse(named) : NaN;
    const wait = Number.isNaN(retryAt) ? pauseMs : Math.max(pauseMs, retryAt - Date.now());
    const spent = performance.now() - began;
    if (spent + wait > patienceMs) return { ...tested, error: givenUp(said, tries, spent) };
    await sleep(wait, undefined, { signal });
  }
}

const givenUp = (said: AppError, tries: number, spentMs: number): AppError =>
  new AppError(
    said.code,
    `${said.message.replace(/\.$/, "")}. That was so ${tries === 1 ? "once" : `${tries} times`} within ${Math.max(1, Math.round(spentMs / 1000))} s, so nothing is known of the credential yet: the vendor fails, not what you gave. Try again in some minutes.`,
    { cause: said, ...(said.details === undefined ? {} : { details: said.details }) },
  );

/** A required permission that is missing is said before the first sync runs into it. */
function healthOfTest(test: IntegrationTest) {
  const missing = test.checks.filter((check) => check.state === "missing" && !check.optional);
  if (missing.length === 0) return { state: "ok" as const, reason: null, action: null };
  return {
    state: "degraded" as const,
    reason: `Missing at the vendor: ${missing.map((check) => `${check.name} (needed to ${check.why})`).join(", ")}.`,
    action: missing[0]?.detail ?? "Grant it at the vendor, then test the connection again.",
  };
}

/** Names are what people type, and disconnects are confirmed by: no two alike in a workspace. */
export async function unusedName(
  integrations: Integrations,
  row: Pick<IntegrationRow, "id" | "workspace">,
  wanted: string,
): Promise<string> {
  const taken = new Set(
    (await integrations.all(row.workspace)).filter((one) => one.id !== row.id).map((one) => one.name),
  );
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted} ${count}`;
  return name;
}
