// How the streams of many repositories stand, by GraphQL: what the REST API tells in a request for each list of each repository.
import { createHash } from "node:crypto";
import { z } from "zod";
import type { StreamMark, VendorScope } from "../connector.ts";
import { type Context, nodeOf, vendorTimeOf } from "./client.ts";
import { graphqlUrl } from "./config.ts";

/**
 * docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api: two points for fifty repositories. Of releases and
 * deployments the list itself is read in every pass that finds another mark.
 */
const query = `query ($ids: [ID!]!, $issues: Boolean!, $pulls: Boolean!, $releases: Boolean!, $deployments: Boolean!, $owners: Boolean!) {
  nodes(ids: $ids) {
    id
    ... on Repository {
      issues(first: 1, orderBy: { field: UPDATED_AT, direction: DESC }) @include(if: $issues) { totalCount nodes { updatedAt } }
      pullRequests(first: 1, orderBy: { field: UPDATED_AT, direction: DESC }) @include(if: $pulls) { totalCount nodes { updatedAt } }
      releases(first: 50, orderBy: { field: CREATED_AT, direction: DESC }) @include(if: $releases) { totalCount nodes { id updatedAt } }
      deployments(first: 50, orderBy: { field: CREATED_AT, direction: DESC }) @include(if: $deployments) {
        totalCount
        nodes { id updatedAt latestStatus { id updatedAt } }
      }
      defaultBranchRef @include(if: $owners) { name target { oid } }
    }
  }
}`;

const AT_ONCE = 50;
/** What changed this short a while ago may change again within the same second: times are told in seconds. */
const SETTLED = 10_000;

const Newest = z.object({ totalCount: z.int(), nodes: z.array(z.object({ updatedAt: z.string() })) });
const Listed = z.object({ totalCount: z.int(), nodes: z.array(z.json()) });
const Answer = z.object({
  data: z
    .object({
      nodes: z.array(
        z
          .object({
            id: z.string(),
            issues: Newest.optional(),
            pullRequests: Newest.optional(),
            releases: Listed.optional(),
            deployments: Listed.optional(),
            defaultBranchRef: z
              .object({ name: z.string(), target: z.object({ oid: z.string() }).nullable() })
              .nullish(),
          })
          .nullable(),
      ),
    })
    .nullish(),
});
type Found = NonNullable<NonNullable<z.infer<typeof Answer>["data"]>["nodes"][number]>;

const known = ["issues", "pulls", "releases", "deployments", "owners"] as const;

export async function glance(
  ctx: Context,
  { scopes, streams }: { scopes: readonly VendorScope[]; streams: readonly string[] },
): Promise<Map<string, Record<string, StreamMark>>> {
  const marks = new Map<string, Record<string, StreamMark>>();
  const asked = known.filter((stream) => streams.includes(stream));
  const repositories = new Map(
    scopes.filter((scope) => scope.kind === "repository").map((scope) => [nodeOf(scope), scope.id]),
  );
  repositories.delete(null);
  const ids = [...repositories.keys()];
  if (asked.length === 0) return marks;
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const include = Object.fromEntries(known.map((stream) => [stream, asked.includes(stream)]));
    const reply = await ctx.http.request({
      url: graphqlUrl(ctx.config),
      method: "POST",
      json: { query, variables: { ids: ids.slice(at, at + AT_ONCE), ...include } },
      // A proxy that lets the REST API through alone, a budget that is spent: the lists are asked one by one then.
      expect: [400, 403, 404, 405, 410, 502],
    });
    if (reply.status !== 200) break;
    const { data } = reply.json(Answer);
    const settled = Date.parse(vendorTimeOf(reply, ctx.now())) - SETTLED;
    for (const found of data?.nodes ?? []) {
      const id = found === null ? undefined : repositories.get(found.id);
      // What may not be seen comes as null, with the reason beside it.
      if (found !== null && id !== undefined) marks.set(id, marksOf(found, settled));
    }
  }
  return marks;
}

function marksOf(found: Found, settled: number): Record<string, StreamMark> {
  const marks: Record<string, StreamMark> = {};
  for (const [stream, list] of [
    ["issues", found.issues],
    ["pulls", found.pullRequests],
  ] as const) {
    if (list === undefined) continue;
    const newest = list.nodes[0]?.updatedAt ?? "";
    if (newest === "" || Date.parse(newest) < settled)
      marks[stream] = { mark: `${list.totalCount} ${newest}`, items: list.totalCount };
  }
  for (const stream of ["releases", "deployments"] as const) {
    const list = found[stream];
    if (list !== undefined) marks[stream] = { mark: hashOf(list), items: null };
  }
  const head = found.defaultBranchRef;
  if (head?.target != null) marks["owners"] = { mark: `${head.name} ${head.target.oid}`, items: null };
  return marks;
}

const hashOf = (list: z.infer<typeof Listed>): string =>
  createHash("sha256").update(JSON.stringify(list)).digest("base64url");
