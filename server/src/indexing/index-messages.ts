// What the server and the index process say to each other. Structured clones: plain data only.
import type { JobProgress } from "@opentrace/contract/repositories.ts";
import type { ErrorCode } from "@opentrace/contract/errors.ts";
import type { Config } from "../config.ts";
import type { StoreConfig } from "../store/store.ts";
import type { IndexRequest, IndexResult } from "./index-run.ts";

export interface IndexProcessData {
  store: StoreConfig;
  /** For the guard on hosts that git is sent to. */
  git: Config["git"];
  loopbackOnly: boolean;
  privateHosts: Config["privateHosts"];
}

export type ToChild =
  | { is: "open"; data: IndexProcessData }
  | { is: "run"; request: IndexRequest }
  | { is: "abort" }
  | { is: "held"; ok: boolean };

export type FromChild =
  | { is: "progress"; progress: JobProgress }
  | { is: "held?" }
  | { is: "done"; result: IndexResult }
  | { is: "failed"; error: { code: ErrorCode; message: string } | null; stack: string };
