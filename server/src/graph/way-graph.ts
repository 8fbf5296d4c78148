// What a search for ways walks on: the snapshot in memory, its nodes as small numbers ("places"), so that what is noted of them fits in
// arrays. From the store, level by level, the same search would hold up the server a hundred times as long.
import { placeOf, type SharedCsr } from "./snapshot/csr.ts";
import type { GraphView } from "./view.ts";

export interface WayGraph {
  /** Places are below this. */
  readonly size: number;
  /** `size` - 1 for a node that is not in the graph: a place without edges. */
  placeOf(id: number): number;
  idOf(place: number): number;
  /** -1 for a node that is not in the graph. */
  typeOf(place: number): number;
  /** Edges in both directions. */
  degreeOf(place: number): number;
  forEachEdge(place: number, forward: boolean, visit: (other: number, type: number) => void): void;
}

/** While the graph is written the snapshot may lag some seconds behind, if it holds both ends; without one it is built first. */
export async function openWayGraph(view: GraphView, ends: readonly number[]): Promise<WayGraph> {
  const { worker, workspace, version, signal } = view;
  const last = worker.csrOf(workspace, version) ?? worker.lastCsrOf(workspace);
  const isThere = last !== null && ends.every((id) => placeOf(last.ids, id) >= 0);
  return wayGraphOf(isThere ? last : await worker.ask("csr", { workspace }, signal));
}

function wayGraphOf({ ids, types, outgoing, incoming }: SharedCsr): WayGraph {
  const degree = ({ starts }: { starts: Uint32Array }, place: number): number =>
    place < ids.length ? starts[place + 1]! - starts[place]! : 0;
  return {
    size: ids.length + 1,
    placeOf(id) {
      const place = placeOf(ids, id);
      return place < 0 ? ids.length : place;
    },
    idOf: (place) => ids[place] ?? -1,
    typeOf: (place) => types[place] ?? -1,
    degreeOf: (place) => degree(outgoing, place) + degree(incoming, place),
    forEachEdge(place, forward, visit) {
      if (place >= ids.length) return;
      const rows = forward ? outgoing : incoming;
      const end = rows.starts[place + 1]!;
      for (let edge = rows.starts[place]!; edge < end; edge++) visit(rows.ends[edge]!, rows.types[edge]!);
    },
  };
}
