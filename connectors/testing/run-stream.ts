// Runs a connector's stream as the engine does: pages remembered, items replaced by id, unseen ones swept after a full pass.
import type { Json, KnownPage, SyncEnd, SyncItem, SyncRequest, SyncStep, VendorScope } from "../connector.ts";

/** What a stream has brought so far; survives a kill of the pass. */
export interface Kept {
  items: Map<string, NonNullable<SyncItem["facts"]>>;
  pages: Map<string, KnownPage & { items: string[] }>;
  seen: Set<string>;
  cursor: Json;
  pass: "full" | "incremental" | null;
  complete: boolean;
  steps: number;
}

export const nothingKept = (): Kept => ({
  items: new Map(),
  pages: new Map(),
  seen: new Set(),
  cursor: null,
  pass: null,
  complete: false,
  steps: 0,
});

export interface RunOptions {
  mode?: "full" | "incremental";
  only?: string[] | null;
  /** How many steps until it is killed. */
  killAfter?: number;
}

/** `sync` is the connector's, with its context bound. */
export async function runStream(
  sync: (request: SyncRequest) => AsyncGenerator<SyncStep, SyncEnd, void>,
  scope: VendorScope,
  stream: string,
  kept: Kept,
  { mode = "incremental", only = null, killAfter = Infinity }: RunOptions = {},
): Promise<void> {
  if (only === null && kept.pass === null) {
    kept.pass = kept.complete ? mode : "full";
    if (kept.pass === "full") Object.assign(kept, { cursor: null, seen: new Set() });
  }
  const steps = sync({
    scope,
    stream,
    mode: kept.pass ?? "incremental",
    cursor: kept.cursor,
    only,
    since: null,
    page: (key) => Promise.resolve(kept.pages.get(key) ?? null),
  });
  for (let count = 0; count < killAfter; count++) {
    const step = await steps.next();
    if (step.done) {
      if (only !== null) return;
      if (kept.pass === "full" && step.value.complete)
        for (const id of kept.items.keys()) if (!kept.seen.has(id)) kept.items.delete(id);
      Object.assign(kept, { cursor: step.value.cursor, pass: null, complete: true });
      return;
    }
    kept.steps++;
    if (step.value.is === "progress") continue;
    if (step.value.is === "unchanged") for (const id of kept.pages.get(step.value.page)?.items ?? []) kept.seen.add(id);
    else take(kept, step.value);
    if (only === null) kept.cursor = step.value.cursor;
  }
  await steps.return({ complete: false, cursor: null });
}

function take(kept: Kept, { items, page }: SyncStep & { is: "items" }): void {
  for (const { id, facts } of items) {
    if (facts === null) kept.items.delete(id);
    else {
      kept.items.set(id, facts);
      kept.seen.add(id);
    }
  }
  if (page) kept.pages.set(page.key, { etag: page.etag, next: page.next, items: items.map(({ id }) => id) });
}
