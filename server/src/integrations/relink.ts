// After code was indexed: the symbols that change requests touch are looked up again, for those that change a file that changed.
import type { EdgeFact, ScopeFacts } from "@opentrace/contract/facts.ts";
import type { Props } from "@opentrace/contract/graph.ts";
import { decodeEvidence } from "../graph/evidence.ts";
import type { Ingest } from "../graph/ingest.ts";
import { nodeId } from "../graph/node-id.ts";
import { findWorkspace } from "../graph/workspaces.ts";
import { edgeTypeNumbers, nodeTypeNumber } from "../graph/vocabulary.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { JobHandler } from "../jobs/job-runner.ts";
import type { Repositories, RepositoryRow } from "../repositories/repositories.ts";
import type { Store } from "../store/store.ts";
import { type LinkChanges, symbolScopeOf } from "./link-changes.ts";

const relinkJob = "integration.relink";
const relinkResource = (repositoryId: string): string => `relink:${repositoryId}`;

export interface RelinkDeps {
  store: Store;
  ingest: Ingest;
  repositories: Repositories;
  linkChanges: LinkChanges;
}

const nodesAPage = 2_000;
const filesAtOnce = 200;
const changes = edgeTypeNumbers(["CHANGES"])[0]!;
const pullRequest = nodeTypeNumber("PullRequest")!;

/** Queued after every index run that wrote something; the job works off what changed since it last ended. */
export async function enqueueRelink(queue: JobQueue, row: Pick<RepositoryRow, "id" | "workspace">): Promise<void> {
  await queue.enqueue({
    kind: relinkJob,
    resource: relinkResource(row.id),
    input: {},
    workspace: row.workspace,
    maxAttempts: 4,
  });
}

export function relinkJobs(deps: RelinkDeps): Record<string, JobHandler> {
  const { store, repositories } = deps;
  const settingOf = (id: string): string => `relinked:${id}`;

  return {
    [relinkJob]: {
      async run(_input, { job, workspace, signal, assertHeld }) {
        const id = job.resource.slice(relinkResource("").length);
        const row = (await repositories.all(workspace)).find((one) => one.id === id);
        const setting = store.app.deleteFrom("settings").where("workspace", "=", workspace);
        if (row === undefined) {
          await setting.where("name", "=", settingOf(id)).execute();
          return { skipped: "The repository was removed." };
        }
        const known = await store.app
          .selectFrom("settings")
          .select("value")
          .where("workspace", "=", workspace)
          .where("name", "=", settingOf(id))
          .executeTakeFirst();
        const since = known === undefined ? { version: 0, at: 0 } : (JSON.parse(known.value) as Since);
        const found = await findWorkspace(store.graph, workspace);
        if (found === null) return { files: 0, linked: 0 };
        const done = await relink(deps, { row, workspace: found.id, since, assertHeld }, signal);
        await assertHeld();
        const value = JSON.stringify({ version: found.version, at: row.indexed_at ?? 0 } satisfies Since);
        const at = Date.now();
        await store.app
          .insertInto("settings")
          .values({ workspace, name: settingOf(id), value, updated_at: at })
          .onConflict((conflict) => conflict.columns(["workspace", "name"]).doUpdateSet({ value, updated_at: at }))
          .execute();
        return done;
      },
    },
  };
}

/** Up to which version of the graph links were made, and when the repository had been indexed then. */
interface Since {
  version: number;
  at: number;
}

interface Relink {
  row: RepositoryRow;
  workspace: number;
  since: Since;
  assertHeld(this: void): Promise<void>;
}

async function relink(
  { store, ingest, linkChanges }: RelinkDeps,
  { row, workspace, since, assertHeld }: Relink,
  signal: AbortSignal,
): Promise<{ files: number; linked: number }> {
  const repository = row.key.replace(/^repo:/, "");
  const done = new Set<number>();
  let files = 0;
  for await (const paths of changedFiles(store, { workspace, repository, since: since.version }, signal)) {
    files += paths.length;
    const ids = paths.map((path) => nodeId(row.workspace, `file:${repository}#${path}`));
    const scopes = (await scopesThatChange(store, workspace, ids)).filter((scope) => !done.has(scope.id));
    for (const scope of scopes) {
      signal.throwIfAborted();
      done.add(scope.id);
      const ref = { workspace: row.workspace, source: scope.source };
      const isLinked = (await ingest.hashesOf(ref, [symbolScopeOf(scope.name)])).size > 0;
      if (isLinked && !needsNewLinks(scope.props, since.at)) continue;
      await assertHeld();
      await linkChanges(ref, [await factsOf(store, workspace, scope)], signal);
      // Removed by its sync meanwhile: what was just linked has nobody left to take it back.
      if (!(await ingest.hashesOf(ref, [scope.name])).has(scope.name))
        await ingest.apply(
          ref,
          { scopes: [], removedScopes: [symbolScopeOf(scope.name)], files: [], removedFiles: [] },
          signal,
        );
    }
  }
  return { files, linked: done.size };
}

/**
 * An open one is about the newest code. The lines of a merged one are those of the code as it was merged: once they were looked up in
 * that, code that has moved on since can only make it worse.
 */
function needsNewLinks(props: Props, indexedAt: number): boolean {
  const { state, mergedAt } = props;
  if (state === "open" || state === "opened") return true;
  return typeof mergedAt === "string" && Date.parse(mergedAt) > indexedAt;
}

/** Paths of files in which a node changed since a version of the graph, each once. */
async function* changedFiles(
  store: Store,
  { workspace, repository, since }: { workspace: number; repository: string; since: number },
  signal: AbortSignal,
): AsyncGenerator<string[]> {
  const prefixes = [`file:${repository}#`, `symbol:${repository}#`];
  const seen = new Set<string>();
  let batch: string[] = [];
  let after = { version: since, id: Number.MAX_SAFE_INTEGER };
  for (;;) {
    signal.throwIfAborted();
    const rows = await store.graph
      .selectFrom("nodes")
      .select(["id", "version", "key"])
      .where("workspace", "=", workspace)
      .where(({ or, and, eb }) =>
        or([eb("version", ">", after.version), and([eb("version", "=", after.version), eb("id", ">", after.id)])]),
      )
      .where("version", ">=", after.version)
      .orderBy("version")
      .orderBy("id")
      .limit(nodesAPage)
      .execute();
    for (const { key } of rows) {
      const prefix = prefixes.find((one) => key.startsWith(one));
      const path = prefix === undefined ? undefined : key.slice(prefix.length).split("#", 1)[0];
      if (path === undefined || seen.has(path)) continue;
      seen.add(path);
      batch.push(path);
      if (batch.length < filesAtOnce) continue;
      yield batch;
      batch = [];
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < nodesAPage) break;
    after = { version: last.version, id: last.id };
    await new Promise(setImmediate);
  }
  if (batch.length > 0) yield batch;
}

interface ChangeScope {
  id: number;
  name: string;
  source: string;
  pull: number;
  key: string;
  props: Props;
}

/** What integrations claim of change requests that change these files. */
async function scopesThatChange(store: Store, workspace: number, files: readonly number[]): Promise<ChangeScope[]> {
  const rows = await store.graph
    .selectFrom("edges")
    .innerJoin("nodes", "nodes.id", "edges.src")
    .innerJoin("scopes", "scopes.id", "edges.scope")
    .innerJoin("sources", "sources.id", "scopes.source")
    .select(["scopes.id", "scopes.name", "sources.source", "nodes.id as pull", "nodes.key", "nodes.props"])
    .distinct()
    .where(store.graphEngine.isAnyOf("edges.dst", "bigint", files))
    .where("edges.type", "=", changes)
    .where("nodes.type", "=", pullRequest)
    .where("nodes.workspace", "=", workspace)
    .where("sources.kind", "=", "integration")
    .execute();
  return rows
    .filter((row) => !row.name.endsWith(symbolScopeOf("")))
    .map(({ props, ...row }) => ({ ...row, props: props === null ? {} : (JSON.parse(props) as Props) }));
}

/** The edges CHANGES of a scope as they were claimed; files that are not indexed have no symbols to be found. */
async function factsOf(store: Store, workspace: number, { id, name, pull, key }: ChangeScope): Promise<ScopeFacts> {
  const rows = await store.graph
    .selectFrom("edges")
    .innerJoin("nodes", "nodes.id", "edges.dst")
    .select(["nodes.key", "edges.props", "edges.evidence"])
    .where("edges.src", "=", pull)
    .where("edges.type", "=", changes)
    .where("edges.scope", "=", id)
    .where("nodes.workspace", "=", workspace)
    .orderBy("nodes.key")
    .execute();
  const edges = rows.map(({ key: to, props, evidence }): EdgeFact => ({
    from: key,
    to,
    type: "CHANGES",
    ...(props === null ? {} : { props: JSON.parse(props) as Props }),
    ...(evidence === null ? {} : { evidence: decodeEvidence(evidence, name) }),
  }));
  return { scope: name, nodes: [], edges };
}
