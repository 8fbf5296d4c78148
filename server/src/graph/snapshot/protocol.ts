// Messages between the server's thread and the graph worker.
import type { AppError } from "@opentrace/contract/errors.ts";
import type { StoreConfig } from "../../store/store.ts";
import type { NameFilter, NameHit } from "./name-index.ts";
import type { SharedCsr } from "./csr.ts";
import type { GraphTotals } from "./totals.ts";
import type { RankedNode } from "./ranking.ts";

export interface WorkerData {
  config: StoreConfig;
}

/** What can be asked: operation → input and output. */
export interface Operations {
  search: {
    input: { workspace: number; query: string; filter: NameFilter; offset: number; limit: number };
    output: { hits: NameHit[]; total: number };
  };
  /** Reads the names without asking for any. */
  names: { input: { workspace: number }; output: null };
  list: {
    input: {
      workspace: number;
      filter: NameFilter;
      namePrefix: string;
      after: [string, number] | null;
      limit: number;
    };
    output: { ids: number[]; total: number; last: [string, number] | null };
  };
  /** The adjacency of the whole workspace, in memory that both threads see. */
  csr: { input: { workspace: number }; output: SharedCsr };
  /** `mayLag` = while sources are syncing, numbers of a few seconds ago will do. */
  totals: { input: { workspace: number; mayLag: boolean }; output: GraphTotals };
  ranking: {
    /** `within` = only nodes that the filter takes; null = all. */
    input: {
      workspace: number;
      types: readonly number[];
      within: NameFilter | null;
      origin: "own" | "external" | undefined;
      limit: number;
    };
    output: { ranked: RankedNode[]; total: number };
  };
}
export type Operation = keyof Operations;

export interface Request<O extends Operation = Operation> {
  id: number;
  operation: O;
  input: Operations[O]["input"];
}

export type Reply =
  | { id: number; output: Operations[Operation]["output"] }
  | { id: number; error: { code: AppError["code"]; message: string } };
