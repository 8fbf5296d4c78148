// Undo and redo of what is on the canvas. Pure: the page holds the value.
import type { ExploreState } from "../pages/explore/url.ts";

/** The part of the explorer's state that undo brings back: not the selection, the tab or the view. */
export type Arrangement = Pick<ExploreState, "open" | "trail" | "hide" | "pin">;

export interface History {
  past: Arrangement[];
  future: Arrangement[];
}

export const emptyHistory: History = { past: [], future: [] };
const most = 100;

export const arrangementOf = ({ open, trail, hide, pin }: Arrangement): Arrangement => ({ open, trail, hide, pin });

export const remember = (history: History, now: Arrangement): History => ({
  past: [...history.past, arrangementOf(now)].slice(-most),
  future: [],
});

export function undo(history: History, now: Arrangement): { history: History; to: Arrangement } | null {
  const to = history.past.at(-1);
  if (!to) return null;
  return { history: { past: history.past.slice(0, -1), future: [arrangementOf(now), ...history.future] }, to };
}

export function redo(history: History, now: Arrangement): { history: History; to: Arrangement } | null {
  const [to, ...future] = history.future;
  if (!to) return null;
  return { history: { past: [...history.past, arrangementOf(now)], future }, to };
}
