// What changed in what runs, who owns what and what depends on what: an entry of the graph's change log.
import { z } from "zod";
import { EdgeType, GraphNode, NodeType, Page, SourceFreshness } from "./graph.ts";

/** A node as it was when it changed: it may be gone since. */
const TopologyEnd = z.object({ id: z.string(), key: z.string(), type: NodeType, name: z.string() });

export const TopologyChange = z.object({
  /** Of the graph, after the batch that brought it. */
  version: z.int(),
  after: z.iso.datetime().describe("When the source had been read before: it happened after that"),
  at: z.iso.datetime().describe("When OpenTrace saw it: it happened before this"),
  change: z.enum(["appeared", "gone", "changed"]),
  source: z.string().describe("Who told of it: repo:github.com/acme/shop, integration:…"),
  scope: z.string().describe("What of the source told of it, e.g. manifest:package.json"),
  node: TopologyEnd.describe("What changed; of a relationship its beginning"),
  edge: EdgeType.nullable().describe("Null when the node itself changed"),
  other: TopologyEnd.nullable().describe("The relationship's end"),
  props: z.array(z.object({ name: z.string(), before: z.json(), after: z.json() })),
  words: z.string(),
});
export type TopologyChange = z.infer<typeof TopologyChange>;

export const TopologyChanges = z.object({
  node: GraphNode.nullable(),
  changes: z.array(TopologyChange),
  completeSince: z.iso
    .datetime()
    .nullable()
    .describe("Changes before this were not all kept; null when none was left out"),
  page: Page,
  freshness: z.array(SourceFreshness),
});
export type TopologyChanges = z.infer<typeof TopologyChanges>;
