// What is there: the whole graph, lists and counts by type, and what something holds.
import type { GraphNode, NodeType, SourceFreshness } from "@opentrace/contract/graph.ts";
import type { NeighborsAnswer, NodeList, StatsAnswer } from "@opentrace/contract/graph-answers.ts";
import type { GraphAccess } from "../graph-access.ts";
import type { MentionText } from "../mention.ts";
import { codeSpan, bullets, count, describeNode, label, list, plainType, typeNoun } from "../wording.ts";
import { type Answered, answered, unknown, when, scopeOf, most } from "./answered.ts";

export async function overview(access: GraphAccess): Promise<Answered> {
  const stats = await access.run<StatsAnswer>("graph.stats", {});
  if (stats.total_nodes === 0) return answered("The graph is empty: no repository has been indexed yet.");
  const types = Object.entries(stats.nodes_by_type).sort((a, b) => b[1] - a[1]);
  const sources = stats.sources.map(
    (one) => `${codeSpan(one.name)}: ${count(one.nodes, "node")}, ${count(one.edges, "edge")}`,
  );
  return answered(
    [
      `The graph holds ${count(stats.total_nodes, "node")} and ${count(stats.total_edges, "edge")} from ${count(stats.sources.length, "source")}.`,
      bullets(sources, most),
      `By type: ${types.map(([type, number]) => count(number, plainType(type as NodeType))).join(", ")}.`,
    ].join("\n\n"),
  );
}

export async function freshness(of: MentionText | null, access: GraphAccess): Promise<Answered> {
  const node = of === null ? null : await access.resolve(of, "Repository");
  if (of !== null && node === null) return unknown(of);
  await access.run<StatsAnswer>("graph.stats", {});
  const all = [...access.freshness.values()];
  const shown =
    node === null
      ? all
      : all.filter((one) => node.key === one.source || node.key.includes(`:${one.source.replace(/^repo:/, "")}#`));
  if (shown.length === 0) return answered("Nothing has been indexed yet.", node === null ? [] : [node]);
  const said: Record<SourceFreshness["state"], string> = {
    fresh: "is up to date",
    stale: "is out of date",
    syncing: "is being synced now",
    failing: "fails to sync",
    never: "was never read to its end",
  };
  return answered(
    bullets(
      shown.map(
        (one) =>
          `${codeSpan(one.name)} ${said[one.state]}${one.observedAt === null ? "" : `; last read ${when(one.observedAt)}`}${one.detail === undefined ? "" : ` (${one.detail})`}`,
      ),
      most,
    ),
    node === null ? [] : [node],
  );
}

export async function listing(
  types: readonly NodeType[],
  word: string,
  within: MentionText | null,
  access: GraphAccess,
): Promise<Answered> {
  const scope = await scopeOf(within, access);
  if (scope === null) return unknown(within as MentionText);
  if (scope.node !== null && Object.keys(scope.filter).length === 0) return members(scope.node, types, access);
  const found = await access.run<NodeList>("graph.listNodes", { types, limit: 50, ...scope.filter });
  if (found.nodes.length === 0)
    return answered(await noneOf(types, word, scope.said, access), scope.node === null ? [] : [scope.node]);
  const total = found.page.total ?? found.nodes.length;
  const intro = `There ${total === 1 ? "is" : "are"} ${count(total, typeNoun(types))}${scope.said}${found.page.truncated && found.page.total === null ? ", and more" : ""}:`;
  return answered(
    `${intro}\n\n${bullets(found.nodes.map(describeNode), 50, total - found.nodes.length)}`,
    found.nodes,
    found.page.truncated,
  );
}

async function noneOf(types: readonly NodeType[], word: string, said: string, access: GraphAccess): Promise<string> {
  const stats = await access.run<StatsAnswer>("graph.stats", {});
  if (stats.total_nodes === 0) return "The graph is empty: no repository has been indexed yet.";
  const there = Object.keys(stats.nodes_by_type).map((type) => plainType(type as NodeType, 2));
  return `No ${typeNoun(types, 2) || word} are known${said}. The graph holds ${list(there)}.`;
}

export async function counting(
  types: readonly NodeType[] | null,
  within: MentionText | null,
  access: GraphAccess,
): Promise<Answered> {
  const scope = await scopeOf(within, access);
  if (scope === null) return unknown(within as MentionText);
  if (scope.node === null) {
    const stats = await access.run<StatsAnswer>("graph.stats", {});
    if (types === null)
      return answered(`The graph holds ${count(stats.total_nodes, "node")} and ${count(stats.total_edges, "edge")}.`);
    const parts = types.map((type) => ({ type, number: stats.nodes_by_type[type] ?? 0 }));
    const total = parts.reduce((sum, part) => sum + part.number, 0);
    const split =
      parts.length > 1 ? ` (${parts.map((part) => count(part.number, plainType(part.type))).join(", ")})` : "";
    return answered(`There ${total === 1 ? "is" : "are"} ${count(total, typeNoun(types))}${split}.`);
  }
  if (Object.keys(scope.filter).length === 0) {
    const { inside, total } = await membersOf(scope.node, types, access);
    return answered(`${label(scope.node)} has ${total(types === null ? "member" : typeNoun(types))}.`, [
      scope.node,
      ...inside.slice(0, most),
    ]);
  }
  const found = await access.run<NodeList>("graph.listNodes", {
    types: types ?? undefined,
    limit: 500,
    ...scope.filter,
  });
  const total = found.page.total ?? found.nodes.length;
  const least = found.page.total === null && found.page.truncated ? "at least " : "";
  return answered(`${label(scope.node)} has ${least}${count(total, types === null ? "node" : typeNoun(types))}.`, [
    scope.node,
  ]);
}

interface Members {
  inside: GraphNode[];
  /** "12 methods", "at least 200 files": all of them, listed or not. */
  total(noun: string): string;
  /** How many are not among `inside`. */
  more: number;
}

async function membersOf(node: GraphNode, types: readonly NodeType[] | null, access: GraphAccess): Promise<Members> {
  const { neighbors, page } = await access.run<NeighborsAnswer>("graph.neighbors", {
    id: node.id,
    direction: "outgoing",
    edgeTypes: ["CONTAINS", "DEFINES"],
    nodeTypes: types ?? undefined,
    limit: 200,
  });
  const all = page.total ?? neighbors.length;
  return {
    inside: neighbors.map((one) => one.node),
    total: (noun) => `${page.total === null && page.truncated ? "at least " : ""}${count(all, noun)}`,
    more: all - neighbors.length,
  };
}

async function members(node: GraphNode, types: readonly NodeType[], access: GraphAccess): Promise<Answered> {
  const { inside, total, more } = await membersOf(node, types, access);
  if (inside.length === 0) return answered(`${label(node)} has no ${typeNoun(types, 2)}.`, [node]);
  return answered(
    `${label(node)} has ${total(typeNoun(types))}:\n\n${bullets(inside.map(describeNode), 50, more)}`,
    [node, ...inside.slice(0, 50)],
    more > 0,
  );
}

export async function contents(node: GraphNode, access: GraphAccess): Promise<Answered> {
  const { inside, total, more } = await membersOf(node, null, access);
  if (inside.length === 0) return answered(`${label(node)} holds nothing that the graph knows of.`, [node]);
  return answered(
    `${label(node)} holds ${total("thing")}:\n\n${bullets(inside.map(describeNode), 50, more)}`,
    [node, ...inside.slice(0, 50)],
    more > 0,
  );
}
