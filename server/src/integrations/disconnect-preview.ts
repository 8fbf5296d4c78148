// What a disconnect would take away, counted before it does.
import type { DisconnectPreview } from "@opentrace/contract/integrations.ts";
import type { Store } from "../store/store.ts";
import { countGoing, type Going } from "./count-going.ts";
import { sourceOf, type IntegrationRow, type Integrations } from "./integrations.ts";
import { authMethod, type Registry } from "./registry.ts";

export interface DisconnectPreviewDeps {
  store: Store;
  integrations: Integrations;
  registry: Registry;
}

export async function previewDisconnect(
  { store, integrations, registry }: DisconnectPreviewDeps,
  row: IntegrationRow,
  signal: AbortSignal,
): Promise<DisconnectPreview> {
  const scopes = await integrations.scopes(row.id);
  const connected = scopes.filter((scope) => scope.repository_id !== null);
  const inherited = await chosenByOthers(store, row);
  const goes = ({ repository_owned: owned, repository_id: id }: (typeof scopes)[number]): boolean =>
    owned === 1 && id !== null && !inherited.has(id);
  const codeThatGoes = async (): Promise<string[]> => {
    const ids = connected.filter(goes).flatMap(({ repository_id: id }) => (id === null ? [] : [id]));
    if (ids.length === 0) return [];
    const rows = await store.app
      .selectFrom("repositories")
      .select("key")
      .where(store.appEngine.isAnyOf("id", "text", ids))
      .execute();
    return rows.map(({ key }) => key);
  };
  const connector = registry.find(row.connector);
  const method = authMethod(connector, row.auth);
  const endpoints = method.kind === "oauth2" ? method.endpoints(connector.config.parse(JSON.parse(row.config))) : null;
  const revokes =
    row.credential === null
      ? null
      : endpoints?.revoke != null
        ? `The sign-in at ${connector.manifest.name} is revoked.`
        : connector.disconnect === undefined
          ? `${connector.manifest.name} has no way to end the credential from here: end it there.`
          : `What ${connector.manifest.name} lets us end of the credential is ended; the answer says what is left for you to do.`;
  const { gone, kept, exact } = await countAll(store, row, await codeThatGoes(), signal);
  return {
    confirm: row.name,
    ...gone,
    kept,
    exact,
    scopes: scopes.length,
    repositories: connected.map((scope) => ({
      id: scope.repository_id ?? "",
      name: scope.name,
      removed: goes(scope),
    })),
    revokes,
  };
}

/** Repositories that scopes of other integrations bring, too: those inherit them. */
async function chosenByOthers(store: Store, row: IntegrationRow): Promise<ReadonlySet<string | null>> {
  const rows = await store.app
    .selectFrom("integration_scopes")
    .innerJoin("integrations", "integrations.id", "integration_scopes.integration")
    .select("integration_scopes.repository_id")
    .where("integrations.workspace", "=", row.workspace)
    .where("integrations.removing", "=", 0)
    .where("integrations.id", "!=", row.id)
    .where("integration_scopes.state", "=", "active")
    .where("integration_scopes.repository_id", "is not", null)
    .execute();
  return new Set(rows.map(({ repository_id: id }) => id));
}

/** The integration's own facts, and the code of repositories that go with it. */
async function countAll(
  store: Store,
  row: IntegrationRow,
  repositories: readonly string[],
  signal: AbortSignal,
): Promise<Going> {
  const own = sourceOf(row.id);
  const sources = await store.graph
    .selectFrom("sources")
    .innerJoin("workspaces", "workspaces.id", "sources.workspace")
    .select(["sources.id", "sources.source", "sources.nodes", "sources.edges"])
    .where("workspaces.name", "=", row.workspace)
    .where(store.graphEngine.isAnyOf("sources.source", "text", [own, ...repositories]))
    .execute();
  const ownFirst = sources.toSorted((a, b) => Number(b.source === own) - Number(a.source === own));
  return await countGoing(store, ownFirst, signal);
}
