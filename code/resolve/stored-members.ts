// Members as they were put into an object, and how a function that is read from one gets its receiver.
import { visible } from "./containers.ts";
import { type FunctionValue, join, noArgs, none, type Value, type Values } from "./values.ts";
import type { Place } from "./place.ts";
import type { World } from "./world.ts";

/** Languages keep the setter of `name` under `name=`, which nothing in a source is called. */
export const isSetter = (name: string): boolean => name.charCodeAt(name.length - 1) === 61;

/** What was stored under a key of an object that has no literal. */
export function stores(w: World, object: Value, name: string, place: Place): Values {
  const own = w.heap.at(object, name);
  if (own.length === 0) return none;
  let out: Values = none;
  const seen = visible(own, place);
  for (let i = 0; i < seen.length; i++) out = join(out, w.thunk(seen[i]!));
  return out;
}

/** JS: functions read from an object get it as their `this`; getters run, where it is known from where they are read. */
export function bindAll(w: World, values: Values, self: Value, place: Place | null = null): Values {
  if (!values.some((value) => value.is === "function" && value.self === null)) return values;
  let out: Values = none;
  for (const value of values) {
    const bound = value.is === "function" && value.self === null ? value.file.scope(value.scope).bound : "arrow";
    if (value.is !== "function" || bound === "arrow") out = join(out, [value]);
    else if (bound === "getter" && place !== null) out = join(out, run(w, value, self, place));
    else out = join(out, [w.values.function(value.file, value.scope, value.env, self)]);
  }
  return out;
}

export const run = (w: World, fn: FunctionValue, self: Value, place: Place): Values =>
  w.resultOf(w.frameFor(w.values.function(fn.file, fn.scope, fn.env, self), noArgs, place));
