// Webhooks that are made at the vendor scope by scope, where it has none for the whole application: kept in step with what is chosen.
import type { HookOfScope } from "@opentrace/connectors/connector.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Connection, Connections } from "./connections.ts";
import { isPermissionMissing } from "./health.ts";
import type { IntegrationRow, Integrations, ScopeRow } from "./integrations.ts";
import type { ScopeHook, ScopeHooks } from "./scope-hooks.ts";
import { containsOf } from "./scope-set.ts";

export interface VendorWebhooks {
  /** False where there is nothing to make: no such vendor, or no address that it could reach. */
  makes(row: IntegrationRow): boolean;
  /**
   * Makes what is missing, moves what has an old address, and takes away what another serves. `again`: what is known is made sure of, too,
   * as somebody may have changed it at the vendor. A missing permission is no failure: changes then come with the periodic sync.
   */
  keep(row: IntegrationRow, again: boolean, signal: AbortSignal): Promise<Record<ScopeHook["state"], number>>;
  /** Never throws for the vendor's sake. */
  unregister(row: IntegrationRow, scopes: readonly ScopeRow[], signal: AbortSignal): Promise<void>;
}

interface VendorWebhooksDeps {
  integrations: Pick<Integrations, "webhookSecret" | "writeLog" | "update" | "scope" | "scopes">;
  connections: Connections;
  hooks: ScopeHooks;
  /** Null without an address that a vendor could reach. */
  webhookUrl(this: void, row: IntegrationRow): string | null;
  now(this: void): Date;
}

/** One that is refused is tried again after this long. */
const tryAgainMs = 86_400_000;

export function createVendorWebhooks({
  integrations,
  connections,
  hooks,
  webhookUrl,
  now,
}: VendorWebhooksDeps): VendorWebhooks {
  function isDue(row: IntegrationRow, known: ScopeHook | undefined, url: string, again: boolean): boolean {
    if (known === undefined || again) return true;
    if (known.state === "made") return known.url !== url;
    if (known.state === "covered") return true;
    return known.credential_version !== row.credential_version || now().getTime() - known.checked_at > tryAgainMs;
  }

  async function take({ connector, context }: Connection, of: HookOfScope, signal: AbortSignal): Promise<void> {
    await connector.webhook?.unregister?.(context(signal), of);
  }

  return {
    makes: (row) => webhookUrl(row) !== null && connections.open(row).connector.webhook?.register !== undefined,

    async keep(row, again, signal) {
      const counts = { made: 0, covered: 0, refused: 0 };
      const url = webhookUrl(row);
      const connection = connections.open(row);
      const { webhook } = connection.connector;
      if (url === null || webhook?.register === undefined) return counts;
      const at = { url, secret: integrations.webhookSecret(row) };
      const known = await hooks.all(row.id);
      const holds = (scope: ScopeRow): boolean => containsOf(connection.connector, scope.kind) !== null;
      const scopes = (await integrations.scopes(row.id)).filter((scope) => scope.state === "active");
      const inOrder = [...scopes.filter(holds), ...scopes.filter((scope) => !holds(scope))];
      const made = new Set<string>();
      let everywhere: Pick<ScopeHook, "reason" | "action"> | null = null;

      const note = async (scope: ScopeRow, hook: Omit<ScopeHook, "scope" | "credential_version" | "checked_at">) => {
        counts[hook.state]++;
        if (hook.state === "made") made.add(scope.scope);
        const before = known.get(scope.scope);
        if (hook.state === "refused" && before?.reason !== hook.reason && everywhere === null)
          await integrations.writeLog(row.id, "info", "no webhook was made", { scope: scope.name, why: hook.reason });
        const tried = { credential_version: row.credential_version, checked_at: now().getTime() };
        await hooks.save(row.id, { scope: scope.scope, ...tried, ...hook });
      };

      for (const scope of inOrder) {
        signal.throwIfAborted();
        const before = known.get(scope.scope);
        if (scope.via !== null && made.has(scope.via)) {
          if (before?.state === "made") await take(connection, { scope: scope.choice, hook: before.memory }, signal);
          if (before?.state === "covered") counts.covered++;
          else await note(scope, { state: "covered", url: "", memory: null, reason: null, action: null });
          continue;
        }
        if (before !== undefined && !isDue(row, before, url, again)) {
          counts[before.state]++;
          if (before.state === "made") made.add(scope.scope);
          continue;
        }
        if (everywhere !== null && before?.state !== "made") {
          await note(scope, { state: "refused", url: "", memory: null, ...everywhere });
          continue;
        }
        const done = await webhook.register(connection.context(signal), scope.choice, at).catch((error: unknown) => {
          if (!isPermissionMissing(error)) throw error;
          return {
            is: "refused" as const,
            why: error.message,
            action: "Add the webhook by hand, or go on without: changes come with the periodic sync.",
            everywhere: false,
          };
        });
        if (done.is === "refused" && before?.state === "made") {
          // It is still there: the credential before made it.
          counts.made++;
          made.add(scope.scope);
          continue;
        }
        if (done.is === "refused") {
          const why = { reason: done.why, action: done.action };
          await note(scope, { state: "refused", url: "", memory: null, ...why });
          if (done.everywhere) everywhere = why;
          continue;
        }
        // Taken out of the selection meanwhile: whoever did so has not seen this one.
        if ((await integrations.scope(row.id, scope.scope))?.state !== "active") {
          await take(connection, { scope: scope.choice, hook: done.hook }, signal);
          continue;
        }
        const memory = before?.state === "made" && sameHook(before.memory, done.hook) ? before.memory : done.hook;
        await note(scope, { state: "made", url, memory, reason: null, action: null });
      }
      if (counts.made > 0 && row.webhook_registered !== 1) await integrations.update(row.id, { webhook_registered: 1 });
      return counts;
    },

    async unregister(row, scopes, signal) {
      try {
        const known = await hooks.all(row.id);
        const connection = connections.open(row);
        for (const scope of scopes) {
          const hook = known.get(scope.scope);
          if (hook?.state === "made") await take(connection, { scope: scope.choice, hook: hook.memory }, signal);
          if (hook !== undefined) await hooks.forget(row.id, scope.scope);
        }
      } catch (error) {
        if (!(error instanceof AppError) && !signal.aborted) throw error;
        // A vendor that is down or says no must not keep its data here; its webhooks fail and are put aside.
      }
    },
  };
}

/** What a hook's memory has learned since is not lost by making sure of it. */
function sameHook(before: HookOfScope["hook"], after: HookOfScope["hook"]): boolean {
  const idOf = (hook: HookOfScope["hook"]) =>
    typeof hook === "object" && hook !== null && !Array.isArray(hook) ? hook["id"] : undefined;
  return idOf(before) !== undefined && idOf(before) === idOf(after);
}
