// Which functions are gone into for what their callers give them: calls that differ in one argument alone are followed together.
import { cellsOf } from "./containers.ts";
import type { Frame } from "./frames.ts";
import { setKey, type Value } from "./values.ts";
import type { World } from "./world.ts";

/** Calls of one function that are followed together, and what they hand over in all: of too many values nothing is known. */
const maxTogether = 8;
const maxHanded = 16;

/** What in the resolved file led into a function: the line of a call; of what several calls handed over, each its own. */
export interface Claim {
  readonly line: number;
  /** By scope of the function or class that was handed over. */
  readonly lines: ReadonlyMap<number, number>;
}

export interface Followed {
  readonly frame: Frame;
  readonly claim: Claim;
}

export const noLines: ReadonlyMap<number, number> = new Map();

/** The line that handed a function or class over, if it is of the resolved file. */
export const lineFor = (w: World, claim: Claim, callee: Value): number =>
  (callee.is === "function" || callee.is === "class") && callee.file === w.own
    ? (claim.lines.get(callee.scope) ?? claim.line)
    : claim.line;

/** Frames of one function on one receiver that differ in one parameter alone are gone into once, with all that it is given. */
export function together(w: World, queue: readonly Followed[]): Followed[] {
  const groups = new Map<string, { calls: Followed[]; handed: number }>();
  const out: (Followed | Followed[])[] = [];
  for (const one of queue) {
    const { frame } = one;
    if (frame.params.size === 0 || frame.file === w.own) {
      out.push(one);
      continue;
    }
    const varying = varyingOf(frame);
    let key = `${frame.file.path}:${frame.scope}:${frame.parent?.id}:${frame.self?.id}:${varying}`;
    for (const [name, values] of frame.params) if (name !== varying) key += `;${name}=${setKey(values)}`;
    let group = groups.get(key);
    const handed = Math.max(1, one.claim.lines.size, frame.params.get(varying)?.length ?? 0);
    if (group === undefined || group.calls.length >= maxTogether || group.handed + handed > maxHanded) {
      groups.set(key, (group = { calls: [], handed: 0 }));
      out.push(group.calls);
    }
    group.calls.push(one);
    group.handed += handed;
  }
  return out.map((one) => (Array.isArray(one) ? (one.length === 1 ? one[0]! : merged(w, one)) : one));
}

/** The parameter by which calls of a function mostly differ: the last that is given a function, else the last. */
function varyingOf(frame: Frame): string {
  let varying = "";
  let isCalled = false;
  for (const [name, values] of frame.params) {
    const calls = values.some((value) => value.is === "function");
    if (isCalled && !calls) continue;
    varying = name;
    isCalled = calls;
  }
  return varying;
}

function merged(w: World, group: readonly Followed[]): Followed {
  const { frame, claim } = group[0]!;
  const varying = varyingOf(frame);
  const lines = new Map<number, number>();
  const all = new Set<Value>();
  for (const one of group) {
    for (const [scope, line] of one.claim.lines) if (!lines.has(scope)) lines.set(scope, line);
    for (const value of one.frame.params.get(varying) ?? []) {
      all.add(value);
      noteLines(w, value, one.claim.line, lines, 0);
    }
  }
  const params = new Map(frame.params).set(varying, [...all]);
  return {
    frame: w.frames.get(frame.file, frame.scope, frame.parent, frame.self, params, frame.depth, true),
    claim: { line: claim.line, lines },
  };
}

/** The functions and classes of the resolved file that a value is or holds are claimed by the line that handed it over. */
function noteLines(w: World, value: Value, line: number, lines: Map<number, number>, depth: number): void {
  if ((value.is === "function" || value.is === "class") && value.file === w.own) {
    if (!lines.has(value.scope)) lines.set(value.scope, line);
  } else if (value.is === "box" && depth < 2) {
    for (const one of cellsOf(w, value, null, null)) noteLines(w, one, line, lines, depth + 1);
  }
}
