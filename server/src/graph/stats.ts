// How much is in the graph: nodes and edges by type, per source, and how fresh each source is.
import { z } from "zod";
import { StatsAnswer } from "@opentrace/contract/graph-answers.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { freshnessOfAll } from "./freshness.ts";
import { type GraphDeps, openView } from "./view.ts";

export const statsVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "graph.stats",
    summary: "What the graph holds",
    description:
      "Numbers of nodes and edges in all, by type and by source, and the freshness of every source. A good first question.",
    permission: "graph:read",
    input: z.strictObject({}),
    output: StatsAnswer,
    http: { method: "GET", path: "/graph/stats" },
    mcp: { tool: "get_stats", aliases: ["get_node_statistics"] },
    async run(ctx) {
      const view = await openView(deps, ctx);
      const freshness = await freshnessOfAll(view);
      if (view.workspace < 0) {
        return {
          total_nodes: 0,
          total_edges: 0,
          nodes_by_type: {},
          edges_by_type: {},
          version: 0,
          sources: [],
          freshness,
        };
      }
      const mayLag = freshness.some((source) => source.state === "syncing");
      const totals = await view.worker.ask("totals", { workspace: view.workspace, mayLag }, view.signal);
      const sources = await view.db
        .selectFrom("sources")
        .select(["source", "name", "nodes", "edges"])
        .where("workspace", "=", view.workspace)
        .orderBy("source")
        .execute();
      return {
        total_nodes: totals.nodes,
        total_edges: totals.edges,
        nodes_by_type: totals.nodesByType,
        edges_by_type: totals.edgesByType,
        version: totals.version,
        sources,
        freshness,
      };
    },
  });
