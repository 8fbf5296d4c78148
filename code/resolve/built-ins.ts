// What the built-ins of every language do with their arguments: read them, put something into an object, make a list.
import { restBox } from "./call-frames.ts";
import { iterate } from "./containers.ts";
import type { Place } from "./place.ts";
import { type BoxValue, type CallArgs, join, none, type Value, type Values } from "./values.ts";
import type { World } from "./world.ts";

/** What a built-in is given first; of an unknown number of arguments, any of them. */
export const first = (args: CallArgs): Values => args.positional[0] ?? args.rest;
export const second = (args: CallArgs): Values => args.positional[1] ?? args.rest;
const isFresh = (value: Value, place: Place): boolean =>
  value.is === "box" && value.literal === null && value.key.startsWith(`${place.key}:`);

/** A built-in puts something into an object. */
export function put(w: World, object: Value, key: string, values: Values, place: Place, replaces = false): void {
  if (values.length === 0) return;
  w.heap.put(object, key, {
    expr: null,
    type: false,
    values,
    frame: place.frame,
    scope: place.scope,
    // A built-in has done it by the time its call is over; in a box that it makes itself, nothing comes before.
    at: isFresh(object, place) ? -1 : place.at - 0.5,
    r: isFresh(object, place) ? 0 : place.r,
    replaces,
  });
}

/** What a built-in makes at a place; `tag` tells several of one call apart. */
export function makeBox(w: World, shape: BoxValue["shape"], place: Place, tag: string): BoxValue {
  return w.values.box(`${place.key}:${tag}`, {
    shape,
    literal: null,
    frame: place.frame,
    scope: place.scope,
    at: place.at,
    region: place.r,
  });
}

export const listOf = (w: World, items: Values, place: Place, tag: string): Values => [
  restBox(w, [], items, place, tag),
];

export function iterateAll(w: World, values: Values, place: Place): Values {
  let out: Values = none;
  for (const value of values) out = join(out, iterate(w, value, place));
  return out;
}
