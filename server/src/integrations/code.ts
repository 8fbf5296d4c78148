// The code of connected repositories: each scope that has code has a repository of the indexer, read with a token that is minted for the run.
import { createHash } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@opentrace/contract/errors.ts";
import { repositoryKey } from "@opentrace/contract/keys.ts";
import { Secret } from "../access/secret.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { GitAccess, GitSources } from "../repositories/git-sources.ts";
import type { Repositories, RepositoryRow } from "../repositories/repositories.ts";
import { indexJob, removeJob } from "../repositories/repository-verbs.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../verb.ts";
import type { Connections } from "./connections.ts";
import type { IntegrationRow, Integrations, ScopeRow } from "./integrations.ts";

export interface IntegrationCode {
  /**
   * The scope's repository is there, under its present name and on its branch, and is brought up to date. What stands in the way is told in
   * the integration's log: issues and pull requests can be synced without the code.
   */
  bring(row: IntegrationRow, scope: ScopeRow, signal: AbortSignal): Promise<void>;
  /** Another branch was chosen; the repository may not be there yet. */
  branchChanged(row: Pick<IntegrationRow, "workspace">, scope: ScopeRow): Promise<void>;
  /** The scope goes: so does the repository, unless a user had added it or another scope needs it. Can be called again. */
  release(row: Pick<IntegrationRow, "id" | "workspace">, scope: Pick<ScopeRow, "scope">): Promise<void>;
  /** What git reads a repository with: the user's own token, else what a connected code host gives now. */
  accessOf(row: RepositoryRow, signal: AbortSignal): Promise<GitAccess>;
}

export interface IntegrationCodeDeps {
  store: Store;
  integrations: Integrations;
  connections: Connections;
  repositories: Repositories;
  sources: Pick<GitSources, "describe">;
  queue: JobQueue;
  feed: EventFeed;
  /** For certificates of private hosts: git takes them as files. */
  cacheFolder: string;
  log: Log;
  wake(this: void): void;
}

export function createIntegrationCode(deps: IntegrationCodeDeps): IntegrationCode {
  const { store, integrations, connections, repositories, sources, queue, feed, log, wake } = deps;

  const byId = async (id: string | null, workspace: string): Promise<RepositoryRow | null> =>
    id === null ? null : ((await repositories.all(workspace)).find((row) => row.id === id) ?? null);

  async function enqueue(kind: string, row: RepositoryRow, workspace: string): Promise<void> {
    const job = await queue.enqueue({ kind, resource: row.id, input: {}, workspace, maxAttempts: 3 });
    await feed.publish({ type: "job.updated", job }, workspace);
    wake();
  }

  /** Scopes, of whatever integration, whose code a repository is. */
  const scopesOf = (repositoryId: string, workspace: string) =>
    store.app
      .selectFrom("integration_scopes")
      .innerJoin("integrations", "integrations.id", "integration_scopes.integration")
      .select(["integration_scopes.integration", "integration_scopes.scope", "integration_scopes.repository_owned"])
      .where("integrations.workspace", "=", workspace)
      .where("integrations.removing", "=", 0)
      .where("integration_scopes.state", "=", "active")
      .where("integration_scopes.repository_id", "=", repositoryId)
      .orderBy("integration_scopes.created_at")
      .execute();

  async function release(
    row: Pick<IntegrationRow, "id" | "workspace">,
    { scope }: Pick<ScopeRow, "scope">,
  ): Promise<void> {
    // As it is now: the caller's copy may be from before the repository was made.
    const now = await integrations.scope(row.id, scope);
    if (now?.repository_id == null) return;
    const repository = await byId(now.repository_id, row.workspace);
    await integrations.updateScope(row.id, scope, { repository_id: null, repository_owned: 0 });
    if (repository === null || now.repository_owned === 0) return;
    const heir = (await scopesOf(repository.id, row.workspace)).find(
      (one) => one.integration !== row.id || one.scope !== scope,
    );
    if (heir !== undefined)
      return await integrations.updateScope(heir.integration, heir.scope, { repository_owned: 1 });
    const { jobs } = await queue.list({ workspace: row.workspace, resource: repository.id, limit: 20 });
    for (const job of jobs)
      if (job.kind !== removeJob && (job.state === "queued" || job.state === "running"))
        await queue.cancel(job.id, row.workspace);
    await enqueue(removeJob, repository, row.workspace);
  }

  /** The repository of this address: the one that is there, or a new one that belongs to the scope. */
  async function take(row: IntegrationRow, scope: ScopeRow, url: string): Promise<{ id: string; owned: boolean }> {
    const { repo, name } = sources.describe(url);
    const key = repositoryKey(repo);
    const { workspace } = row;
    const there = (await repositories.all(workspace)).find((one) => one.key === key);
    if (there !== undefined) return { id: there.id, owned: false };
    const made = await repositories.insert(
      {
        source: url,
        repo,
        name,
        branch: scope.code_branch === "" ? null : scope.code_branch,
        defaultBranch: scope.choice.defaultBranch,
        token: null,
      },
      workspace,
    );
    return { id: made.id, owned: true };
  }

  async function toBranch(repository: RepositoryRow, scope: ScopeRow, owned: boolean): Promise<void> {
    const wanted = scope.code_branch === "" ? null : scope.code_branch;
    // A user's own repository keeps the branch that the user gave it until another one is asked for here.
    if (repository.branch !== wanted && (owned || wanted !== null))
      await repositories.update(repository.id, { branch: wanted });
  }

  async function bringNow(row: IntegrationRow, scope: ScopeRow, signal: AbortSignal): Promise<void> {
    const connection = connections.open(row);
    const { connector } = connection;
    const hasCode = connector.manifest.scopeKinds.find((kind) => kind.id === scope.kind)?.hasBranch === true;
    if (connector.cloneAccess === undefined || !hasCode || scope.state !== "active") return;
    const { url } = await connector.cloneAccess(connection.context(signal), scope.choice);
    const key = repositoryKey(sources.describe(url).repo);
    let repository = await byId(scope.repository_id, row.workspace);
    if (repository !== null && repository.key !== key) {
      // Renamed or moved at the vendor: its facts have other keys now, so the old ones go and the code is read under the new name.
      await release(row, scope);
      repository = null;
    }
    let owned = scope.repository_owned === 1;
    if (repository === null) {
      const taken = await take(row, scope, url);
      ({ owned } = taken);
      await integrations.updateScope(row.id, scope.scope, {
        repository_id: taken.id,
        repository_owned: owned ? 1 : 0,
      });
      repository = await byId(taken.id, row.workspace);
    }
    if (repository === null) return;
    await toBranch(repository, scope, owned);
    await enqueue(indexJob, repository, row.workspace);
    await feed.publish({ type: "repository.changed", repositoryId: repository.id }, row.workspace);
  }

  return {
    release,

    async bring(row, scope, signal) {
      try {
        await bringNow(row, (await integrations.scope(row.id, scope.scope)) ?? scope, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof AppError)) throw error;
        connections.open(row).context(signal).log.warn({ scope: scope.name, error: error.message }, "code not indexed");
      }
    },

    async branchChanged({ workspace }, scope) {
      const repository = await byId(scope.repository_id, workspace);
      if (repository === null) return;
      const wanted = scope.code_branch === "" ? null : scope.code_branch;
      if (repository.branch === wanted || (scope.repository_owned === 0 && wanted === null)) return;
      await repositories.update(repository.id, { branch: wanted });
      await enqueue(indexJob, repository, workspace);
    },

    async accessOf(row, signal) {
      const own = repositories.tokenOf(row);
      if (own !== null) return { token: own, caFile: null };
      for (const { integration, scope: id } of await scopesOf(row.id, row.workspace)) {
        const owner = await integrations.find(integration, row.workspace);
        const scope = await integrations.scope(integration, id);
        const connection = connections.open(owner);
        const { cloneAccess } = connection.connector;
        if (cloneAccess === undefined || scope === null) continue;
        const { url, username, token } = await cloneAccess(connection.context(signal), scope.choice);
        // A token goes to the host that it is for, whatever a repository's row says.
        if (new URL(url).origin !== originOf(row.source)) continue;
        const { ca } = connection.config;
        log.debug({ repositoryId: row.id, integration }, "code is read with the integration's credential");
        return {
          token: token === "" ? null : new Secret(`${username}:${token}`),
          caFile: typeof ca === "string" && ca !== "" ? await caFileOf(deps.cacheFolder, ca) : null,
        };
      }
      return { token: null, caFile: null };
    },
  };
}

const originOf = (source: string): string | null => (URL.canParse(source) ? new URL(source).origin : null);

/** A certificate is no secret; its name is its content's, so one that changes is another file. */
async function caFileOf(cacheFolder: string, ca: string): Promise<string> {
  await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
  const file = join(cacheFolder, `ca-${createHash("sha256").update(ca).digest("hex").slice(0, 16)}.pem`);
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, ca);
  await rename(temporary, file);
  return file;
}
