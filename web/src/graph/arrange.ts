// What a person does to the canvas, as pure changes of its state.
import { type ExploreState, firstNeighbors, mostNeighbors, selectedEdge } from "../pages/explore/url.ts";

export const moreStep = 24;

/** Opens a node's neighbourhood; of one that is open, shows more. */
export function openNode(state: ExploreState, id: string): Partial<ExploreState> {
  const known = state.open.find((each) => each.id === id);
  if (known && known.count > 0) return showMore(state, id);
  return {
    open: [...state.open.filter((each) => each.id !== id), { id, count: firstNeighbors }],
    hide: state.hide.filter((each) => each !== id),
    select: id,
  };
}

export function showMore(state: ExploreState, id: string, by = moreStep): Partial<ExploreState> {
  return {
    open: state.open.map((each) => (each.id === id ? { id, count: Math.min(mostNeighbors, each.count + by) } : each)),
  };
}

/** Closes a neighbourhood; the node itself stays while something else shows it. */
export const closeNode = (state: ExploreState, id: string): Partial<ExploreState> => ({
  open: state.open.filter((each) => each.id !== id),
});

export function hideNode(state: ExploreState, id: string): Partial<ExploreState> {
  const edge = selectedEdge(state.select);
  const selected = state.select === id || edge?.from === id || edge?.to === id;
  return {
    open: state.open.filter((each) => each.id !== id),
    pin: state.pin.filter((each) => each !== id),
    hide: [...new Set([...state.hide, id])],
    ...(selected ? { select: null } : {}),
  };
}

export const togglePin = (state: ExploreState, id: string): Partial<ExploreState> => ({
  pin: state.pin.includes(id) ? state.pin.filter((each) => each !== id) : [...state.pin, id],
});
