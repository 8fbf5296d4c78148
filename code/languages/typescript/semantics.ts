// How JavaScript's built-ins behave, as far as functions move through them: array and promise callbacks, call / apply / bind, prototypes.
import { restBox } from "../../resolve/calls.ts";
import { cellsOf, iterate } from "../../resolve/containers.ts";
import { anyKey, appended } from "../../resolve/heap.ts";
import { classMember, classOf, member } from "../../resolve/members.ts";
import type { Semantics } from "../../resolve/semantics.ts";
import { instancesOf, typedBox } from "../../resolve/types.ts";
import {
  type BoxValue,
  type CallArgs,
  join,
  type NativeValue,
  noArgs,
  none,
  type Value,
  type Values,
  withPositional,
} from "../../resolve/values.ts";
import { type Place, placeWith } from "../../resolve/place.ts";
import type { World } from "../../resolve/world.ts";

const globals = new Set(
  (
    "AggregateError Array ArrayBuffer AsyncFunction Atomics BigInt BigInt64Array Boolean Buffer DataView Date Error EvalError " +
    "FinalizationRegistry Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array Intl JSON Map Math NaN " +
    "Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set SharedArrayBuffer String Symbol SyntaxError " +
    "TypeError URIError URL URLSearchParams Uint16Array Uint32Array Uint8Array WeakMap WeakRef WeakSet WebAssembly " +
    "AbortController AbortSignal Blob Event EventTarget FormData Headers Request Response TextDecoder TextEncoder WebSocket " +
    "Worker XMLHttpRequest alert atob btoa cancelAnimationFrame clearImmediate clearInterval clearTimeout confirm console " +
    "crypto decodeURI decodeURIComponent document encodeURI encodeURIComponent escape eval exports fetch global globalThis " +
    "history isFinite isNaN localStorage location module navigator parseFloat parseInt performance process prompt " +
    "queueMicrotask requestAnimationFrame require self sessionStorage setImmediate setInterval setTimeout structuredClone " +
    "unescape window describe it test expect beforeEach afterEach beforeAll afterAll before after jest vi suite"
  ).split(" "),
);
/** Globals that run the function they are given. */
const runners = new Set(
  "setTimeout setInterval setImmediate queueMicrotask requestAnimationFrame process.nextTick".split(" "),
);
const testRunners = new Set("describe it test beforeEach afterEach beforeAll afterAll before after suite".split(" "));
/** Array methods that call their first argument with an element. */
const visitors = new Set(
  "forEach map filter find findIndex findLast findLastIndex some every flatMap sort toSorted reduce reduceRight".split(
    " ",
  ),
);
/** Array methods that give a list of the same elements. */
const same = new Set(
  "filter slice splice concat reverse sort flat toSorted toReversed toSpliced fill copyWithin values with".split(" "),
);
const arrays = new Set(
  "[] Array ReadonlyArray Set ReadonlySet Iterable Iterator IterableIterator Generator".split(" "),
);
const maps = new Set("map Map ReadonlyMap WeakMap Record".split(" "));

const first = (args: CallArgs): Values => args.positional[0] ?? args.rest;
const second = (args: CallArgs): Values => args.positional[1] ?? args.rest;
const give = (...positional: Values[]): CallArgs => ({ ...noArgs, positional });

const isFresh = (value: Value, place: Place): boolean =>
  value.is === "box" && value.literal === null && value.key.startsWith(`${place.key}:`);

function put(w: World, object: Value, key: string, values: Values, place: Place, replaces = false): void {
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

const isBox = (value: Value): value is BoxValue => value.is === "box";

function makeBox(w: World, shape: BoxValue["shape"], place: Place, tag: string): BoxValue {
  return w.values.box(`${place.key}:${tag}`, {
    shape,
    literal: null,
    frame: place.frame,
    scope: place.scope,
    at: place.at,
    region: place.r,
  });
}

const listOf = (w: World, items: Values, place: Place, tag: string): Values => [restBox(w, [], items, place, tag)];

function promiseOf(w: World, values: Values, place: Place, tag: string): Values {
  const box = makeBox(w, "promise", place, tag);
  put(w, box, anyKey, w.settle(values, place), place);
  return [box];
}

function iterateAll(w: World, values: Values, place: Place): Values {
  let out: Values = none;
  for (const value of values) out = join(out, iterate(w, value, place));
  return out;
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

function arrayMethod(w: World, box: BoxValue, name: string, args: CallArgs, place: Place): Values {
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
    const results = w.callBack(first(args), passed, place);
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

function mapMethod(w: World, box: BoxValue, name: string, args: CallArgs, place: Place): Values {
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

function promiseMethod(w: World, self: Value, name: string, args: CallArgs, place: Place): Values {
  const settled = w.settle([self], place);
  let out: Values = none;
  if (name === "then") {
    out = w.callBack(first(args), give(settled), place);
    out = join(out, w.callBack(args.positional[1] ?? none, noArgs, place));
  } else if (name === "catch") {
    out = join(settled, w.callBack(first(args), noArgs, place));
  } else {
    w.callBack(first(args), noArgs, place);
    out = settled;
  }
  return promiseOf(w, out, place, name);
}

function shifted(args: CallArgs): CallArgs {
  return withPositional(args, args.positional.slice(1));
}

const rebind = (w: World, fn: Value, self: Value | null): Value =>
  fn.is === "function" && self !== null && fn.file.scope(fn.scope).bound !== "arrow"
    ? w.values.function(fn.file, fn.scope, fn.env, self)
    : fn;

/** `f.call(self, …)`, `f.apply(self, [...])`, `f.bind(self, …)`. */
function functionMethod(w: World, fn: Value, name: string, args: CallArgs, place: Place): Values {
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

function spread(w: World, lists: Values, place: Place): CallArgs {
  const list = lists.length === 1 ? lists[0] : undefined;
  if (list !== undefined && isBox(list) && list.literal?.[0] === "l" && w.heap.all(list).size === 0) {
    const items = list.literal[1];
    if (!items.some((item) => item[0] === "*")) return give(...items.map((_, i) => cellsOf(w, list, `#${i}`, place)));
  }
  return { ...noArgs, rest: iterateAll(w, lists, place) };
}

function objectMethod(w: World, name: string, args: CallArgs, place: Place): Values {
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
          for (const descriptor of args.positional[2] ?? none) {
            if (!isBox(descriptor)) continue;
            put(w, target, key.text, cellsOf(w, descriptor, "value", null), place, true);
            const results = w.callBack(cellsOf(w, descriptor, "get", null), noArgs, placeWith(place, null));
            put(w, target, key.text, results, place);
          }
        }
      }
      return first(args);
    default:
      return none;
  }
}

function callGlobal(w: World, name: string, args: CallArgs, place: Place): Values {
  if (runners.has(name)) {
    const after = name === "setTimeout" || name === "setInterval" ? 2 : 1;
    w.callBack(first(args), give(...args.positional.slice(after)), place);
    return none;
  }
  if (testRunners.has(name)) {
    w.callBack(args.positional.at(-1) ?? none, noArgs, place);
    return none;
  }
  if (name.startsWith("Object.")) return objectMethod(w, name.slice(7), args, place);
  switch (name) {
    case "Promise": {
      const box = makeBox(w, "promise", place, "promise");
      const resolve = w.values.native("resolve", box);
      w.callBack(first(args), give([resolve], [w.values.native("reject", box)]), place);
      return [box];
    }
    case "Promise.resolve":
      return promiseOf(w, first(args), place, name);
    case "Promise.all":
    case "Promise.allSettled": {
      const lists = first(args);
      const list = lists.length === 1 ? lists[0]! : null;
      if (list !== null && isBox(list) && list.literal?.[0] === "l" && w.heap.all(list).size === 0) {
        const items = list.literal[1].map((_, i) => w.settle(cellsOf(w, list, `#${i}`, place), place));
        return promiseOf(w, [restBox(w, items, none, place, "all")], place, name);
      }
      return promiseOf(w, listOf(w, w.settle(iterateAll(w, lists, place), place), place, "all"), place, name);
    }
    case "Promise.race":
    case "Promise.any":
      return promiseOf(w, iterateAll(w, first(args), place), place, name);
    case "Array.from": {
      const items = iterateAll(w, first(args), place);
      const mapper = second(args);
      return listOf(w, mapper.length > 0 ? w.callBack(mapper, give(items), place) : items, place, name);
    }
    case "Array":
    case "Array.of":
      return [restBox(w, args.positional, args.rest, place, name)];
    case "Set":
    case "WeakSet": {
      const box = makeBox(w, "map", place, name);
      put(w, box, appended, iterateAll(w, first(args), place), place);
      return [box];
    }
    case "Map":
    case "WeakMap": {
      const box = makeBox(w, "map", place, name);
      for (const pair of iterateAll(w, first(args), place)) {
        if (!isBox(pair)) continue;
        const keys = cellsOf(w, pair, "#0", null).filter((key) => key.is === "text");
        const values = cellsOf(w, pair, "#1", null);
        for (const key of keys) if (key.is === "text") put(w, box, key.text, values, place);
        if (keys.length === 0) put(w, box, anyKey, values, place);
      }
      return [box];
    }
    case "Reflect.apply":
      return first(args).reduce<Values>(
        (all, fn) =>
          join(
            all,
            w.callBack([rebind(w, fn, second(args)[0] ?? null)], spread(w, args.positional[2] ?? none, place), place),
          ),
        none,
      );
    case "Reflect.construct":
      return w.callBack(first(args), spread(w, second(args), place), place);
    case "Reflect.get": {
      let out: Values = none;
      for (const object of first(args))
        for (const key of second(args)) if (key.is === "text") out = join(out, member(w, object, key.text, place));
      return out;
    }
    case "structuredClone":
    // A proxy is its target as far as its handler leaves it alone.
    case "Proxy":
      return first(args);
    default:
      return none;
  }
}

export const semantics: Semantics = {
  receiver: "this",
  constructorName: "constructor",
  callName: null,
  unordered: false,
  trustTypes: false,
  callConstructs: false,
  moduleExports: "exports",

  global(w, name) {
    return globals.has(name) ? [w.values.native(name)] : none;
  },

  member(w, value, name) {
    switch (value.is) {
      case "function":
      case "box":
        return name.startsWith("[Symbol.") ? none : [w.values.native(name, value)];
      case "native":
        if (value.self !== null)
          return name === "call" || name === "apply" || name === "bind" ? [w.values.native(name, value)] : none;
        if (name === "prototype") return [w.values.prototype(value)];
        return [
          w.values.native(value.name === "globalThis" || value.name === "window" ? name : `${value.name}.${name}`),
        ];
      case "text":
        return [w.values.native(`String.${name}`)];
      case "number":
        return [w.values.native(`Number.${name}`)];
      case "instance":
        return name === "constructor" ? [classOf(value)] : none;
      case "class":
        if (name === "prototype") return [w.values.prototype(value)];
        return name === "name" || name === "length" ? none : [w.values.native(name, value)];
      case "module":
        return name === "then" ? [w.values.native(name, value)] : none;
      default:
        return none;
    }
  },

  call(w, native: NativeValue, args, place) {
    const { self, name } = native;
    if (self === null) return callGlobal(w, name, args, place);
    if (name === "bound") {
      const before = native.bound ?? noArgs;
      return w.callBack([self], withPositional(args, [...before.positional, ...args.positional]), place);
    }
    if (name === "then" || name === "catch" || name === "finally") return promiseMethod(w, self, name, args, place);
    if (name === "resolve" && isBox(self)) {
      put(w, self, anyKey, w.settle(first(args), place), place);
      return none;
    }
    if (name === "call" || name === "apply" || name === "bind") return functionMethod(w, self, name, args, place);
    if (self.is !== "box") return none;
    if (name === "next" || name === "return") {
      const step = makeBox(w, "dict", place, name);
      put(w, step, "value", iterate(w, self, place), place);
      return [step];
    }
    if (self.shape === "map") return mapMethod(w, self, name, args, place);
    if (self.shape === "list" || self.shape === "generator") return arrayMethod(w, self, name, args, place);
    return none;
  },

  callExternal(w, callee, args, place) {
    if (callee.package.ecosystem !== "node") return null;
    const { name } = callee.package;
    if ((name === "util" || name === "node:util") && callee.name === "inherits") {
      for (const child of first(args)) {
        for (const parent of second(args))
          put(w, w.values.prototype(child), "__proto__", [w.values.prototype(parent)], place, true);
      }
      return none;
    }
    if ((name === "util" || name === "node:util") && callee.name === "promisify") return first(args);
    return null;
  },

  iterateInstance(w, value, place) {
    if (value.of.is !== "class") return none;
    const quiet: Place = placeWith(place, null);
    let out: Values = none;
    const found = classMember(w, value.of, "[Symbol.iterator]", value, quiet)?.values ?? none;
    for (const iterator of w.callBack(found, noArgs, quiet)) {
      if (isBox(iterator) && iterator.shape === "dict") {
        for (const result of w.callBack(member(w, iterator, "next", quiet), noArgs, quiet)) {
          out = join(out, member(w, result, "value", quiet));
        }
        continue;
      }
      // An iterator that is an instance gives what its `next` gives; often it is the iterated object itself.
      const next = iterator.is === "instance" ? member(w, iterator, "next", quiet) : none;
      for (const result of w.callBack(next, noArgs, quiet)) out = join(out, member(w, result, "value", quiet));
      if (iterator.is !== "instance") out = join(out, iterate(w, iterator, quiet));
    }
    return out;
  },

  typeInstances(w, head, args, place) {
    if (arrays.has(head)) return typedBox(w, head === "Set" || head === "ReadonlySet" ? "map" : "list", args[0], place);
    if (maps.has(head))
      return typedBox(
        w,
        head === "Map" || head === "ReadonlyMap" || head === "WeakMap" ? "map" : "dict",
        args[1],
        place,
      );
    if (head === "Promise" || head === "PromiseLike") {
      if (args[0] === undefined) return typedBox(w, "promise", undefined, place);
      return promiseOf(w, instancesOf(w, args[0], place), place, "declared");
    }
    if (globals.has(head)) return [w.values.native(`${head}()`)];
    return null;
  },
};
