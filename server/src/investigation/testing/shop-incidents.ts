// The verbs of incidents and their investigation over the shop of graph/testing/sample.ts and what a code host told of it; it is 2 January 2026.
import type { AppError } from "@opentrace/contract/errors.ts";
import type { ServerEvent } from "@opentrace/contract/events.ts";
import type { Evidence, Incident } from "@opentrace/contract/incidents.ts";
import { changes, deliveryScopes, pull } from "../../delivery/testing/delivery-facts.ts";
import { createIngest, type Ingest } from "../../graph/ingest.ts";
import { createGraphWorker } from "../../graph/snapshot/graph-worker.ts";
import type { SourceFiles } from "../../graph/source-files.ts";
import {
  ask,
  batch,
  file,
  never,
  shop,
  shopScopes,
  symbol,
  testContext,
  writeSource,
} from "../../graph/testing/sample.ts";
import { allIncidentVerbs, openIncidents } from "../../incidents/open-incidents.ts";
import { createEventFeed } from "../../jobs/event-feed.ts";
import { createJobQueue } from "../../jobs/job-queue.ts";
import type { TestStore } from "../../store/testing/for-each-store.ts";
import type { VerbContext } from "../../verb.ts";
import type { Narrator } from "../narrate.ts";
import { investigationVerbs, openInvestigation, type OpenInvestigation } from "../open-investigation.ts";
import type { Embedder } from "../runbook-vectors.ts";

export interface ShopIncidents {
  run<T>(verb: string, input: object, more?: Partial<VerbContext>): Promise<T>;
  declare(more?: object): Promise<Incident>;
  withTrace(more?: object): Promise<{ incident: Incident; evidence: Evidence }>;
  events: ServerEvent[];
  models: { narrator: Narrator | null; embedder: Embedder | null };
  /** Blob id → text, for runbooks in the repository. */
  files: Map<string, string>;
  ingest: Ingest;
  opened: OpenInvestigation;
  close(): Promise<void>;
}

const connected = { workspace: "default", source: "integration:int_1" };

/** Two change requests touch what fails: #20, merged at 02:40, is the culprit; the incident begins at 03:00; now is 04:00 and goes on slowly. */
export async function openShopIncidents(test: TestStore): Promise<ShopIncidents> {
  const { store } = test;
  let ticks = 0;
  const now = (): Date => new Date(Date.parse("2026-01-02T04:00:00Z") + ticks++);
  const context: VerbContext = { ...testContext(), now };
  const { log } = context;
  const worker = createGraphWorker({ config: test.config });
  const ingest = createIngest({ store });
  const feed = createEventFeed({ store, log, now });
  const events: ServerEvent[] = [];
  feed.subscribe("default", ({ event }) => void events.push(event));
  const queue = createJobQueue({ store, now, owner: "test" });
  const incidents = openIncidents({ store, worker, ingest, feed, queue, log, now, wake: () => undefined });
  const models: ShopIncidents["models"] = { narrator: null, embedder: null };
  const opened = openInvestigation({
    store,
    worker,
    ingest,
    ...incidents.parts,
    queue,
    feed,
    log,
    now,
    wake: () => undefined,
    workspace: "default",
    narrator: async () => models.narrator,
    embedder: async () => models.embedder,
  });
  const files = new Map<string, string>();
  const sourceFiles: SourceFiles = {
    async *read(_ctx, _source, blobs) {
      for (const blob of blobs) yield { is: "read", bytes: new TextEncoder().encode(files.get(blob) ?? "") } as never;
    },
  };
  const all = [
    ...allIncidentVerbs({ store, ...incidents.parts }),
    ...investigationVerbs({ store, worker, sourceFiles, ...opened.parts }),
  ];
  const verbs = new Map(all.map((one) => [one.name, one]));
  await writeSource(ingest, shop, shopScopes);
  await ingest.openSource({ ...connected, name: "GitHub acme", kind: "integration" });
  await ingest.apply(connected, batch(deliveryScopes), never);
  const at = "2026-01-02T02:40:00Z";
  const culprit = pull(20, "Take amounts as text", { state: "merged", mergedAt: at, updatedAt: at, author: "grace" }, [
    changes(20, file("src/pay.ts"), { lines: [[20, 22]] }),
    changes(20, symbol("src/pay.ts", "PayService.charge"), { lines: [[20, 22]] }),
  ]);
  await ingest.apply(connected, batch([culprit]), never);
  await ingest.mark(connected, { state: "fresh", observedAt: new Date("2026-01-02T03:00:00Z") });
  const run: ShopIncidents["run"] = (name, input, more = {}) => {
    const verb = verbs.get(name);
    if (verb === undefined) throw new Error(`There is no verb ${name}.`);
    return ask(verb, input as Record<string, unknown>, { ...context, ...more });
  };
  const declare: ShopIncidents["declare"] = (more = {}) =>
    run("incidents.create", {
      title: "Payments fail",
      severity: "high",
      affected_services: ["shop"],
      started_at: "2026-01-02T03:00:00Z",
      ...more,
    });
  return {
    run,
    declare,
    async withTrace(more = {}) {
      const incident = await declare(more);
      const evidence = await run<Evidence>("evidence.add", {
        incident_id: incident.id,
        evidence_type: "log",
        title: "Errors of the checkout",
        content:
          "TypeError: amount.toFixed is not a function\n    at PayService.charge (/app/src/pay.ts:21:12)\n    at placeOrder (/app/src/order.ts:9:3)",
        source: "datadog",
        source_url: "https://logs.example/1",
      });
      return { incident, evidence };
    },
    events,
    models,
    files,
    ingest,
    opened,
    async close() {
      await opened.stop();
      await worker.close();
    },
  };
}

export async function refusal(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof Error && "code" in error) return error as AppError;
  throw new Error(`It was not refused: ${String(error)}`);
}
