// The vocabulary of the knowledge graph: node and edge types, keys, ids, and what a reader gets back.
import { z } from "zod";

/** Stores keep a type as its place in this list: it only ever grows at its end. */
export const nodeTypes = [
  "Repository",
  "Branch",
  "Commit",
  "Directory",
  "File",
  "Module",
  "Class",
  "Interface",
  "Function",
  "Method",
  "Variable",
  "Package",
  "Issue",
  "PullRequest",
  "Pipeline",
  "Deployment",
  "Person",
  "Team",
  "Cluster",
  "Namespace",
  "Workload",
  "Pod",
  "Container",
  "Image",
  "KubernetesService",
  "Ingress",
  "Service",
  "Operation",
  "Database",
  "Queue",
  "Cache",
  "ExternalService",
  "Dashboard",
  "Alert",
  "Incident",
  "Runbook",
  "Release",
] as const;
export const NodeType = z.enum(nodeTypes);
export type NodeType = z.infer<typeof NodeType>;

/** Stores keep a type as its place in this list: it only ever grows at its end. */
export const edgeTypes = [
  "CONTAINS",
  "DEFINES",
  "IMPORTS",
  "CALLS",
  "EXTENDS",
  "IMPLEMENTS",
  "REFERENCES",
  "DEPENDS_ON",
  "TESTS",
  "CHANGES",
  "MENTIONS",
  "OWNS",
  /** Person → Commit. */
  "AUTHORED",
  "BUILDS",
  "DEPLOYS",
  "RUNS",
  "SELECTS",
  "ROUTES_TO",
  "REQUESTS",
  "READS",
  "WRITES",
  "PUBLISHES",
  "CONSUMES",
  "MONITORS",
  "AFFECTS",
  "SAME_AS",
  /** Person → PullRequest. */
  "REVIEWED",
] as const;
export const EdgeType = z.enum(edgeTypes);
export type EdgeType = z.infer<typeof EdgeType>;

/**
 * Edge types along which a change travels from an edge's target to its source: if `a CALLS b`, changing b affects a.
 * "Dependencies" of a node follow these forward, "dependents" and "impact" backward.
 */
export const dependencyEdgeTypes = [
  "IMPORTS",
  "CALLS",
  "EXTENDS",
  "IMPLEMENTS",
  "REFERENCES",
  "DEPENDS_ON",
  "TESTS",
  "REQUESTS",
  "READS",
  "WRITES",
  "CONSUMES",
  "ROUTES_TO",
  "SELECTS",
  "RUNS",
] as const satisfies readonly EdgeType[];

/** Edge types that say "is a part of": source holds target. An impact's seeds and hops spread along these too. */
export const containmentEdgeTypes = ["CONTAINS", "DEFINES"] as const satisfies readonly EdgeType[];

/** JSON values kept on nodes and edges. */
export const Props = z.record(z.string(), z.json());
export type Props = z.infer<typeof Props>;

/** 1-based lines, 0-based columns in UTF-16 code units; the end is exclusive in columns, inclusive in lines. */
export const SourceRange = z.object({
  startLine: z.int(),
  startColumn: z.int(),
  endLine: z.int(),
  endColumn: z.int(),
});
export type SourceRange = z.infer<typeof SourceRange>;

/** A node as every door returns it. `id` is the opaque, URL-safe form of `key`; both identify the node. */
export const GraphNode = z.object({
  id: z.string(),
  key: z.string(),
  type: NodeType,
  name: z.string(),
  props: Props,
});
export type GraphNode = z.infer<typeof GraphNode>;

/** Who says so, and where it can be seen. `confidence` 1 = stated by the source, below = inferred by `rule`. */
export const Provenance = z.object({
  source: z.string(),
  sourceName: z.string(),
  scope: z.string(),
  evidence: z.array(z.string()),
  observedAt: z.iso.datetime(),
  confidence: z.number().min(0).max(1),
  rule: z.string().optional(),
});
export type Provenance = z.infer<typeof Provenance>;

export const GraphEdge = z.object({
  from: z.string(),
  to: z.string(),
  type: EdgeType,
  props: Props,
  provenance: z.array(Provenance),
});
export type GraphEdge = z.infer<typeof GraphEdge>;

/** State of one source of facts, on every answer: when it was observed and whether it lags behind. */
export const SourceFreshness = z.object({
  source: z.string(),
  name: z.string(),
  kind: z.string(),
  observedAt: z.iso.datetime().nullable(),
  state: z.enum(["fresh", "stale", "syncing", "failing", "never"]),
  detail: z.string().optional(),
});
export type SourceFreshness = z.infer<typeof SourceFreshness>;

/** Every list says when it was cut and how to go on. */
export const Page = z.object({
  returned: z.int(),
  total: z.int().nullable(),
  truncated: z.boolean(),
  nextCursor: z.string().nullable(),
});
export type Page = z.infer<typeof Page>;

export const Direction = z.enum(["outgoing", "incoming", "both"]);
export type Direction = z.infer<typeof Direction>;
