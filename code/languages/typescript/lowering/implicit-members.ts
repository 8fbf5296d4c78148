// Members that run without being called: getters and setters the file declares, and listeners of events by the event's name.
import type { Expr } from "../../../ir.ts";
import { addCall, type Context, store } from "./context.ts";

/** Accessors that a source declares, by name: nothing is asked of the members of a file that declares none. */
export interface Accessors {
  readonly getters: ReadonlySet<string>;
  readonly setters: ReadonlySet<string>;
  /** Is there a `next` that iterating may run? */
  readonly steps: boolean;
}

export function accessorsOf(source: string): Accessors {
  const getters = new Set<string>();
  const setters = new Set<string>();
  for (const [, kind, name = ""] of source.matchAll(/\b([gs])et[ \t]+([\w$]+)[ \t]*\(/g)) {
    (kind === "g" ? getters : setters).add(name);
  }
  return { getters, setters, steps: /\bnext\s*(?:\(|:|=\s)/.test(source) };
}

/** The name under which an object or a class keeps the setter of a member: no other name looks so. */
export const setterName = (member: string): string => `${member}=`;

/** `object.name = value` runs the member's setter. */
export function runSetter(cx: Context, object: Expr, name: string, value: Expr, start: number): void {
  if (cx.accessors.setters.has(name)) addCall(cx, ["a", object, setterName(name)], [value], start, "implicit");
}

/** `for (… of iterable)` runs the iterable's iterator, and the `next` that the file declares for one. */
export function runIterator(cx: Context, iterable: Expr, async: boolean, start: number): void {
  const name = async ? "[Symbol.asyncIterator]" : "[Symbol.iterator]";
  const call = addCall(cx, ["a", iterable, name], [], start, "implicit");
  if (cx.accessors.steps) addCall(cx, ["a", ["c", call], "next"], [], start, "implicit");
}

const registering = new Set(["on", "once", "addListener", "prependListener", "prependOnceListener"]);

/** `emitter.on("x", f)` keeps f for `emitter.emit("x", …)`, which calls it. */
export function noteEvent(cx: Context, f: Expr, a: readonly Expr[], at: number, start: number): void {
  if (f[0] !== "a" || a[0]?.[0] !== "s") return;
  const emits = f[2] === "emit";
  if (!emits && (!registering.has(f[2]) || a[1] === undefined)) return;
  const key = `{on ${a[0][1]}}`;
  const listeners: Expr = ["a", f[1], key];
  if (emits) addCall(cx, listeners, a.slice(1), start, "implicit");
  else store(cx, f[1], key, ["u", [listeners, a[1]!]], at, start);
}
