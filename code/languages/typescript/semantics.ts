// How JavaScript's built-ins behave, as far as functions move through them: array and promise callbacks, call / apply / bind, prototypes.
import { first, iterateAll, listOf, makeBox, put, second } from "../../resolve/built-ins.ts";
import { restBox } from "../../resolve/call-frames.ts";
import { cellsOf, iterate } from "../../resolve/containers.ts";
import { anyKey, appended } from "../../resolve/heap.ts";
import { classMember, classOf } from "../../resolve/class-members.ts";
import { member } from "../../resolve/members.ts";
import { invoke } from "../../resolve/calls.ts";
import type { Semantics } from "../../resolve/semantics.ts";
import { instancesOf, typedBox } from "../../resolve/types.ts";
import {
  type BoxValue,
  type CallArgs,
  type InstanceValue,
  join,
  type NativeValue,
  noArgs,
  none,
  type Values,
  withPositional,
} from "../../resolve/values.ts";
import { type Place, placeWith } from "../../resolve/place.ts";
import type { World } from "../../resolve/world.ts";
import {
  arrayMethod,
  functionMethod,
  give,
  isBox,
  mapMethod,
  objectMethod,
  promiseMethod,
  promiseOf,
  rebind,
  reject,
  spread,
} from "./built-in-methods.ts";

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
const arrays = new Set(
  "[] Array ReadonlyArray Set ReadonlySet Iterable Iterator IterableIterator Generator".split(" "),
);
const maps = new Set("map Map ReadonlyMap WeakMap Record".split(" "));

function callGlobal(w: World, name: string, args: CallArgs, place: Place): Values {
  if (name.startsWith("String.")) {
    if (name === "String.replace" || name === "String.replaceAll") w.callBack(second(args), noArgs, place);
    return name === "String.split" ? listOf(w, none, place, name) : none;
  }
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
    case "Promise.withResolvers": {
      const box = makeBox(w, "promise", place, "promise");
      const made = makeBox(w, "dict", place, name);
      put(w, made, "promise", [box], place);
      put(w, made, "resolve", [w.values.native("resolve", box)], place);
      put(w, made, "reject", [w.values.native("reject", box)], place);
      return [made];
    }
    case "Promise.reject": {
      // An error of another package says nothing of what a handler calls.
      if (first(args).every((value) => value.is === "external" || value.is === "native")) return none;
      const box = makeBox(w, "promise", place, "promise");
      reject(w, box, first(args), place);
      return [box];
    }
    case "JSON.parse":
    case "JSON.stringify":
      w.callBack(second(args), noArgs, place);
      return none;
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
      w.callBack(first(args), spread(w, second(args), place), place);
      return first(args).reduce<Values>(
        (all, cls) =>
          cls.is === "class" || cls.is === "function"
            ? join(all, invoke(w, cls, spread(w, second(args), place), place, true))
            : all,
        none,
      );
    case "fetch":
      return promiseOf(w, none, place, name);
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

/** What gives an object's iterator. */
function iteratorOf(w: World, value: InstanceValue | BoxValue, place: Place): Values {
  for (const name of ["[Symbol.iterator]", "[Symbol.asyncIterator]"]) {
    const found =
      value.is === "box" ? member(w, value, name, place) : classMember(w, value.of, name, value, place)?.values;
    if (found !== undefined && found.length > 0) return found;
  }
  return none;
}

/** Methods of the built-ins' own objects that call what they are given, whatever they are called on. */
const callers = new Set(
  (
    "forEach map filter find findIndex findLast findLastIndex some every flatMap reduce reduceRight sort toSorted " +
    "replace replaceAll then catch finally"
  ).split(" "),
);

export const semantics: Semantics = {
  receiver: "this",
  constructorName: "constructor",
  callName: null,
  unordered: false,
  trustTypes: false,
  callConstructs: false,
  moduleExports: "exports",
  callsArgument: (name) => callers.has(name),

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
    if (name === "reject" && isBox(self)) {
      reject(w, self, first(args), place);
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
    // An emitter of its own for each place, so that its listeners are known apart.
    if ((name === "events" || name === "node:events") && /^(?:EventEmitter|default)?$/.test(callee.name)) {
      return [w.values.external(callee.package, `${callee.name}()`), makeBox(w, "dict", place, "emitter")];
    }
    return null;
  },

  iterateInstance(w, value, place) {
    if (value.is === "instance" && value.of.is !== "class") return none;
    const quiet: Place = placeWith(place, null);
    let out: Values = none;
    const found = iteratorOf(w, value, quiet);
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
