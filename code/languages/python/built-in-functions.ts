// Python's built-in functions, what `operator` makes, and thread pools: what they call with what they are given.
import { restBox } from "../../resolve/call-frames.ts";
import { first, iterateAll, listOf, makeBox, put, second } from "../../resolve/built-ins.ts";
import { cellsOf, iterate } from "../../resolve/containers.ts";
import { anyKey } from "../../resolve/heap.ts";
import { classMember } from "../../resolve/class-members.ts";
import { member } from "../../resolve/members.ts";
import { type Place, placeWith } from "../../resolve/place.ts";
import {
  type CallArgs,
  join,
  type NativeValue,
  noArgs,
  none,
  type Value,
  type Values,
  withPositional,
} from "../../resolve/values.ts";
import type { World } from "../../resolve/world.ts";
import { containerMethod, mergeInto } from "./container-methods.ts";

/** Calls one of an instance's own methods, as a built-in does in its place. */
export function callMember(w: World, value: Value, name: string, args: CallArgs, place: Place): Values {
  if (value.is !== "instance" || value.of.is !== "class") return none;
  const found = classMember(w, value.of, name, value, place);
  if (found === null || found.owner.is !== "class") return none;
  return w.callBack(found.values, args, place);
}

/** What turns an instance into text: its `__str__`, else its `__repr__`. */
function shown(w: World, value: Value, place: Place): Values {
  if (value.is !== "instance") return none;
  const has = classMember(w, value.of, "__str__", value, place)?.owner.is === "class";
  return callMember(w, value, has ? "__str__" : "__repr__", noArgs, place);
}

export function iterateInstance(w: World, value: Value, place: Place): Values {
  if (value.is !== "instance" || value.of.is !== "class") return none;
  const quiet: Place = placeWith(place, null);
  const iterators = callMember(w, value, "__iter__", noArgs, quiet);
  let out: Values = none;
  for (const iterator of iterators) {
    if (iterator.is === "instance") out = join(out, callMember(w, iterator, "__next__", noArgs, quiet));
    else out = join(out, iterate(w, iterator, quiet));
  }
  if (iterators.length === 0) out = callMember(w, value, "__getitem__", noArgs, quiet);
  return out;
}

const dunderOf: Record<string, string> = {
  len: "__len__",
  str: "__str__",
  repr: "__repr__",
  iter: "__iter__",
  next: "__next__",
  bool: "__bool__",
  int: "__int__",
  float: "__float__",
  abs: "__abs__",
  hash: "__hash__",
  reversed: "__reversed__",
  format: "__format__",
  bytes: "__bytes__",
  round: "__round__",
  dir: "__dir__",
};

export function callBuiltin(w: World, native: NativeValue, args: CallArgs, place: Place): Values {
  const { name, self } = native;
  if (self !== null) {
    if (name === "partial") return w.callBack([self], mergeArgs(native.bound ?? noArgs, args), place);
    if (self.is === "text") return callGetter(w, name, self.text, native.bound ?? noArgs, args, place);
    if (self.is === "box") return containerMethod(w, self, name, args, place);
    return none;
  }
  const dunder = dunderOf[name];
  if (dunder !== undefined) {
    let out: Values = none;
    for (const value of first(args))
      out = join(out, name === "str" ? shown(w, value, place) : callMember(w, value, dunder, noArgs, place));
    if (name === "iter" && args.positional.length === 2) w.callBack(first(args), noArgs, place);
    if (name === "next" && out.length === 0) return iterateAll(w, first(args), place);
    if (name === "iter")
      return join(
        out,
        first(args).filter((value) => value.is === "box"),
      );
    if (name === "reversed") return listOf(w, iterateAll(w, first(args), place), place, name);
    return name === "next" ? out : none;
  }
  switch (name) {
    case "print":
      for (const values of args.positional) for (const value of values) shown(w, value, place);
      return none;
    case "map": {
      const given = args.positional.slice(1).map((values) => iterateAll(w, values, place));
      return listOf(w, w.callBack(first(args), { ...noArgs, positional: given }, place), place, name);
    }
    case "filter": {
      const items = iterateAll(w, second(args), place);
      w.callBack(first(args), { ...noArgs, positional: [items] }, place);
      return listOf(w, items, place, name);
    }
    case "sorted":
    case "min":
    case "max": {
      const items = args.positional.length > 1 ? args.positional.reduce(join, none) : iterateAll(w, first(args), place);
      w.callBack(args.named.get("key") ?? none, { ...noArgs, positional: [items] }, place);
      return name === "sorted" ? listOf(w, items, place, name) : items;
    }
    case "list":
    case "tuple":
    case "set":
    case "frozenset": {
      const sources = first(args);
      if (sources.length === 1 && sources[0]!.is === "box" && sources[0].shape === "list") return sources;
      return listOf(w, iterateAll(w, sources, place), place, name);
    }
    case "dict": {
      const box = makeBox(w, "dict", place, "dict");
      mergeInto(w, box, first(args), place);
      for (const [key, values] of args.named) put(w, box, key, values, place);
      mergeInto(w, box, args.namedRest, place);
      return [box];
    }
    case "dict.fromkeys": {
      const box = makeBox(w, "dict", place, name);
      put(w, box, anyKey, second(args), place);
      return [box];
    }
    case "enumerate":
      return listOf(w, [restBox(w, [none, iterateAll(w, first(args), place)], none, place, "pair")], place, name);
    case "zip": {
      const columns = args.positional.map((values) => iterateAll(w, values, place));
      return listOf(w, [restBox(w, columns, none, place, "row")], place, name);
    }
    case "getattr": {
      let out: Values = args.positional[2] ?? none;
      for (const object of first(args)) {
        for (const key of second(args)) if (key.is === "text") out = join(out, member(w, object, key.text, place));
      }
      return out;
    }
    case "setattr":
      for (const object of first(args)) {
        if (object.is === "text" || object.is === "number" || object.is === "external") continue;
        for (const key of second(args))
          if (key.is === "text") put(w, object, key.text, args.positional[2] ?? none, place, true);
      }
      return none;
    case "type": {
      let out: Values = none;
      for (const value of first(args)) if (value.is === "instance") out = join(out, [value.of]);
      return out;
    }
    case "super": {
      let out: Values = none;
      for (const cls of first(args)) {
        for (const self of second(args)) if (cls.is === "class") out = join(out, [w.values.super(cls, self)]);
      }
      return out;
    }
    case "staticmethod":
    case "classmethod":
      return first(args);
    case "property":
      return first(args).map((getter) => w.values.native("property", getter, args, place.key));
    case "callable":
      return none;
    case "globals":
    case "locals":
    case "vars": {
      if (name !== "globals") return none;
      return [w.values.module(place.frame.file.path)];
    }
    case "sum":
      return iterateAll(w, first(args), place);
    default:
      return none;
  }
}

/** What `operator.attrgetter("a.b")` and its like do with the object they are given. */
function callGetter(w: World, name: string, key: string, bound: CallArgs, args: CallArgs, place: Place): Values {
  let objects = first(args);
  const parts = name === "attrgetter" ? key.split(".") : [key];
  for (const part of parts) {
    let out: Values = none;
    for (const object of objects) {
      if (name !== "itemgetter") out = join(out, member(w, object, part, place));
      else if (object.is === "box") out = join(out, cellsOf(w, object, part, place));
    }
    objects = out;
  }
  return name === "methodcaller" ? w.callBack(objects, bound, place) : objects;
}

/** The arguments that stand in a tuple and a dict, as `Thread(target=f, args=(…), kwargs={…})` takes them. */
export function heldArgs(w: World, lists: Values, dicts: Values, place: Place): CallArgs {
  const positional: Values[] = [];
  let rest: Values = none;
  for (const list of lists) {
    if (list.is !== "box") continue;
    const count = list.literal?.[0] === "l" ? list.literal[1].length : 0;
    if (lists.length === 1 && count > 0) {
      for (let i = 0; i < count; i++) positional.push(cellsOf(w, list, `#${i}`, place));
    } else rest = join(rest, iterate(w, list, place));
  }
  return { positional, rest, named: noArgs.named, namedRest: dicts };
}

/** What a thread or process pool's methods run; null of other methods. */
export function callPool(w: World, method: string, args: CallArgs, place: Place): Values | null {
  const [, ...others] = args.positional;
  switch (method) {
    case "submit":
    case "apply":
    case "apply_async": {
      const given =
        method === "submit"
          ? withPositional(args, others)
          : heldArgs(w, second(args), args.positional[2] ?? none, place);
      const results = w.callBack(first(args), given, place);
      if (method === "apply") return results;
      const future = makeBox(w, "promise", place, "future");
      put(w, future, anyKey, results, place);
      return [future];
    }
    case "map":
    case "imap":
    case "imap_unordered":
    case "map_async": {
      const items = others.map((values) => iterateAll(w, values, place));
      return listOf(w, w.callBack(first(args), { ...noArgs, positional: items }, place), place, method);
    }
    default:
      return null;
  }
}

export function mergeArgs(before: CallArgs, after: CallArgs): CallArgs {
  return {
    positional: [...before.positional, ...after.positional],
    rest: join(before.rest, after.rest),
    named: new Map([...before.named, ...after.named]),
    namedRest: join(before.namedRest, after.namedRest),
  };
}
