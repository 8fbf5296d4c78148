// Points in time, relative to now, with the absolute time one hover (or focus) away.
import { useSyncExternalStore } from "react";
import { durationText, relativeTime } from "./time-text.ts";

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 10_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

export function Time({ at }: { at: string }) {
  const current = useSyncExternalStore(subscribe, () => now);
  const date = new Date(at);
  return (
    <time dateTime={at} title={date.toLocaleString()} className="whitespace-nowrap tabular-nums">
      {relativeTime(date.getTime(), Math.max(current, Date.now()))}
    </time>
  );
}

/** Relative and absolute side by side, where there is room for both. */
export function FullTime({ at }: { at: string }) {
  return (
    <span className="whitespace-nowrap">
      <Time at={at} />
      <span className="ml-1.5 text-faint tabular-nums">{new Date(at).toLocaleString()}</span>
    </span>
  );
}

export function Duration({ from, to }: { from: string; to: string }) {
  return <span className="tabular-nums">{durationText((Date.parse(to) - Date.parse(from)) / 1000)}</span>;
}
