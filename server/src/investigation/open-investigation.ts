// The investigation of incidents as a whole: what application.ts constructs.
import type { EvidenceStore } from "../incidents/evidence.ts";
import type { Incidents } from "../incidents/incidents.ts";
import type { GraphDeps } from "../graph/view.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { JobHandler } from "../jobs/job-runner.ts";
import type { Log, Verb } from "../verb.ts";
import { type Actions, createActions } from "./actions.ts";
import { changeRanker } from "./change-ranker.ts";
import { createHypotheses, type HypothesisStore } from "./hypotheses.ts";
import { actionVerbs, hypothesisVerbs } from "./hypothesis-verbs.ts";
import { createReadIncidents } from "./incident-facts.ts";
import { createKeepTimelines } from "./keep-timelines.ts";
import type { Narrator } from "./narrate.ts";
import { timelineVerbs } from "./timeline-verbs.ts";
import { createTimelines, type Timelines } from "./timelines.ts";

export interface InvestigationVerbsDeps {
  timelines: Timelines;
  hypotheses: HypothesisStore;
  actions: Actions;
}

export const investigationVerbs = (deps: InvestigationVerbsDeps): Verb[] => [
  ...timelineVerbs(deps),
  ...hypothesisVerbs(deps),
  ...actionVerbs(deps),
];

export interface OpenInvestigationDeps extends GraphDeps {
  incidents: Pick<Incidents, "find">;
  evidence: Pick<EvidenceStore, "list">;
  queue: JobQueue;
  feed: EventFeed;
  log: Log;
  now(this: void): Date;
  wake(this: void): void;
  workspace: string;
  narrator(this: void, workspace: string): Promise<Narrator | null>;
}

export interface OpenInvestigation {
  parts: InvestigationVerbsDeps;
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
  return { parts: { timelines, hypotheses, actions }, jobs: keep.jobs, start: keep.start, stop: keep.stop };
}
