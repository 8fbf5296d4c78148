// The graph's tables as bulk writes see them.
import type { BulkTable } from "../store/engine.ts";

export const nodeRows = {
  table: "nodes",
  columns: [
    ["id", "bigint"],
    ["workspace", "integer"],
    ["version", "bigint"],
    ["type", "integer"],
    ["scope", "bigint"],
    ["shared", "integer"],
    ["key", "text"],
    ["name", "text"],
    ["props", "text"],
  ],
  key: ["id"],
} as const satisfies BulkTable;

export const nodeClaimRows = {
  table: "node_claims",
  columns: [
    ["node", "bigint"],
    ["scope", "bigint"],
    ["workspace", "integer"],
    ["type", "integer"],
    ["name", "text"],
    ["props", "text"],
  ],
  key: ["node", "scope"],
} as const satisfies BulkTable;

export const edgeRows = {
  table: "edges",
  columns: [
    ["src", "bigint"],
    ["type", "integer"],
    ["dst", "bigint"],
    ["scope", "bigint"],
    ["workspace", "integer"],
    ["confidence", "real"],
    ["rule", "text"],
    ["evidence", "text"],
    ["props", "text"],
  ],
  key: ["src", "type", "dst", "scope"],
} as const satisfies BulkTable;

export const scopeRows = {
  table: "scopes",
  columns: [
    ["id", "bigint"],
    ["workspace", "integer"],
    ["source", "bigint"],
    ["name", "text"],
    ["hash", "text"],
    ["generation", "bigint"],
    ["observed_at", "bigint"],
    ["claims", "bytes"],
  ],
  key: ["id"],
} as const satisfies BulkTable;

export const removedNodeRows = {
  table: "removed_nodes",
  columns: [
    ["id", "bigint"],
    ["workspace", "integer"],
    ["version", "bigint"],
  ],
  key: ["workspace", "version", "id"],
} as const satisfies BulkTable;

export const fileRows = {
  table: "index_files",
  columns: [
    ["workspace", "integer"],
    ["source", "bigint"],
    ["path", "text"],
    ["blob", "text"],
    ["size", "bigint"],
    ["language", "text"],
    ["skip_reason", "text"],
    ["skip_detail", "text"],
    ["ir", "bytes"],
    ["resolution", "bytes"],
  ],
  key: ["source", "path"],
} as const satisfies BulkTable;
