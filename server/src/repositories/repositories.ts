// The repositories of a workspace: their rows, and what is derived from them for the reader.
import { randomBytes } from "node:crypto";
import { type Selectable, sql } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import { repositoryKey } from "@opentrace/contract/keys.ts";
import type { Job, LanguageShare, Repository, SkippedPath, SkipReason } from "@opentrace/contract/repositories.ts";
import type { SealedColumn } from "../access/rotate-keys.ts";
import type { Sealer } from "../access/seal.ts";
import type { Secret } from "../access/secret.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { Store } from "../store/store.ts";
import type { RepositoriesTable } from "../store/tables.ts";

export type RepositoryRow = Selectable<RepositoriesTable>;

export interface RepositoriesDeps {
  store: Store;
  queue: JobQueue;
  sealer: Sealer;
  now(this: void): Date;
  /** Public id of a node by its key. */
  nodeIdOf(this: void, workspace: string, key: string): string;
}

export interface Repositories {
  insert(
    row: {
      source: string;
      repo: string;
      name: string;
      branch: string | null;
      defaultBranch: string | null;
      token: Secret | null;
    },
    workspace: string,
  ): Promise<RepositoryRow>;
  find(idOrKey: string, workspace: string): Promise<RepositoryRow>;
  all(workspace: string): Promise<RepositoryRow[]>;
  update(id: string, change: Partial<RepositoryRow>): Promise<void>;
  forget(id: string): Promise<void>;
  sealToken(id: string, token: Secret): string;
  tokenOf(row: RepositoryRow): Secret | null;
  present(rows: readonly RepositoryRow[], workspace: string): Promise<Repository[]>;
  skipped(
    row: RepositoryRow,
    page: { reason?: SkipReason; text?: string; after: string; limit: number },
  ): Promise<{ paths: SkippedPath[]; byReason: Partial<Record<SkipReason, number>> }>;
  /** Of the files that were read, the largest share first. */
  languages(row: RepositoryRow): Promise<LanguageShare[]>;
}

const purposeOf = (id: string): string => `repository-token:${id}`;
export const sealedOfRepositories: readonly SealedColumn[] = [
  { table: "repositories", column: "token", id: "id", purpose: purposeOf },
];

export function createRepositories({ store, queue, sealer, now, nodeIdOf }: RepositoriesDeps): Repositories {
  const db = store.app;

  async function countsOf(
    keys: readonly string[],
    workspace: string,
  ): Promise<Map<string, { nodes: number; edges: number }>> {
    if (keys.length === 0) return new Map();
    const rows = await store.graph
      .selectFrom("sources")
      .innerJoin("workspaces", "workspaces.id", "sources.workspace")
      .select(["sources.source", "sources.nodes", "sources.edges"])
      .where("workspaces.name", "=", workspace)
      .where("sources.source", "in", keys)
      .execute();
    return new Map(rows.map(({ source, nodes, edges }) => [source, { nodes, edges }]));
  }

  const filesOf = (row: RepositoryRow) =>
    store.graph
      .selectFrom("index_files")
      .innerJoin("sources", "sources.id", "index_files.source")
      .innerJoin("workspaces", "workspaces.id", "sources.workspace")
      .where("workspaces.name", "=", row.workspace)
      .where("sources.source", "=", row.key);

  return {
    async insert({ source, repo, name, branch, defaultBranch, token }, workspace) {
      const key = repositoryKey(repo);
      const id = `repo_${randomBytes(9).toString("base64url")}`;
      const row: RepositoryRow = {
        id,
        workspace,
        key,
        name,
        source,
        branch,
        default_branch: defaultBranch,
        token: token === null ? null : sealer.seal(token, purposeOf(id)),
        commit_sha: null,
        indexed_at: null,
        state: "new",
        error: null,
        files: 0,
        skipped: 0,
        created_at: now().getTime(),
      };
      const inserted = await db
        .insertInto("repositories")
        .values(row)
        .onConflict((conflict) => conflict.columns(["workspace", "key"]).doNothing())
        .returning("id")
        .executeTakeFirst();
      if (inserted === undefined) {
        const existing = await db
          .selectFrom("repositories")
          .selectAll()
          .where("workspace", "=", workspace)
          .where("key", "=", key)
          .executeTakeFirst();
        throw new AppError(
          "conflict",
          `${source} is here already, as ${existing?.name ?? name}. Sync that one instead, or change its branch.`,
          {
            details: { repositoryId: existing?.id, key },
          },
        );
      }
      return row;
    },

    async find(idOrKey, workspace) {
      const row = await db
        .selectFrom("repositories")
        .selectAll()
        .where("workspace", "=", workspace)
        .where(({ or, eb }) => or([eb("id", "=", idOrKey), eb("key", "=", idOrKey)]))
        .executeTakeFirst();
      if (row === undefined)
        throw new AppError("not_found", `There is no repository ${idOrKey}. List them at /api/v1/repositories.`);
      return row;
    },

    all: (workspace) =>
      db
        .selectFrom("repositories")
        .selectAll()
        .where("workspace", "=", workspace)
        .orderBy("name")
        .orderBy("id")
        .execute(),

    async update(id, change) {
      await db.updateTable("repositories").set(change).where("id", "=", id).execute();
    },

    async forget(id) {
      await db.deleteFrom("repositories").where("id", "=", id).execute();
    },

    sealToken: (id, token) => sealer.seal(token, purposeOf(id)),
    tokenOf: (row) => (row.token === null ? null : sealer.open(row.token, purposeOf(row.id))),

    async present(rows, workspace) {
      const [counts, jobs] = [
        await countsOf(
          rows.map((row) => row.key),
          workspace,
        ),
        await queue.latestOf(
          rows.map((row) => row.id),
          workspace,
        ),
      ];
      return rows.map((row) =>
        toRepository(
          row,
          jobs.get(row.id) ?? null,
          counts.get(row.key) ?? { nodes: 0, edges: 0 },
          nodeIdOf(workspace, row.key),
        ),
      );
    },

    async skipped(row, { reason, text, after, limit }) {
      const all = filesOf(row).where("index_files.skip_reason", "is not", null);
      const part = `%${(text ?? "").toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;
      const of =
        text === undefined
          ? all
          : all.where(
              sql<boolean>`(lower(index_files.path) like ${part} escape '\\' or lower(coalesce(index_files.skip_detail, '')) like ${part} escape '\\')`,
            );
      const counted = await of
        .select(({ fn }) => ["index_files.skip_reason as reason", fn.countAll<number>().as("count")])
        .groupBy("index_files.skip_reason")
        .execute();
      let query = of
        .select(["index_files.path", "index_files.skip_reason", "index_files.skip_detail"])
        .where("index_files.path", ">", after);
      if (reason !== undefined) query = query.where("index_files.skip_reason", "=", reason);
      const found = await query.orderBy("index_files.path").limit(limit).execute();
      return {
        paths: found.map((file) => ({
          path: file.path,
          reason: file.skip_reason as SkipReason,
          detail: file.skip_detail ?? "",
        })),
        byReason: Object.fromEntries(counted.map(({ reason: name, count }) => [name ?? "", count])),
      };
    },

    async languages(row) {
      const shares = await filesOf(row)
        .where("index_files.skip_reason", "is", null)
        .select(({ fn }) => [
          "index_files.language",
          fn.countAll<number | string>().as("files"),
          fn.sum<number | string>("index_files.size").as("bytes"),
        ])
        .groupBy("index_files.language")
        .execute();
      return shares
        .map(({ language, files, bytes }) => ({ language, files: Number(files), bytes: Number(bytes) }))
        .sort((a, b) => b.bytes - a.bytes || (a.language ?? "").localeCompare(b.language ?? ""));
    },
  };
}

function toRepository(
  row: RepositoryRow,
  job: Job | null,
  { nodes, edges }: { nodes: number; edges: number },
  nodeId: string,
): Repository {
  return {
    id: row.id,
    key: row.key,
    nodeId,
    name: row.name,
    source: row.source,
    branch: row.branch,
    defaultBranch: row.default_branch,
    hasToken: row.token !== null,
    commit: row.commit_sha,
    indexedAt: row.indexed_at === null ? null : new Date(row.indexed_at).toISOString(),
    state:
      job?.state === "running" || (job?.state === "queued" && row.state !== "failing")
        ? "syncing"
        : row.state === "syncing"
          ? row.commit_sha === null
            ? "new"
            : "ready"
          : row.state,
    error: row.error,
    counts: { files: row.files, skipped: row.skipped, nodes, edges },
    job,
    createdAt: new Date(row.created_at).toISOString(),
  };
}
