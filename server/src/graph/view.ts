// One question's view of the graph: whose workspace, which version, and how to read it.
import { AppError } from "@opentrace/contract/errors.ts";
import type { Page } from "@opentrace/contract/graph.ts";
import type { GraphDatabase, Store } from "../store/store.ts";
import type { Engine } from "../store/engine.ts";
import type { VerbContext } from "../verb.ts";
import type { GraphWorker } from "./snapshot/graph-worker.ts";
import { findWorkspace } from "./workspaces.ts";

export interface GraphDeps {
  store: Store;
  worker: GraphWorker;
}

export interface GraphView {
  readonly db: GraphDatabase;
  readonly engine: Engine;
  readonly worker: GraphWorker;
  /** The workspace's number in graph rows; -1 when nothing was ever written in it. */
  readonly workspace: number;
  readonly workspaceName: string;
  readonly version: number;
  readonly now: Date;
  readonly signal: AbortSignal;
}

export async function openView(
  { store, worker }: GraphDeps,
  ctx: Pick<VerbContext, "workspace" | "signal" | "now">,
): Promise<GraphView> {
  ctx.signal.throwIfAborted();
  const found = await findWorkspace(store.graph, ctx.workspace);
  return {
    db: store.graph,
    engine: store.graphEngine,
    worker,
    workspace: found?.id ?? -1,
    workspaceName: ctx.workspace,
    version: found?.version ?? 0,
    now: ctx.now(),
    signal: ctx.signal,
  };
}

/** Cursors are opaque to clients; ours hold a small JSON value. */
export const encodeCursor = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Throws `bad_request` for what is no cursor of this list. */
export function decodeCursor<T>(cursor: string | undefined, is: (value: unknown) => value is T): T | null {
  if (cursor === undefined) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (is(value)) return value;
  } catch {
    // Said below.
  }
  throw new AppError("bad_request", "The cursor is not one that this list returned: leave it out to start over.");
}

export const isOffset = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 1_000_000;

/** Of lists whose cursors are offsets: what goes on after the first `kept` of a page; null where a page does not tell where it is. */
export const offsetCursor =
  (page: Page) =>
  (kept: number): string | null => {
    const end = page.nextCursor === null ? page.total : decodeCursor(page.nextCursor, isOffset);
    return end === null || kept === 0 ? null : encodeCursor(end - page.returned + kept);
  };
