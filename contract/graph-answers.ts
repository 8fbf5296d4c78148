// What the graph's verbs answer, as REST returns it and the UI reads it. `from` and `to` of every edge in an answer are node ids.
import { z } from "zod";
import { Direction, EdgeType, GraphEdge, GraphNode, NodeType, Page, Provenance, SourceFreshness } from "./graph.ts";

const freshness = z.array(SourceFreshness).describe("State of every source whose facts are in the answer");

/** How well a hit matches, best first. */
export const MatchKind = z.enum(["exact", "prefix", "word", "substring", "fuzzy", "path", "doc"]);
export type MatchKind = z.infer<typeof MatchKind>;

export const SearchHit = z.object({
  node: GraphNode,
  /** 0–1, comparable within one answer only. */
  score: z.number(),
  match: MatchKind,
});
export type SearchHit = z.infer<typeof SearchHit>;

export const SearchAnswer = z.object({ query: z.string(), hits: z.array(SearchHit), page: Page, freshness });
export type SearchAnswer = z.infer<typeof SearchAnswer>;

/** One neighbour with every edge between the two: parallel types and both directions. */
export const Neighbor = z.object({ node: GraphNode, edges: z.array(GraphEdge) });
export type Neighbor = z.infer<typeof Neighbor>;

/** How many edges of a type leave or enter a node. */
export const EdgeCount = z.object({ type: EdgeType, outgoing: z.int(), incoming: z.int() });
export type EdgeCount = z.infer<typeof EdgeCount>;

/** `page` is of the neighbours; go on with `nodes/{id}/neighbors?cursor=`. */
export const NodeAnswer = z.object({
  node: GraphNode,
  provenance: z.array(Provenance),
  edgeCounts: z.array(EdgeCount),
  neighbors: z.array(Neighbor),
  page: Page,
  freshness,
});
export type NodeAnswer = z.infer<typeof NodeAnswer>;

export const NeighborsAnswer = z.object({ node: GraphNode, neighbors: z.array(Neighbor), page: Page, freshness });
export type NeighborsAnswer = z.infer<typeof NeighborsAnswer>;

export const NodeList = z.object({ nodes: z.array(GraphNode), page: Page, freshness });
export type NodeList = z.infer<typeof NodeList>;

/** A node found by a traversal. `path` holds node ids from the start to this node; `edge` is the path's last edge. */
export const Reached = z.object({ node: GraphNode, hop: z.int(), edge: GraphEdge, path: z.array(z.string()) });
export type Reached = z.infer<typeof Reached>;

export const TraversalAnswer = z.object({
  start: GraphNode,
  direction: Direction,
  reached: z.array(Reached),
  byHop: z.array(z.object({ hop: z.int(), count: z.int() })),
  page: Page,
  freshness,
});
export type TraversalAnswer = z.infer<typeof TraversalAnswer>;

/** What is assumed to change, and why it is a seed: asked for, part of what was asked for, or hit by a changed line. */
export const ImpactSeed = z.object({
  node: GraphNode,
  why: z.enum(["asked", "member", "lines", "overrides"]),
  detail: z.string().optional(),
});
export type ImpactSeed = z.infer<typeof ImpactSeed>;

/** `confidence` is the product of the confidences along the best path; `path` holds node ids from a seed to this node. */
export const Affected = z.object({
  node: GraphNode,
  hop: z.int(),
  confidence: z.number(),
  edge: GraphEdge,
  path: z.array(z.string()),
});
export type Affected = z.infer<typeof Affected>;

export const ImpactRisk = z.object({
  level: z.enum(["none", "low", "medium", "high", "critical"]),
  reasons: z.array(z.string()),
  affected: z.int(),
  certain: z.int().describe("Affected with a confidence of at least 0.8"),
  byType: z.partialRecord(NodeType, z.int()),
  files: z.int(),
  repositories: z.int(),
  packages: z.int(),
  tests: z.int(),
  publicApi: z.int().describe("Exported symbols among the affected"),
  untested: z.array(GraphNode).describe("Seeds that no test reaches (the first 20)"),
});
export type ImpactRisk = z.infer<typeof ImpactRisk>;

export const ImpactAnswer = z.object({
  seeds: z.array(ImpactSeed),
  seedsTotal: z.int(),
  affected: z.array(Affected),
  byHop: z.array(z.object({ hop: z.int(), count: z.int() })),
  risk: ImpactRisk,
  /** Lines of a diff or range that belong to no known node, and files that are not in the graph. */
  unmatched: z.array(z.object({ path: z.string(), detail: z.string() })),
  page: Page,
  freshness,
});
export type ImpactAnswer = z.infer<typeof ImpactAnswer>;

/** `steps[i]` joins `nodes[i]` and `nodes[i + 1]`; an edge against the direction of travel has `forward: false`. */
export const GraphPath = z.object({
  nodes: z.array(GraphNode),
  steps: z.array(z.object({ edges: z.array(GraphEdge), forward: z.boolean() })),
  length: z.int(),
  confidence: z.number(),
});
export type GraphPath = z.infer<typeof GraphPath>;

export const PathAnswer = z.object({
  from: GraphNode,
  to: GraphNode,
  paths: z.array(GraphPath),
  /** forward = along the edges; backward = along them from `to` to `from`; mixed = in changing directions; hub = only through what very
   *  many share (a package, a popular function); place = only through a repository, directory, commit or person. */
  how: z.enum(["forward", "backward", "mixed", "hub", "place"]).nullable(),
  /** What to know of the ways before believing them, or why there is none. */
  detail: z.string().nullable(),
  page: Page,
  freshness,
});
export type PathAnswer = z.infer<typeof PathAnswer>;

export const SimilarNode = z.object({
  node: GraphNode,
  score: z.number(),
  reasons: z.array(
    z.object({ kind: z.enum(["neighbors", "name", "type"]), detail: z.string(), nodes: z.array(GraphNode) }),
  ),
});
export type SimilarNode = z.infer<typeof SimilarNode>;

export const SimilarAnswer = z.object({ node: GraphNode, similar: z.array(SimilarNode), page: Page, freshness });
export type SimilarAnswer = z.infer<typeof SimilarAnswer>;

export const CriticalNode = z.object({
  node: GraphNode,
  /** 0–1: 1 is the most critical of those asked about. */
  score: z.number(),
  dependents: z.int(),
  dependencies: z.int(),
  pageRank: z.number(),
  /** Without this node so many nodes would be cut off from the rest; 0 = not an articulation point. */
  cutsOff: z.int(),
  rank: z.int(),
  reasons: z.array(z.string()),
});
export type CriticalNode = z.infer<typeof CriticalNode>;

export const CriticalAnswer = z.object({
  critical: z.array(CriticalNode),
  /** The same ranking of what the code uses from outside (standard libraries, third-party packages); in the first page of `own` only. */
  external: z.array(CriticalNode),
  /** Of `critical`. */
  page: Page,
  freshness,
});
export type CriticalAnswer = z.infer<typeof CriticalAnswer>;

export const SourceCounts = z.object({ source: z.string(), name: z.string(), nodes: z.int(), edges: z.int() });
export type SourceCounts = z.infer<typeof SourceCounts>;

/** Snake case: the names that existing OpenTrace clients read. */
export const StatsAnswer = z.object({
  total_nodes: z.int(),
  total_edges: z.int(),
  nodes_by_type: z.partialRecord(NodeType, z.int()),
  edges_by_type: z.partialRecord(EdgeType, z.int()),
  version: z.int(),
  sources: z.array(SourceCounts),
  freshness,
});
export type StatsAnswer = z.infer<typeof StatsAnswer>;

export const SourceAnswer = z.object({
  node: GraphNode.nullable(),
  repository: z.string(),
  path: z.string(),
  commit: z.string(),
  language: z.string().nullable(),
  startLine: z.int(),
  endLine: z.int(),
  totalLines: z.int(),
  text: z.string(),
  truncated: z.boolean(),
  freshness,
});
export type SourceAnswer = z.infer<typeof SourceAnswer>;

export const SourceMatch = z.object({
  repository: z.string(),
  path: z.string(),
  line: z.int(),
  column: z.int(),
  text: z.string().describe("The line, at most 400 characters around the match"),
  mark: z.object({ start: z.int(), end: z.int() }).describe("The first match in `text`; the end is exclusive"),
  node: GraphNode.nullable().describe("The innermost symbol that holds the line, else the file"),
});
export type SourceMatch = z.infer<typeof SourceMatch>;

export const SourceSearchAnswer = z.object({
  matches: z.array(SourceMatch),
  filesSearched: z.int(),
  filesTotal: z.int(),
  detail: z.string().nullable().describe("Why the search stopped before all files were read"),
  page: Page,
  freshness,
});
export type SourceSearchAnswer = z.infer<typeof SourceSearchAnswer>;

/** The lines of an export: a header, every node, every edge (`from` and `to` are keys), an end marker with the counts. */
export const ExportLine = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("header"),
    format: z.literal("opentrace-graph"),
    formatVersion: z.literal(1),
    graphVersion: z.int(),
    exportedAt: z.iso.datetime(),
    sources: z.array(SourceFreshness),
  }),
  z.object({
    kind: z.literal("node"),
    key: z.string(),
    type: NodeType,
    name: z.string(),
    props: GraphNode.shape.props,
    provenance: z.array(Provenance),
  }),
  z.object({
    kind: z.literal("edge"),
    from: z.string(),
    to: z.string(),
    type: EdgeType,
    props: GraphEdge.shape.props,
    provenance: z.array(Provenance),
  }),
  z.object({ kind: z.literal("end"), nodes: z.int(), edges: z.int() }),
]);
export type ExportLine = z.infer<typeof ExportLine>;
