// The set of scopes of an integration: what a user chose, and what belongs to it because it lies in something that was chosen.
import type { Connector, Json, VendorScope } from "@opentrace/connectors/connector.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Connection } from "./connections.ts";
import { refuseField } from "./forms.ts";
import type { IntegrationRow, Integrations, ScopeRow } from "./integrations.ts";

export interface Selection {
  select?: readonly { id: string; codeBranch?: string | undefined }[] | undefined;
  selectAll?: { kind: string; search?: string | undefined } | undefined;
  deselect?: readonly string[] | undefined;
}

export interface SetChange {
  selected: ScopeRow[];
  /** Those that were not synced before. */
  fresh: ScopeRow[];
  deselected: ScopeRow[];
}

const pageSize = 100;
/** A listing that goes on for longer than this is a vendor that serves the same page again and again. */
const mostPages = 2_000;

/** All that `scopes` lists. Throws AppError("not_supported") for a connector without scopes. */
export async function* listScopes(
  connection: Connection,
  query: { kind?: string; search?: string; within?: VendorScope },
  signal: AbortSignal,
): AsyncGenerator<VendorScope, void, void> {
  const { connector } = connection;
  if (connector.scopes === undefined)
    throw new AppError("not_supported", `${connector.manifest.name} has nothing to choose from.`);
  const ctx = connection.context(signal);
  let cursor: Json = null;
  for (let page = 0; page < mostPages; page++) {
    signal.throwIfAborted();
    const found = await connector.scopes(ctx, { ...query, cursor, limit: pageSize });
    yield* found.scopes;
    if (found.cursor === null) return;
    cursor = found.cursor;
  }
}

const kindOf = (connector: Connector, kind: string) => connector.manifest.scopeKinds.find((one) => one.id === kind);
export const containsOf = (connector: Connector, kind: string): string | null =>
  kindOf(connector, kind)?.contains ?? null;

/** Adds to and takes from the set; a second time nothing changes. Throws AppError("unprocessable") naming what the vendor does not show. */
export async function changeSet(
  integrations: Integrations,
  row: IntegrationRow,
  connection: Connection,
  { select = [], selectAll, deselect = [] }: Selection,
  now: Date,
  signal: AbortSignal,
): Promise<SetChange> {
  const known = new Map((await integrations.scopes(row.id)).map((scope) => [scope.scope, scope]));
  const chosen = await resolveChosen(connection, known, { select, selectAll }, signal);
  const selected: ScopeRow[] = [];
  for (const { scope, codeBranch } of chosen) {
    const before = known.get(scope.id);
    selected.push({
      ...toRow(row, scope, now),
      ...before,
      ...freshOf(scope),
      via: null,
      code_branch: codeBranch ?? before?.code_branch ?? "",
    });
  }
  await integrations.saveScopes(selected);

  const gone = new Set<string>();
  for (const id of deselect) {
    const scope = known.get(id);
    if (scope === undefined) continue;
    if (scope.via !== null)
      throw refuseField(
        "deselect",
        `${scope.name} is here because ${known.get(scope.via)?.name ?? "what holds it"} was chosen as a whole. Choose its parts instead, or leave it out at the vendor.`,
      );
    gone.add(id);
  }
  // What is held by a scope goes with it, unless it was chosen itself.
  for (const scope of known.values()) if (scope.via !== null && gone.has(scope.via)) gone.add(scope.scope);
  const deselected = [...gone].flatMap((id) => known.get(id) ?? []);
  const fresh = selected.filter((scope) => known.get(scope.scope)?.state !== "active");
  return { selected, fresh, deselected };
}

async function resolveChosen(
  connection: Connection,
  known: ReadonlyMap<string, ScopeRow>,
  { select = [], selectAll }: Selection,
  signal: AbortSignal,
): Promise<{ scope: VendorScope; codeBranch: string | undefined }[]> {
  const { connector } = connection;
  const found = new Map<string, VendorScope>();
  if (selectAll !== undefined) {
    if (kindOf(connector, selectAll.kind) === undefined)
      throw refuseField(
        "selectAll.kind",
        `${connector.manifest.name} has no ${selectAll.kind}. There are: ${connector.manifest.scopeKinds.map((kind) => kind.id).join(", ")}.`,
      );
    for await (const scope of listScopes(connection, withoutUndefined(selectAll), signal)) found.set(scope.id, scope);
  }
  const branches = new Map(select.map(({ id, codeBranch }) => [id, codeBranch]));
  const missing = new Set(select.map(({ id }) => id).filter((id) => !found.has(id)));
  for (const id of missing) {
    const before = known.get(id);
    if (before === undefined || before.state !== "active") continue;
    found.set(id, before.choice);
    missing.delete(id);
  }
  for (const { id: kind } of connector.manifest.scopeKinds) {
    if (missing.size === 0) break;
    for await (const scope of listScopes(connection, { kind }, signal)) {
      if (!missing.delete(scope.id)) continue;
      found.set(scope.id, scope);
      if (missing.size === 0) break;
    }
  }
  if (missing.size > 0)
    throw refuseField(
      "select",
      `${connector.manifest.name} does not show ${[...missing].slice(0, 5).join(", ")} to this credential. Share it with the credential at the vendor, then choose again.`,
    );
  return [...found.values()].map((scope) => ({ scope, codeBranch: branches.get(scope.id) }));
}

const withoutUndefined = ({ kind, search }: { kind: string; search?: string | undefined }) => ({
  kind,
  ...(search === undefined ? {} : { search }),
});

const toRow = (row: Pick<IntegrationRow, "id">, scope: VendorScope, now: Date): ScopeRow => ({
  integration: row.id,
  scope: scope.id,
  kind: scope.kind,
  name: scope.name,
  choice: scope,
  code_branch: "",
  via: null,
  state: "active",
  repository_id: null,
  repository_owned: 0,
  created_at: now.getTime(),
});

/** What the vendor says of it now. */
const freshOf = (scope: VendorScope) => ({
  kind: scope.kind,
  name: scope.name,
  choice: scope,
  state: "active" as const,
});

export interface ScanResult {
  added: ScopeRow[];
  renamed: ScopeRow[];
  lost: ScopeRow[];
  /** Those that leave the set, and why. They are as they were. */
  leaving: { scope: ScopeRow; why: "not found" | "moved away" }[];
  /** Those of which the vendor says something else than the last time: a push, another description. */
  changed: ScopeRow[];
  /** All that is there to sync, after the look. */
  active: ScopeRow[];
}

/**
 * Looks at the vendor again: what chosen scopes hold now, new names, and what is not shown any more. What no list shows is asked for by
 * itself. It is `lost` and kept as it was until a second look, too, is told that there is none such; and as long as the credential shows
 * nothing at all of what was chosen, for then the credential has lost its rights. What moved out of what was chosen as a whole leaves.
 */
export async function scanScopes(
  integrations: Integrations,
  row: IntegrationRow,
  connection: Connection,
  now: Date,
  signal: AbortSignal,
): Promise<ScanResult> {
  const { connector } = connection;
  const known = new Map((await integrations.scopes(row.id)).map((scope) => [scope.scope, scope]));
  const seen = new Map<string, { scope: VendorScope; via: string | null }>();
  for (const holder of known.values()) {
    const kind = containsOf(connector, holder.kind);
    if (kind === null || holder.via !== null || holder.state === "gone") continue;
    for await (const scope of listScopes(connection, { kind, within: holder.choice }, signal))
      if (!seen.has(scope.id)) seen.set(scope.id, { scope, via: holder.scope });
  }
  const left = new Set(
    [...known.values()].filter((scope) => !seen.has(scope.scope) && scope.state !== "gone").map((scope) => scope.scope),
  );
  const moved = new Set<ScopeRow>();
  const kinds = new Set([...left].map((id) => known.get(id)?.kind ?? ""));
  for (const kind of kinds)
    for await (const scope of listScopes(connection, { kind }, signal)) {
      if (!left.has(scope.id)) continue;
      const before = known.get(scope.id);
      left.delete(scope.id);
      if (before !== undefined && before.via !== null && movedAway(before, scope)) moved.add(before);
      else seen.set(scope.id, { scope, via: before?.via ?? null });
      if (![...left].some((id) => known.get(id)?.kind === kind)) break;
    }
  const gone = new Set<string>();
  if (connector.findScope !== undefined)
    for (const id of left) {
      const before = known.get(id);
      if (before === undefined) continue;
      signal.throwIfAborted();
      const found = await connector.findScope(connection.context(signal), before.choice);
      if (found.is === "there") seen.set(id, { scope: found.scope, via: before.via });
      if (found.is === "gone") gone.add(id);
    }
  const result: ScanResult = { added: [], renamed: [], lost: [], leaving: [], changed: [], active: [] };
  const { changed } = result;
  for (const scope of moved) result.leaving.push({ scope, why: "moved away" });
  for (const { scope, via } of seen.values()) {
    const before = known.get(scope.id);
    // Chosen by the user beats brought in by what holds it.
    const next: ScopeRow = { ...toRow(row, scope, now), via, ...before, ...freshOf(scope) };
    if (before === undefined || before.state !== "active") result.added.push(next);
    else if (before.name !== next.name) result.renamed.push(next);
    if (before === undefined || !sameScope(before, next)) changed.push(next);
    result.active.push(next);
  }
  for (const id of left) {
    const before = known.get(id);
    if (before === undefined || seen.has(id)) continue;
    if (before.state === "lost") {
      const others = result.active.some((scope) => scope.kind === before.kind);
      if (gone.has(id) && others) result.leaving.push({ scope: before, why: "not found" });
      continue;
    }
    const next: ScopeRow = { ...before, state: "lost" };
    result.lost.push(next);
    changed.push(next);
  }
  await integrations.saveScopes(changed);
  return result;
}

/** No longer in what was chosen as a whole, by its own word: lists shift while they are read. */
const movedAway = (before: ScopeRow, now: VendorScope): boolean => before.choice.parent !== now.parent;

const sameScope = (a: ScopeRow, b: ScopeRow): boolean =>
  a.state === b.state && a.via === b.via && JSON.stringify(a.choice) === JSON.stringify(b.choice);
