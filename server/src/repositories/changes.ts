// What changed: commits of a repository, folder, file or symbol since a time, from the history that git keeps, and what was delivered.
import { z } from "zod";
import { gitError } from "@opentrace/code/git/git-errors.ts";
import { locateRepository } from "@opentrace/code/git/open-repository.ts";
import { readCommits } from "@opentrace/code/git/read-log.ts";
import { runGit } from "@opentrace/code/git/run-git.ts";
import { DeliveryChange } from "@opentrace/contract/delivery.ts";
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
  delivery: z
    .array(DeliveryChange)
    .describe(
      "Pull requests, issues, deployments, releases and pipeline runs, newest first; of 30 days when no time is given",
    ),
  deliveryTotal: z.int().nullable().describe("null when there were too many to look at"),
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
  /** The nodes in repositories that a node is, or that stand for it. */
  placesOf(this: void, ctx: VerbContext, reference: string): Promise<GraphNode[]>;
  /** What happened beside the commits; `detail` says why there is nothing. */
  delivered(
    this: void,
    ctx: VerbContext,
    asked: { node?: string | undefined; since?: string | undefined; limit: number },
  ): Promise<{ changes: DeliveryChange[]; total: number | null; detail: string | null }>;
  freshness(this: void, ctx: VerbContext, sources: readonly string[]): Promise<SourceFreshness[]>;
}

interface Asked {
  row: RepositoryRow;
  path: string | null;
  detail: string | null;
}

const filesShown = 100;

export function changesVerb({
  repositories,
  cacheFolder,
  findNodes,
  placesOf,
  delivered,
  freshness,
}: ChangesDeps): Verb {
  /** Which history to read: of the node's repository and path, or of every repository. Empty when no code of it is indexed. */
  async function asked(ctx: VerbContext, reference: string | undefined): Promise<Asked[]> {
    const rows = await repositories.all(ctx.workspace);
    if (reference === undefined) return rows.map((row) => ({ row, path: null, detail: null }));
    const [node] = await findNodes(ctx, [reference]);
    if (node === undefined) throw new AppError("not_found", `There is no node ${reference}.`);
    // What is in no repository itself (a package, a service) has the history of the code that stands for it.
    const found: Asked[] = [];
    for (const { key } of await placesOf(ctx, node.key)) {
      const [, kind = "", repo = "", path = null, symbol = null] =
        /^(\w+):([^#]*)(?:#([^#]*))?(?:#(.*))?$/.exec(key) ?? [];
      const row = rows.find((candidate) => candidate.key === `repo:${repo}`);
      if (row === undefined || !["repo", "file", "dir", "symbol", "branch", "module"].includes(kind)) continue;
      const whole = kind === "repo" || kind === "branch" || kind === "module";
      const detail = symbol !== null ? `These are the commits that changed its file, ${path ?? ""}.` : null;
      found.push({ row, path: whole ? null : path, detail });
    }
    return found;
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
      "Commits of a repository, folder, file, symbol, package or service (or of everything) since a time, newest first, with authors and files, up to the indexed commit of the indexed branch; and pull requests, issues, deployments, releases and pipeline runs that were opened, merged, closed, made or run since.",
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
    mcp: { tool: "what_changed", present: presentChanges },
    async run(ctx, { node, since, limit }) {
      const places = await asked(ctx, node);
      const commits = [];
      const missing: string[] = [];
      for (const place of places) {
        try {
          commits.push(...(await read(place, since, limit + 1, ctx.signal)));
        } catch (error) {
          // One repository that moved away must not hide what changed in all others.
          if (!(error instanceof AppError) || error.code === "cancelled") throw error;
          missing.push(`The history of ${place.row.name} could not be read: ${error.message}`);
        }
      }
      commits.sort((a, b) => Date.parse(b.committedAt) - Date.parse(a.committedAt));
      const shown = commits.slice(0, limit);
      const { changes, total, detail } = await delivered(ctx, { node, since, limit });
      const notRead =
        node !== undefined && places.length === 0 ? "No code of it is indexed, so its commits are not known." : null;
      const said = [places.length === 1 ? places[0]?.detail : null, notRead, ...missing, detail].filter(
        (part) => part != null,
      );
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
        delivery: changes,
        deliveryTotal: total,
        detail: said.length === 0 ? null : said.join(" "),
        page: { returned: shown.length, total: null, truncated: commits.length > limit, nextCursor: null },
        freshness: await freshness(
          ctx,
          places.map((place) => place.row.key),
        ),
      };
    },
  });
}

/** Commits and deliveries share the budget; what is left out of either is counted. */
function presentChanges(answer: ChangesAnswer, budget: number): object {
  const half = Math.floor((budget * 3) / 2);
  const fit = <T>(items: readonly T[]): T[] => {
    let left = half;
    return items.filter((item) => (left -= JSON.stringify(item).length + 1) > 0);
  };
  const commits = fit(
    answer.commits.map(({ repository, sha, subject, author, committedAt, files }) => ({
      repository,
      sha,
      subject,
      author,
      committed_at: committedAt,
      files: files.slice(0, 10).map((file) => file.path),
      files_total: files.length,
    })),
  );
  const delivery = fit(
    answer.delivery.map(({ what, node, at, by, url, detail }) => ({
      what,
      at,
      by,
      title: node.name,
      id: node.id,
      key: node.key,
      url,
      detail,
    })),
  );
  return {
    commits,
    commits_left_out: answer.commits.length - commits.length,
    more_commits: answer.page.truncated,
    delivery,
    delivery_total: answer.deliveryTotal,
    detail: answer.detail,
  };
}
