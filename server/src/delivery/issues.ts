// Issues: those linked to a node directly, through the change requests that touch it, or by naming it; those of a repository, or all.
import { z } from "zod";
import { IssuesAnswer } from "@opentrace/contract/delivery.ts";
import { issueKey } from "@opentrace/contract/keys.ts";
import { adjacencyOf } from "../graph/adjacency.ts";
import { cursorField, limitField, nodeReference } from "../graph/filters.ts";
import { freshnessOf } from "../graph/freshness.ts";
import { compactNode, presentList } from "../graph/present.ts";
import {
  type EdgeKey,
  edgeKeyText,
  needNode,
  publicNode,
  readEdges,
  readNodes,
  type StoredNode,
} from "../graph/read-nodes.ts";
import { decodeCursor, encodeCursor, type GraphDeps, type GraphView, isOffset, openView } from "../graph/view.ts";
import { edgeTypeNumbers, nodeTypeNumber, nodeTypeNumbers } from "../graph/vocabulary.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { nodesByNumber } from "./by-number.ts";
import { nothingConnected } from "./known.ts";
import { newest } from "./newest.ts";
import { placesOf, repositoriesOf, repositoryPart } from "./places.ts";
import { compactDelivery, textOf } from "./present.ts";
import { touching } from "./touching.ts";

const IssueState = z.enum(["open", "closed"]);
const Input = z.strictObject({
  node: nodeReference.optional().describe("Id or key of what they are about; all of them if absent"),
  state: IssueState.optional().describe("Only open or only closed ones"),
  number: z.int().min(1).optional().describe("Only those with this number"),
  limit: limitField(25, 200),
  cursor: cursorField,
});
type Input = z.output<typeof Input>;
type How = z.output<typeof IssuesAnswer>["issues"][number]["how"];

interface Linked {
  node: StoredNode;
  how: How;
  edges: EdgeKey[];
}

const issueType = nodeTypeNumber("Issue")!;
const linking = new Set(edgeTypeNumbers(["MENTIONS", "CHANGES", "AFFECTS", "REFERENCES"]));
const mostPulls = 1_000;
const mostNamed = 200;
const throughShown = 5;

export const issuesVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "delivery.issues",
    summary: "Issues",
    description:
      "Issues that are linked to a node: directly, through a pull request that touches it and mentions or closes them, or by naming " +
      "it in the title (`how` says which); those of a repository; or all. Open ones first.",
    permission: "graph:read",
    input: Input,
    output: IssuesAnswer,
    http: { method: "GET", path: "/graph/issues" },
    mcp: {
      tool: "issues",
      listed: false,
      present: (answer, budget) =>
        presentList({
          head: { ...(answer.node === null ? {} : { node: compactNode(answer.node) }), detail: answer.detail },
          name: "issues",
          items: answer.issues.map((one) => ({
            ...compactDelivery(one.node),
            how: one.how,
            ...(one.through.length === 0 ? {} : { through: one.through.map((touch) => touch.node.key) }),
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
      return {
        node: node === null ? null : publicNode(node),
        issues: await present(view, shown),
        detail: shown.length > 0 ? null : await nothingConnected(view, "issues"),
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

async function find(
  view: GraphView,
  node: StoredNode | null,
  input: Input,
  offset: number,
): Promise<{ shown: Linked[]; total: number | null; more: boolean }> {
  const isWanted = (one: StoredNode): boolean => input.state === undefined || isOpen(one) === (input.state === "open");
  const cut = (all: Linked[], complete: boolean) => {
    const wanted = all.filter((one) => isWanted(one.node));
    const shown = wanted.slice(offset, offset + input.limit);
    return { shown, total: complete ? wanted.length : null, more: offset + shown.length < wanted.length };
  };
  const { number } = input;
  if (number !== undefined) {
    const within = node === null ? null : await repositoriesOf(view, node);
    const nodes = await nodesByNumber(view, within, (repository) => issueKey(repository, number));
    return cut(nodes.map(ofRepository), true);
  }
  const places = node === null ? [] : await placesOf(view, node);
  if (node === null || (places.length === 1 && places[0]?.type === "Repository"))
    return await listed(view, repositoryPart(places[0]?.key ?? "") ?? undefined, input, offset);
  const linked = await linkedTo(view, node, places);
  return cut(linked.found, linked.complete);
}

const isOpen = (node: StoredNode): boolean => node.props["state"] === "open" || node.props["state"] === "opened";
const ofRepository = (node: StoredNode): Linked => ({ node, how: "repository", edges: [] });

async function listed(view: GraphView, repository: string | undefined, { state, limit }: Input, offset: number) {
  const shown: StoredNode[] = [];
  let total = 0;
  for (const one of state === undefined ? (["open", "closed"] as const) : [state]) {
    const part = { offset: Math.max(0, offset - total), limit: limit - shown.length };
    const found = await newest(view, { types: ["Issue"], repository, states: [one] }, part);
    shown.push(...found.nodes);
    total += found.total;
  }
  return { shown: shown.map(ofRepository), total, more: offset + shown.length < total };
}

/** Stated links first, then what change requests say, then names. */
async function linkedTo(
  view: GraphView,
  node: StoredNode,
  places: readonly StoredNode[],
): Promise<{ found: Linked[]; complete: boolean }> {
  const adjacency = adjacencyOf(view);
  const links = new Map<number, { how: How; edges: EdgeKey[] }>();
  const note = (issue: number, how: How, edge: EdgeKey): void => {
    const known = links.get(issue);
    if (known === undefined) links.set(issue, { how, edges: [edge] });
    else known.edges.push(edge);
  };
  const starts = [...new Set([node.number, ...places.map((place) => place.number)])];
  for (const forward of [false, true])
    await adjacency.expand(starts, forward, linking, (from, to, type, _confidence, kind) => {
      if (kind !== issueType) return;
      note(to, "linked", forward ? { src: from, type, dst: to } : { src: to, type, dst: from });
    });
  const pulls = await touching(view, places);
  await adjacency.expand(
    pulls.found.slice(0, mostPulls).map((one) => one.node.number),
    true,
    linking,
    (from, to, type, _confidence, kind) => {
      if (kind === issueType) note(to, "pull request", { src: from, type, dst: to });
    },
  );
  for (const issue of await naming(view, node)) if (!links.has(issue)) links.set(issue, { how: "title", edges: [] });
  const nodes = await readNodes(view, [...links.keys()]);
  const found = [...links].flatMap(([id, { how, edges }]) => {
    const issue = nodes.get(id);
    return issue === undefined ? [] : [{ node: issue, how, edges }];
  });
  const at = (one: Linked): string => textOf(one.node, "updatedAt");
  found.sort((a, b) => Number(isOpen(b.node)) - Number(isOpen(a.node)) || (at(a) < at(b) ? 1 : -1));
  return { found, complete: pulls.complete && pulls.found.length <= mostPulls };
}

/** Issues whose title has the name as a word of its own. Short names are everyday words. */
async function naming(view: GraphView, { name, key }: StoredNode): Promise<number[]> {
  const repository = repositoryPart(key);
  if (name.length < 4 || view.workspace < 0) return [];
  const { hits } = await view.worker.ask(
    "search",
    { workspace: view.workspace, query: name, filter: issueFilter, offset: 0, limit: mostNamed },
    view.signal,
  );
  const nodes = await readNodes(
    view,
    hits.map((hit) => hit.id),
  );
  const word = new RegExp(`(?<![\\w$])${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w$])`, "u");
  return [...nodes.values()]
    .filter((one) => word.test(one.name) && (repository === null || repositoryPart(one.key) === repository))
    .map((one) => one.number);
}

const issueFilter = {
  types: nodeTypeNumbers(["Issue"]),
  sources: undefined,
  language: undefined,
  pathPrefix: undefined,
};

async function present(view: GraphView, shown: readonly Linked[]): Promise<IssuesAnswer["issues"]> {
  const keys = shown.flatMap((one) => one.edges.slice(0, throughShown));
  const edges = await readEdges(view, keys);
  const ends = await readNodes(
    view,
    keys.flatMap((key) => [key.src, key.dst]),
  );
  return shown.map(({ node, how, edges: own }) => ({
    node: publicNode(node),
    how,
    through: own.slice(0, throughShown).flatMap((key) => {
      const edge = edges.get(edgeKeyText(key));
      const end = ends.get(key.src === node.number ? key.dst : key.src);
      return edge === undefined || end === undefined ? [] : [{ node: publicNode(end), edge }];
    }),
  }));
}
