// The verbs on webhook deliveries: list them, and ask the vendor for those that did not arrive.
import { Page } from "@opentrace/contract/graph.ts";
import { Job } from "@opentrace/contract/repositories.ts";
import { WebhookDelivery } from "@opentrace/contract/integrations.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import { z } from "zod";
import type { JobQueue } from "../jobs/job-queue.ts";
import { defineVerb, type Verb } from "../verb.ts";
import type { Deliveries } from "./deliveries.ts";
import { enqueueMissed } from "./delivery-jobs.ts";
import type { Integrations } from "./integrations.ts";
import { pageOf, readCursor } from "./page-cursor.ts";
import type { Registry } from "./registry.ts";

export interface WebhookVerbsDeps {
  integrations: Integrations;
  deliveries: Deliveries;
  registry: Registry;
  queue: JobQueue;
  runner: { wake(this: void): void };
}

const id = z
  .string()
  .min(1)
  .max(200)
  .describe("Id of the integration, or its name or connector when only one matches.");

export const webhookVerbs = ({ integrations, deliveries, registry, queue, runner }: WebhookVerbsDeps): Verb[] => [
  defineVerb({
    name: "integrations.deliveries",
    summary: "List webhook deliveries",
    description:
      "What the vendor's webhooks brought, newest first: the event, when it came, and whether it led to a sync (`done`), changed nothing here (`ignored`, with the reason) or could not be read (`failed`). `recovered`: it had not arrived and was fetched from the vendor.",
    permission: "integrations:read",
    input: z.strictObject({
      id,
      state: WebhookDelivery.shape.state.optional(),
      cursor: z.string().max(500).optional(),
      limit: z.int().min(1).max(200).default(50),
    }),
    output: z.object({ deliveries: z.array(WebhookDelivery), page: Page }),
    http: { method: "GET", path: "/integrations/{id}/deliveries" },
    async run({ workspace }, { id: which, state, cursor, limit }) {
      const row = await integrations.find(which, workspace);
      const before = cursor === undefined ? null : readCursor(z.int(), cursor);
      const found = await deliveries.list(row.id, { state, before, limit: limit + 1 });
      const { shown, page } = pageOf(found, limit, (last) => last.row);
      return { deliveries: shown, page };
    },
  }),
  defineVerb({
    name: "integrations.recoverDeliveries",
    summary: "Fetch webhook deliveries that did not arrive",
    description:
      "Asks the vendor for deliveries that it could not hand over. It is done by itself every ten minutes and at every start.",
    permission: "integrations:write",
    input: z.strictObject({ id }),
    output: Job,
    http: { method: "POST", path: "/integrations/{id}/deliveries/recover", status: 202 },
    writes: true,
    async run({ workspace }, { id: which }) {
      const row = await integrations.find(which, workspace);
      if (registry.find(row.connector).webhook?.missed === undefined)
        throw new AppError("not_supported", `${row.name} can't be asked for deliveries that did not arrive.`);
      const job = await enqueueMissed(queue, row);
      runner.wake();
      return job;
    },
  }),
];
