// Lists nodes by type and filters, in the order of their names; or the one with a given key.
import { z } from "zod";
import { NodeList } from "@opentrace/contract/graph-answers.ts";
import { type GraphNode, NodeType } from "@opentrace/contract/graph.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { cursorField, limitField, nodeFilterFields, nodeTypesField, toNameFilter } from "./filters.ts";
import { freshnessOf } from "./freshness.ts";
import { parsePublicId } from "./node-id.ts";
import { compactNode, presentList } from "./present.ts";
import { needNode, publicNode, readNodes } from "./read-nodes.ts";
import { isAnonymousName } from "./shown-name.ts";
import { decodeCursor, encodeCursor, type GraphDeps, openView } from "./view.ts";

const Input = z.strictObject({
  key: z.string().min(1).max(2048).optional().describe("The node with this key; the other fields don't matter then"),
  type: NodeType.optional().describe("Only nodes of this type"),
  types: nodeTypesField,
  name: z.string().max(500).optional().describe("Only names that begin so (upper or lower case)"),
  ...nodeFilterFields,
  limit: limitField(50, 500),
  cursor: cursorField,
});

const McpInput = z.strictObject({
  type: NodeType.describe("Type of the nodes, e.g. Class, Function, File, Package, Repository, Service"),
  limit: limitField(50, 200),
  filters: z
    .strictObject({ name: Input.shape.name, ...nodeFilterFields })
    .optional()
    .describe("Beginning of the name, source, language, path"),
  cursor: cursorField,
});

/** The last part of an anonymous symbol's key is the name that the index sorts it by. */
function storedNameOf({ key, name }: GraphNode): string {
  const last = /[#.](<\w+>)(?:~\d+)?$/.exec(key)?.[1];
  return last !== undefined && isAnonymousName(last) ? last : name;
}

const isPosition = (value: unknown): value is [string, number] =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === "string" && typeof value[1] === "number";

export const listNodesVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "graph.listNodes",
    summary: "List nodes",
    description: "Nodes by type, source, language, path or beginning of the name, in the order of their names.",
    permission: "graph:read",
    input: Input,
    output: NodeList,
    http: { method: "GET", path: "/graph/nodes" },
    mcp: {
      tool: "list_nodes",
      aliases: ["query_nodes"],
      input: McpInput,
      toInput: ({ filters, ...rest }) => ({ ...rest, ...(filters as object | undefined) }),
      present: (answer, budget) =>
        presentList({
          name: "nodes",
          items: answer.nodes.map(compactNode),
          page: answer.page,
          budget,
          cursorAt: (kept) => {
            const last = answer.nodes[kept - 1];
            return last === undefined ? null : encodeCursor([storedNameOf(last), parsePublicId(last.id)]);
          },
        }),
    },
    async run(ctx, input) {
      const view = await openView(deps, ctx);
      if (input.key !== undefined) {
        const node = await needNode(view, input.key);
        return {
          nodes: [publicNode(node)],
          page: { returned: 1, total: 1, truncated: false, nextCursor: null },
          freshness: await freshnessOf(view, { scopes: [node.scope] }),
        };
      }
      const after = decodeCursor(input.cursor, isPosition);
      if (view.workspace < 0) {
        return { nodes: [], page: { returned: 0, total: 0, truncated: false, nextCursor: null }, freshness: [] };
      }
      const types = [...(input.types ?? []), ...(input.type === undefined ? [] : [input.type])];
      const filter = await toNameFilter(view, { ...input, types: types.length === 0 ? undefined : types });
      const found = await view.worker.ask(
        "list",
        { workspace: view.workspace, filter, namePrefix: input.name ?? "", after, limit: input.limit + 1 },
        view.signal,
      );
      const truncated = found.ids.length > input.limit;
      const ids = found.ids.slice(0, input.limit);
      const stored = await readNodes(view, ids);
      const nodes = ids.flatMap((id) => stored.get(id) ?? []);
      const last = nodes.at(-1);
      return {
        nodes: nodes.map(publicNode),
        page: {
          returned: nodes.length,
          total: found.total,
          truncated,
          nextCursor: truncated && last !== undefined ? encodeCursor([last.storedName, last.number]) : null,
        },
        freshness: await freshnessOf(view, { scopes: nodes.map((node) => node.scope) }),
      };
    },
  });
