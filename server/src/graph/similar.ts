// Nodes like a given one: they share neighbours (rare ones weigh more, Adamic and Adar 2003) or words of their name.
import { z } from "zod";
import { SimilarAnswer } from "@opentrace/contract/graph-answers.ts";
import { edgeTypes } from "@opentrace/contract/graph.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { type Adjacency, adjacencyOf } from "./adjacency.ts";
import { limitField, nodeReference } from "./filters.ts";
import { freshnessOf } from "./freshness.ts";
import { compactNode, presentList } from "./present.ts";
import { needNode, publicNode, readNodes, type StoredNode } from "./read-nodes.ts";
import { wordsOfName } from "./snapshot/words.ts";
import { type GraphDeps, type GraphView, openView } from "./view.ts";
import { edgeTypeOf, nodeTypeNumber } from "./vocabulary.ts";

const Input = z.strictObject({
  id: nodeReference,
  limit: limitField(10, 50),
  sameType: z.boolean().default(true).describe("Only nodes of the same type"),
});

/** Everybody shares these with everybody: a neighbour with more edges says nothing. */
const hubDegree = 300;
const featuresAtMost = 150;
const candidatesAtMost = 60;
const structureWeight = 0.65;

/** A neighbour seen through an edge type and direction: what two similar nodes have in common. */
interface Feature {
  neighbor: number;
  type: number;
  forward: boolean;
  weight: number;
}

const featureKey = (neighbor: number, type: number, forward: boolean): string =>
  `${neighbor} ${forward ? type : type + edgeTypes.length}`;

interface Seen {
  adjacency: Adjacency;
  /** Degrees that were read already: similar nodes have the same neighbours. */
  outgoing: Map<number, number>;
  incoming: Map<number, number>;
}

async function featuresOf(seen: Seen, nodes: readonly number[]): Promise<Map<number, Feature[]>> {
  const found = new Map<number, Omit<Feature, "weight">[]>(nodes.map((node) => [node, []]));
  for (const forward of [true, false]) {
    await seen.adjacency.expand(nodes, forward, null, (from, neighbor, type) => {
      const list = found.get(from)!;
      if (list.length < featuresAtMost && neighbor !== from) list.push({ neighbor, type, forward });
    });
  }
  for (const forward of [true, false]) {
    // From the neighbour's side the edge points the other way.
    const known = forward ? seen.incoming : seen.outgoing;
    const wanted = new Set([...found.values()].flat().flatMap((one) => (one.forward === forward ? one.neighbor : [])));
    const missing = [...wanted].filter((neighbor) => !known.has(neighbor));
    for (const [neighbor, degree] of await seen.adjacency.degrees(missing, !forward)) known.set(neighbor, degree);
  }
  const features = new Map<number, Feature[]>();
  for (const [node, list] of found) {
    const own: Feature[] = [];
    for (const one of list) {
      const degree = (one.forward ? seen.incoming : seen.outgoing).get(one.neighbor) ?? 0;
      if (degree <= hubDegree) own.push({ ...one, weight: 1 / Math.log2(2 + degree) });
    }
    features.set(node, own);
  }
  return features;
}

interface Candidate {
  shared: Feature[];
  weight: number;
}

/** Other nodes with the same features. */
async function sharersOf(adjacency: Adjacency, node: number, type: number | null, features: readonly Feature[]) {
  const candidates = new Map<number, Candidate>();
  for (const forward of [true, false]) {
    const own = new Map(
      features
        .filter((one) => one.forward === forward)
        .map((one) => [featureKey(one.neighbor, one.type, forward), one]),
    );
    const neighbors = [...new Set([...own.values()].map((one) => one.neighbor))];
    await adjacency.expand(neighbors, !forward, null, (neighbor, other, edgeType, _confidence, otherType) => {
      const feature = own.get(featureKey(neighbor, edgeType, forward));
      if (feature === undefined || other === node || (type !== null && otherType !== type)) return;
      const candidate = candidates.get(other);
      if (candidate === undefined) candidates.set(other, { shared: [feature], weight: feature.weight });
      else {
        candidate.shared.push(feature);
        candidate.weight += feature.weight;
      }
    });
  }
  return candidates;
}

const sum = (features: readonly Feature[]): number => features.reduce((total, one) => total + one.weight, 0);

function nameSimilarity(a: readonly string[], b: readonly string[]): { score: number; shared: string[] } {
  const shared = [...new Set(a)].filter((word) => b.includes(word));
  const union = new Set([...a, ...b]).size;
  return { score: union === 0 ? 0 : shared.length / union, shared };
}

async function similarByName(view: GraphView, node: StoredNode, sameType: boolean): Promise<number[]> {
  const filter = sameType ? { types: [nodeTypeNumber(node.type)!] } : {};
  const words = wordsOfName(node.name).filter((word) => word.length >= 3);
  const found = new Set<number>();
  for (const word of words.slice(0, 5)) {
    const input = { workspace: view.workspace, query: word, filter, offset: 0, limit: 30 };
    for (const hit of (await view.worker.ask("search", input, view.signal)).hits) found.add(hit.id);
  }
  found.delete(node.number);
  return [...found];
}

export const similarVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "graph.similar",
    summary: "Nodes like this one",
    description:
      "Nodes that use, hold or are used by the same things, or share words of their name; the most similar first, each with the reasons.",
    permission: "graph:read",
    input: Input,
    output: SimilarAnswer,
    http: { method: "GET", path: "/graph/nodes/{id}/similar" },
    mcp: {
      tool: "find_similar",
      aliases: ["find_similar_nodes"],
      input: Input.omit({ id: true }).extend({ nodeId: nodeReference }),
      toInput: ({ nodeId, ...rest }) => ({ ...rest, id: String(nodeId) }),
      present: (answer, budget) =>
        presentList({
          head: { node: compactNode(answer.node) },
          name: "similar",
          items: answer.similar.map(({ node, score, reasons }) => ({
            ...compactNode(node),
            score,
            because: reasons.map((reason) => reason.detail),
          })),
          page: answer.page,
          budget,
        }),
    },
    async run(ctx, input) {
      const view = await openView(deps, ctx);
      const node = await needNode(view, input.id);
      const adjacency = adjacencyOf(view);
      const seen: Seen = { adjacency, outgoing: new Map(), incoming: new Map() };
      const features = (await featuresOf(seen, [node.number])).get(node.number)!;
      const type = input.sameType ? nodeTypeNumber(node.type)! : null;
      const sharers = await sharersOf(adjacency, node.number, type, features);
      const byStructure = [...sharers].sort(([a, x], [b, y]) => y.weight - x.weight || a - b);
      const chosen = new Set(byStructure.slice(0, candidatesAtMost).map(([number]) => number));
      for (const number of await similarByName(view, node, input.sameType)) chosen.add(number);
      const nodes = await readNodes(view, [...chosen]);
      const featuresOfOthers = await featuresOf(
        seen,
        [...nodes.keys()].filter((number) => sharers.has(number)),
      );
      const words = wordsOfName(node.name);
      const total = sum(features);
      const scored: { node: StoredNode; score: number; shared: Feature[]; words: string[] }[] = [];
      for (const [number, other] of nodes) {
        const candidate = sharers.get(number);
        // Weighted Jaccard: what they share of all that either has.
        const theirs = sum(featuresOfOthers.get(number) ?? []);
        const weight = candidate?.weight ?? 0;
        const structure = weight === 0 ? 0 : weight / Math.max(total + theirs - weight, weight);
        const name = nameSimilarity(words, wordsOfName(other.name));
        const score = structureWeight * structure + (1 - structureWeight) * name.score;
        if (score > 0.02) scored.push({ node: other, score, shared: candidate?.shared ?? [], words: name.shared });
      }
      scored.sort((a, b) => b.score - a.score || a.node.number - b.node.number);
      const shown = scored.slice(0, input.limit);
      const neighbors = await readNodes(view, [
        ...new Set(shown.flatMap((one) => one.shared.slice(0, 5).map((feature) => feature.neighbor))),
      ]);
      return {
        node: publicNode(node),
        similar: shown.map((one) => ({
          node: publicNode(one.node),
          score: Math.round(one.score * 1000) / 1000,
          reasons: reasonsOf(one, node, neighbors),
        })),
        page: {
          returned: shown.length,
          total: scored.length,
          truncated: scored.length > shown.length,
          nextCursor: null,
        },
        freshness: await freshnessOf(view, { scopes: [node.scope, ...shown.map((one) => one.node.scope)] }),
      };
    },
  });

function reasonsOf(
  one: { node: StoredNode; shared: readonly Feature[]; words: readonly string[] },
  node: StoredNode,
  neighbors: ReadonlyMap<number, StoredNode>,
): SimilarAnswer["similar"][number]["reasons"] {
  const reasons: SimilarAnswer["similar"][number]["reasons"] = [];
  if (one.shared.length > 0) {
    const rarest = one.shared.toSorted((a, b) => b.weight - a.weight).slice(0, 5);
    const named = rarest.flatMap((feature) => {
      const neighbor = neighbors.get(feature.neighbor);
      return neighbor === undefined ? [] : [{ feature, neighbor }];
    });
    const list = named.map(({ feature, neighbor }) => {
      const type = edgeTypeOf(feature.type);
      return feature.forward ? `${type} ${neighbor.name}` : `${neighbor.name} ${type} both`;
    });
    reasons.push({
      kind: "neighbors",
      detail: `${one.shared.length} in common: ${list.join(", ")}${one.shared.length > list.length ? ", …" : ""}`,
      nodes: named.map(({ neighbor }) => publicNode(neighbor)),
    });
  }
  if (one.words.length > 0)
    reasons.push({ kind: "name", detail: `Both names hold ${one.words.join(", ")}`, nodes: [] });
  if (one.node.type === node.type) reasons.push({ kind: "type", detail: `Both are of type ${node.type}`, nodes: [] });
  return reasons;
}
