// The investigation of incidents as a whole: what application.ts constructs.
import type { SourceDeps } from "../graph/source-files.ts";
import type { Ingest } from "../graph/ingest.ts";
import type { GraphDeps } from "../graph/view.ts";
import type { EvidenceStore } from "../incidents/evidence.ts";
import type { GraphNodes } from "../incidents/graph-nodes.ts";
import type { Incidents } from "../incidents/incidents.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { JobHandler } from "../jobs/job-runner.ts";
import type { Log, Verb } from "../verb.ts";
import { type Actions, createActions } from "./actions.ts";
import { causedByVerb } from "./caused-by.ts";
import { changeRanker } from "./change-ranker.ts";
import { createHypotheses, type HypothesisStore } from "./hypotheses.ts";
import { actionVerbs, hypothesisVerbs } from "./hypothesis-verbs.ts";
import { createReadIncidents } from "./incident-facts.ts";
import { createKeepTimelines } from "./keep-timelines.ts";
import type { Narrator } from "./narrate.ts";
import { postmortemVerbs } from "./postmortem-verbs.ts";
import { createPostmortems, type Postmortems } from "./postmortems.ts";
import { createRunbookFacts } from "./runbook-facts.ts";
import { createRunbookVectors, type Embedder } from "./runbook-vectors.ts";
import { runbookVerbs, type RunbookVerbsDeps } from "./runbook-verbs.ts";
import { createRunbooks } from "./runbooks.ts";
import { timelineVerbs } from "./timeline-verbs.ts";
import { createTimelines, type Timelines } from "./timelines.ts";

export interface InvestigationVerbsDeps extends RunbookVerbsDeps {
  timelines: Timelines;
  hypotheses: HypothesisStore;
  actions: Actions;
  postmortems: Postmortems;
}

export const investigationVerbs = (deps: InvestigationVerbsDeps): Verb[] => [
  ...timelineVerbs(deps),
  ...hypothesisVerbs(deps),
  causedByVerb(deps),
  ...actionVerbs(deps),
  ...runbookVerbs(deps),
  ...postmortemVerbs(deps),
];

export interface OpenInvestigationDeps extends GraphDeps {
  incidents: Pick<Incidents, "find">;
  evidence: Pick<EvidenceStore, "list">;
  graphNodes: GraphNodes;
  ingest: Ingest;
  queue: JobQueue;
  feed: EventFeed;
  log: Log;
  now(this: void): Date;
  wake(this: void): void;
  workspace: string;
  narrator(this: void, workspace: string): Promise<Narrator | null>;
  embedder(this: void, workspace: string): Promise<Embedder | null>;
}

export interface OpenInvestigation {
  parts: Omit<InvestigationVerbsDeps, keyof SourceDeps>;
  jobs: Record<string, JobHandler>;
  start(this: void): void;
  stop(this: void): Promise<void>;
}

export function openInvestigation(deps: OpenInvestigationDeps): OpenInvestigation {
  const { store, worker, feed, narrator } = deps;
  const incidents = createReadIncidents(deps);
  const timelines = createTimelines({ store, worker, incidents, feed });
  const actions = createActions({ store, incidents, feed });
  const hypotheses = createHypotheses({ store, worker, incidents, ranker: changeRanker, actions, feed, narrator });
  const keep = createKeepTimelines({ ...deps, timelines });
  const facts = createRunbookFacts({ ...deps, runbooks: () => runbooks });
  const runbooks = createRunbooks({ store, feed, changed: facts.changed });
  return {
    parts: {
      timelines,
      hypotheses,
      actions,
      postmortems: createPostmortems({ store, feed, incidents, timelines, hypotheses, actions }),
      runbooks,
      vectors: createRunbookVectors(deps),
      readIncidents: incidents,
    },
    jobs: keep.jobs,
    start() {
      keep.start();
      facts.changed(deps.workspace);
    },
    async stop() {
      await keep.stop();
      await facts.stop();
    },
  };
}
