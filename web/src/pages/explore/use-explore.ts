// The explorer's state: read from the address, changed by going to another address, with undo and redo of the canvas.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useRef, useState } from "react";
import { type Arrangement, emptyHistory, redo, remember, undo } from "../../graph/history.ts";
import { type ExploreState, exploreSearch, parseExplore } from "./url.ts";

export interface Explore {
  state: ExploreState;
  /** What changes the canvas or the view is a step that the back button takes back; a selection or filter is not. */
  change: (part: Partial<ExploreState>) => void;
  undo: (() => void) | null;
  redo: (() => void) | null;
}

const steps: readonly (keyof ExploreState)[] = [
  "open",
  "trail",
  "hide",
  "view",
  "from",
  "to",
  "by",
  "of",
  "path",
  "lines",
  "diff",
  "type",
];
const arranging: readonly (keyof Arrangement)[] = ["open", "trail", "hide", "pin"];

export function useExplore(): Explore {
  const search = useSearch({ from: "/explore" });
  const navigate = useNavigate();
  const state = useMemo(() => parseExplore(search), [search]);
  const [history, setHistory] = useState(emptyHistory);
  // Several changes can come before React shows the first: each builds on the one before.
  const latest = useRef(state);
  latest.current = state;
  const go = useCallback(
    (next: ExploreState, push: boolean): void => {
      latest.current = next;
      void navigate({ to: "/explore", search: exploreSearch(next), replace: !push, resetScroll: false });
    },
    [navigate],
  );
  const change = useCallback(
    (part: Partial<ExploreState>): void => {
      const now = latest.current;
      if (arranging.some((name) => name in part)) setHistory((before) => remember(before, now));
      go(
        { ...now, ...part },
        steps.some((name) => name in part),
      );
    },
    [go],
  );
  const step = (move: typeof undo): (() => void) | null => {
    const moved = move(history, state);
    if (!moved) return null;
    return () => {
      setHistory(moved.history);
      go({ ...latest.current, ...moved.to }, true);
    };
  };
  return { state, change, undo: step(undo), redo: step(redo) };
}
