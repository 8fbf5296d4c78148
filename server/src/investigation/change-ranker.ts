// The first ranker: recent changes × nearness in the graph × time to onset × what the evidence names, as odds that multiply. No model.
import type { Contribution } from "@opentrace/contract/investigation.ts";
import {
  breadthOf,
  framesElsewhere,
  overlapOf,
  type Rarity,
  rarityOf,
  readAll,
  type ReadEvidence,
} from "./evidence-overlap.ts";
import { neverRuns } from "./path-kinds.ts";
import type { Change, Judgement, Ranked, Ranker, RankInput, RankResult } from "./ranking.ts";

// Points are doublings of the odds (log2). The numbers are judgement, held against invented incidents on real graphs (decision 0011); each
// is shown with its words, so they can be argued with.

/** Clocks differ, and an onset is often told to the minute: so much after it a change may still be its cause. */
const slackMs = 3 * 60_000;
/** The odds that the cause is none of the changes known here, against one change with no points. */
const otherCause = 8;
/** Below this share, or with fewer points, nothing is called likely. */
const likelyShare = 0.3;
const likelyPoints = 2;
const mostShown = 25;

export const changeRanker: Ranker = { name: "changes/2", rank };

interface Judged {
  change: Change;
  contributions: Contribution[];
  contradicting: string[];
  judgement: Judgement | null;
}

function rank(input: RankInput): RankResult {
  const evidence = readAll(input.evidence);
  const byKey = new Map(input.changes.map((change) => [change.key, change]));
  const judgements = new Map(input.judgements.map((one) => [one.causeKey, one]));
  const rarity = rarityOf(input.changes);
  const before = input.changes.filter((change) => change.effectiveAt <= input.onset + slackMs);
  const judged = before.map((change) => judge(change, { input, evidence, byKey, judgements, rarity }));
  const shown = withoutDoubles(judged, byKey);
  const scored = shown
    .map((one) => ({ ...one, score: one.contributions.reduce((sum, { points }) => sum + points, 0) }))
    .filter((one) => isWorthSaying(one))
    .sort((a, b) => b.score - a.score || b.change.effectiveAt - a.change.effectiveAt || order(a.change, b.change));
  const odds = scored.map((one) => (one.judgement?.status === "rejected" ? 0 : 2 ** Math.min(one.score, 40)));
  const whole = odds.reduce((sum, one) => sum + one, otherCause);
  const ranked: Ranked[] = [];
  for (const [at, one] of scored.entries()) {
    if (one.judgement?.status === "rejected") continue;
    ranked.push({
      change: one.change,
      rank: ranked.length + 1,
      score: round(one.score),
      confidence: round(odds[at]! / whole),
      contributions: one.contributions.map((part) => ({ ...part, points: round(part.points) })),
      supporting: [...new Set(one.contributions.flatMap((part) => (part.points > 0 ? part.evidence_ids : [])))],
      contradicting: [...new Set(one.contradicting)],
    });
    if (ranked.length === mostShown) break;
  }
  return verdict(input, ranked);
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;
const order = (a: Change, b: Change): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

interface Known {
  input: RankInput;
  evidence: readonly ReadEvidence[];
  byKey: ReadonlyMap<string, Change>;
  judgements: ReadonlyMap<string, Judgement>;
  rarity: Rarity;
}

function judge(change: Change, known: Known): Judged {
  const { input, evidence, byKey, judgements, rarity } = known;
  const contained = change.contains.flatMap((key) => byKey.get(key) ?? []);
  const contributions: Contribution[] = [kindOf(change), timeOf(change, input.onset)];
  for (const near of [distanceOf(change, input), evidenceDistanceOf(change)])
    if (near !== null) contributions.push(asBroad(near, change));
  if (isNeverRun(change, contained))
    contributions.push({
      factor: "kind",
      points: -3,
      words: "it changes only documentation, tests or pictures, which a running system does not see",
      evidence_ids: [],
    });
  const contradicting: string[] = [];
  const overlaps = overlapOf(change, contained, evidence, rarity);
  for (const { points, words, evidenceIds } of overlaps)
    contributions.push({ factor: "evidence", points, words, evidence_ids: evidenceIds });
  const namesPlaces = change.places.length > 0 || contained.some((one) => one.places.length > 0);
  const isBehind = change.evidenceDistance !== null && change.evidenceDistance <= 2;
  if (namesPlaces && !isBehind) {
    const elsewhere = framesElsewhere(change, contained, evidence);
    if (elsewhere.ids.length > 0 && !overlaps.some((one) => one.points >= 2)) {
      contradicting.push(...elsewhere.ids);
      contributions.push({
        factor: "contradiction",
        points: -1,
        words: `the stack traces go through other files (${elsewhere.files.slice(0, 3).join(", ")}), none of which it changes`,
        evidence_ids: elsewhere.ids,
      });
    }
  }
  const early = evidence.filter((one) => one.from !== null && one.from < change.effectiveAt - slackMs);
  if (early.length > 0) {
    contradicting.push(...early.map((one) => one.id));
    contributions.push({
      factor: "contradiction",
      points: -2,
      words: `evidence shows it before this took effect: ${early
        .slice(0, 3)
        .map((one) => `"${one.title}"`)
        .join(", ")}`,
      evidence_ids: early.map((one) => one.id),
    });
  }
  const outcome = outcomeOf(change);
  if (outcome !== null) contributions.push(outcome);
  const related = relatedJudgement(change, contained, judgements);
  if (related !== null) contributions.push(related);
  return { change, contributions, contradicting, judgement: judgements.get(change.key) ?? null };
}

const isProduction = (environment: string): boolean => /prod|live/i.test(environment);

function kindOf(change: Change): Contribution {
  const say = (points: number, words: string): Contribution => ({ factor: "kind", points, words, evidence_ids: [] });
  switch (change.kind) {
    case "deployment": {
      if (change.environment === null) return say(0.5, "it is a deployment");
      return isProduction(change.environment)
        ? say(1, `it is a deployment to ${change.environment}`)
        : say(-1.5, `it is a deployment to ${change.environment}, which is not production`);
    }
    case "config":
      return say(
        change.notDeployed ? -0.5 : 0.75,
        `it changes configuration or dependencies only, which tests often miss${cameWith(change)}`,
      );
    case "release":
      return say(0.25, "it is a release");
    case "pull_request":
      return say(deployedPoints(change), `it was merged${cameWith(change)}`);
    case "commit":
      return say(deployedPoints(change) - 0.25, `it was committed${cameWith(change)}`);
    case "topology":
      return say(0.5, "it changes what runs");
    case "other":
      return say(0, "it is a change");
  }
}

const deployedPoints = (change: Change): number => (change.deployedBy !== null ? 1 : change.notDeployed ? -1.5 : 0);

function cameWith({ deployedBy, notDeployed }: Change): string {
  if (deployedBy !== null) return ` and came with ${deployedBy.title}`;
  return notDeployed ? "; no deployment is known that brought it" : "; when it was deployed is not known";
}

function isNeverRun(change: Change, contained: readonly Change[]): boolean {
  const paths = [change, ...contained].flatMap((one) => one.places.flatMap((place) => place.path ?? []));
  return paths.length > 0 && paths.every(neverRuns);
}

/** Twenty minutes before is worth a doubling and a half; each doubling of the time after that takes half of one away. */
function timeOf(change: Change, onset: number): Contribution {
  const minutes = Math.max(0, (onset - change.effectiveAt) / 60_000);
  const points = Math.max(-4, 2 - 0.5 * Math.log2(1 + minutes / 20));
  const what = change.effectiveAt === change.at ? "it happened" : "it took effect";
  return { factor: "time", points, words: `${what} ${duration(minutes)} before the onset`, evidence_ids: [] };
}

export function duration(minutes: number): string {
  const say = (value: number, unit: string): string => `${value} ${unit}${value === 1 ? "" : "s"}`;
  if (minutes < 1) return "less than a minute";
  if (minutes < 90) return say(Math.round(minutes), "minute");
  if (minutes < 36 * 60) return say(Math.round(minutes / 60), "hour");
  return say(Math.round(minutes / 1_440), "day");
}

/** Of very many changed files some are near whatever fails. */
function asBroad(near: Contribution, { places }: Change): Contribution {
  const { share, words } = breadthOf(places);
  return share === 1 || near.points <= 0 ? near : { ...near, points: near.points * share, words: near.words + words };
}

const pointsByDistance = [2, 1.25, 0.5, -0.25, -1] as const;

function distanceOf(change: Change, input: RankInput): Contribution {
  const say = (points: number, words: string): Contribution => ({
    factor: "distance",
    points,
    words,
    evidence_ids: [],
  });
  const from = change.path[0]?.node.name;
  const to = change.path.at(-1)?.node.name;
  if (change.distance !== null) {
    const points = pointsByDistance[Math.min(change.distance, pointsByDistance.length - 1)]!;
    const whose = "what is affected";
    // All of a repository is affected: that this is a part of it says less than when a part was named.
    if (change.distance === 0 && change.path.length > 1 && change.path[0]?.node.type === "Repository")
      return say(1, `it changes a part of ${whose}: ${from} → ${to}`);
    if (change.distance === 0) return say(points, `it changes ${whose}${to === undefined ? "" : `: ${to}`}`);
    const way = from === undefined || to === undefined ? "" : `: ${from} → ${to}`;
    return say(
      points,
      `it changes something ${change.distance} step${change.distance === 1 ? "" : "s"} away from ${whose}${way}`,
    );
  }
  if (input.affected.length === 0) return say(-1, "nobody has said what is affected, so nearness is not known");
  const sameRepository = input.affected.some((one) => one.repository !== null && one.repository === change.repository);
  if (sameRepository)
    return say(0.25, "it is in the repository of what is affected; which part it changes is not known");
  return say(-2.5, "the graph knows no way from what is affected to what it changes");
}

/** That a trace goes through what was changed is told by the evidence itself; here counts what lies behind the trace. */
function evidenceDistanceOf({ evidenceDistance, evidencePath }: Change): Contribution | null {
  const isFileOfTrace = evidenceDistance === 1 && evidencePath.at(-2)?.edge === "part of";
  if (evidenceDistance === null || evidenceDistance < 1 || isFileOfTrace) return null;
  const points = [1.5, 0.75, 0.25, 0][Math.min(evidenceDistance, 4) - 1]!;
  if (points === 0) return null;
  const names = evidencePath.map((step) => step.node.name).join(" → ");
  return {
    factor: "distance",
    points,
    words: `it changes something ${evidenceDistance} step${evidenceDistance === 1 ? "" : "s"} behind what a stack trace goes through: ${names}`,
    evidence_ids: [],
  };
}

function outcomeOf(change: Change): Contribution | null {
  if (change.kind !== "deployment" || change.state === null) return null;
  if (!/^(?:failure|failed|error|inactive_failed|canceled|cancelled)$/i.test(change.state)) return null;
  return {
    factor: "outcome",
    points: -1.5,
    words: `the deployment ended as "${change.state}", so it may not have taken effect`,
    evidence_ids: [],
  };
}

/** What a person said of this change, or of one that brought it or came with it. */
function relatedJudgement(
  change: Change,
  contained: readonly Change[],
  judgements: ReadonlyMap<string, Judgement>,
): Contribution | null {
  const say = (points: number, words: string): Contribution => ({
    factor: "judgement",
    points,
    words,
    evidence_ids: [],
  });
  const own = judgements.get(change.key);
  const because = own?.reason == null ? "" : `: ${own.reason}`;
  if (own?.status === "confirmed") return say(10, `a person confirmed it${because}`);
  if (own?.status === "rejected") return say(-10, `a person rejected it${because}`);
  if (own?.status === "investigating") return say(0.5, "a person is looking into it");
  const brought = change.deployedBy === null ? undefined : judgements.get(change.deployedBy.key);
  if (brought?.status === "confirmed")
    return say(1, `a person confirmed ${change.deployedBy!.title}, which brought it`);
  if (brought?.status === "rejected") return say(-2, `a person rejected ${change.deployedBy!.title}, which brought it`);
  const parts = contained.map((one) => ({ one, said: judgements.get(one.key)?.status }));
  const confirmed = parts.find((part) => part.said === "confirmed");
  if (confirmed !== undefined) return say(1, `a person confirmed ${confirmed.one.title}, which it brought`);
  if (parts.length > 0 && parts.every((part) => part.said === "rejected"))
    return say(-3, "a person rejected everything that it brought");
  return null;
}

/**
 * A deployment and the one change that it brought are one cause: of the two the change is said, for it tells more. A deployment of
 * several changes stays beside them only when none of them stands out.
 */
function withoutDoubles(judged: readonly Judged[], byKey: ReadonlyMap<string, Change>): Judged[] {
  const score = (one: Judged): number => one.contributions.reduce((sum, { points }) => sum + points, 0);
  const scores = new Map(judged.map((one) => [one.change.key, score(one)]));
  return judged.filter((one) => {
    if (one.judgement !== null && one.judgement.status !== "pending") return true;
    const parts = one.change.contains.filter((key) => byKey.has(key) && scores.has(key));
    if (parts.length === 0) return true;
    return !parts.some((key) => scores.get(key)! >= score(one) - 0.5);
  });
}

/** Far away, long ago and named by nothing: listing it would be noise. What a person spoke about is always listed. */
const isWorthSaying = ({ score, judgement }: { score: number; judgement: Judgement | null }): boolean =>
  judgement !== null || score > -2;

function verdict(input: RankInput, ranked: Ranked[]): RankResult {
  const [first, second] = ranked;
  if (input.changes.length === 0)
    return {
      found: false,
      summary: "No likely cause found: no change is known in the time before the onset.",
      ranked,
    };
  if (first === undefined)
    return {
      found: false,
      summary: `No likely cause found: none of the ${input.changes.length} changes looked at is near what is affected, in time and in the graph.`,
      ranked,
    };
  const percent = Math.round(first.confidence * 100);
  if (first.score < likelyPoints || first.confidence < likelyShare)
    return {
      found: false,
      summary: `No likely cause found: the best of ${input.changes.length} changes looked at, "${first.change.title}", has a confidence of ${percent} %.`,
      ranked,
    };
  const close = second !== undefined && second.confidence > first.confidence * 0.6;
  return {
    found: true,
    summary: `"${first.change.title}" is the likeliest cause (${percent} %)${
      close ? `, hardly more than "${second.change.title}" (${Math.round(second.confidence * 100)} %)` : ""
    }.`,
    ranked,
  };
}
