// Webhooks that are made at the vendor scope by scope, where it has none for the whole application.
import { AppError } from "@opentrace/contract/errors.ts";
import type { Connections } from "./connections.ts";
import { isCredentialRefused } from "./health.ts";
import type { IntegrationRow, Integrations, ScopeRow } from "./integrations.ts";

export interface VendorWebhooks {
  /** Whether it was made; a permission that is missing is no failure: changes then come with the periodic sync. */
  register(row: IntegrationRow, scope: ScopeRow, signal: AbortSignal): Promise<boolean>;
  /** Never throws for the vendor's sake. */
  unregister(row: IntegrationRow, scopes: readonly ScopeRow[], signal: AbortSignal): Promise<void>;
}

interface VendorWebhooksDeps {
  integrations: Pick<Integrations, "webhookSecret" | "writeLog" | "update">;
  connections: Connections;
  /** Null without an address that a vendor could reach. */
  webhookUrl(this: void, row: IntegrationRow): string | null;
}

export function createVendorWebhooks({ integrations, connections, webhookUrl }: VendorWebhooksDeps): VendorWebhooks {
  return {
    async register(row, scope, signal) {
      const url = webhookUrl(row);
      const { connector, context } = connections.open(row);
      if (url === null || connector.webhook?.register === undefined) return false;
      try {
        await connector.webhook.register(context(signal), scope.choice, {
          url,
          secret: integrations.webhookSecret(row),
        });
      } catch (error) {
        signal.throwIfAborted();
        const known: unknown = error;
        if (isCredentialRefused(error)) throw error;
        if (!(known instanceof AppError)) throw error;
        const fields = { scope: scope.name, reason: known.message };
        await integrations.writeLog(row.id, "info", "no webhook was made", fields);
        return false;
      }
      await integrations.update(row.id, { webhook_registered: 1 });
      return true;
    },

    async unregister(row, scopes, signal) {
      const url = webhookUrl(row);
      if (url === null || row.webhook_registered !== 1) return;
      try {
        const { connector, context } = connections.open(row);
        for (const scope of scopes) await connector.webhook?.unregister?.(context(signal), scope.choice, { url });
      } catch (error) {
        if (!(error instanceof AppError) && !signal.aborted) throw error;
        // A vendor that is down or says no must not keep its data here; its webhooks fail and are put aside.
      }
    },
  };
}
