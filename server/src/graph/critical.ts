// The nodes that matter most: many depend on them, directly or not, or they alone hold parts of the graph together.
import { z } from "zod";
import { CriticalAnswer, type CriticalNode } from "@opentrace/contract/graph-answers.ts";
import { type NodeType, nodeTypes } from "@opentrace/contract/graph.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { cursorField, limitField, nodeFilterFields, nodeTypesField, toNameFilter } from "./filters.ts";
import { freshnessOf } from "./freshness.ts";
import { compactNode, presentList } from "./present.ts";
import { publicNode, readNodes, type StoredNode } from "./read-nodes.ts";
import type { RankedNode } from "./snapshot/ranking.ts";
import { decodeCursor, encodeCursor, type GraphDeps, isOffset, openView } from "./view.ts";
import { nodeTypeNumbers } from "./vocabulary.ts";

const Input = z.strictObject({
  types: nodeTypesField,
  ...nodeFilterFields,
  origin: z
    .enum(["own", "external", "any"])
    .default("own")
    .describe("own = what the indexed code holds, external = what it uses from outside (standard libraries, packages)"),
  limit: limitField(20, 200),
  cursor: cursorField,
});

/** Where things are kept and who made them is no matter of dependence. */
const notCritical: ReadonlySet<NodeType> = new Set(["Repository", "Branch", "Commit", "Directory", "Person", "Team"]);
const standardTypes = nodeTypes.filter((type) => !notCritical.has(type));

const mayBeExternal: ReadonlySet<NodeType> = new Set(["Package", "ExternalService"]);
const externalShown = 10;

function reasonsOf(ranked: RankedNode): string[] {
  const reasons: string[] = [];
  if (ranked.dependents > 0)
    reasons.push(
      `${ranked.dependents.toLocaleString("en")} node${ranked.dependents === 1 ? " depends" : "s depend"} on it directly.`,
    );
  if (ranked.pageRank >= 2)
    reasons.push(`Counting indirect dependents it weighs ${Math.round(ranked.pageRank)} times the average (PageRank).`);
  if (ranked.cutsOff > 0)
    reasons.push(`Without it ${ranked.cutsOff} other node${ranked.cutsOff === 1 ? "" : "s"} would be cut off.`);
  if (ranked.dependencies >= 20) reasons.push(`It depends on ${ranked.dependencies} nodes itself.`);
  if (reasons.length === 0) reasons.push("Nothing depends on it.");
  return reasons;
}

const compactRanked = ({ node, rank, score, reasons }: CriticalNode): object => ({
  rank,
  ...compactNode(node),
  score,
  because: reasons,
});

/** Scores as shares of the top one's. A node that went while we ranked is left out. */
function toCritical(
  ranked: readonly RankedNode[],
  top: number,
  nodes: ReadonlyMap<number, StoredNode>,
): CriticalNode[] {
  return ranked.flatMap((one) => {
    const node = nodes.get(one.id);
    if (node === undefined) return [];
    return [
      {
        node: publicNode(node),
        score: top === 0 ? 0 : Math.round((one.score / top) * 1000) / 1000,
        dependents: one.dependents,
        dependencies: one.dependencies,
        pageRank: Math.round(one.pageRank * 1000) / 1000,
        cutsOff: one.cutsOff,
        rank: one.rank,
        reasons: reasonsOf(one),
      },
    ];
  });
}

export const criticalVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "graph.critical",
    summary: "The most critical nodes",
    description:
      "Nodes ranked by how much depends on them: direct dependents, PageRank along dependencies, and whether they alone hold parts of " +
      "the graph together (articulation points). What the indexed code holds comes first; what it uses from outside is ranked apart, in " +
      "`external`. Filter by type, source, language or path; each with its numbers and the reasons.",
    permission: "graph:read",
    input: Input,
    output: CriticalAnswer,
    http: { method: "GET", path: "/graph/critical" },
    mcp: {
      tool: "find_critical",
      // After what the company owns, as the answer says it.
      present: (answer, budget) => {
        const external = answer.external.slice(0, 5).map(compactRanked);
        const left = budget - Math.ceil(JSON.stringify(external).length / 3);
        const list = presentList({
          name: "critical",
          items: answer.critical.map(compactRanked),
          page: answer.page,
          budget: Math.max(left, 0),
        });
        return external.length === 0 ? list : { ...list, used_from_outside: external };
      },
    },
    async run(ctx, input) {
      const view = await openView(deps, ctx);
      const offset = decodeCursor(input.cursor, isOffset) ?? 0;
      if (view.workspace < 0) {
        return {
          critical: [],
          external: [],
          page: { returned: 0, total: 0, truncated: false, nextCursor: null },
          freshness: [],
        };
      }
      const types = input.types ?? standardTypes;
      const { sources, language, pathPrefix } = await toNameFilter(view, input);
      const isFiltered = sources !== undefined || language !== undefined || pathPrefix !== undefined;
      const rank = (origin: "own" | "external" | undefined, limit: number) =>
        view.worker.ask(
          "ranking",
          {
            workspace: view.workspace,
            types: nodeTypeNumbers(types),
            within: isFiltered ? { sources, language, pathPrefix } : null,
            origin,
            limit,
          },
          view.signal,
        );
      const { ranked, total } = await rank(input.origin === "any" ? undefined : input.origin, offset + input.limit);
      const withExternal = input.origin === "own" && offset === 0 && types.some((type) => mayBeExternal.has(type));
      const outside = withExternal ? (await rank("external", Math.min(externalShown, input.limit))).ranked : [];
      const shown = ranked.slice(offset);
      const nodes = await readNodes(
        view,
        [...shown, ...outside].map((one) => one.id),
      );
      const critical = toCritical(shown, ranked[0]?.score ?? 1, nodes);
      const next = offset + shown.length;
      return {
        critical,
        external: toCritical(outside, outside[0]?.score ?? 1, nodes),
        page: {
          returned: critical.length,
          total,
          truncated: next < total,
          nextCursor: next < total ? encodeCursor(next) : null,
        },
        freshness: await freshnessOf(view, { scopes: [...nodes.values()].map((node) => node.scope) }),
      };
    },
  });
