// The job that keeps an integration's webhooks at the vendor in step with what is chosen.
import { AppError } from "@opentrace/contract/errors.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { JobHandler } from "../jobs/job-runner.ts";
import type { Connections } from "./connections.ts";
import { isCredentialRefused, unauthorized } from "./health.ts";
import type { IntegrationRow, Integrations } from "./integrations.ts";
import { hooksJob } from "./sync-queue.ts";
import type { VendorWebhooks } from "./vendor-webhooks.ts";

export interface HookJobsDeps {
  integrations: Integrations;
  connections: Connections;
  vendorWebhooks: Pick<VendorWebhooks, "keep">;
}

export type KeepHooks = (row: IntegrationRow, again: boolean) => Promise<void>;

/** Queues it where there is something to make. */
export const createKeepHooks =
  ({ queue, vendorWebhooks }: { queue: JobQueue; vendorWebhooks: Pick<VendorWebhooks, "makes"> }): KeepHooks =>
  async (row, again) => {
    if (!vendorWebhooks.makes(row)) return;
    await queue.enqueueMerged(
      { kind: hooksJob, resource: `${row.id}/${hooksJob}`, input: { again }, workspace: row.workspace, maxAttempts: 4 },
      (waiting, added) => ({ again: waiting["again"] === true || added["again"] === true }),
    );
  };

export function hookJobs({ integrations, connections, vendorWebhooks }: HookJobsDeps): Record<string, JobHandler> {
  return {
    [hooksJob]: {
      async run({ again }, { job, workspace, signal }) {
        const id = job.resource.slice(0, job.resource.indexOf("/"));
        const row = await integrations.find(id, workspace).catch((error: unknown) => {
          if (error instanceof AppError && error.code === "not_found") return null;
          throw error;
        });
        if (row === null || row.removing === 1) return { skipped: "It was removed." };
        if (row.state === "unauthorized" || row.state === "connecting")
          return { skipped: "The vendor refuses the credential." };
        try {
          return await vendorWebhooks.keep(row, again === true, signal);
        } catch (error) {
          if (isCredentialRefused(error)) await integrations.setHealth(row, unauthorized(error));
          throw error;
        } finally {
          await connections
            .open(row)
            .settle()
            .catch(() => 0);
          await integrations.changed(row.id, workspace);
        }
      },
    },
  };
}
