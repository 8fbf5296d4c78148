// Which of several assignments to one thing may have been the last one when it is read.
import type { ScopeIr } from "../ir.ts";

export interface Placed {
  readonly at: number;
  /** Region of the scope it stands in. */
  readonly r: number;
}

type Regions = ScopeIr["regions"];

const parentOf = (regions: Regions, region: number): number => regions?.[region]?.[0] ?? -1;
const groupOf = (regions: Regions, region: number): number => regions?.[region]?.[1] ?? 0;

/** Is `outer` the region `inner` or around it? What happened in it has then happened whenever `inner` runs. */
function encloses(regions: Regions, outer: number, inner: number): boolean {
  if (outer === 0) return true;
  for (let at = inner; at > 0; at = parentOf(regions, at)) if (at === outer) return true;
  return false;
}

/** Branches of one if / else (or try / switch): never both run. */
function excludes(regions: Regions, a: number, b: number): boolean {
  if (a === b || a === 0 || b === 0) return false;
  for (let x = a; x > 0; x = parentOf(regions, x)) {
    const group = groupOf(regions, x);
    if (group <= 0) continue;
    for (let y = b; y > 0; y = parentOf(regions, y)) {
      if (x !== y && groupOf(regions, y) === group && parentOf(regions, x) === parentOf(regions, y)) return true;
    }
  }
  return false;
}

/** The innermost loop body around a region, -1 if none. */
function loopAround(regions: Regions, region: number): number {
  let outermost = -1;
  for (let at = region; at > 0; at = parentOf(regions, at)) if (groupOf(regions, at) === -1) outermost = at;
  return outermost;
}

export interface Reach<T> {
  items: T[];
  /** False if the thing may have been read before any of them. */
  definite: boolean;
}

/** `items` in source order. `at` Infinity = when the scope has run to its end. `exact` = this one replaces what was there before. */
export function reaching<T extends Placed>(
  items: readonly T[],
  at: number,
  region: number,
  regions: Regions,
  exact?: (item: T) => boolean,
): Reach<T> {
  const found: T[] = [];
  let definite = false;
  const loop = loopAround(regions, region);
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i]!;
    if (item.at >= at && at !== Infinity) {
      // Later in the text, yet earlier in time when a loop runs again.
      if (loop > 0 && encloses(regions, loop, item.r)) found.push(item);
      continue;
    }
    if (definite || excludes(regions, item.r, region)) continue;
    found.push(item);
    if ((exact === undefined || exact(item)) && encloses(regions, item.r, region)) definite = true;
  }
  return { items: found.length < 2 ? found : found.toReversed(), definite };
}

/**
 * What a function defined at `from` may see of its surroundings: what was the case then, and all that is assigned later. `quiet` says
 * that nothing ran between two places, so that nobody can have seen what was overwritten in between.
 */
export function reachingFrom<T extends Placed>(
  items: readonly T[],
  from: number,
  region: number,
  regions: Regions,
  quiet: (from: number, to: number) => boolean,
): Reach<T> {
  const before = reaching(items, from, region, regions);
  const later = items.filter((item) => item.at >= from && !before.items.includes(item));
  let all = [...before.items, ...later];
  for (let i = all.length - 1; i > 0; i--) {
    const item = all[i]!;
    if (item.r !== 0 || !quiet(from, item.at)) continue;
    all = all.slice(i);
    return { items: all, definite: true };
  }
  return { items: all, definite: before.definite };
}
