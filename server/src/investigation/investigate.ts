// Joins what is recorded about an incident with what the graph knows around it: the input of rankers, and the facts of the timeline.
import type { Evidence } from "@opentrace/contract/incidents.ts";
import { repositoryPart } from "../delivery/places.ts";
import { readNodes, type StoredNode } from "../graph/read-nodes.ts";
import { type GraphDeps, type GraphView, openView } from "../graph/view.ts";
import type { VerbContext } from "../verb.ts";
import { findAffected, findNamed } from "./affected.ts";
import { gatherChanges, type Gathered, topologyChange } from "./gather-changes.ts";
import type { IncidentFacts } from "./incident-facts.ts";
import { type Near, reachFrom, type Reach, readWays, runtimeNear } from "./nearness.ts";
import { addRecordedTopology } from "./recorded-topology.ts";
import type { Change, Judgement, RankedEvidence, RankInput } from "./ranking.ts";
import { readMentions } from "./read-evidence.ts";

/** Changes are looked for so long before the onset. */
export const lookBackMs = 7 * 86_400_000;
/** And so long after it, for the timeline: deployments and rollbacks while people work on it. */
const lookOnMs = 7 * 86_400_000;
const textOfEvidence = 64 * 1024;
const textOfAll = 2 * 1024 * 1024;
const mostWays = 400;
/** So many steps from what is affected a recorded change of the topology is no news of the incident. */
const far = 3;

interface Onset {
  at: number;
  from: string;
}

export interface Investigation {
  view: GraphView;
  onset: Onset;
  affected: readonly StoredNode[];
  changes: readonly Change[];
  evidence: readonly RankedEvidence[];
  /** What could not be taken into account, in sentences. */
  unknown: string[];
}

type Context = Pick<VerbContext, "workspace" | "signal" | "now">;

export async function investigate(deps: GraphDeps, ctx: Context, facts: IncidentFacts): Promise<Investigation> {
  const view = await openView(deps, ctx);
  const { incident } = facts;
  const unknown = [...facts.left];
  const onset = onsetOf(facts);
  const names = new Set([
    ...incident.services,
    ...facts.evidence.flatMap((one) => [...one.services, ...one.nodes.map((node) => node.key)]),
  ]);
  const affected = await findAffected(view, [...names]);
  if (names.size === 0)
    unknown.push("Nobody has said which services are affected, so nearness in the graph could not be weighed.");
  if (affected.unknown.length > 0)
    unknown.push(`The graph knows nothing named ${affected.unknown.map((name) => `"${name}"`).join(", ")}.`);
  const evidence = readTexts(facts.evidence, unknown);
  const named = await findNamed(
    view,
    deps.store,
    evidence.map((one) => readMentions(`${one.title}\n${one.text}`)),
  );
  const fromAffected = affected.nodes.length === 0 ? null : await reachFrom(view, affected.starts);
  const fromEvidence = named.size === 0 ? null : await reachFrom(view, [...named.values()]);
  if (fromAffected?.complete === false || fromEvidence?.complete === false)
    unknown.push("The graph around what is affected was too large to be walked whole.");
  const repositories = await repositoriesNear(view, affected.repositories, [...named.values()], fromAffected);
  // Where nothing is known to be affected, anything may be it.
  const isUnknown = affected.nodes.length === 0 && named.size === 0;
  const time = { from: onset.at - lookBackMs, to: Math.min(onset.at + lookOnMs, ctx.now().getTime()) };
  const { changes: gathered, left } = await gatherChanges(view, {
    repositories: isUnknown ? null : repositories,
    ...time,
  });
  unknown.push(...left);
  const own = new Set([...affected.repositories.values()].flatMap((set) => [...set]));
  const runtime = await runtimeNear(view, affected.nodes);
  const recorded = await addRecordedTopology(view, gathered, {
    ...time,
    onset: onset.at,
    repositories: own,
    isNear: (node) => isUnknown || runtime.has(node) || (fromAffected?.steps.get(node)?.hop ?? far) < far,
  });
  unknown.push(...recorded.left);
  const { changes } = recorded;
  const topology = [...recorded.own, ...(await topologyNear(view, [...runtime.keys()], recorded.own, onset.at))];
  const measured = await measure(view, [...changes, ...topology], {
    fromAffected,
    fromEvidence,
    affected: affected.nodes,
    own,
    runtime,
  });
  if (changes.length === 0 && topology.length === 0) unknown.push(await whyNothing(view));
  return { view, onset, affected: affected.nodes, changes: measured, evidence, unknown };
}

export function rankInput(
  { onset, affected, changes, evidence }: Investigation,
  { incident }: IncidentFacts,
  judgements: readonly Judgement[],
): RankInput {
  return {
    onset: onset.at,
    affected: affected.map(({ key, name }) => ({ key, name, repository: repositoryPart(key) })),
    title: incident.title,
    description: incident.description,
    // What people wrote in the report names things as evidence does, but is no evidence that could be cited.
    evidence,
    changes,
    judgements,
  };
}

/** When it was not said, the earliest time that evidence tells of. */
function onsetOf({ incident, evidence }: IncidentFacts): Onset {
  const stated = incident.startedAt !== incident.createdAt;
  const first = Math.min(...evidence.map((one) => (one.starts_at === null ? Infinity : Date.parse(one.starts_at))));
  if (!stated && first < incident.startedAt) return { at: first, from: "the earliest time that evidence tells of" };
  return {
    at: incident.startedAt,
    from: stated ? "the incident's start as it was stated" : "when the incident was declared",
  };
}

function readTexts(evidence: readonly Evidence[], unknown: string[]): RankedEvidence[] {
  let left = textOfAll;
  let cut = 0;
  const read = evidence.map((one): RankedEvidence => {
    const content = one.content ?? "";
    const analysis = one.analysis === null ? "" : JSON.stringify(one.analysis);
    const text = `${content}\n${analysis}`.slice(0, Math.min(textOfEvidence, Math.max(0, left)));
    left -= text.length;
    if (text.length < content.length || one.content_truncated) cut++;
    return {
      id: one.id,
      type: one.evidence_type,
      title: one.title,
      text,
      from: one.starts_at === null ? null : Date.parse(one.starts_at),
    };
  });
  if (cut > 0) unknown.push(`Of ${cut} large pieces of evidence only the beginning was read.`);
  return read;
}

const mostRepositories = 25;

/** Those of what is affected and what the evidence names, then those that what is affected depends on. */
async function repositoriesNear(
  view: GraphView,
  affected: ReadonlyMap<number, ReadonlySet<string>>,
  named: readonly StoredNode[],
  reach: Reach | null,
): Promise<string[]> {
  const found = new Set([...affected.values()].flatMap((set) => [...set]));
  for (const node of named) found.add(repositoryPart(node.key) ?? "");
  if (reach !== null) {
    const near = [...reach.steps.values()]
      .filter((step) => step.hop > 0)
      .sort((a, b) => a.hop - b.hop || a.node - b.node);
    const nodes = await readNodes(
      view,
      near.slice(0, 2_000).map((step) => step.node),
    );
    for (const step of near) {
      if (found.size >= mostRepositories) break;
      found.add(repositoryPart(nodes.get(step.node)?.key ?? "") ?? "");
    }
  }
  found.delete("");
  return [...found];
}

/** What nodes near say of themselves, unless the change log says more of it. */
async function topologyNear(
  view: GraphView,
  near: readonly number[],
  recorded: readonly Gathered[],
  onset: number,
): Promise<Gathered[]> {
  const nodes = await readNodes(view, near);
  const told = new Set(recorded.flatMap((change) => change.node?.key ?? []));
  return [...nodes.values()].flatMap((node) =>
    told.has(node.key) ? [] : (topologyChange(node, onset - lookBackMs, view.now.getTime()) ?? []),
  );
}

interface Measured {
  fromAffected: Reach | null;
  fromEvidence: Reach | null;
  affected: readonly StoredNode[];
  /** Repositories that are affected or hold what is. */
  own: ReadonlySet<string>;
  runtime: Awaited<ReturnType<typeof runtimeNear>>;
}

/** The nearest of all that a change touches; of a deployment, of all that it brought. */
async function measure(view: GraphView, changes: readonly Gathered[], known: Measured): Promise<Change[]> {
  const { fromAffected, fromEvidence, affected, own, runtime } = known;
  const nearest = async (change: Gathered, reach: Reach | null): Promise<Near | null> => {
    let best: Near | null = null;
    for (const { number } of change.places.slice(0, 500)) {
      if (number === null || reach === null) continue;
      const near = await reach.to(number);
      if (near !== null && (best === null || near.distance < best.distance)) best = near;
      if (best?.distance === 0) break;
    }
    return best;
  };
  const near = new Map<string, { affected: Near | null; evidence: Near | null }>();
  for (const [at, change] of changes.entries()) {
    if (at % 50 === 0) await new Promise(setImmediate);
    view.signal.throwIfAborted();
    const one = { affected: await nearest(change, fromAffected), evidence: await nearest(change, fromEvidence) };
    if (one.affected === null && change.kind === "topology") one.affected = runsNear(change, runtime);
    near.set(change.key, one);
  }
  const ofParts = (change: Gathered, side: "affected" | "evidence"): Near | null => {
    const all = [change.key, ...change.contains].flatMap((key) => near.get(key)?.[side] ?? []);
    return all.sort((a, b) => a.distance - b.distance)[0] ?? null;
  };
  // A deployment of the repository that is affected is near whatever it brought.
  const whole = affected.find((node) => own.has(repositoryPart(node.key) ?? "")) ?? affected[0];
  const told = changes.map((change) => {
    const isWhole = change.kind === "deployment" || change.kind === "release";
    const ownRepository = isWhole && change.repository !== null && own.has(change.repository) && whole !== undefined;
    return {
      change,
      affected:
        ofParts(change, "affected") ??
        (ownRepository ? { distance: 0, way: [{ node: whole.number, edge: null }] } : null),
      evidence: ofParts(change, "evidence"),
    };
  });
  const ways = await readWays(
    view,
    told.slice(0, mostWays).flatMap((one) => [one.affected?.way ?? null, one.evidence?.way ?? null]),
  );
  return told.map(({ change, affected: a, evidence: e }, at) => ({
    ...change,
    distance: a?.distance ?? null,
    path: ways[at * 2] ?? [],
    evidenceDistance: e?.distance ?? null,
    evidencePath: ways[at * 2 + 1] ?? [],
  }));
}

/** What runs is near in both directions, not only along dependencies. */
function runsNear({ places }: Gathered, runtime: Measured["runtime"]): Near | null {
  const near = places.flatMap(({ number }): Near[] => {
    const found = number === null ? undefined : runtime.get(number);
    return found === undefined ? [] : [{ distance: found.hop, way: [{ node: number!, edge: null }] }];
  });
  return near.sort((a, b) => a.distance - b.distance)[0] ?? null;
}

async function whyNothing(view: GraphView): Promise<string> {
  const rows = await view.db.selectFrom("sources").select("source").where("workspace", "=", view.workspace).execute();
  if (rows.length === 0)
    return "The graph is empty: add a repository and connect GitHub or GitLab, so that changes are known.";
  return rows.some((row) => row.source.startsWith("integration:"))
    ? "No change near it is known in the seven days before the onset."
    : "No integration is connected, so pull requests and deployments are not known.";
}
