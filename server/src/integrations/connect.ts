// Connecting: a credential that the vendor takes makes an integration; one that it refuses leaves nothing behind.
import type { AuthDefinition, Json } from "@opentrace/connectors/connector.ts";
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

/** With its credential stored: tests it, names the integration after the account, and takes it into service. */
export async function finishConnect(
  { integrations, testConnection }: Pick<ConnectDeps, "integrations" | "testConnection">,
  { row, name }: { row: IntegrationRow; name: string | null },
  signal: AbortSignal,
): Promise<{ row: IntegrationRow; test: IntegrationTest }> {
  const { test, error } = await testConnection(row, signal);
  if (error !== null) {
    const refused: boolean = isCredentialRefused(error);
    throw refused ? refuseField("credential", error.message, error) : error;
  }
  const wanted = name ?? test.account ?? row.name;
  const named = await unusedName(integrations, row, wanted);
  await integrations.update(row.id, { name: named, account: test.account });
  const fresh = await integrations.find(row.id, row.workspace);
  await integrations.setHealth(fresh, healthOfTest(test));
  return { row: await integrations.find(row.id, row.workspace), test: { ...test, name: named } };
}

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
