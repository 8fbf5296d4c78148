// One pass over one stream of one scope: takes the connector's steps, writes what changed, and sweeps what a full pass no longer saw.
import { createHash } from "node:crypto";
import type { Connector, ConnectorContext, SyncItem, SyncStep, VendorScope } from "@opentrace/connectors/connector.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { ScopeFacts } from "@opentrace/contract/facts.ts";
import type { Ingest, SourceRef } from "../graph/ingest.ts";
import { completeFacts } from "./complete-facts.ts";
import type { LinkChanges } from "./link-changes.ts";
import type { StreamRow, SyncState } from "./sync-state.ts";

export interface StreamSync {
  connector: Connector;
  ctx: ConnectorContext<Record<string, unknown>>;
  ref: SourceRef;
  scope: VendorScope;
  stream: string;
  mode: "full" | "incremental";
  only: readonly string[] | null;
  /** How it stood at the vendor, and when that was asked. */
  mark?: { mark: string; at: number } | undefined;
}

export interface StreamSyncDeps {
  ingest: Ingest;
  state: SyncState;
  linkChanges: LinkChanges;
  now(this: void): Date;
  /** Throws when another worker has the job. */
  assertHeld(this: void): Promise<void>;
  progress(this: void, done: number, total: number | null): void;
}

export interface StreamCounts {
  items: number;
  unchanged: number;
  removed: number;
  complete: boolean;
}

/** What one item claims stands in the graph under this name. */
const factScopeOf = (scope: string, stream: string, item: string): string => `${scope}/${stream}/${item}`;
const sweptAtOnce = 200;
/** Facts written in one transaction; a page with more is written in several. */
const factsAtOnce = 1_500;

/** Throws AppError, or the abort's reason; whatever was written before stays and is gone on from. */
export async function syncStream(sync: StreamSync, deps: StreamSyncDeps, signal: AbortSignal): Promise<StreamCounts> {
  const { connector, ctx, scope, stream } = sync;
  const { state } = deps;
  if (connector.sync === undefined)
    throw new AppError("not_supported", `${connector.manifest.name} has nothing to sync.`);
  const at = sync.only === null ? await openPass(sync, deps) : await state.stream(scope.id, stream);
  const writer = createWriter(sync, deps, at);
  const steps = connector.sync(ctx, {
    scope,
    stream,
    mode: at.pass ?? "incremental",
    cursor: at.cursor,
    only: sync.only,
    since: at.completed_at === null ? null : new Date(at.completed_at),
    page: (key) => state.page(at, key),
  });
  let total: number | null = null;
  try {
    for (;;) {
      const step = await steps.next();
      signal.throwIfAborted();
      if (step.done === true) {
        if (sync.only !== null) return { ...writer.counts, complete: true };
        if (step.value.complete) await endPass(sync, deps, at, step.value.cursor, writer, signal);
        else
          await state.save(scope.id, stream, { pass: null, state: "failing", error: "Some of it could not be read." });
        return { ...writer.counts, complete: step.value.complete };
      }
      if (step.value.is === "progress") total = step.value.total;
      else await writer.take(step.value, signal);
      deps.progress(writer.counts.items + writer.counts.unchanged, total);
    }
  } finally {
    // A connector that is left in the middle gets to close what it holds.
    await steps.return({ complete: false, cursor: null }).catch(() => undefined);
  }
}

/** Goes on with the pass under way, or begins one: full the first time, whatever was asked for. */
async function openPass({ scope, stream, mode, ...sync }: StreamSync, deps: StreamSyncDeps): Promise<StreamRow> {
  const { state } = deps;
  const before = await state.stream(scope.id, stream);
  await deps.assertHeld();
  // A full pass that is asked for while an incremental one is under way takes its place.
  if (before.pass !== null && !(mode === "full" && before.pass === "incremental")) {
    await state.save(scope.id, stream, { state: "syncing", error: null });
    return before;
  }
  const pass = before.completed_at === null ? "full" : mode;
  const change: Partial<StreamRow> = {
    pass,
    pass_started_at: deps.now().getTime(),
    state: "syncing",
    error: null,
    ...(pass === "full" ? { generation: before.generation + 1, cursor: null } : {}),
  };
  sync.ctx.log.debug({ scope: scope.name, stream, pass }, "pass begun");
  await state.save(scope.id, stream, change);
  return { ...before, ...change };
}

async function endPass(
  { scope, stream, ref, mark }: StreamSync,
  deps: StreamSyncDeps,
  at: StreamRow,
  cursor: StreamRow["cursor"],
  writer: Writer,
  signal: AbortSignal,
): Promise<void> {
  const { state, ingest } = deps;
  if (at.pass === "full")
    for (;;) {
      const items = await state.unseen(at, sweptAtOnce);
      if (items.length === 0) break;
      await deps.assertHeld();
      await removeItems(ingest, ref, scope.id, stream, items, signal);
      await state.forgetItems(at, items);
      writer.counts.removed += items.length;
    }
  await deps.assertHeld();
  await state.save(scope.id, stream, {
    pass: null,
    cursor,
    completed_at: at.pass_started_at,
    synced_at: deps.now().getTime(),
    // A pass that was under way by then has read a part of it before.
    mark: mark !== undefined && (at.pass_started_at ?? 0) >= mark.at ? mark.mark : null,
    state: "ok",
    error: null,
  });
}

export async function removeItems(
  ingest: Ingest,
  ref: StreamSync["ref"],
  scope: string,
  stream: string,
  items: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const removedScopes = items.flatMap((item) => {
    const name = factScopeOf(scope, stream, item);
    return [name, `${name}#symbols`];
  });
  await ingest.apply(ref, { scopes: [], removedScopes, files: [], removedFiles: [] }, signal);
}

interface Writer {
  counts: StreamCounts;
  take(step: Exclude<SyncStep, { is: "progress" }>, signal: AbortSignal): Promise<void>;
}

function createWriter(
  { connector, ref, scope, stream, only }: StreamSync,
  deps: StreamSyncDeps,
  at: StreamRow,
): Writer {
  const { ingest, state, linkChanges } = deps;
  const into = { ...ref, silent: at.completed_at === null };
  const counts: StreamCounts = { items: 0, unchanged: 0, removed: 0, complete: false };
  const nodes = new Set<string>(connector.manifest.emits.nodes);
  const edges = new Set<string>(connector.manifest.emits.edges);

  function toFacts({ id, facts }: SyncItem): (ScopeFacts & { hash: string })[] {
    if (facts === null) return [];
    const undeclared =
      facts.nodes.find((node) => !nodes.has(node.type))?.type ??
      facts.edges.find((edge) => !edges.has(edge.type))?.type;
    if (undeclared !== undefined)
      throw new AppError(
        "unprocessable",
        `The connector ${connector.manifest.id} emitted ${undeclared} in ${stream}, which its manifest does not declare.`,
      );
    const name = factScopeOf(scope.id, stream, id);
    const complete = completeFacts(facts, nodes);
    const hash = createHash("sha1").update(JSON.stringify(complete)).digest("base64url");
    return [{ scope: name, ...complete, hash }];
  }

  async function write(items: readonly SyncItem[], signal: AbortSignal): Promise<void> {
    const wanted = items.flatMap(toFacts);
    const stored = await ingest.hashesOf(
      ref,
      wanted.map((facts) => facts.scope),
    );
    const changed = wanted.filter((facts) => stored.get(facts.scope) !== facts.hash);
    counts.unchanged += wanted.length - changed.length;
    counts.items += changed.length;
    for (const batch of batches(changed)) {
      await deps.assertHeld();
      await ingest.apply(into, { scopes: batch, removedScopes: [], files: [], removedFiles: [] }, signal);
      await linkChanges(ref, batch, signal);
    }
    const gone = items.filter((item) => item.facts === null).map((item) => item.id);
    if (gone.length > 0) {
      await deps.assertHeld();
      await removeItems(ingest, into, scope.id, stream, gone, signal);
      counts.removed += gone.length;
    }
  }

  return {
    counts,
    async take(step, signal) {
      if (step.is === "unchanged") {
        await deps.assertHeld();
        counts.unchanged += await state.keepPage(at, step.page, step.cursor);
        return;
      }
      await write(step.items, signal);
      await deps.assertHeld();
      // After the facts: killed in between, the step is done again and changes nothing.
      await state.keep(at, {
        seen: step.items.filter((item) => item.facts !== null).map((item) => item.id),
        gone: step.items.filter((item) => item.facts === null).map((item) => item.id),
        page: step.page ?? null,
        cursor: only === null ? step.cursor : undefined,
      });
    },
  };
}

function* batches(facts: readonly (ScopeFacts & { hash: string })[]): Generator<(ScopeFacts & { hash: string })[]> {
  let batch: (ScopeFacts & { hash: string })[] = [];
  let size = 0;
  for (const one of facts) {
    batch.push(one);
    size += one.nodes.length + one.edges.length;
    if (size < factsAtOnce) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  if (batch.length > 0) yield batch;
}
