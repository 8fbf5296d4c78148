// The verbs on repositories: add, list, look at, sync, change, remove, and what was skipped.
import { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import { Page } from "@opentrace/contract/graph.ts";
import {
  AddRepository,
  Job,
  LanguageShare,
  Repository,
  SkippedPath,
  SkipReason,
} from "@opentrace/contract/repositories.ts";
import { Secret } from "../access/secret.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { JobRunner } from "../jobs/job-runner.ts";
import { defineVerb, type Verb } from "../verb.ts";
import type { GitAccess, GitSources } from "./git-sources.ts";
import type { Repositories, RepositoryRow } from "./repositories.ts";

export interface RepositoryVerbsDeps {
  repositories: Repositories;
  sources: GitSources;
  queue: JobQueue;
  runner: Pick<JobRunner, "wake" | "cancelled">;
  feed: EventFeed;
  /** What it is read with: its own token, or that of the integration it belongs to. */
  accessOf(this: void, row: RepositoryRow, signal: AbortSignal): Promise<GitAccess>;
}

export const indexJob = "repository.index";
export const removeJob = "repository.remove";

const RepositoryId = z.strictObject({
  id: z.string().min(1).max(2100).describe("The repository's id, or its graph key"),
});
const RepositoryAndJob = z.object({ repository: Repository, job: Job.nullable() });

export function repositoryVerbs({ repositories, sources, queue, runner, feed, accessOf }: RepositoryVerbsDeps): Verb[] {
  async function answer(row: RepositoryRow, workspace: string): Promise<Repository> {
    const [repository] = await repositories.present([row], workspace);
    if (repository === undefined) throw new AppError("internal", "The repository vanished.");
    return repository;
  }

  async function enqueue(
    kind: string,
    row: RepositoryRow,
    workspace: string,
  ): Promise<z.output<typeof RepositoryAndJob>> {
    const job = await queue.enqueue({ kind, resource: row.id, input: {}, workspace, maxAttempts: 3 });
    await feed.publish({ type: "job.updated", job }, workspace);
    runner.wake();
    return { repository: await answer(await repositories.find(row.id, workspace), workspace), job };
  }

  return [
    defineVerb({
      name: "repositories.add",
      summary: "Add a repository",
      description:
        "Adds the repository at an absolute path of the server's machine or at a Git URL, and starts to index it. What can be seen at once (no repository there, wrong token, no such branch) is answered at once; the rest is told by the job. A source that is here already is a conflict whose details name it.",
      permission: "repositories:write",
      input: AddRepository,
      output: RepositoryAndJob,
      http: { method: "POST", path: "/repositories", status: 202 },
      writes: true,
      async run({ workspace, signal }, { source, branch, token }) {
        const secret = token === undefined ? null : new Secret(token);
        await refuseKnown(source, workspace);
        const found = await onForm(() => sources.inspect({ source, branch: branch ?? null, token: secret }, signal));
        const row = await repositories.insert(
          {
            source: source.trim(),
            repo: found.repo,
            name: found.name,
            branch: branch ?? null,
            defaultBranch: found.defaultBranch,
            token: secret,
          },
          workspace,
        );
        return enqueue(indexJob, row, workspace);
      },
    }),
    defineVerb({
      name: "repositories.list",
      summary: "List repositories",
      description: "Every repository with its branch, commit, state, counts and its latest job.",
      permission: "repositories:read",
      input: z.strictObject({}),
      output: z.object({ repositories: z.array(Repository) }),
      http: { method: "GET", path: "/repositories" },
      run: async ({ workspace }) => ({
        repositories: await repositories.present(await repositories.all(workspace), workspace),
      }),
    }),
    defineVerb({
      name: "repositories.get",
      summary: "Get a repository",
      description: "One repository with its branch, commit, state, counts and its latest job.",
      permission: "repositories:read",
      input: RepositoryId,
      output: Repository,
      http: { method: "GET", path: "/repositories/{id}" },
      run: async ({ workspace }, { id }) => answer(await repositories.find(id, workspace), workspace),
    }),
    defineVerb({
      name: "repositories.sync",
      summary: "Sync a repository",
      description: "Brings the graph up to date with the repository's newest commit. Only what changed is read again.",
      permission: "repositories:write",
      input: RepositoryId,
      output: RepositoryAndJob,
      http: { method: "POST", path: "/repositories/{id}/sync", status: 202 },
      writes: true,
      run: async ({ workspace }, { id }) => enqueue(indexJob, await repositories.find(id, workspace), workspace),
    }),
    defineVerb({
      name: "repositories.change",
      summary: "Change a repository's branch or token",
      description:
        "Indexes another branch from now on (its facts replace the old branch's), or reads with another token. null for the branch means the default one, null for the token removes it.",
      permission: "repositories:write",
      input: RepositoryId.extend({
        branch: AddRepository.shape.branch.nullable(),
        token: AddRepository.shape.token.nullable(),
      }),
      output: RepositoryAndJob,
      http: { method: "PATCH", path: "/repositories/{id}", status: 202 },
      writes: true,
      async run({ workspace, signal }, { id, branch, token }) {
        if (branch === undefined && token === undefined)
          throw new AppError("bad_request", "Give branch or token: there is nothing to change.");
        const row = await repositories.find(id, workspace);
        const access =
          token === undefined ? await accessOf(row, signal) : { token: token === null ? null : new Secret(token) };
        const wanted = branch === undefined ? row.branch : branch;
        const found = await onForm(() => sources.inspect({ source: row.source, branch: wanted, ...access }, signal));
        await repositories.update(row.id, {
          branch: wanted,
          default_branch: found.defaultBranch,
          ...(token === undefined
            ? {}
            : { token: access.token === null ? null : repositories.sealToken(row.id, access.token) }),
        });
        return enqueue(indexJob, row, workspace);
      },
    }),
    defineVerb({
      name: "repositories.remove",
      summary: "Remove a repository",
      description:
        "Stops its job and removes its facts from the graph, and nothing else. The repository itself is not touched.",
      permission: "repositories:write",
      input: RepositoryId,
      output: RepositoryAndJob,
      http: { method: "DELETE", path: "/repositories/{id}", status: 202 },
      writes: true,
      async run({ workspace }, { id }) {
        const row = await repositories.find(id, workspace);
        const { jobs } = await queue.list({ workspace, resource: row.id, limit: 20 });
        for (const job of jobs) {
          if ((job.state !== "queued" && job.state !== "running") || job.kind === removeJob) continue;
          await queue.cancel(job.id, workspace);
          runner.cancelled(job.id);
        }
        return enqueue(removeJob, row, workspace);
      },
    }),
    defineVerb({
      name: "repositories.skipped",
      summary: "List what was skipped",
      description:
        "Paths that were not read, or only in part, with the reason: too large, binary, excluded, ignored, not parsed. byReason counts those that q leaves.",
      permission: "repositories:read",
      input: RepositoryId.extend({
        reason: SkipReason.optional(),
        q: z.string().min(1).max(500).optional().describe("Only paths or details that have this text in them"),
        limit: z.int().min(1).max(1000).default(100),
        cursor: z.string().max(8192).optional(),
      }),
      output: z.object({
        skipped: z.array(SkippedPath),
        byReason: z.partialRecord(SkipReason, z.int()),
        page: Page,
      }),
      http: { method: "GET", path: "/repositories/{id}/skipped" },
      async run({ workspace }, { id, reason, q, limit, cursor }) {
        const row = await repositories.find(id, workspace);
        const after = cursor === undefined ? "" : Buffer.from(cursor, "base64url").toString();
        const { paths, byReason } = await repositories.skipped(row, {
          after,
          limit: limit + 1,
          ...(reason === undefined ? {} : { reason }),
          ...(q === undefined ? {} : { text: q }),
        });
        const shown = paths.slice(0, limit);
        const last = shown.at(-1);
        const more = paths.length > limit && last !== undefined;
        const total =
          reason === undefined
            ? Object.values(byReason).reduce((sum, count) => sum + count, 0)
            : (byReason[reason] ?? 0);
        return {
          skipped: shown,
          byReason,
          page: {
            returned: shown.length,
            total,
            truncated: more,
            nextCursor: more ? Buffer.from(last.path).toString("base64url") : null,
          },
        };
      },
    }),
    defineVerb({
      name: "repositories.languages",
      summary: "List a repository's languages",
      description:
        "Files and bytes of each language among the files that were read, the most bytes first. null stands for files that are listed but not read as source.",
      permission: "repositories:read",
      input: RepositoryId,
      output: z.object({ languages: z.array(LanguageShare), files: z.int(), bytes: z.int() }),
      http: { method: "GET", path: "/repositories/{id}/languages" },
      async run({ workspace }, { id }) {
        const languages = await repositories.languages(await repositories.find(id, workspace));
        return {
          languages,
          files: languages.reduce((sum, { files }) => sum + files, 0),
          bytes: languages.reduce((sum, { bytes }) => sum + bytes, 0),
        };
      },
    }),
    defineVerb({
      name: "repositories.branches",
      summary: "List a repository's branches",
      description:
        "The branches that the repository has now, asked of it; the default one and the one that is indexed.",
      permission: "repositories:read",
      input: RepositoryId,
      output: z.object({
        branches: z.array(z.object({ name: z.string(), commit: z.string() })),
        defaultBranch: z.string().nullable(),
        indexed: z.string().nullable(),
      }),
      http: { method: "GET", path: "/repositories/{id}/branches" },
      async run({ workspace, signal }, { id }) {
        const row = await repositories.find(id, workspace);
        const found = await sources.inspect(
          { source: row.source, branch: null, ...(await accessOf(row, signal)) },
          signal,
        );
        return {
          branches: [...found.branches],
          defaultBranch: found.defaultBranch,
          indexed: row.branch ?? row.default_branch,
        };
      },
    }),
  ];

  /** Known by its text alone: said before the network is asked. */
  async function refuseKnown(source: string, workspace: string): Promise<void> {
    const { repo } = await onForm(async () => sources.describe(source));
    const known = (await repositories.all(workspace)).find((row) => row.key === `repo:${repo}`);
    if (known === undefined) return;
    throw new AppError(
      "conflict",
      `${source} is here already, as ${known.name}. Sync that one instead, or change its branch.`,
      {
        details: { repositoryId: known.id, key: known.key },
      },
    );
  }
}

/** What is wrong with a source, branch or token is wrong with a field of the form: 422 with the field, whatever git called it. */
async function onForm<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const field =
      error.details?.["branch"] !== undefined || /^"[^"]*" can't be the name of a branch/.test(error.message)
        ? "branch"
        : error.code === "upstream_auth"
          ? "token"
          : "source";
    const errors = [{ field, message: error.message, code: error.code }];
    const code =
      error.code === "bad_request" || error.code === "not_found" || error.code === "forbidden"
        ? "unprocessable"
        : error.code;
    throw new AppError(code, error.message, { cause: error, details: { ...error.details, errors } });
  }
}
