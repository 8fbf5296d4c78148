// What changed, from the history that git keeps: commits of a repository, folder, file or symbol since a time.
import { z } from "zod";
import { gitError } from "@opentrace/code/git/git-errors.ts";
import { locateRepository } from "@opentrace/code/git/open-repository.ts";
import { readCommits } from "@opentrace/code/git/read-log.ts";
import { runGit } from "@opentrace/code/git/run-git.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import { GraphNode, Page, SourceFreshness } from "@opentrace/contract/graph.ts";
import { commitKey, fileKey } from "@opentrace/contract/keys.ts";
import { defineVerb, type Verb, type VerbContext } from "../verb.ts";
import type { Repositories, RepositoryRow } from "./repositories.ts";

export const ChangesAnswer = z.object({
  commits: z.array(
    z.object({
      repository: z.string(),
      sha: z.string(),
      subject: z.string(),
      author: z.string(),
      email: z.string(),
      committedAt: z.string(),
      /** Graph keys, to look further from. */
      key: z.string(),
      files: z.array(z.object({ path: z.string(), status: z.string(), key: z.string() })),
    }),
  ),
  nodes: z.array(GraphNode).describe("The commits that are nodes of the graph"),
  detail: z.string().nullable().describe("What was left out, and why"),
  page: Page,
  freshness: z.array(SourceFreshness),
});
export type ChangesAnswer = z.infer<typeof ChangesAnswer>;

export interface ChangesDeps {
  repositories: Repositories;
  cacheFolder: string;
  /** The graph's nodes by id or key; those that it does not have are left out. */
  findNodes(this: void, ctx: VerbContext, references: readonly string[]): Promise<GraphNode[]>;
  freshness(this: void, ctx: VerbContext, sources: readonly string[]): Promise<SourceFreshness[]>;
}

interface Asked {
  row: RepositoryRow;
  path: string | null;
  detail: string | null;
}

const filesShown = 100;

export function changesVerb({ repositories, cacheFolder, findNodes, freshness }: ChangesDeps): Verb {
  /** Which history to read: of the node's repository and path, or of every repository. */
  async function asked(ctx: VerbContext, reference: string | undefined): Promise<Asked[]> {
    const rows = await repositories.all(ctx.workspace);
    if (reference === undefined) return rows.map((row) => ({ row, path: null, detail: null }));
    const [node] = await findNodes(ctx, [reference]);
    if (node === undefined) throw new AppError("not_found", `There is no node ${reference}.`);
    const [, kind = "", repo = "", path = null, symbol = null] =
      /^(\w+):([^#]*)(?:#([^#]*))?(?:#(.*))?$/.exec(node.key) ?? [];
    const row = rows.find((candidate) => candidate.key === `repo:${repo}`);
    if (row === undefined || !["repo", "file", "dir", "symbol", "branch", "module"].includes(kind))
      throw new AppError(
        "unprocessable",
        `${node.name} (${node.type}) has no history: ask about a repository, folder, file or symbol.`,
      );
    const whole = kind === "repo" || kind === "branch" || kind === "module";
    const detail = symbol !== null ? `These are the commits that changed its file, ${path ?? ""}.` : null;
    return [{ row, path: whole ? null : path, detail }];
  }

  async function read({ row, path }: Asked, since: string | undefined, limit: number, signal: AbortSignal) {
    if (row.commit_sha === null) return [];
    const place = await locateRepository(row.source, cacheFolder, signal);
    if (place === null) return [];
    const args = [
      "log",
      `--max-count=${limit}`,
      "--format=%H",
      ...(since === undefined ? [] : [`--since=${since}`]),
      "--end-of-options",
      row.commit_sha,
      "--",
      ...(path === null ? [] : [path]),
    ];
    const found = await runGit({ gitDir: place.gitDir, args, timeoutMs: 30_000 }, signal);
    if (found.code !== 0) throw gitError(found.stderr, place.subject, "reading the history of");
    const commits = await readCommits(
      place,
      found.stdout
        .toString("utf8")
        .split("\n")
        .filter((sha) => sha !== ""),
      signal,
    );
    return commits.map((commit) => ({ ...commit, repo: place.repo, name: row.name }));
  }

  return defineVerb({
    name: "repositories.changes",
    summary: "What changed",
    description:
      "Commits of a repository, folder, file or symbol (or of everything) since a time, newest first, with authors and files. Reads the indexed branch up to the indexed commit.",
    permission: "graph:read",
    input: z.strictObject({
      node: z
        .string()
        .min(1)
        .max(2048)
        .optional()
        .describe("Id or key of a repository, folder, file or symbol; everything if absent"),
      since: z.iso.datetime({ offset: true }).optional().describe("Only commits after this time (ISO 8601)"),
      limit: z.int().min(1).max(500).default(50),
    }),
    output: ChangesAnswer,
    http: { method: "GET", path: "/changes" },
    async run(ctx, { node, since, limit }) {
      const places = await asked(ctx, node);
      const commits = [];
      for (const place of places) commits.push(...(await read(place, since, limit + 1, ctx.signal)));
      commits.sort((a, b) => Date.parse(b.committedAt) - Date.parse(a.committedAt));
      const shown = commits.slice(0, limit);
      const keys = shown.slice(0, 50).map((commit) => commitKey(commit.repo, commit.sha));
      return {
        commits: shown.map((commit) => ({
          repository: commit.name,
          sha: commit.sha,
          subject: commit.subject,
          author: commit.authorName === "" ? commit.authorEmail : commit.authorName,
          email: commit.authorEmail,
          committedAt: commit.committedAt,
          key: commitKey(commit.repo, commit.sha),
          files: commit.changes
            .slice(0, filesShown)
            .map((change) => ({ path: change.path, status: change.status, key: fileKey(commit.repo, change.path) })),
        })),
        nodes: await findNodes(ctx, keys),
        detail: places.length === 1 ? (places[0]?.detail ?? null) : null,
        page: { returned: shown.length, total: null, truncated: commits.length > limit, nextCursor: null },
        freshness: await freshness(
          ctx,
          places.map((place) => place.row.key),
        ),
      };
    },
  });
}
