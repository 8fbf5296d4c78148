// The incident side as a whole: what application.ts constructs, and what other domains (screenshots, investigation) build on.
import { type AppTransaction, forgetOldKeys } from "../access/idempotency.ts";
import type { GraphDeps } from "../graph/view.ts";
import type { Ingest } from "../graph/ingest.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { Log, Verb } from "../verb.ts";
import { dropUnfinished } from "./blobs.ts";
import { bulkChangeVerb } from "./bulk-change.ts";
import { commentVerbs } from "./comments.ts";
import { createEvidence } from "./evidence.ts";
import type { EvidenceRow } from "./evidence-rows.ts";
import { evidenceVerbs, type EvidenceVerbsDeps } from "./evidence-verbs.ts";
import { createGraphNodes } from "./graph-nodes.ts";
import { createIncidentFacts, type IncidentFacts } from "./incident-facts.ts";
import { incidentVerbs, type IncidentVerbsDeps } from "./incident-verbs.ts";
import { mergeVerbs } from "./merge.ts";
import { uploadVerb } from "./upload-verb.ts";
import { viewVerbs } from "./views.ts";
import { createIncidents } from "./incidents.ts";

export type AllIncidentVerbsDeps = IncidentVerbsDeps & EvidenceVerbsDeps;

export const allIncidentVerbs = (deps: AllIncidentVerbsDeps): Verb[] => [
  ...incidentVerbs(deps),
  bulkChangeVerb(deps),
  ...mergeVerbs(deps),
  ...commentVerbs(deps),
  ...viewVerbs(deps),
  ...evidenceVerbs(deps),
];

export interface OpenIncidentsDeps extends GraphDeps {
  feed: Pick<EventFeed, "publish">;
  queue: JobQueue;
  ingest: Ingest;
  log: Log;
  now(this: void): Date;
  wake(this: void): void;
}

type EvidenceListener = (tx: AppTransaction, evidence: EvidenceRow) => Promise<void>;

export interface OpenIncidents {
  parts: Omit<AllIncidentVerbsDeps, "store">;
  /** From now on, in the transaction of every evidence that is added: what must not be lost when the process dies after it. */
  onEvidence(this: void, listener: EvidenceListener): void;
  /** Has a door of its own: the body is the file. */
  upload: Verb;
  jobs: IncidentFacts["jobs"];
  /** For what the graph did not know before. */
  lookAgain(this: void): Promise<void>;
  start(this: void): void;
  stop(this: void): void;
}

const tidyEveryMs = 3_600_000;

export function openIncidents({
  store,
  worker,
  feed,
  queue,
  ingest,
  log,
  now,
  wake,
}: OpenIncidentsDeps): OpenIncidents {
  let timer: NodeJS.Timeout | null = null;
  const tidy = (): void =>
    void Promise.all([forgetOldKeys(store, now()), dropUnfinished(store, now()), facts.lookAgain()])
      .then(wake)
      .catch((err: unknown) => log.warn({ err }, "incidents not tidied up"));
  const listeners: EvidenceListener[] = [];
  const graphNodes = createGraphNodes({ store, worker });
  const facts = createIncidentFacts({ store, ingest, queue, feed, graphNodes, now });
  const changed: AllIncidentVerbsDeps["changed"] = (tx, row) => facts.queueIn(tx, row.workspace);
  const evidence = createEvidence({
    store,
    feed,
    nodes: graphNodes,
    async onAdded(tx, row) {
      for (const listener of listeners) await listener(tx, row);
    },
  });
  return {
    parts: {
      graphNodes,
      changed,
      incidents: createIncidents({ store, feed, changed, wake }),
      evidence,
    },
    upload: uploadVerb({ evidence }),
    jobs: facts.jobs,
    async lookAgain() {
      await facts.lookAgain();
      wake();
    },
    onEvidence: (listener) => void listeners.push(listener),
    start() {
      tidy();
      timer = setInterval(tidy, tidyEveryMs);
      timer.unref();
    },
    stop: () => clearInterval(timer ?? undefined),
  };
}
