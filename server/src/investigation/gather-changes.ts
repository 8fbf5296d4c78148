// Which changes are known in a time, near what an incident affects: merged change requests, commits, deployments, releases, what runs.
import type { CauseKind, NodeRef } from "@opentrace/contract/investigation.ts";
import type { NodeType } from "@opentrace/contract/graph.ts";
import { joined } from "../delivery/edges.ts";
import { happenedBetween, indexTime, newestWhere } from "../delivery/newest.ts";
import { repositoryPart } from "../delivery/places.ts";
import { textOf } from "../delivery/present.ts";
import type { StoredNode } from "../graph/read-nodes.ts";
import type { GraphView } from "../graph/view.ts";
import { nodeRef } from "./affected.ts";
import { broughtBy, type CommitChain, mergedWith, readChain } from "./commit-chain.ts";
import { isConfiguration } from "./path-kinds.ts";
import type { Change, ChangedPlace } from "./ranking.ts";

/** A change whose nearness is not measured yet. */
export type Gathered = Omit<Change, "distance" | "path" | "reachedFrom" | "evidenceDistance" | "evidencePath">;

export interface GatheredChanges {
  changes: Gathered[];
  /** What could not be looked at. */
  left: string[];
}

const mostRepositories = 30;
const mostChanges = 1_500;
const mostEdges = 20_000;

/** `repositories`: null = all. Times in milliseconds. */
export async function gatherChanges(
  view: GraphView,
  asked: { repositories: readonly string[] | null; from: number; to: number },
): Promise<GatheredChanges> {
  const left: string[] = [];
  const within = asked.repositories === null ? null : new Set(asked.repositories.slice(0, mostRepositories));
  if (asked.repositories !== null && asked.repositories.length > mostRepositories)
    left.push(`Only ${mostRepositories} of ${asked.repositories.length} repositories were looked at.`);
  const [from, to] = [new Date(asked.from), new Date(asked.to)];
  const types = ["PullRequest", "Deployment", "Release"] as const;
  const delivered =
    within === null
      ? await newestWhere(view, { types, since: indexTime(from) }, () => true)
      : await happenedBetween(view, { types, repositories: [...within], from, to });
  if (!delivered.complete) left.push("There were too many pull requests, deployments and releases to look at all.");
  const repositories = new Set(within ?? delivered.nodes.flatMap((node) => repositoryPart(node.key) ?? []));
  if (within === null) for (const one of await indexedRepositories(view)) repositories.add(one);
  const changes: Gathered[] = [];
  for (const repository of [...repositories].sort().slice(0, mostRepositories)) {
    const nodes = delivered.nodes.filter((node) => repositoryPart(node.key) === repository);
    const chain = await readChain(view, repository, asked.from);
    if (!chain.complete) left.push(`${repository} has more commits than were looked at.`);
    changes.push(...(await ofRepository(view, { repository, nodes, chain, ...asked })));
  }
  changes.sort((a, b) => b.at - a.at || (a.key < b.key ? -1 : 1));
  if (changes.length > mostChanges)
    left.push(`Only the last ${mostChanges} of ${changes.length} changes were looked at.`);
  return { changes: changes.slice(0, mostChanges), left };
}

async function indexedRepositories(view: GraphView): Promise<string[]> {
  const rows = await view.db
    .selectFrom("sources")
    .select("source")
    .where("workspace", "=", view.workspace)
    .where("kind", "=", "repository")
    .orderBy("source")
    .limit(mostRepositories)
    .execute();
  return rows.map((row) => row.source.replace(/^repo:/, ""));
}

interface OfRepository {
  repository: string;
  nodes: readonly StoredNode[];
  chain: CommitChain;
  from: number;
  to: number;
}

const timeOf = (node: StoredNode, name: string): number => Date.parse(textOf(node, name));

async function ofRepository(
  view: GraphView,
  { repository, nodes, chain, from, to }: OfRepository,
): Promise<Gathered[]> {
  const pulls = nodes.filter((node) => node.type === "PullRequest" && isIn(timeOf(node, "mergedAt"), from, to));
  const merges = await mergeCommits(view, pulls);
  const deployments = nodes
    .filter((node) => node.type === "Deployment" && isIn(timeOf(node, "createdAt"), from, to))
    .sort((a, b) => timeOf(a, "createdAt") - timeOf(b, "createdAt"));
  const releases = nodes.filter((node) => node.type === "Release" && isIn(timeOf(node, "publishedAt"), from, to));
  // A commit that came by a change request is part of it, not a change of its own.
  const partOf = new Map<string, string>();
  for (const pull of pulls) {
    const merge = merges.get(pull.number);
    if (merge === undefined) continue;
    for (const sha of [merge, ...mergedWith(chain, merge)]) partOf.set(sha, pull.key);
  }
  const alone = [...chain.commits.values()].filter(
    // A merge only joins, and what has no parent begins a history: neither changes what ran before.
    (one) => isIn(one.committedAt, from, to) && !partOf.has(one.sha) && one.parents.length === 1,
  );
  const places = await changedPlaces(view, [...pulls, ...[...chain.commits.values()].map((one) => one.node)]);
  const ofPull = new Map<string, ChangedPlace[]>();
  for (const [sha, key] of partOf) {
    const commit = chain.commits.get(sha);
    if (commit !== undefined) ofPull.set(key, [...(ofPull.get(key) ?? []), ...(places.get(commit.node.number) ?? [])]);
  }
  const made: Gathered[] = [];
  const base = (node: StoredNode, kind: CauseKind, at: number, own: readonly ChangedPlace[]): Gathered => ({
    key: node.key,
    kind: isOnlyConfiguration(own) ? "config" : kind,
    title: node.name,
    at,
    effectiveAt: at,
    repository,
    url: textOf(node, "url") || null,
    author: textOf(node, "author") || null,
    sha: textOf(node, "sha") || null,
    node: nodeRef(node),
    environment: null,
    state: null,
    deployedBy: null,
    notDeployed: false,
    contains: [],
    details: [],
    places: own,
  });
  for (const pull of pulls) {
    // What the host says of the lines is finer; its commits tell where it says nothing.
    const own = places.get(pull.number) ?? ofPull.get(pull.key) ?? [];
    const sha = merges.get(pull.number) ?? null;
    made.push({ ...base(pull, "pull_request", timeOf(pull, "mergedAt"), own), sha });
  }
  for (const { node, committedAt } of alone)
    made.push(base(node, "commit", committedAt, places.get(node.number) ?? []));
  const own = new Map(made.map((one) => [one.key, one]));
  const keyOfSha = (sha: string): string | undefined => partOf.get(sha) ?? chain.commits.get(sha)?.node.key;
  const sinceOf = new Map<string, StoredNode>();
  for (const deployment of deployments) {
    const environment = textOf(deployment, "environment");
    const before = sinceOf.get(environment);
    const contains = whatItBrought({ deployment, before, chain, made: own, keyOfSha, from });
    sinceOf.set(environment, deployment);
    const state = textOf(deployment, "state") || null;
    const one: Gathered = {
      ...base(deployment, "deployment", timeOf(deployment, "createdAt"), []),
      kind: "deployment",
      environment: environment || null,
      state,
      contains,
    };
    made.push(one);
    for (const key of contains) bring(own.get(key), one);
  }
  // Where deployments are told at all, what none of them brought had not been deployed.
  if (deployments.length > 0)
    for (const one of own.values()) if (one.deployedBy === null) one.notDeployed = chain.commits.has(one.sha ?? "");
  for (const release of releases) made.push(base(release, "release", timeOf(release, "publishedAt"), []));
  return made;
}

const isIn = (at: number, from: number, to: number): boolean => !Number.isNaN(at) && at >= from && at <= to;

const isOnlyConfiguration = (places: readonly ChangedPlace[]): boolean => {
  const paths = places.flatMap((place) => place.path ?? []);
  return paths.length > 0 && paths.every(isConfiguration);
};

/** A change takes effect at the first deployment to production that has it, else at the first of all. */
function bring(change: Gathered | undefined, deployment: Gathered): void {
  if (change === undefined) return;
  const isLive = (one: { environment: string | null }): boolean => /prod|live/i.test(one.environment ?? "");
  if (change.deployedBy !== null && !(isLive(deployment) && !change.deployedBy.live)) return;
  change.deployedBy = { key: deployment.key, title: deployment.title, node: deployment.node, live: isLive(deployment) };
  change.effectiveAt = Math.max(change.at, deployment.at);
}

interface Brought {
  deployment: StoredNode;
  /** The deployment to the same place before it. */
  before: StoredNode | undefined;
  chain: CommitChain;
  made: ReadonlyMap<string, Gathered>;
  keyOfSha(this: void, sha: string): string | undefined;
  from: number;
}

/** By commits where they are known, else what was merged since the deployment before. */
function whatItBrought({ deployment, before, chain, made, keyOfSha, from }: Brought): string[] {
  const brought = broughtBy(chain, textOf(deployment, "sha"), before === undefined ? null : textOf(before, "sha"));
  const keys = new Set<string>();
  if (brought !== null) {
    for (const sha of brought) {
      const key = keyOfSha(sha);
      if (key !== undefined && made.has(key)) keys.add(key);
    }
    return [...keys].sort();
  }
  const at = timeOf(deployment, "createdAt");
  const last = before === undefined ? from : timeOf(before, "createdAt");
  for (const one of made.values()) if (one.at > last && one.at <= at) keys.add(one.key);
  return [...keys].sort();
}

async function mergeCommits(view: GraphView, pulls: readonly StoredNode[]): Promise<Map<number, string>> {
  const { found } = await joined(
    view,
    pulls.map((pull) => pull.number),
    { forward: true, edges: ["CONTAINS"], ends: ["Commit"], most: mostEdges },
  );
  return new Map(found.map(({ from, end }) => [from, textOf(end, "sha") || (end.key.split("#")[1] ?? "")]));
}

const symbolTypes: readonly NodeType[] = ["Class", "Interface", "Function", "Method", "Variable"];

async function changedPlaces(view: GraphView, changes: readonly StoredNode[]): Promise<Map<number, ChangedPlace[]>> {
  const { found } = await joined(
    view,
    changes.map((change) => change.number),
    { forward: true, edges: ["CHANGES"], ends: ["File", ...symbolTypes], most: mostEdges },
  );
  const places = new Map<number, ChangedPlace[]>();
  for (const { from, end, edge } of found) {
    const [, path = null, symbol = null] = end.key.split("#");
    const { lines } = edge.props;
    const place: ChangedPlace = {
      key: end.key,
      name: end.name,
      number: end.number,
      path,
      symbol: end.type === "File" ? null : symbol,
      lines: Array.isArray(lines) ? lines.filter((pair): pair is [number, number] => isPair(pair)) : [],
    };
    places.set(from, [...(places.get(from) ?? []), place]);
  }
  for (const list of places.values()) list.sort((a, b) => (a.key < b.key ? -1 : 1));
  return places;
}

const isPair = (value: unknown): boolean =>
  Array.isArray(value) && typeof value[0] === "number" && typeof value[1] === "number";

/** Of what runs: when something near was made or changed, as far as its source tells. */
export function topologyChange(node: StoredNode, from: number, to: number): Gathered | null {
  for (const [name, words] of [
    ["updatedAt", "changed"],
    ["startedAt", "started"],
    ["createdAt", "was made"],
  ] as const) {
    const at = timeOf(node, name);
    if (!isIn(at, from, to)) continue;
    return {
      key: node.key,
      kind: "topology",
      title: `${node.type} ${node.name} ${words}`,
      at,
      effectiveAt: at,
      repository: null,
      url: textOf(node, "url") || null,
      author: null,
      sha: null,
      node: nodeRef(node) satisfies NodeRef,
      environment: null,
      state: null,
      deployedBy: null,
      notDeployed: false,
      contains: [],
      details: [],
      places: [{ key: node.key, name: node.name, number: node.number, path: null, symbol: null, lines: [] }],
    };
  }
  return null;
}
