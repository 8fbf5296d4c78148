// The methods of Python's lists, dicts, sets and generators, as far as functions move through them.
import { restBox } from "../../resolve/call-frames.ts";
import { first, iterateAll, listOf, put, second } from "../../resolve/built-ins.ts";
import { cellsOf, iterate, keysOf } from "../../resolve/containers.ts";
import { anyKey, appended } from "../../resolve/heap.ts";
import { type Place } from "../../resolve/place.ts";
import { type BoxValue, type CallArgs, join, noArgs, none, type Value, type Values } from "../../resolve/values.ts";
import type { World } from "../../resolve/world.ts";

/** Methods that give what they are called on, or a copy of it. */
const copies = new Set("copy union difference intersection".split(" "));

export function mergeInto(w: World, target: BoxValue, sources: Values, place: Place): void {
  for (const source of sources) {
    if (source.is !== "box" || source === target) continue;
    if (source.shape === "dict") {
      for (const key of keysOf(w, source)) {
        if (key.is === "text") put(w, target, key.text, cellsOf(w, source, key.text, null), place, true);
      }
      put(w, target, anyKey, cellsOf(w, source, anyKey, null), place);
      continue;
    }
    // Pairs.
    for (const pair of iterate(w, source, place)) {
      if (pair.is !== "box") continue;
      const keys = cellsOf(w, pair, "#0", null).filter((key) => key.is === "text");
      const values = cellsOf(w, pair, "#1", null);
      if (keys.length === 0) put(w, target, anyKey, values, place);
      for (const key of keys) if (key.is === "text") put(w, target, key.text, values, place);
    }
  }
}

export function containerMethod(w: World, box: BoxValue, name: string, args: CallArgs, place: Place): Values {
  switch (name) {
    case "append":
    case "add":
    case "appendleft":
      put(w, box, appended, first(args), place);
      return none;
    case "insert":
      put(w, box, anyKey, second(args), place);
      return none;
    case "extend":
    case "extendleft":
      put(w, box, appended, iterateAll(w, first(args), place), place);
      return none;
    case "update":
      if (box.shape === "list") put(w, box, appended, iterateAll(w, first(args), place), place);
      else {
        mergeInto(w, box, first(args), place);
        for (const [key, values] of args.named) put(w, box, key, values, place, true);
        mergeInto(w, box, args.namedRest, place);
      }
      return none;
    case "setdefault": {
      let out: Values = none;
      for (const key of first(args)) {
        if (key.is === "text") {
          put(w, box, key.text, second(args), place);
          out = join(out, cellsOf(w, box, key.text, null));
        }
      }
      if (!first(args).some((key) => key.is === "text")) put(w, box, anyKey, second(args), place);
      return join(out, second(args));
    }
    case "get":
    case "pop":
    case "popleft":
    case "popitem": {
      if (box.shape === "list") {
        const index = first(args).find((key) => key.is === "number");
        return cellsOf(w, box, index?.is === "number" ? `#${index.value}` : null, place);
      }
      let out: Values = none;
      const keys = first(args);
      if (!keys.some((key) => key.is === "text" || key.is === "number")) out = cellsOf(w, box, null, null);
      for (const key of keys) {
        if (key.is === "text") out = join(out, cellsOf(w, box, key.text, place));
        if (key.is === "number") out = join(out, cellsOf(w, box, String(key.value), place));
      }
      return join(out, second(args));
    }
    case "values":
      return listOf(w, cellsOf(w, box, null, null), place, "values");
    case "keys":
      return listOf(w, keysOf(w, box), place, "keys");
    case "items": {
      const pairs: Value[] = [];
      for (const key of keysOf(w, box)) {
        if (key.is !== "text") continue;
        const pair = restBox(w, [[key], cellsOf(w, box, key.text, place)], none, place, `item ${key.text}`);
        pairs.push(pair);
      }
      const open = cellsOf(w, box, anyKey, null);
      if (open.length > 0) pairs.push(restBox(w, [none, open], none, place, "item"));
      if (pairs.length > 20)
        return listOf(w, [restBox(w, [none, cellsOf(w, box, null, null)], none, place, "any")], place, "items");
      return listOf(w, pairs, place, "items");
    }
    case "result":
      return box.shape === "promise" ? cellsOf(w, box, null, null) : none;
    case "add_done_callback":
      w.callBack(first(args), { ...noArgs, positional: [[box]] }, place);
      return none;
    case "sort":
      w.callBack(args.named.get("key") ?? none, { ...noArgs, positional: [cellsOf(w, box, null, null)] }, place);
      return none;
    case "send":
    case "__next__":
    case "__anext__":
      return iterate(w, box, place);
    case "__enter__":
    case "__aenter__":
      return box.shape === "generator" ? iterate(w, box, place) : [box];
    case "__iter__":
    case "__aiter__":
      return [box];
    case "__getitem__":
      return containerMethod(w, box, "get", { ...noArgs, positional: [first(args)] }, place);
    case "__setitem__":
      for (const key of first(args)) if (key.is === "text") put(w, box, key.text, second(args), place, true);
      return none;
    default:
      return copies.has(name) ? [box] : none;
  }
}
