// Who owns something: stated of it, of the nearest that holds it, or else of its parts.
import { z } from "zod";
import { OwnersAnswer } from "@opentrace/contract/delivery.ts";
import { directoryKey, fileKey, repositoryKey } from "@opentrace/contract/keys.ts";
import { adjacencyOf } from "../graph/adjacency.ts";
import { cursorField, limitField, nodeReference } from "../graph/filters.ts";
import { freshnessOf } from "../graph/freshness.ts";
import { membersOf } from "../graph/members.ts";
import { nodeId } from "../graph/node-id.ts";
import { compactEdge, compactNode, presentList } from "../graph/present.ts";
import { needNode, publicNode, readNodes, type StoredNode } from "../graph/read-nodes.ts";
import { decodeCursor, encodeCursor, type GraphDeps, type GraphView, isOffset, openView } from "../graph/view.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { joined, type Joined } from "./edges.ts";
import { nothingConnected } from "./known.ts";
import { pathOf, placesOf, repositoryPart } from "./places.ts";

const Input = z.strictObject({
  node: nodeReference.describe("Id or key of what is owned"),
  limit: limitField(25, 200),
  cursor: cursorField,
});

const mostMembers = 20_000;
const mostEdges = 2_000;
const ask = { forward: false, edges: ["OWNS"], ends: ["Person", "Team"], most: mostEdges } as const;

interface Owned {
  owner: Joined;
  of: StoredNode;
  how: "itself" | "inherited" | "part";
}

export const ownersVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "delivery.owners",
    summary: "Owners",
    description:
      "Teams and people who own a node by CODEOWNERS (or another stated owner): of the node itself, else of the nearest folder or " +
      "repository that holds it, else of parts of it. Says where it is stated. For who worked on it ask what changed.",
    permission: "graph:read",
    input: Input,
    output: OwnersAnswer,
    http: { method: "GET", path: "/graph/owners" },
    mcp: {
      tool: "owners",
      listed: false,
      present: (answer, budget) =>
        presentList({
          head: { node: compactNode(answer.node), detail: answer.detail },
          name: "owners",
          items: answer.owners.map((one) => ({
            owner: compactNode(one.node),
            of: one.of.key,
            how: one.how,
            stated: compactEdge(one.edge),
          })),
          page: answer.page,
          budget,
        }),
    },
    async run(ctx, input) {
      const view = await openView(deps, ctx);
      const node = await needNode(view, input.node);
      const offset = decodeCursor(input.cursor, isOffset) ?? 0;
      const { owned, complete } = await find(view, node);
      const shown = owned.slice(offset, offset + input.limit);
      const more = offset + shown.length < owned.length;
      return {
        node: publicNode(node),
        owners: shown.map(({ owner, of, how }) => ({
          node: publicNode(owner.end),
          edge: owner.edge,
          of: publicNode(of),
          how,
        })),
        detail: shown.length > 0 ? null : await nothingConnected(view, "owners"),
        page: {
          returned: shown.length,
          total: complete ? owned.length : null,
          truncated: more || !complete,
          nextCursor: more ? encodeCursor(offset + shown.length) : null,
        },
        freshness: await freshnessOf(view, { scopes: [node.scope, ...shown.map((one) => one.owner.end.scope)] }),
      };
    },
  });

async function find(view: GraphView, node: StoredNode): Promise<{ owned: Owned[]; complete: boolean }> {
  const places = await placesOf(view, node);
  for (const [index, holders] of (await holdersOf(view, node, places)).entries()) {
    const { found, complete } = await joined(
      view,
      holders.map((one) => one.number),
      ask,
    );
    if (found.length > 0) return { owned: toOwned(found, holders, index === 0 ? "itself" : "inherited"), complete };
  }
  return await ofParts(view, places);
}

/** The node, then what holds it, nearest first; each step as the nodes of that step. */
async function holdersOf(view: GraphView, node: StoredNode, places: readonly StoredNode[]): Promise<StoredNode[][]> {
  const steps: StoredNode[][] = [[node]];
  if (!places.includes(node)) steps.push([...places]);
  for (const place of places.slice(0, 10)) {
    const found = await readNodes(
      view,
      ancestorKeys(place.key).map((key) => nodeId(view.workspaceName, key)),
    );
    for (const key of ancestorKeys(place.key)) {
      const one = found.get(nodeId(view.workspaceName, key));
      if (one !== undefined) steps.push([one]);
    }
  }
  return steps;
}

/** `symbol:r#a/b.ts#f` → its file, `dir:r#a`, `repo:r`. */
function ancestorKeys(key: string): string[] {
  const [repository, path] = [repositoryPart(key), pathOf(key)];
  if (repository === null) return [];
  const keys: string[] = [];
  if (path !== null && path !== "") {
    if (key.startsWith("symbol:")) keys.push(fileKey(repository, path));
    const parts = path.split("/");
    for (let length = parts.length - 1; length > 0; length--)
      keys.push(directoryKey(repository, parts.slice(0, length).join("/")));
  }
  if (!key.startsWith("repo:")) keys.push(repositoryKey(repository));
  return keys;
}

async function ofParts(view: GraphView, places: readonly StoredNode[]): Promise<{ owned: Owned[]; complete: boolean }> {
  const members = await membersOf(adjacencyOf(view), places, mostMembers, view.signal);
  const { found, complete } = await joined(view, [...members.steps.keys()], ask);
  const parts = await readNodes(
    view,
    found.map((one) => one.from),
  );
  return { owned: toOwned(found, [...parts.values()], "part"), complete: complete && members.complete };
}

function toOwned(found: readonly Joined[], of: readonly StoredNode[], how: Owned["how"]): Owned[] {
  const byNumber = new Map(of.map((one) => [one.number, one]));
  return found
    .flatMap((owner): Owned[] => {
      const one = byNumber.get(owner.from);
      return one === undefined ? [] : [{ owner, of: one, how }];
    })
    .sort((a, b) => a.of.key.localeCompare(b.of.key) || a.owner.end.key.localeCompare(b.owner.end.key));
}
