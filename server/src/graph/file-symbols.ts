// The symbols that a file defines, with their lines. The ids of a file's nodes lie side by side, so this is one range of the table.
import type { Store } from "../store/store.ts";
import { nodeId } from "./node-id.ts";

export interface FileSymbol {
  key: string;
  startLine: number;
  endLine: number;
}

const nodesOfOneFile = 2 ** 37;
const mostSymbols = 20_000;

/** Empty when the file is not in the graph. `fileKey` is `file:<repo>#<path>`. */
export async function symbolsOfFile(store: Store, workspace: string, fileKey: string): Promise<FileSymbol[]> {
  const first = Math.floor(nodeId(workspace, fileKey) / nodesOfOneFile) * nodesOfOneFile;
  const prefix = `${fileKey.replace(/^file:/, "symbol:")}#`;
  const rows = await store.graph
    .selectFrom("nodes")
    .innerJoin("workspaces", "workspaces.id", "nodes.workspace")
    .select(["nodes.key", "nodes.props"])
    .where("workspaces.name", "=", workspace)
    .where("nodes.id", ">=", first)
    .where("nodes.id", "<", first + nodesOfOneFile)
    .orderBy("nodes.id")
    .limit(mostSymbols)
    .execute();
  const symbols: FileSymbol[] = [];
  for (const { key, props } of rows) {
    if (!key.startsWith(prefix) || props === null) continue;
    // Written by ingest from a NodeFact, so it is an object.
    const { range } = JSON.parse(props) as { range?: { startLine?: unknown; endLine?: unknown } };
    if (typeof range?.startLine === "number" && typeof range.endLine === "number")
      symbols.push({ key, startLine: range.startLine, endLine: range.endLine });
  }
  return symbols;
}
