// Finds nodes by name, qualified name, path or words of their doc comment or description.
import { z } from "zod";
import { SearchAnswer } from "@opentrace/contract/graph-answers.ts";
import { NodeType } from "@opentrace/contract/graph.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { cursorField, limitField, nodeFilterFields, nodeTypesField, toNameFilter } from "./filters.ts";
import { freshnessOf } from "./freshness.ts";
import { compactNode, presentList } from "./present.ts";
import { publicNode, readNodes } from "./read-nodes.ts";
import { decodeCursor, encodeCursor, type GraphDeps, isOffset, offsetCursor, openView } from "./view.ts";

const Input = z.strictObject({
  q: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .describe(
      "Name, part of a name, qualified name, path, or words of a doc comment or of an issue's or pull request's description",
    ),
  types: nodeTypesField,
  ...nodeFilterFields,
  limit: limitField(20, 100),
  cursor: cursorField,
});

const McpInput = z.strictObject({
  query: Input.shape.q,
  limit: limitField(10, 50),
  nodeTypes: z.array(NodeType).min(1).optional().describe("Only nodes of these types"),
  cursor: cursorField,
});

export const searchVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "graph.search",
    summary: "Search the graph",
    description:
      "Finds nodes by name (exact, prefix, part of a camelCase or snake_case name, substring, typing mistakes), by qualified name " +
      "(PayService.charge), by path, or by words of their doc comment; issues and pull requests also by words of the first 2,000 characters of their " +
      "description. The best first. Filters apply before the limit.",
    permission: "graph:read",
    input: Input,
    output: SearchAnswer,
    http: { method: "GET", path: "/graph/search" },
    mcp: {
      tool: "search_graph",
      aliases: ["search_nodes"],
      input: McpInput,
      toInput: ({ query, nodeTypes, ...rest }) => ({ ...rest, q: String(query), types: nodeTypes as NodeType[] }),
      present: (answer, budget) =>
        presentList({
          name: "results",
          items: answer.hits.map((hit) => ({ ...compactNode(hit.node), match: hit.match })),
          page: answer.page,
          cursorAt: offsetCursor(answer.page),
          budget,
          ...(answer.hits.length === 0
            ? { head: { note: `Nothing matches "${answer.query}". Try a shorter part of the name or fewer filters.` } }
            : {}),
        }),
    },
    async run(ctx, input) {
      const view = await openView(deps, ctx);
      const offset = decodeCursor(input.cursor, isOffset) ?? 0;
      const page = { returned: 0, total: 0, truncated: false, nextCursor: null };
      if (view.workspace < 0) return { query: input.q, hits: [], page, freshness: [] };
      const filter = await toNameFilter(view, input);
      const { limit } = input;
      const found = await view.worker.ask(
        "search",
        { workspace: view.workspace, query: input.q, filter, offset, limit },
        view.signal,
      );
      const nodes = await readNodes(
        view,
        found.hits.map((hit) => hit.id),
      );
      // A node that went while we searched is no hit.
      const hits = found.hits.flatMap(({ id, score, match }) => {
        const node = nodes.get(id);
        return node === undefined ? [] : [{ node: publicNode(node), score, match }];
      });
      const next = offset + found.hits.length;
      const truncated = next < found.total;
      return {
        query: input.q,
        hits,
        page: {
          returned: hits.length,
          total: found.total,
          truncated,
          nextCursor: truncated ? encodeCursor(next) : null,
        },
        freshness: await freshnessOf(view, { scopes: [...nodes.values()].map((node) => node.scope) }),
      };
    },
  });
