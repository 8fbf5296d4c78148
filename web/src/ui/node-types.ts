// How each node type looks everywhere: hue, shape and a short sign, so that colour is never the only difference.
import type { NodeType } from "@opentrace/contract/graph.ts";

export const shapes = ["circle", "square", "diamond", "hexagon", "triangle"] as const;
export type Shape = (typeof shapes)[number];

export interface NodeLook {
  shape: Shape;
  light: string;
  dark: string;
}

const slate = { light: "#5b6472", dark: "#98a2b3" };
const blue = { light: "#2563c9", dark: "#78a9ff" };
const violet = { light: "#7c3fd4", dark: "#b794f6" };
const teal = { light: "#0b7a75", dark: "#4fd1c5" };
const green = { light: "#2f7d32", dark: "#7bc97f" };
const amber = { light: "#a15c07", dark: "#e5b25d" };
const rose = { light: "#be2f66", dark: "#f28fb1" };
const red = { light: "#b3372b", dark: "#f09080" };

const looks: Record<NodeType, NodeLook> = {
  Repository: { shape: "hexagon", ...blue },
  Branch: { shape: "triangle", ...slate },
  Commit: { shape: "triangle", ...amber },
  Directory: { shape: "square", ...slate },
  File: { shape: "square", ...blue },
  Module: { shape: "square", ...teal },
  Class: { shape: "diamond", ...violet },
  Interface: { shape: "diamond", ...rose },
  Function: { shape: "circle", ...teal },
  Method: { shape: "circle", ...green },
  Variable: { shape: "circle", ...slate },
  Package: { shape: "hexagon", ...amber },
  Issue: { shape: "triangle", ...green },
  PullRequest: { shape: "triangle", ...violet },
  Release: { shape: "hexagon", ...green },
  Pipeline: { shape: "square", ...violet },
  Deployment: { shape: "triangle", ...blue },
  Person: { shape: "circle", ...rose },
  Team: { shape: "hexagon", ...rose },
  Cluster: { shape: "hexagon", ...teal },
  Namespace: { shape: "square", ...slate },
  Workload: { shape: "hexagon", ...violet },
  Pod: { shape: "circle", ...blue },
  Container: { shape: "square", ...blue },
  Image: { shape: "square", ...amber },
  KubernetesService: { shape: "diamond", ...teal },
  Ingress: { shape: "diamond", ...blue },
  Service: { shape: "hexagon", ...green },
  Operation: { shape: "circle", ...teal },
  Database: { shape: "hexagon", ...red },
  Queue: { shape: "diamond", ...amber },
  Cache: { shape: "diamond", ...red },
  ExternalService: { shape: "hexagon", ...slate },
  Dashboard: { shape: "square", ...rose },
  Alert: { shape: "triangle", ...red },
  Incident: { shape: "triangle", ...rose },
  Runbook: { shape: "square", ...green },
};

export const nodeLook = (type: NodeType): NodeLook => looks[type];

const words: Partial<Record<NodeType, string>> = {
  PullRequest: "Pull request",
  KubernetesService: "Kubernetes service",
  ExternalService: "External service",
};
export const typeWord = (type: NodeType): string => words[type] ?? type;

const plurals: Partial<Record<NodeType, string>> = {
  Repository: "Repositories",
  Branch: "Branches",
  Directory: "Directories",
  Class: "Classes",
  Person: "People",
  Ingress: "Ingresses",
  Database: "Databases",
};
export const typePlural = (type: NodeType): string => plurals[type] ?? `${typeWord(type)}s`;

/** "CALLS" → "calls", "DEPENDS_ON" → "depends on". */
export const edgeWord = (type: string): string => type.toLowerCase().replaceAll("_", " ");

const reversed: Record<string, string> = {
  CONTAINS: "contained in",
  DEFINES: "defined in",
  IMPORTS: "imported by",
  CALLS: "called by",
  EXTENDS: "extended by",
  IMPLEMENTS: "implemented by",
  REFERENCES: "referenced by",
  DEPENDS_ON: "needed by",
  TESTS: "tested by",
  CHANGES: "changed by",
  MENTIONS: "mentioned by",
  OWNS: "owned by",
};
/** The edge read from its target: "a CALLS b" is, from b, "called by". */
export const edgeWordReversed = (type: string): string => reversed[type] ?? `← ${edgeWord(type)}`;
