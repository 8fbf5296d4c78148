// Every read of the server, as query options: key, call and how long an answer is good for. The event stream invalidates by key.
import {
  CriticalAnswer,
  ImpactAnswer,
  NeighborsAnswer,
  NodeAnswer,
  NodeList,
  PathAnswer,
  SearchAnswer,
  SimilarAnswer,
  SourceAnswer,
  SourceSearchAnswer,
  StatsAnswer,
  TraversalAnswer,
} from "@opentrace/contract/graph-answers.ts";
import { AskAnswer } from "@opentrace/contract/ask.ts";
import { DeliveryChange, DeliveryOverview, PullRequestsAnswer } from "@opentrace/contract/delivery.ts";
import type { Direction, EdgeType, GraphNode, NodeType } from "@opentrace/contract/graph.ts";
import { Repository, type SkipReason } from "@opentrace/contract/repositories.ts";
import { hashKey, infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import type { Lines } from "../graph/describe.ts";
import { diffOf } from "./diff-token.ts";
import { ApiError, call } from "./http.ts";
import { ApiKeyList, BranchList, JobList, LanguageList, RepositoryList, SkippedList } from "./shapes.ts";

export const repositories = {
  all: queryOptions({
    queryKey: ["repositories"],
    queryFn: ({ signal }) => call("/repositories", RepositoryList, {}, signal),
  }),
  one: (id: string) =>
    queryOptions({
      queryKey: ["repositories", id],
      queryFn: ({ signal }) => call(`/repositories/${encodeURIComponent(id)}`, Repository, {}, signal),
    }),
  skipped: (id: string, reason: SkipReason | null, text: string) =>
    infiniteQueryOptions({
      queryKey: ["repositories", id, "skipped", reason, text],
      queryFn: ({ signal, pageParam }) =>
        call(
          `/repositories/${encodeURIComponent(id)}/skipped`,
          SkippedList,
          { query: { limit: 200, reason, q: text, cursor: pageParam } },
          signal,
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (last) => last.page.nextCursor,
      placeholderData: keepPreviousData,
    }),
  branches: (id: string) =>
    queryOptions({
      queryKey: ["repositories", id, "branches"],
      queryFn: ({ signal }) => call(`/repositories/${encodeURIComponent(id)}/branches`, BranchList, {}, signal),
    }),
  languages: (id: string) =>
    queryOptions({
      queryKey: ["repositories", id, "languages"],
      queryFn: ({ signal }) => call(`/repositories/${encodeURIComponent(id)}/languages`, LanguageList, {}, signal),
    }),
  jobs: (id: string) =>
    infiniteQueryOptions({
      queryKey: ["repositories", id, "jobs"],
      queryFn: ({ signal, pageParam }) =>
        call("/jobs", JobList, { query: { resource: id, limit: 20, cursor: pageParam } }, signal),
      initialPageParam: null as string | null,
      getNextPageParam: (last) => last.page.nextCursor,
    }),
};

const graphKey = "graph";

const Commit = z.object({ sha: z.string(), subject: z.string(), author: z.string(), committedAt: z.string() });
export type Commit = z.infer<typeof Commit>;
const Changes = z.object({ commits: z.array(Commit), delivery: z.array(DeliveryChange) });

export const graph = {
  key: [graphKey] as const,
  search: (q: string, types: readonly NodeType[], limit = 30) =>
    queryOptions({
      queryKey: [graphKey, "search", q, types, limit],
      queryFn: ({ signal }) => call("/graph/search", SearchAnswer, { query: { q, types, limit } }, signal),
      enabled: q.trim().length > 0,
      placeholderData: keepPreviousData,
    }),
  node: (id: string) =>
    queryOptions({
      queryKey: [graphKey, "node", id],
      queryFn: ({ signal }) =>
        call(`/graph/nodes/${encodeURIComponent(id)}`, NodeAnswer, { query: { limit: 1 } }, signal),
    }),
  /** The first `count` neighbours that pass the filters, however many pages that takes. */
  neighbors: (id: string, count: number, types: readonly NodeType[], edges: readonly EdgeType[]) =>
    queryOptions({
      queryKey: [graphKey, "neighbors", id, count, types, edges],
      queryFn: ({ signal }) => neighborhood(id, count, "both", types, edges, signal),
      placeholderData: keepPreviousData,
    }),
  list: (type: NodeType) =>
    infiniteQueryOptions({
      queryKey: [graphKey, "list", type],
      queryFn: ({ signal, pageParam }) =>
        call("/graph/nodes", NodeList, { query: { types: [type], limit: 500, cursor: pageParam } }, signal),
      initialPageParam: null as string | null,
      getNextPageParam: (last) => last.page.nextCursor,
    }),
  around: (id: string, direction: "dependencies" | "dependents", depth: number) =>
    queryOptions({
      queryKey: [graphKey, direction, id, depth],
      queryFn: ({ signal }) =>
        call(
          `/graph/nodes/${encodeURIComponent(id)}/${direction}`,
          TraversalAnswer,
          { query: { depth, limit: 200 } },
          signal,
        ),
    }),
  delivery: (id: string) =>
    queryOptions({
      queryKey: [graphKey, "delivery", id],
      queryFn: ({ signal }) => call("/graph/delivery", DeliveryOverview, { query: { node: id, limit: 5 } }, signal),
    }),
  mergedPullRequests: (id: string) =>
    queryOptions({
      queryKey: [graphKey, "merged", id],
      queryFn: ({ signal }) =>
        call("/graph/pull-requests", PullRequestsAnswer, { query: { node: id, state: ["merged"], limit: 5 } }, signal),
    }),
  /** The newest commits, merges, deployments, releases and runs around a node. */
  changes: (id: string) =>
    queryOptions({
      queryKey: [graphKey, "changes", id],
      queryFn: ({ signal }) => call("/changes", Changes, { query: { node: id, limit: 8 } }, signal),
    }),
  similar: (id: string, limit: number) =>
    queryOptions({
      queryKey: [graphKey, "similar", id, limit],
      queryFn: ({ signal }) =>
        call(`/graph/nodes/${encodeURIComponent(id)}/similar`, SimilarAnswer, { query: { limit } }, signal),
      placeholderData: keepPreviousData,
    }),
  impact: (change: Change, depth: number) =>
    infiniteQueryOptions({
      queryKey: [graphKey, "impact", change, depth],
      queryFn: async ({ signal, pageParam }) => {
        const body = { ...(await bodyOf(change)), depth, limit: 500, ...(pageParam ? { cursor: pageParam } : {}) };
        return call("/graph/impact", ImpactAnswer, { method: "POST", body }, signal);
      },
      initialPageParam: null as string | null,
      getNextPageParam: (last) => last.page.nextCursor,
      // More or fewer hops of the same change: what is there stays until the new list is.
      placeholderData: (before, query) => (hashKey([query?.queryKey[2]]) === hashKey([change]) ? before : undefined),
    }),
  path: (from: string, to: string, k: number, direction: "any" | "outgoing") =>
    queryOptions({
      queryKey: [graphKey, "path", from, to, k, direction],
      queryFn: ({ signal }) => call("/graph/path", PathAnswer, { query: { from, to, k, direction } }, signal),
    }),
  /** `source`: of one repository alone. */
  critical: (limit: number, source?: string) =>
    queryOptions({
      queryKey: [graphKey, "critical", limit, source],
      queryFn: ({ signal }) => call("/graph/critical", CriticalAnswer, { query: { limit, source } }, signal),
    }),
  stats: queryOptions({
    queryKey: [graphKey, "stats"],
    queryFn: ({ signal }) => call("/graph/stats", StatsAnswer, {}, signal),
  }),
  searchSource: (question: SourceQuestion) =>
    infiniteQueryOptions({
      queryKey: [graphKey, "searchSource", question],
      queryFn: ({ signal, pageParam }) =>
        call(
          "/graph/search/source",
          SourceSearchAnswer,
          { query: { ...question, limit: 100, cursor: pageParam } },
          signal,
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (last) => last.page.nextCursor,
      enabled: question.q !== "",
    }),
  source: (where: { id: string } | { repository: string; path: string }) =>
    queryOptions({
      queryKey: [graphKey, "source", where],
      queryFn: ({ signal }) => call("/graph/source", SourceAnswer, { query: { ...where } }, signal),
    }),
  packagesOf: (id: string) =>
    queryOptions({
      queryKey: [graphKey, "packages", id],
      queryFn: ({ signal }) =>
        neighborhood(id, 500, "outgoing", ["Package"], ["DEPENDS_ON", "CONTAINS", "DEFINES"], signal),
    }),
  /** Symbols that a file defines, directly and inside its classes: the outline of the source view. */
  symbolsOf: (repository: string, path: string) =>
    queryOptions({
      queryKey: [graphKey, "symbols", repository, path],
      queryFn: async ({ signal }): Promise<GraphNode[]> => {
        const file = `file:${repository.replace(/^repo:/, "")}#${path}`;
        const found = new Map<string, GraphNode>();
        let holders = [file];
        for (let depth = 0; depth < 3 && holders.length > 0; depth += 1) {
          const inside = await Promise.all(
            holders.map((holder) => neighborhood(holder, 500, "outgoing", [], ["DEFINES", "CONTAINS"], signal)),
          );
          const next = inside
            .flatMap((answer) => answer.neighbors.map(({ node }) => node))
            .filter((node) => !found.has(node.id));
          for (const node of next) found.set(node.id, node);
          holders = next
            .filter((node) => node.type === "Class" || node.type === "Interface")
            .map((node) => node.id)
            .slice(0, 50);
        }
        return [...found.values()];
      },
    }),
  ask: (question: string) =>
    queryOptions({
      queryKey: [graphKey, "ask", question],
      queryFn: ({ signal }) =>
        call("/ask", AskAnswer, { method: "POST", body: { question, ...ownTimeZone() } }, signal),
      enabled: question.trim().length > 0,
    }),
};

/** What is supposed to change. */
export type Change =
  | { by: "node"; id: string }
  /** No lines = the whole file. */
  | { by: "lines"; repository: string | null; path: string; lines: Lines | null }
  | { by: "diff"; token: string; repository: string | null };

/** A whole file is asked by its key; without a repository, by more lines than a file that is read has. */
const wholeFile: Lines = { start: 1, end: 20_000 };

async function bodyOf(change: Change): Promise<object> {
  const within = "repository" in change && change.repository !== null ? { repository: change.repository } : {};
  if (change.by === "node") return { ids: [change.id] };
  if (change.by === "lines") {
    const { path, lines, repository } = change;
    if (lines === null && repository !== null) return { ids: [`file:${repository.replace(/^repo:/, "")}#${path}`] };
    const { start, end } = lines ?? wholeFile;
    return { lines: [{ path, startLine: start, endLine: end, ...within }] };
  }
  const diff = await diffOf(change.token);
  if (diff === null)
    throw new ApiError(
      410,
      "gone",
      "This address names a diff that only the tab it was pasted in has. Paste the diff again.",
    );
  return { diff, ...within };
}

export interface SourceQuestion {
  q: string;
  regex: boolean;
  caseSensitive: boolean;
  repository: string | null;
  path: string;
  language: string;
}

async function neighborhood(
  id: string,
  count: number,
  direction: Direction,
  types: readonly NodeType[],
  edges: readonly EdgeType[],
  signal: AbortSignal,
): Promise<NeighborsAnswer> {
  const path = `/graph/nodes/${encodeURIComponent(id)}/neighbors`;
  const query = { direction, nodeTypes: types, edgeTypes: edges };
  const first = await call(
    path,
    NeighborsAnswer,
    { query: { ...query, limit: Math.min(200, Math.max(1, count)) } },
    signal,
  );
  let { page } = first;
  const neighbors = [...first.neighbors];
  while (neighbors.length < count && page.nextCursor !== null) {
    const limit = Math.min(200, count - neighbors.length);
    const next = await call(path, NeighborsAnswer, { query: { ...query, limit, cursor: page.nextCursor } }, signal);
    neighbors.push(...next.neighbors);
    page = next.page;
  }
  const total = first.page.total ?? (page.truncated ? await edgesOf(id, direction, edges, signal) : neighbors.length);
  return { ...first, neighbors, page: { ...page, returned: neighbors.length, total } };
}

/** Neighbours of a great hub are not counted; its edges are, and are about as many. */
async function edgesOf(
  id: string,
  direction: Direction,
  edges: readonly EdgeType[],
  signal: AbortSignal,
): Promise<number> {
  const { edgeCounts } = await call(
    `/graph/nodes/${encodeURIComponent(id)}`,
    NodeAnswer,
    { query: { limit: 1 } },
    signal,
  );
  return edgeCounts
    .filter(({ type }) => edges.length === 0 || edges.includes(type))
    .reduce(
      (sum, { outgoing, incoming }) =>
        sum + (direction === "incoming" ? 0 : outgoing) + (direction === "outgoing" ? 0 : incoming),
      0,
    );
}

export const keys = queryOptions({
  queryKey: ["keys"],
  queryFn: ({ signal }) => call("/auth/api-keys", ApiKeyList, {}, signal),
});

/** Where "yesterday" begins for the reader; some browsers don't tell. */
function ownTimeZone(): { timeZone?: string } {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return timeZone === "" || timeZone === "Etc/Unknown" ? {} : { timeZone };
}
