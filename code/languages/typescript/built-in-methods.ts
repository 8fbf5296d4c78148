// The methods of JavaScript's arrays, maps, promises, functions and of Object, as far as functions move through them.
import { restBox } from "../../resolve/call-frames.ts";
import { first, iterateAll, listOf, makeBox, put, second } from "../../resolve/built-ins.ts";
import { cellsOf, iterate, orderedItems, orderedList, sliceOf } from "../../resolve/containers.ts";
import { member } from "../../resolve/members.ts";
import { thrownIn } from "../../resolve/thrown.ts";
import { anyKey, appended } from "../../resolve/heap.ts";
import { type Place, placeWith } from "../../resolve/place.ts";
import {
  type BoxValue,
  type CallArgs,
  join,
  noArgs,
  none,
  type Value,
  type Values,
  withPositional,
} from "../../resolve/values.ts";
import type { World } from "../../resolve/world.ts";

/** Array methods that call their first argument with an element. */
const visitors = new Set(
  "forEach map filter find findIndex findLast findLastIndex some every flatMap sort toSorted reduce reduceRight".split(
    " ",
  ),
);
/** Array methods that give a list of the same elements. */
const same = new Set("filter slice splice sort toSorted toSpliced fill copyWithin values".split(" "));
/** Promises that follow on each other, from a rejection to its `catch`. */
const maxLinks = 8;
/** Lists of at most so many items are mapped one by one, so that their places are known. */
const maxOrdered = 8;
export const give = (...positional: Values[]): CallArgs => ({ ...noArgs, positional });

export const isBox = (value: Value): value is BoxValue => value.is === "box";

/** Where a promise keeps what it is rejected with: it does not settle with it. */
const rejectionsOf = (w: World, promise: BoxValue, place: Place): BoxValue =>
  w.values.box(`${promise.key}!`, {
    shape: "list",
    literal: null,
    frame: promise.frame,
    scope: promise.scope,
    at: place.at,
    region: place.r,
  });

export function reject(w: World, promise: BoxValue, values: Values, place: Place): void {
  if (promise.key !== "" && values.length > 0) put(w, rejectionsOf(w, promise, place), anyKey, values, place);
}

/** What the `catch` of a promise is given: what it, or one that it followed on, was rejected with, and what its function throws. */
function rejections(w: World, self: Value, place: Place, links = 0): Values {
  if (!isBox(self) || self.shape !== "promise" || self.key === "" || links > maxLinks) return none;
  let out: Values = none;
  for (const value of cellsOf(w, rejectionsOf(w, self, place), null, null)) {
    const isLink = isBox(value) && value.shape === "promise";
    out = join(out, isLink ? rejections(w, value, place, links + 1) : [value]);
  }
  const isCall = self.frame !== null && self.key === `${self.frame.id}:promise`;
  return isCall ? join(out, thrownIn(w, self.frame)) : out;
}

export function promiseOf(w: World, values: Values, place: Place, tag: string): Values {
  const box = makeBox(w, "promise", place, tag);
  put(w, box, anyKey, w.settle(values, place), place);
  return [box];
}

/** Own keys of an object literal and what was stored in it. */
function entries(w: World, box: BoxValue): [string, Values][] {
  const keys = new Set<string>();
  if (box.literal?.[0] === "o") for (const [key] of box.literal[1]) if (key !== null) keys.add(key);
  for (const key of w.heap.all(box).keys())
    if (key !== anyKey && key !== appended && key !== "__proto__") keys.add(key);
  const out: [string, Values][] = [...keys].map((key) => [key, cellsOf(w, box, key, null)]);
  const open = cellsOf(w, box, anyKey, null);
  if (open.length > 0) out.push([anyKey, open]);
  return out;
}

function copyInto(w: World, target: Value, sources: readonly Values[], place: Place): void {
  for (const values of sources) {
    for (const source of values) {
      if (!isBox(source) || source === target) continue;
      for (const [key, held] of entries(w, source)) put(w, target, key, held, place, key !== anyKey);
    }
  }
}

export function arrayMethod(w: World, box: BoxValue, name: string, args: CallArgs, place: Place): Values {
  const items = (): Values => cellsOf(w, box, null, null);
  switch (name) {
    case "push":
    case "unshift":
      for (const values of args.positional) put(w, box, appended, values, place);
      put(w, box, appended, args.rest, place);
      return none;
    case "splice":
      for (const values of args.positional.slice(2)) put(w, box, appended, values, place);
      return [box];
    case "fill":
      put(w, box, anyKey, first(args), place);
      return [box];
    case "pop":
      return box.literal?.[0] === "l" && w.heap.all(box).size === 0 && box.literal[1].length > 0
        ? cellsOf(w, box, `#${box.literal[1].length - 1}`, place)
        : items();
    case "shift":
      return box.literal?.[0] === "l" && w.heap.all(box).size === 0 ? cellsOf(w, box, "#0", place) : items();
    case "at": {
      const index = first(args)[0];
      return index?.is === "number" ? cellsOf(w, box, `#${index.value}`, place) : items();
    }
    case "join":
    case "includes":
    case "indexOf":
      return none;
    case "entries":
      return listOf(w, [restBox(w, [none, items()], none, place, "entry")], place, "entries");
    case "flat": {
      let out: Values = none;
      for (const value of items())
        out = join(out, isBox(value) && value.shape === "list" ? iterate(w, value, place) : [value]);
      return listOf(w, out, place, name);
    }
    case "with":
      return listOf(w, join(items(), second(args)), place, name);
    case "slice": {
      const bounds = args.positional.map(([bound]) => (bound?.is === "number" ? String(bound.value) : null));
      if (bounds.includes(null)) break;
      return [sliceOf(w, box, `${bounds[0] ?? ""}:${bounds[1] ?? ""}`, place)];
    }
    case "reverse":
    case "toReversed": {
      const ordered = orderedItems(w, box, place);
      return ordered === null ? listOf(w, items(), place, name) : [orderedList(w, ordered.toReversed(), place, name)];
    }
    case "concat": {
      let out = items();
      for (const values of args.positional) {
        for (const value of values)
          out = join(out, isBox(value) && value.shape === "list" ? iterate(w, value, place) : [value]);
      }
      return listOf(w, out, place, name);
    }
  }
  if (visitors.has(name)) {
    const held = items();
    const passed =
      name === "reduce" || name === "reduceRight"
        ? give(join(second(args), held), held)
        : name === "sort" || name === "toSorted"
          ? give(held, held)
          : give(held, none, [box]);
    const isFold = name === "reduce" || name === "reduceRight" || name === "sort" || name === "toSorted";
    const self = isFold ? none : second(args);
    const visitor = self.length === 0 ? first(args) : first(args).map((fn) => rebind(w, fn, self[0] ?? null));
    const ordered = name === "map" ? orderedItems(w, box, place) : null;
    if (ordered !== null && ordered.length <= maxOrdered && ordered.length > 1) {
      const made = ordered.map((item) => w.callBack(visitor, give(item, none, [box]), place));
      return [orderedList(w, made, place, name)];
    }
    const results = w.callBack(visitor, passed, place);
    switch (name) {
      case "map":
        return listOf(w, results, place, name);
      case "flatMap":
        return listOf(
          w,
          join(
            iterateAll(w, results, place),
            results.filter((value) => !isBox(value)),
          ),
          place,
          name,
        );
      case "find":
      case "findLast":
        return held;
      case "reduce":
      case "reduceRight":
        return join(results, second(args));
      default:
        return same.has(name) ? listOf(w, held, place, name) : none;
    }
  }
  return same.has(name) ? listOf(w, items(), place, name) : none;
}

export function mapMethod(w: World, box: BoxValue, name: string, args: CallArgs, place: Place): Values {
  switch (name) {
    case "set": {
      const keys = first(args).filter((key) => key.is === "text" || key.is === "number");
      for (const key of keys)
        put(w, box, key.is === "text" ? key.text : String((key as { value: number }).value), second(args), place, true);
      if (keys.length === 0) put(w, box, anyKey, second(args), place);
      return [box];
    }
    case "add":
      put(w, box, appended, first(args), place);
      return [box];
    case "get": {
      let out: Values = none;
      const keys = first(args).filter((key) => key.is === "text" || key.is === "number");
      for (const key of keys) {
        out = join(
          out,
          cellsOf(w, box, key.is === "text" ? key.text : String((key as { value: number }).value), place),
        );
      }
      return keys.length === 0 ? cellsOf(w, box, null, null) : out;
    }
    case "values":
      return listOf(w, cellsOf(w, box, null, null), place, name);
    case "entries":
      return listOf(w, [restBox(w, [none, cellsOf(w, box, null, null)], none, place, "entry")], place, name);
    case "forEach":
      w.callBack(first(args), give(cellsOf(w, box, null, null), none, [box]), place);
      return none;
    default:
      return none;
  }
}

export function promiseMethod(w: World, self: Value, name: string, args: CallArgs, place: Place): Values {
  const settled = w.settle([self], place);
  let out: Values = none;
  if (name === "then") {
    out = w.callBack(first(args), give(settled), place);
    const handlers = args.positional[1] ?? none;
    if (handlers.length > 0) out = join(out, w.callBack(handlers, give(rejections(w, self, place)), place));
  } else if (name === "catch") {
    out = join(settled, w.callBack(first(args), give(rejections(w, self, place)), place));
  } else {
    w.callBack(first(args), noArgs, place);
    out = settled;
  }
  const next = promiseOf(w, out, place, name);
  // What nobody caught comes to the next one that does.
  if (name === "then" && args.positional.length < 2 && isBox(next[0]!)) reject(w, next[0], [self], place);
  return next;
}

function shifted(args: CallArgs): CallArgs {
  return withPositional(args, args.positional.slice(1));
}

export const rebind = (w: World, fn: Value, self: Value | null): Value =>
  fn.is === "function" && self !== null && fn.file.scope(fn.scope).bound !== "arrow"
    ? w.values.function(fn.file, fn.scope, fn.env, self)
    : fn;

/** `f.call(self, …)`, `f.apply(self, [...])`, `f.bind(self, …)`. */
export function functionMethod(w: World, fn: Value, name: string, args: CallArgs, place: Place): Values {
  const selves: readonly (Value | null)[] = first(args).length > 0 ? first(args) : [null];
  let out: Values = none;
  for (const self of selves) {
    const target = rebind(w, fn, self);
    if (name === "call") out = join(out, w.callBack([target], shifted(args), place));
    else if (name === "apply") out = join(out, w.callBack([target], spread(w, second(args), place), place));
    else if (args.positional.length <= 1) out = join(out, [target]);
    else if (target.is === "native" && target.name === "bound") out = join(out, [target]);
    else out = join(out, [w.values.native("bound", target, shifted(args), place.key)]);
  }
  return out;
}

export function spread(w: World, lists: Values, place: Place): CallArgs {
  const list = lists.length === 1 ? lists[0] : undefined;
  if (list !== undefined && isBox(list) && list.literal?.[0] === "l" && w.heap.all(list).size === 0) {
    const items = list.literal[1];
    if (!items.some((item) => item[0] === "*")) return give(...items.map((_, i) => cellsOf(w, list, `#${i}`, place)));
  }
  return { ...noArgs, rest: iterateAll(w, lists, place) };
}

/** What `Object.defineProperties` and `Object.create` put into an object: the values, as getters by the dozen are seldom called. */
function describe(w: World, target: Value, descriptors: Value, place: Place): void {
  if (!isBox(descriptors)) return;
  for (const [key, values] of entries(w, descriptors)) {
    for (const descriptor of values) {
      if (isBox(descriptor)) put(w, target, key, cellsOf(w, descriptor, "value", null), place, true);
    }
  }
}

function describeOne(w: World, target: Value, key: string, descriptor: Value, place: Place): void {
  if (!isBox(descriptor)) return;
  put(w, target, key, cellsOf(w, descriptor, "value", null), place, true);
  const getters = cellsOf(w, descriptor, "get", null);
  put(w, target, key, w.callBack(getters, noArgs, placeWith(place, null)), place);
}

export function objectMethod(w: World, name: string, args: CallArgs, place: Place): Values {
  switch (name) {
    case "assign":
      for (const target of first(args)) {
        if (target.is !== "text" && target.is !== "number" && target.is !== "external") {
          copyInto(w, target, args.positional.slice(1), place);
        }
      }
      return first(args);
    case "create": {
      const box = makeBox(w, "dict", place, name);
      put(w, box, "__proto__", first(args), place, true);
      for (const descriptors of second(args)) describe(w, box, descriptors, place);
      return [box];
    }
    case "setPrototypeOf":
      for (const target of first(args)) put(w, target, "__proto__", second(args), place, true);
      return first(args);
    case "getPrototypeOf": {
      let out: Values = none;
      for (const value of first(args)) if (value.is === "instance") out = join(out, [w.values.prototype(value.of)]);
      return out;
    }
    case "freeze":
    case "seal":
    case "preventExtensions":
      return first(args);
    case "values":
      return listOf(
        w,
        first(args)
          .filter(isBox)
          .reduce((all, box) => join(all, cellsOf(w, box, null, null)), none),
        place,
        name,
      );
    case "keys":
      return listOf(
        w,
        first(args)
          .filter(isBox)
          .flatMap((box) => entries(w, box))
          .filter(([key]) => key !== anyKey)
          .slice(0, 20)
          .map(([key]) => w.values.text(key)),
        place,
        name,
      );
    case "entries": {
      const pairs: Value[] = [];
      for (const box of first(args).filter(isBox)) {
        for (const [key, values] of entries(w, box)) {
          pairs.push(restBox(w, [key === anyKey ? none : [w.values.text(key)], values], none, place, `entry ${key}`));
        }
      }
      return listOf(w, pairs.slice(0, 20), place, name);
    }
    case "fromEntries": {
      const box = makeBox(w, "dict", place, name);
      for (const pair of iterateAll(w, first(args), place)) {
        if (!isBox(pair)) continue;
        const keys = cellsOf(w, pair, "#0", null).filter((key) => key.is === "text");
        const values = cellsOf(w, pair, "#1", null);
        for (const key of keys) if (key.is === "text") put(w, box, key.text, values, place);
        if (keys.length === 0) put(w, box, anyKey, values, place);
      }
      return [box];
    }
    case "defineProperty":
      for (const target of first(args)) {
        for (const key of second(args)) {
          if (key.is !== "text" || target.is === "text" || target.is === "number") continue;
          for (const descriptor of args.positional[2] ?? none) describeOne(w, target, key.text, descriptor, place);
        }
      }
      return first(args);
    case "defineProperties":
      for (const target of first(args)) {
        if (target.is === "text" || target.is === "number") continue;
        for (const descriptors of second(args)) describe(w, target, descriptors, place);
      }
      return first(args);
    case "getOwnPropertyDescriptor": {
      const box = makeBox(w, "dict", place, name);
      for (const object of first(args)) {
        for (const key of second(args)) {
          if (key.is === "text") put(w, box, "value", member(w, object, key.text, place), place);
        }
      }
      return [box];
    }
    default:
      return none;
  }
}
