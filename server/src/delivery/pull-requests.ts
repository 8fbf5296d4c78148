// Pull and merge requests: those that touch a node, those of a repository, or all of them.
import { z } from "zod";
import { PullRequestsAnswer, PullRequestState } from "@opentrace/contract/delivery.ts";
import { pullRequestKey } from "@opentrace/contract/keys.ts";
import { cursorField, limitField, nodeReference } from "../graph/filters.ts";
import { freshnessOf } from "../graph/freshness.ts";
import { compactNode, presentList } from "../graph/present.ts";
import { needNode, publicNode, type StoredNode } from "../graph/read-nodes.ts";
import { decodeCursor, encodeCursor, type GraphDeps, type GraphView, isOffset, openView } from "../graph/view.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { nodesByNumber } from "./by-number.ts";
import { nothingConnected } from "./known.ts";
import { newest } from "./newest.ts";
import { placesOf, repositoriesOf, repositoryPart } from "./places.ts";
import { compactDelivery } from "./present.ts";
import { readTouches, stateOf, touching, type Touching } from "./touching.ts";

const Input = z.strictObject({
  node: nodeReference.optional().describe("Id or key of what they touch; all of them if absent"),
  state: z.array(PullRequestState).min(1).optional().describe("Only those in these states"),
  number: z.int().min(1).optional().describe("Only those with this number"),
  limit: limitField(25, 200),
  cursor: cursorField,
});
type Input = z.output<typeof Input>;

interface Found {
  shown: Touching[];
  /** Null when not all could be looked at. */
  total: number | null;
  more: boolean;
}

export const pullRequestsVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "delivery.pullRequests",
    summary: "Pull requests",
    description:
      "Pull and merge requests that touch a function, file, folder, package or repository (or all), open ones first, each with the " +
      "edges to what it changes. `how` says how it is known: by the changed lines, or by the file when the lines are not told.",
    permission: "graph:read",
    input: Input,
    output: PullRequestsAnswer,
    http: { method: "GET", path: "/graph/pull-requests" },
    mcp: {
      tool: "pull_requests",
      listed: false,
      present: (answer, budget) =>
        presentList({
          head: { ...(answer.node === null ? {} : { node: compactNode(answer.node) }), detail: answer.detail },
          name: "pull_requests",
          items: answer.pullRequests.map((one) => ({
            ...compactDelivery(one.node),
            how: one.how,
            touches: one.touches
              .slice(0, 5)
              .map((touch) => ({ key: touch.node.key, lines: touch.edge.props["lines"] })),
            touches_total: one.touchesTotal,
          })),
          page: answer.page,
          budget,
        }),
    },
    async run(ctx, input) {
      const view = await openView(deps, ctx);
      const node = input.node === undefined ? null : await needNode(view, input.node);
      const offset = decodeCursor(input.cursor, isOffset) ?? 0;
      const { shown, total, more } = await find(view, node, input, offset);
      const touches = await readTouches(view, shown);
      return {
        node: node === null ? null : publicNode(node),
        pullRequests: shown.map((one) => ({
          node: publicNode(one.node),
          how: one.how,
          touches: touches.get(one.node.number) ?? [],
          touchesTotal: one.edges.length,
        })),
        detail: shown.length > 0 ? null : await nothingConnected(view, "pull requests"),
        page: {
          returned: shown.length,
          total,
          truncated: more || total === null,
          nextCursor: more ? encodeCursor(offset + shown.length) : null,
        },
        freshness: await freshnessOf(view, {
          scopes: [...(node === null ? [] : [node.scope]), ...shown.map((one) => one.node.scope)],
        }),
      };
    },
  });

async function find(view: GraphView, node: StoredNode | null, input: Input, offset: number): Promise<Found> {
  const isWanted = (one: StoredNode): boolean => input.state === undefined || input.state.includes(stateOf(one));
  const cut = (wanted: Touching[], complete: boolean): Found => {
    const shown = wanted.slice(offset, offset + input.limit);
    return { shown, total: complete ? wanted.length : null, more: offset + shown.length < wanted.length };
  };
  const { number } = input;
  if (number !== undefined) {
    const within = node === null ? null : await repositoriesOf(view, node);
    const nodes = await nodesByNumber(view, within, (repository) => pullRequestKey(repository, number));
    return cut(nodes.filter(isWanted).map(ofRepository), true);
  }
  const page = { offset, limit: input.limit };
  if (node === null) return await listed(view, undefined, input.state, page);
  const places = await placesOf(view, node);
  // A repository's own are listed from the index; walking through all that it holds would find the same ones.
  if (places.length === 1 && places[0]?.type === "Repository")
    return await listed(view, repositoryPart(places[0].key) ?? "", input.state, page);
  const { found, complete } = await touching(view, places);
  return cut(
    found.filter((one) => isWanted(one.node)),
    complete,
  );
}

const ofRepository = (node: StoredNode): Touching => ({ node, how: "repository", edges: [] });

async function listed(
  view: GraphView,
  repository: string | undefined,
  states: readonly PullRequestState[] = ["open", "merged", "closed"],
  { offset, limit }: { offset: number; limit: number },
): Promise<Found> {
  const shown: StoredNode[] = [];
  let total = 0;
  // State by state, so that open ones come first.
  for (const state of (["open", "merged", "closed"] as const).filter((one) => states.includes(one))) {
    const query = { types: ["PullRequest"] as const, repository, states: [state] };
    const part = { offset: Math.max(0, offset - total), limit: limit - shown.length };
    const found = await newest(view, query, part);
    shown.push(...found.nodes);
    total += found.total;
  }
  return { shown: shown.map(ofRepository), total, more: offset + shown.length < total };
}
