// How long an index run still takes, from how far it is and how long that took.
import type { JobPhase, JobProgress } from "@opentrace/contract/repositories.ts";

/**
 * Share of a run's time that is over when a phase begins. Facts are written while calls are resolved, so that phase takes most: measured
 * through a server on django and prometheus, .14 and .23 at its begin, .98 at its end. Of a small repository nobody reads the estimate.
 */
const startOfPhase: Record<JobPhase, number> = {
  queued: 0,
  fetching: 0,
  listing: 0.01,
  reading: 0.02,
  resolving: 0.18,
  writing: 0.96,
  history: 0.97,
  finishing: 0.99,
  done: 1,
};
const phases = Object.keys(startOfPhase) as JobPhase[];

/** In tenths of a second; null while too little of the run is known. */
export function secondsLeft(
  { phase, filesDone, filesTotal }: Pick<JobProgress, "phase" | "filesDone" | "filesTotal">,
  elapsedMs: number,
): number | null {
  if (phase === "done") return 0;
  if (phase === "queued" || phase === "fetching" || phase === "listing") return null;
  const from = startOfPhase[phase];
  const to = startOfPhase[phases[phases.indexOf(phase) + 1] ?? "done"];
  const share = from + (to - from) * (filesTotal === 0 ? 0 : Math.min(1, filesDone / filesTotal));
  if (share < 0.05 || elapsedMs < 500) return null;
  return Math.round((elapsedMs * (1 - share)) / share / 100) / 10;
}
