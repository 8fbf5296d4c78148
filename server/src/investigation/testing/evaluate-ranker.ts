// How often a ranker finds the culprit of invented incidents, beside simple rules and beside itself without one of its factors.
import type { Ingest } from "../../graph/ingest.ts";
import type { GraphDeps } from "../../graph/view.ts";
import { batch, never } from "../../graph/testing/sample.ts";
import { investigate, rankInput } from "../investigate.ts";
import type { Ranked, Ranker, RankInput } from "../ranking.ts";
import type { Scenario } from "./incident-scenarios.ts";

/** What somebody answers to an incident: keys of changes, the likeliest first; nothing likely = `found` is false. */
interface Answer {
  found: boolean;
  keys: readonly string[];
}
export type Answerer = (input: RankInput) => Answer;

export interface Score {
  /** Incidents that a change caused, and how many of those were answered with it first, or among the first three. */
  caused: number;
  first: number;
  amongThree: number;
  /** First, and said to be likely. */
  said: number;
  /** Incidents that no change caused, and how many of those were answered with "nothing likely". */
  uncaused: number;
  nothingSaid: number;
}

const slackMs = 3 * 60_000;
const candidates = (input: RankInput) =>
  input.changes.filter(({ kind, effectiveAt }) => kind !== "deployment" && effectiveAt <= input.onset + slackMs);

/** What an engineer without a graph does first. */
export const mostRecent: Answerer = (input) => {
  const keys = candidates(input)
    .toSorted((a, b) => b.effectiveAt - a.effectiveAt)
    .map(({ key }) => key);
  return { found: keys.length > 0, keys };
};

export const nearest: Answerer = (input) => {
  const far = (one: number | null): number => one ?? 99;
  const keys = candidates(input)
    .toSorted(
      (a, b) =>
        Math.min(far(a.distance), far(a.evidenceDistance)) - Math.min(far(b.distance), far(b.evidenceDistance)) ||
        b.effectiveAt - a.effectiveAt,
    )
    .map(({ key }) => key);
  return { found: keys.length > 0, keys };
};

export const answerOf =
  (ranker: Ranker): Answerer =>
  (input) => {
    const { found, ranked } = ranker.rank(input);
    return { found, keys: ranked.map(({ change }) => change.key) };
  };

/** The same ranker, the points of each factor times what is given for it. */
export const weighted =
  (ranker: Ranker, weights: Readonly<Record<string, number>>): Answerer =>
  (input) => {
    const { found, ranked } = ranker.rank(input);
    const score = ({ contributions }: Ranked): number =>
      contributions.reduce((sum, { factor, points }) => sum + points * (weights[factor] ?? 1), 0);
    return { found, keys: ranked.toSorted((a, b) => score(b) - score(a)).map(({ change }) => change.key) };
  };

export interface Played {
  scenario: Scenario;
  input: RankInput;
}

/** Puts each scenario's facts into the graph, looks at it as an investigation does, and takes them out again. */
export async function play(deps: GraphDeps & { ingest: Ingest }, scenarios: readonly Scenario[]): Promise<Played[]> {
  const source = { workspace: "default", source: "integration:scenarios" };
  await deps.ingest.openSource({ ...source, name: "Scenarios", kind: "integration" });
  const played: Played[] = [];
  for (const scenario of scenarios) {
    await deps.ingest.apply(source, { ...batch([]), scopes: scenario.scopes }, never);
    const now = (): Date => new Date(scenario.facts.incident.startedAt + 3_600_000);
    const found = await investigate(deps, { workspace: "default", signal: never, now }, scenario.facts);
    played.push({ scenario, input: rankInput(found, scenario.facts, []) });
    const removedScopes = scenario.scopes.map(({ scope }) => scope);
    await deps.ingest.apply(source, batch([], { removedScopes }), never);
  }
  return played;
}

export function scoreOf(played: readonly Played[], answer: Answerer): Score {
  const score: Score = { caused: 0, first: 0, amongThree: 0, said: 0, uncaused: 0, nothingSaid: 0 };
  for (const { scenario, input } of played) {
    const { found, keys } = answer(input);
    if (scenario.culprit === null) {
      score.uncaused++;
      if (!found) score.nothingSaid++;
      continue;
    }
    score.caused++;
    const at = keys.indexOf(scenario.culprit);
    if (at === 0) score.first++;
    if (at === 0 && found) score.said++;
    if (at >= 0 && at < 3) score.amongThree++;
  }
  return score;
}
