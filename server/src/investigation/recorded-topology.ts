// What the graph's change log says of the time around an incident: each manifest's and each source's changes as one, told with the commit
// that made them where that is known.
import type { NodeType } from "@opentrace/contract/graph.ts";
import { repositoryPart } from "../delivery/places.ts";
import { parsePublicId } from "../graph/node-id.ts";
import { readTopologyChanges, type RecordedChange } from "../graph/topology-changes.ts";
import type { GraphView } from "../graph/view.ts";
import type { Gathered } from "./gather-changes.ts";
import type { ChangedPlace } from "./ranking.ts";

interface Asked {
  from: number;
  to: number;
  onset: number;
  /** Nodes that are near what is affected. */
  isNear(this: void, node: number): boolean;
  repositories: ReadonlySet<string>;
}

const mostRead = 2_000;
const mostWords = 8;
/** Who owns what and which pipelines there are brings nothing down; it is told by the change log itself. */
const noCause: ReadonlySet<NodeType> = new Set(["Team", "Person", "Pipeline"]);
const noCauseEdges: ReadonlySet<string> = new Set(["OWNS", "SAME_AS", "MONITORS", "BUILDS"]);
/** Of these the one that begins the relationship has changed, not the one that it leads to. */
const oneSided: ReadonlySet<string> = new Set(["DEPENDS_ON"]);

/** Adds what is told by a change that is known to that change; returns the others as changes of their own. */
export async function addRecordedTopology(
  view: GraphView,
  changes: readonly Gathered[],
  { from, to, onset, isNear, repositories }: Asked,
): Promise<{ changes: Gathered[]; own: Gathered[]; left: string[] }> {
  const { changes: rows, next } = await readTopologyChanges(view, {
    since: from,
    until: to,
    limit: mostRead,
    keep: (ends, source) => repositories.has(repositoryPart(source) ?? "") || ends.some(isNear),
  });
  const left = next === null ? [] : [`Only the last ${mostRead} changes of the topology were looked at.`];
  const wanted = rows.filter(
    (row) => !noCause.has(row.node.type) && (row.edge === null || !noCauseEdges.has(row.edge)),
  );
  const names = await sourceNames(view, new Set(wanted.map((row) => row.source)));
  const told = new Map<string, Gathered>();
  const own: Gathered[] = [];
  for (const group of Map.groupBy(wanted, (row) => `${row.source}#${row.scope}@${row.version}`)) {
    const [id, all] = group;
    const one = once(all);
    const culprit = commitOf(changes, one[0]!);
    if (culprit === null) own.push(toChange(id, one, { onset, name: names.get(one[0]!.source) ?? null }));
    else {
      const before = told.get(culprit.key) ?? culprit;
      told.set(culprit.key, {
        ...before,
        details: [...before.details, ...one.map((row) => row.words)].slice(0, mostWords),
        places: [...before.places, ...placesOf(one, true)],
      });
    }
  }
  return { changes: changes.map((change) => told.get(change.key) ?? change), own, left };
}

/** A manifest at the root states what its package and its repository depend on: that is said once, of the package. */
function once(rows: readonly RecordedChange[]): RecordedChange[] {
  const packages = new Set(rows.filter((row) => row.node.type === "Package").map((row) => row.other?.key ?? null));
  return rows.filter(
    (row) => row.edge !== "DEPENDS_ON" || row.node.type !== "Repository" || !packages.has(row.other?.key ?? null),
  );
}

/** Newest change that was made before this was seen, and changes the manifest that tells of it. */
function commitOf(changes: readonly Gathered[], row: RecordedChange): Gathered | null {
  const repository = repositoryPart(row.source);
  const path = /^manifest:(.+)$/s.exec(row.scope)?.[1];
  if (repository === null || path === undefined) return null;
  const made = changes.filter(
    (one) =>
      one.repository === repository &&
      one.kind !== "deployment" &&
      one.at <= row.seenAt &&
      one.places.some((place) => place.path === path && place.symbol === null),
  );
  return made.reduce<Gathered | null>((best, one) => (best === null || one.at > best.at ? one : best), null);
}

/** `alsoOther`: what a manifest names is changed by the commit, whoever depends on it. */
function placesOf(rows: readonly RecordedChange[], alsoOther: boolean): ChangedPlace[] {
  const places = new Map<string, ChangedPlace>();
  for (const { node, edge, other } of rows)
    for (const end of [node, other]) {
      if (end === null || (end === other && !alsoOther && oneSided.has(edge ?? ""))) continue;
      const { key, name } = end;
      places.set(key, { key, name, number: parsePublicId(end.id), path: null, symbol: null, lines: [] });
    }
  return [...places.values()];
}

function toChange(
  id: string,
  rows: readonly RecordedChange[],
  { onset, name }: { onset: number; name: string | null },
): Gathered {
  const [first] = rows as [RecordedChange];
  const { seenAt, seenAfter } = first;
  const more = rows.length - 1;
  const mayBeBefore = seenAfter < onset && onset < seenAt;
  return {
    key: `topology:${id}`,
    kind: first.scope.startsWith("manifest:") ? "config" : "topology",
    title: more === 0 ? first.words : `${first.words}, and ${more} more change${more === 1 ? "" : "s"}`,
    at: seenAt,
    // Somewhere between two readings with the onset among them: half way of what lies before it.
    effectiveAt: mayBeBefore ? Math.round((seenAfter + onset) / 2) : seenAt,
    repository: repositoryPart(first.source),
    url: null,
    author: null,
    sha: null,
    node: first.node,
    environment: null,
    state: null,
    deployedBy: null,
    notDeployed: false,
    contains: [],
    details: [
      ...(more === 0 ? [] : rows.slice(0, mostWords).map((row) => row.words)),
      `Seen when ${name ?? first.source} was read; it happened after ${new Date(seenAfter).toISOString().slice(0, 16).replace("T", " ")} UTC`,
    ],
    places: placesOf(rows, false),
  };
}

async function sourceNames(view: GraphView, sources: ReadonlySet<string>): Promise<Map<string, string>> {
  const rows = await view.db
    .selectFrom("sources")
    .select(["source", "name"])
    .where("workspace", "=", view.workspace)
    .where(view.engine.isAnyOf("source", "text", [...sources]))
    .execute();
  return new Map(rows.map((row) => [row.source, row.name]));
}
