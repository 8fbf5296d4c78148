// What a disconnect would take away, counted before it does.
import type { DisconnectPreview } from "@opentrace/contract/integrations.ts";
import type { Store } from "../store/store.ts";
import { claimedBy } from "./claimed.ts";
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
): Promise<DisconnectPreview> {
  const scopes = await integrations.scopes(row.id);
  const connected = scopes.filter((scope) => scope.repository_id !== null);
  const codeThatGoes = async (): Promise<string[]> => {
    const owned = connected.flatMap(({ repository_owned: is, repository_id: id }) =>
      is === 1 && id !== null ? [id] : [],
    );
    if (owned.length === 0) return [];
    const rows = await store.app.selectFrom("repositories").select("key").where("id", "in", owned).execute();
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
  return {
    confirm: row.name,
    ...(await countGoing(store, row, await codeThatGoes())),
    scopes: scopes.length,
    repositories: connected.map((scope) => ({
      id: scope.repository_id ?? "",
      name: scope.name,
      removed: scope.repository_owned === 1,
    })),
    revokes,
  };
}

const nodesAtOnce = 1_000;

/**
 * What the graph has less of afterwards: what the integration claims and no source does that stays, and the code of repositories that go
 * with it. An edge that another source claims, too, is counted.
 */
async function countGoing(
  store: Store,
  row: IntegrationRow,
  repositories: readonly string[],
): Promise<{ nodes: number; edges: number }> {
  const db = store.graph;
  const code =
    repositories.length === 0
      ? []
      : await db
          .selectFrom("sources")
          .innerJoin("workspaces", "workspaces.id", "sources.workspace")
          .select(["sources.id", "sources.nodes", "sources.edges"])
          .where("workspaces.name", "=", row.workspace)
          .where(store.graphEngine.isAnyOf("sources.source", "text", repositories))
          .execute();
  const claimed = await claimedBy(store, { workspace: row.workspace, source: sourceOf(row.id) });
  const total = {
    nodes: code.reduce((sum, one) => sum + one.nodes, 0),
    edges: code.reduce((sum, one) => sum + one.edges, 0),
  };
  if (claimed === null) return total;
  const nodes = [...claimed.nodes];
  // Claimed by others: they stay, or are counted with the code already.
  let others = 0;
  for (let at = 0; at < nodes.length; at += nodesAtOnce) {
    const { count } = await db
      .selectFrom("node_claims")
      .innerJoin("scopes", "scopes.id", "node_claims.scope")
      .select(({ fn }) => fn.count<number | string>("node_claims.node").distinct().as("count"))
      .where(store.graphEngine.isAnyOf("node_claims.node", "bigint", nodes.slice(at, at + nodesAtOnce)))
      .where("scopes.source", "!=", claimed.source)
      .executeTakeFirstOrThrow();
    others += Number(count);
    await new Promise(setImmediate);
  }
  return { nodes: total.nodes + nodes.length - others, edges: total.edges + claimed.edges };
}
