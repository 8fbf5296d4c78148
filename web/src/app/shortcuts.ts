// Keyboard shortcuts: single keys ("?"), sequences ("g e") and chords ("mod+k"). Not while typing, except for chords.
import { useLayoutEffect, useRef } from "react";

export type Shortcuts = Record<string, () => void>;

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** The name of a pressed key as shortcuts spell it, given the key before it (within a second). */
export function pressed(
  event: Pick<KeyboardEvent, "key" | "metaKey" | "ctrlKey" | "altKey" | "shiftKey">,
  before: string | null,
): string[] {
  const lower = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.metaKey || event.ctrlKey) return [`mod+${event.shiftKey ? "shift+" : ""}${lower}`];
  // By the shift key, not by the letter: caps lock must not turn "u" into "U".
  const key = event.shiftKey && event.key.length === 1 ? event.key.toUpperCase() : lower;
  if (event.altKey) return [];
  return before === null ? [key] : [`${before} ${key}`, key];
}

export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts);
  current.current = shortcuts;
  // With the page's first paint, not after it: whoever sees the page can press a key.
  useLayoutEffect(() => {
    let before: { key: string; at: number } | null = null;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const recent = before !== null && event.timeStamp - before.at < 1000 ? before.key : null;
      const names = pressed(event, recent);
      if (typing(event.target) && !names.some((name) => name.startsWith("mod+"))) return;
      // Keys belong to an open dialog or menu, but the palette's own chord closes it again.
      const modal = document.querySelector('[role="dialog"],[role="menu"]') !== null;
      const name = names.find((each) => current.current[each] !== undefined && (!modal || each === "mod+k"));
      before =
        name === undefined && event.key.length === 1 ? { key: event.key.toLowerCase(), at: event.timeStamp } : null;
      if (name === undefined) return;
      event.preventDefault();
      current.current[name]?.();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

/** Shortcuts that were pressed before the app was there (public/early-keys.js keeps them); from here on it listens itself. */
export function takeEarlyKeys(): string | undefined {
  const { keys } = document.documentElement.dataset;
  document.documentElement.dataset.keys = "app";
  return keys === "app" ? undefined : keys;
}
