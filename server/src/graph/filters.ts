// Input fields that several verbs share, and what they mean in the index.
import { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import { EdgeType, NodeType } from "@opentrace/contract/graph.ts";
import type { NameFilter } from "./snapshot/name-index.ts";
import type { GraphView } from "./view.ts";
import { nodeTypeNumbers } from "./vocabulary.ts";

export const nodeReference = z.string().min(1).max(2048).describe("A node's id or its key");
export const limitField = (standard: number, most: number) =>
  z.int().min(1).max(most).default(standard).describe(`At most so many (up to ${most})`);
export const cursorField = z.string().max(4096).optional().describe("nextCursor of the page before");
export const edgeTypesField = z.array(EdgeType).min(1).optional().describe("Only edges of these types");
export const nodeTypesField = z.array(NodeType).min(1).optional().describe("Only nodes of these types");

export const nodeFilterFields = {
  source: z.string().max(2048).optional().describe("Only what this source claims, e.g. repo:github.com/acme/shop"),
  language: z.string().max(40).optional().describe("Only code of this language, e.g. python"),
  path: z.string().max(1024).optional().describe("Only what is at or below this path of its repository"),
};

/** Throws `not_found` for a source that is not in the graph. */
export async function toNameFilter(
  view: GraphView,
  filter: {
    types?: readonly NodeType[] | undefined;
    source?: string | undefined;
    language?: string | undefined;
    path?: string | undefined;
  },
): Promise<NameFilter> {
  const sources = filter.source === undefined ? undefined : [await sourceNumber(view, filter.source)];
  return {
    types: filter.types === undefined ? undefined : nodeTypeNumbers(filter.types),
    sources,
    language: filter.language?.toLowerCase(),
    pathPrefix: filter.path,
  };
}

async function sourceNumber(view: GraphView, source: string): Promise<number> {
  const row = await view.db
    .selectFrom("sources")
    .select("id")
    .where("workspace", "=", view.workspace)
    .where("source", "=", source)
    .executeTakeFirst();
  if (row === undefined) throw new AppError("not_found", `The graph has no source "${source}".`);
  return row.id;
}
