// What a disconnect would take away, counted before it does.
import type { DisconnectPreview } from "@opentrace/contract/integrations.ts";
import { decodeClaims } from "../graph/claims.ts";
import type { Store } from "../store/store.ts";
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
    ...(await countAlone(store, row)),
    scopes: scopes.length,
    repositories: connected.map((scope) => ({
      id: scope.repository_id ?? "",
      name: scope.name,
      removed: scope.repository_owned === 1,
    })),
    revokes,
  };
}

const scopesAtOnce = 500;
const nodesAtOnce = 1_000;

/** Nodes that nobody else claims: those are what goes. Edges are counted as claimed; another source may claim some of them, too. */
async function countAlone(store: Store, row: IntegrationRow): Promise<{ nodes: number; edges: number }> {
  const db = store.graph;
  const source = await db
    .selectFrom("sources")
    .innerJoin("workspaces", "workspaces.id", "sources.workspace")
    .select(["sources.id", "sources.edges"])
    .where("workspaces.name", "=", row.workspace)
    .where("sources.source", "=", sourceOf(row.id))
    .executeTakeFirst();
  if (source === undefined) return { nodes: 0, edges: 0 };
  const claimed = new Set<number>();
  for (let after = ""; ;) {
    const scopes = await db
      .selectFrom("scopes")
      .select(["name", "claims"])
      .where("source", "=", source.id)
      .where("name", ">", after)
      .orderBy("name")
      .limit(scopesAtOnce)
      .execute();
    for (const { claims } of scopes) for (const node of decodeClaims(claims).nodes) claimed.add(node);
    if (scopes.length < scopesAtOnce) break;
    after = scopes.at(-1)?.name ?? "";
    await new Promise(setImmediate);
  }
  const nodes = [...claimed];
  let others = 0;
  for (let at = 0; at < nodes.length; at += nodesAtOnce) {
    const { count } = await db
      .selectFrom("node_claims")
      .innerJoin("scopes", "scopes.id", "node_claims.scope")
      .select(({ fn }) => fn.count<number | string>("node_claims.node").distinct().as("count"))
      .where(store.graphEngine.isAnyOf("node_claims.node", "bigint", nodes.slice(at, at + nodesAtOnce)))
      .where("scopes.source", "!=", source.id)
      .executeTakeFirstOrThrow();
    others += Number(count);
    await new Promise(setImmediate);
  }
  return { nodes: nodes.length - others, edges: source.edges };
}
