// The verbs on what is synced: what there is to choose, the choice, its branches, and counts before a sync.
import { z } from "zod";
import type { VendorScope } from "@opentrace/connectors/connector.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import { Page } from "@opentrace/contract/graph.ts";
import { Integration, ScopeChoices, ScopeCount, SelectedScope } from "@opentrace/contract/integrations.ts";
import { defineVerb, type Verb } from "../verb.ts";
import type { IntegrationCode } from "./code.ts";
import type { Connection } from "./connections.ts";
import { refuseField } from "./forms.ts";
import type { KeepHooks } from "./hook-jobs.ts";
import { IntegrationId, type IntegrationVerbsDeps } from "./integration-verbs.ts";
import type { IntegrationRow, ScopeRow } from "./integrations.ts";
import { pageOf, readCursor, writeCursor } from "./page-cursor.ts";
import { presentNow } from "./present.ts";
import type { PresentScopes } from "./present-scopes.ts";
import { changeSet, containsOf, listScopes } from "./scope-set.ts";
import { enqueueDrop, enqueueScan, enqueueSync } from "./sync-queue.ts";

export interface ScopeVerbsDeps extends IntegrationVerbsDeps {
  presentScopes: PresentScopes;
  code: Pick<IntegrationCode, "branchChanged">;
  keepHooks: KeepHooks;
  now(this: void): Date;
}

const ScopeId = z.string().min(1).max(500);
const CodeBranch = z.string().trim().max(255).describe("The branch whose code is indexed; empty = the default branch");
const Kind = z.string().max(100);
const Search = z.string().trim().min(1).max(200);
const Cursor = z.string().max(16_384);

/** Where the vendor's page begins, and how much of it was shown. */
const ChoicesCursor = z.object({ at: z.json(), skip: z.int().min(0) });

export function scopeVerbs(deps: ScopeVerbsDeps): Verb[] {
  const { integrations, connections, queue, runner, presentScopes, code, keepHooks, now } = deps;

  /** What a verb asked the vendor counts as used, however it ends. */
  async function using<T>(row: IntegrationRow, work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = connections.open(row);
    try {
      return await work(connection);
    } finally {
      await connection.settle().catch(() => 0);
    }
  }

  return [
    defineVerb({
      name: "integrations.choices",
      summary: "List what can be chosen to be synced",
      description:
        "Repositories, organizations, projects that the credential shows, asked of the vendor, with those that are chosen marked. `search` is a part of the name; `within` is the id of an organization or group whose parts are listed.",
      permission: "integrations:write",
      input: IntegrationId.extend({
        kind: Kind.optional().describe("One of the integration's kinds of scope, e.g. repository"),
        search: Search.optional(),
        within: ScopeId.optional(),
        limit: z.int().min(1).max(200).default(50),
        cursor: Cursor.optional(),
      }),
      output: ScopeChoices,
      http: { method: "GET", path: "/integrations/{id}/choices" },
      async run({ workspace, signal }, { id, kind, search, within, limit, cursor }) {
        const row = await integrations.find(id, workspace);
        const start = cursor === undefined ? { at: null, skip: 0 } : readCursor(ChoicesCursor, cursor);
        return using(row, async (connection) => {
          const { connector } = connection;
          if (connector.scopes === undefined)
            throw new AppError("not_supported", `${connector.manifest.name} has nothing to choose from.`);
          refuseUnknownKind(connection, kind);
          const holder = within === undefined ? undefined : await holderOf(row, connection, within, signal);
          const found = await connector.scopes(connection.context(signal), {
            cursor: start.at,
            limit,
            ...(kind === undefined ? {} : { kind }),
            ...(search === undefined ? {} : { search }),
            ...(holder === undefined ? {} : { within: holder }),
          });
          const shown = found.scopes.slice(start.skip, start.skip + limit);
          const left = found.scopes.length > start.skip + limit;
          const next = left ? { at: start.at, skip: start.skip + limit } : { at: found.cursor, skip: 0 };
          const more = left || found.cursor !== null;
          const chosen = await integrations.scopesAmong(
            row.id,
            shown.map((scope) => scope.id),
          );
          return {
            scopes: shown.map(({ handle: _handle, ...scope }) => {
              const known = chosen.get(scope.id);
              const selected = known !== undefined && known.state !== "gone";
              return { ...scope, selected, codeBranch: selected ? known.code_branch : null };
            }),
            page: {
              returned: shown.length,
              total: found.total,
              truncated: more,
              nextCursor: more ? writeCursor(next) : null,
            },
          };
        });
      },
    }),
    defineVerb({
      name: "integrations.scopes",
      summary: "List what is synced",
      description:
        "The chosen scopes, and those that belong to a chosen one, with the state of each stream. lost = the vendor does not show it any more; what was synced is kept.",
      permission: "integrations:read",
      input: IntegrationId.extend({
        search: Search.optional(),
        state: z.enum(["active", "gone", "lost"]).optional(),
        limit: z.int().min(1).max(200).default(50),
        cursor: Cursor.optional(),
      }),
      output: z.object({ scopes: z.array(SelectedScope), page: Page }),
      http: { method: "GET", path: "/integrations/{id}/scopes" },
      async run({ workspace }, { id, search, state, limit, cursor }) {
        const row = await integrations.find(id, workspace);
        const after = cursor === undefined ? null : readCursor(z.tuple([z.string(), z.string()]), cursor);
        const { rows, total } = await integrations.scopePage(row.id, { search, state, after, limit: limit + 1 });
        const { shown, page } = pageOf(rows, limit, (scope) => [scope.name, scope.scope], total);
        return { scopes: await presentScopes(row, shown), page };
      },
    }),
    defineVerb({
      name: "integrations.select",
      summary: "Choose what is synced",
      description:
        "Adds to the chosen scopes (`select`, or everything of a kind that matches with `selectAll`) and takes from them (`deselect`: what they brought is removed). Choosing an organization or group means everything in it, now and later. Syncing begins at once unless `sync` is false. `codeBranch` is the branch whose code is indexed; empty = the default branch.",
      permission: "integrations:write",
      input: IntegrationId.extend({
        select: z
          .array(z.strictObject({ id: ScopeId, codeBranch: CodeBranch.optional() }))
          .max(5_000)
          .optional(),
        selectAll: z.strictObject({ kind: Kind, search: Search.optional() }).optional(),
        deselect: z.array(ScopeId).max(5_000).optional(),
        sync: z.boolean().default(true),
      }),
      output: z.object({ integration: Integration, selected: z.int(), deselected: z.int() }),
      http: { method: "POST", path: "/integrations/{id}/scopes", status: 202 },
      writes: true,
      async run({ workspace, signal }, { id, select, selectAll, deselect, sync }) {
        if (select === undefined && selectAll === undefined && deselect === undefined)
          throw new AppError("bad_request", "Give select, selectAll or deselect: there is nothing to change.");
        const row = await integrations.find(id, workspace);
        const { selected, fresh, deselected } = await using(row, (connection) =>
          changeSet(integrations, row, connection, { select, selectAll, deselect }, now(), signal),
        );
        await integrations.saveScopes(deselected.map((scope) => ({ ...scope, state: "gone" as const })));
        for (const scope of deselected) await enqueueDrop(queue, row, scope.scope);
        for (const scope of selected) if (!fresh.includes(scope)) await code.branchChanged(row, scope);
        const { connector } = connections.open(row);
        const holders = selected.some((scope) => containsOf(connector, scope.kind) !== null);
        if (holders)
          await enqueueScan(queue, row, {
            cause: "configure",
            mode: "incremental",
            onlyNew: true,
            ...(sync ? {} : { sync: false }),
          });
        if (sync)
          for (const scope of fresh)
            await enqueueSync(queue, row, scope.scope, { cause: "configure", mode: "incremental" });
        // A look at what a chosen one holds ends with it.
        if (!holders && fresh.length > 0) await keepHooks(row, false);
        runner.wake();
        await integrations.changed(row.id, workspace);
        return { integration: await presentNow(deps, row), selected: selected.length, deselected: deselected.length };
      },
    }),
    defineVerb({
      name: "integrations.changeScope",
      summary: "Change a scope's branch",
      description:
        "Indexes the code of another branch from now on; its facts replace those of the branch before. `confirm` is the scope's name. Empty = the default branch.",
      permission: "integrations:write",
      input: IntegrationId.extend({
        scope: ScopeId,
        codeBranch: CodeBranch,
        confirm: z.string().describe("The scope's name, typed by the user"),
      }),
      output: SelectedScope,
      http: { method: "PATCH", path: "/integrations/{id}/scopes/{scope}" },
      writes: true,
      async run({ workspace }, { id, scope: scopeId, codeBranch, confirm }) {
        const row = await integrations.find(id, workspace);
        const scope = await integrations.scope(row.id, scopeId);
        if (scope === null || scope.state === "gone")
          throw new AppError("not_found", `${row.name} syncs nothing with the id ${scopeId}.`);
        if (confirm !== scope.name)
          throw refuseField("confirm", `Type the name of what is changed, ${scope.name}, to confirm.`);
        const { connector } = connections.open(row);
        if (connector.manifest.scopeKinds.find((kind) => kind.id === scope.kind)?.hasBranch !== true)
          throw refuseField("codeBranch", `${scope.name} has no branches.`);
        const changed = { ...scope, code_branch: codeBranch };
        await integrations.saveScopes([changed]);
        await code.branchChanged(row, changed);
        await integrations.changed(row.id, workspace);
        const [shown] = await presentScopes(row, [changed]);
        if (shown === undefined) throw new AppError("internal", "The scope vanished.");
        return shown;
      },
    }),
    defineVerb({
      name: "integrations.count",
      summary: "Count what a sync would bring",
      description:
        "How many items each stream of these scopes has at the vendor; null = not known without reading them. Without `scopes`: what is chosen. An organization counts as what it holds. Counts at most 50 scopes, and says when there are more.",
      permission: "integrations:write",
      input: IntegrationId.extend({ scopes: z.array(ScopeId).min(1).max(50).optional() }),
      output: z.object({ counts: z.array(ScopeCount), scopes: z.int(), truncated: z.boolean() }),
      http: { method: "POST", path: "/integrations/{id}/count" },
      async run({ workspace, signal }, { id, scopes }) {
        const row = await integrations.find(id, workspace);
        return using(row, (connection) => countScopes(row, connection, scopes, signal));
      },
    }),
  ];

  function refuseUnknownKind({ connector }: Connection, kind: string | undefined): void {
    const kinds = connector.manifest.scopeKinds.map((one) => one.id);
    if (kind === undefined || kinds.includes(kind)) return;
    throw refuseField("kind", `${connector.manifest.name} has no ${kind}. There are: ${kinds.join(", ")}.`);
  }

  async function holderOf(
    row: IntegrationRow,
    connection: Connection,
    id: string,
    signal: AbortSignal,
  ): Promise<VendorScope> {
    const known = await integrations.scope(row.id, id);
    if (known !== null) return known.choice;
    for (const kind of connection.connector.manifest.scopeKinds) {
      if (kind.contains === null) continue;
      for await (const scope of listScopes(connection, { kind: kind.id }, signal)) if (scope.id === id) return scope;
    }
    throw refuseField(
      "within",
      `${connection.connector.manifest.name} shows nothing with the id ${id} that holds others.`,
    );
  }

  async function countScopes(
    row: IntegrationRow,
    connection: Connection,
    ids: readonly string[] | undefined,
    signal: AbortSignal,
  ) {
    const { connector } = connection;
    const all = await toCount(row, connection, ids, signal);
    const deadline = performance.now() + countMs;
    const counts: ScopeCount[] = [];
    for (const scope of all.slice(0, mostCounted)) {
      if (performance.now() > deadline) break;
      const streams = connector.manifest.streams.filter((stream) => stream.of.includes(scope.kind));
      const found = (await connector.count?.(connection.context(signal), scope)) ?? {};
      counts.push({
        scope: scope.id,
        name: scope.name,
        streams: streams.map(({ id }) => ({ stream: id, items: found[id] ?? null })),
      });
    }
    return { counts, scopes: all.length, truncated: counts.length < all.length };
  }

  /** Each scope once, with what it holds in its place. */
  async function toCount(
    row: IntegrationRow,
    connection: Connection,
    ids: readonly string[] | undefined,
    signal: AbortSignal,
  ): Promise<VendorScope[]> {
    const rows: ScopeRow[] = (await integrations.scopes(row.id)).filter((scope) => scope.state === "active");
    const asked = ids === undefined ? rows.map((scope) => scope.choice) : await shownBy(rows, connection, ids, signal);
    const all = new Map(asked.map((scope) => [scope.id, scope]));
    for (const scope of asked) {
      const kind = containsOf(connection.connector, scope.kind);
      if (kind === null) continue;
      for await (const part of listScopes(connection, { kind, within: scope }, signal)) all.set(part.id, part);
    }
    return [...all.values()];
  }

  async function shownBy(
    rows: readonly ScopeRow[],
    connection: Connection,
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<VendorScope[]> {
    const known = new Map(rows.map((scope) => [scope.scope, scope.choice]));
    const missing = new Set(ids.filter((id) => !known.has(id)));
    for (const { id: kind } of connection.connector.manifest.scopeKinds) {
      if (missing.size === 0) break;
      for await (const scope of listScopes(connection, { kind }, signal))
        if (missing.delete(scope.id)) known.set(scope.id, scope);
    }
    if (missing.size > 0)
      throw refuseField("scopes", `${connection.connector.manifest.name} does not show ${[...missing].join(", ")}.`);
    return ids.flatMap((id) => known.get(id) ?? []);
  }
}

const mostCounted = 50;
/** Below a verb's own time limit: what is counted by then is the answer. */
const countMs = 40_000;
