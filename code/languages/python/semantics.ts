// How Python's built-ins, containers and modules behave, as far as functions move through them.
import { cellsOf, iterate, keysOf } from "../../resolve/containers.ts";
import { restBox } from "../../resolve/calls.ts";
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
import { builtinNames } from "./builtin-names.ts";

const lists = new Set(
  (
    "list tuple set frozenset deque List Tuple Set FrozenSet Deque Iterable Iterator Sequence Collection MutableSequence " +
    "AbstractSet MutableSet Generator AsyncIterator AsyncIterable AsyncGenerator QuerySet"
  )
    .split(" ")
    .filter((name) => name !== "QuerySet"),
);
const dicts = new Set("dict Dict Mapping MutableMapping DefaultDict OrderedDict defaultdict".split(" "));
/** Methods that give what they are called on, or a copy of it. */
const copies = new Set("copy union difference intersection".split(" "));

const constants = new Set(["None", "True", "False", "Ellipsis", "NotImplemented", "__name__", "__file__", "__doc__"]);

const first = (args: CallArgs): Values => args.positional[0] ?? args.rest;
const second = (args: CallArgs): Values => args.positional[1] ?? args.rest;
const argument = (args: CallArgs, index: number, name: string): Values =>
  args.positional[index] ?? args.named.get(name) ?? none;

const isFresh = (value: Value, place: Place): boolean =>
  value.is === "box" && value.literal === null && value.key.startsWith(`${place.key}:`);

function put(w: World, box: Value, key: string, values: Values, place: Place, replaces = false): void {
  if (values.length === 0) return;
  w.heap.put(box, key, {
    expr: null,
    type: false,
    values,
    frame: place.frame,
    scope: place.scope,
    // A built-in has done it by the time its call is over; in a box that it makes itself, nothing comes before.
    at: isFresh(box, place) ? -1 : place.at - 0.5,
    r: isFresh(box, place) ? 0 : place.r,
    replaces,
  });
}

function iterateAll(w: World, values: Values, place: Place): Values {
  let out: Values = none;
  for (const value of values) out = join(out, iterate(w, value, place));
  return out;
}

const listOf = (w: World, items: Values, place: Place, tag: string): Values => [restBox(w, [], items, place, tag)];

function mergeInto(w: World, target: BoxValue, sources: Values, place: Place): void {
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

function containerMethod(w: World, box: BoxValue, name: string, args: CallArgs, place: Place): Values {
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

/** Calls one of an instance's own methods, as a built-in does in its place. */
function callMember(w: World, value: Value, name: string, args: CallArgs, place: Place): Values {
  if (value.is !== "instance" || value.of.is !== "class") return none;
  const found = classMember(w, value.of, name, value, place);
  if (found === null || found.owner.is !== "class") return none;
  return w.callBack(found.values, args, place);
}

function iterateInstance(w: World, value: Value, place: Place): Values {
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

function callBuiltin(w: World, native: NativeValue, args: CallArgs, place: Place): Values {
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
      if (value.is === "instance") out = join(out, callMember(w, value, dunder, noArgs, place));
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
      if (sources.length === 1 && sources[0]!.is === "box" && sources[0]!.shape === "list") return sources;
      return listOf(w, iterateAll(w, sources, place), place, name);
    }
    case "dict": {
      const box = w.values.box(`${place.key}:dict`, {
        shape: "dict",
        literal: null,
        frame: place.frame,
        scope: place.scope,
        at: place.at,
        region: place.r,
      });
      mergeInto(w, box as BoxValue, first(args), place);
      for (const [key, values] of args.named) put(w, box, key, values, place);
      mergeInto(w, box as BoxValue, args.namedRest, place);
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
    case "property":
    case "callable":
      return name === "callable" ? none : first(args);
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
function heldArgs(w: World, lists: Values, dicts: Values, place: Place): CallArgs {
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
function callPool(w: World, method: string, args: CallArgs, place: Place): Values | null {
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
      const future = w.values.box(`${place.key}:future`, {
        shape: "promise",
        literal: null,
        frame: place.frame,
        scope: place.scope,
        at: place.at,
        region: place.r,
      });
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

function mergeArgs(before: CallArgs, after: CallArgs): CallArgs {
  return {
    positional: [...before.positional, ...after.positional],
    rest: join(before.rest, after.rest),
    named: new Map([...before.named, ...after.named]),
    namedRest: join(before.namedRest, after.namedRest),
  };
}

/** Decorators and wrappers of the standard library that keep what they are given. */
const transparent = new Set([
  "functools.lru_cache",
  "functools.cache",
  "functools.cached_property",
  "functools.singledispatch",
  "functools.total_ordering",
  "abc.abstractmethod",
  "contextlib.contextmanager",
  "contextlib.asynccontextmanager",
  "typing.overload",
  "typing.final",
  "typing.no_type_check",
  "typing.runtime_checkable",
  "dataclasses.dataclass",
  "enum.unique",
  "types.coroutine",
  "copy.copy",
  "copy.deepcopy",
  "asyncio.shield",
  "asyncio.create_task",
  "asyncio.ensure_future",
  "asyncio.wait_for",
]);

export const semantics: Semantics = {
  receiver: "first",
  constructorName: "__init__",
  callName: "__call__",
  unordered: false,
  trustTypes: false,
  callConstructs: true,
  moduleExports: "names",

  global: (w, name) => (builtinNames.has(name) && !constants.has(name) ? [w.values.native(name)] : none),

  member(w, value, name) {
    switch (value.is) {
      case "box":
        return [w.values.native(name, value)];
      case "text":
        return [w.values.native(`str.${name}`)];
      case "number":
        return [w.values.native(`int.${name}`)];
      case "native":
        return value.self !== null ? none : [w.values.native(`${value.name}.${name}`)];
      case "instance":
        return name === "__class__" ? [classOf(value)] : none;
      case "function":
        if (name === "__get__" || name === "__func__" || name === "__wrapped__" || name === "__call__") return [value];
        return name === "__self__" && value.self !== null ? [value.self] : none;
      case "class":
        return name === "__class__" ? none : none;
      default:
        return none;
    }
  },

  call: callBuiltin,

  callExternal(w, callee, args, place) {
    if (callee.package.ecosystem !== "python" && callee.package.name !== "typing_extensions") return null;
    const name = `${callee.package.name}.${callee.name}`;
    if (transparent.has(name)) {
      const given = first(args).filter(
        (value) => value.is !== "text" && value.is !== "number" && value.is !== "native",
      );
      return given.length > 0 ? given : [w.values.external(callee.package, `${callee.name}()`)];
    }
    if (callee.name.endsWith("()") && transparent.has(name.slice(0, -2))) return first(args);
    if (/(?:Pool|Executor)\(\)/.test(callee.name)) {
      const known = callPool(w, callee.name.slice(callee.name.lastIndexOf(".") + 1), args, place);
      if (known !== null) return known;
    }
    switch (name) {
      case "functools.partial":
      case "functools.partialmethod": {
        const [, ...rest] = args.positional;
        const bound = withPositional(args, rest);
        return first(args).map((fn) => {
          const inner = fn.is === "native" && fn.name === "partial" && fn.self !== null ? fn : null;
          if (inner === null) return w.values.native("partial", fn, bound, place.key);
          return w.values.native("partial", inner.self, mergeArgs(inner.bound ?? noArgs, bound), place.key);
        });
      }
      // `wraps(f)(wrapper)` is the wrapper.
      case "functools.wraps":
        return [w.values.external(callee.package, "wraps()")];
      case "functools.wraps()":
        return first(args);
      case "functools.update_wrapper":
        return first(args);
      case "functools.reduce": {
        const items = iterateAll(w, second(args), place);
        return w.callBack(
          first(args),
          { ...noArgs, positional: [join(items, args.positional[2] ?? none), items] },
          place,
        );
      }
      case "collections.OrderedDict":
        return callBuiltin(w, w.values.native("dict"), args, place);
      case "collections.deque":
        return callBuiltin(w, w.values.native("list"), args, place);
      case "collections.defaultdict": {
        const box = w.values.box(`${place.key}:defaultdict`, {
          shape: "dict",
          literal: null,
          frame: place.frame,
          scope: place.scope,
          at: place.at,
          region: place.r,
        });
        put(w, box, anyKey, w.callBack(first(args), noArgs, placeWith(place, null)), place);
        return [box];
      }
      case "itertools.chain":
        return listOf(
          w,
          args.positional.reduce((all, one) => join(all, iterateAll(w, one, place)), none),
          place,
          "chain",
        );
      case "asyncio.run":
        return first(args);
      case "asyncio.gather":
        return [restBox(w, args.positional, args.rest, place, "gather")];
      case "asyncio.to_thread":
        return w.callBack(first(args), withPositional(args, args.positional.slice(1)), place);
      case "atexit.register":
        w.callBack(first(args), withPositional(args, args.positional.slice(1)), place);
        return first(args);
      case "threading.Thread":
      case "multiprocessing.Process":
      case "threading.Timer": {
        const isTimer = name === "threading.Timer";
        const given = heldArgs(
          w,
          argument(args, isTimer ? 2 : 3, "args"),
          argument(args, isTimer ? 3 : 4, "kwargs"),
          place,
        );
        w.callBack(join(args.named.get("target") ?? none, argument(args, 1, "function")), given, place);
        return null;
      }
      case "operator.attrgetter":
      case "operator.itemgetter":
      case "operator.methodcaller": {
        const bound = withPositional(args, args.positional.slice(1));
        const keys = first(args).filter((key) => key.is === "text");
        return keys.map((key) => w.values.native(name.slice("operator.".length), key, bound, place.key));
      }
      default:
        return null;
    }
  },

  iterateInstance,

  indexInstance(w, value, keys, place) {
    if (value.is === "class") return [value];
    if (value.is === "module") {
      let out: Values = none;
      for (const key of keys) if (key.is === "text") out = join(out, w.moduleMember(value, key.text));
      return out;
    }
    return callMember(w, value, "__getitem__", { ...noArgs, positional: [keys] }, placeWith(place, null));
  },

  typeInstances(w, head, args, place) {
    if (lists.has(head)) return typedBox(w, "list", args[0], place);
    if (dicts.has(head)) return typedBox(w, "dict", args[1], place);
    if (head === "type" && args[0] !== undefined) {
      let out: Values = none;
      for (const value of instancesOf(w, args[0], place)) if (value.is === "instance") out = join(out, [value.of]);
      return out;
    }
    if (head === "Awaitable" || head === "Coroutine") {
      const result = args.at(-1);
      return result === undefined ? none : instancesOf(w, result, place);
    }
    return null;
  },

  submodulePaths: (folder, name) => {
    const base = folder === "" ? name : `${folder}/${name}`;
    return [`${base}/__init__.py`, `${base}.py`, `${base}/__init__.pyi`, `${base}.pyi`];
  },
  packageFolder: (path) =>
    /(^|\/)__init__\.pyi?$/.test(path) ? path.slice(0, Math.max(0, path.lastIndexOf("/"))) : null,
  boundSpecifier: (one) => {
    const dot = one.specifier.indexOf(".");
    return one.kind === "module" && dot > 0 && one.alias === one.specifier.slice(0, dot) ? one.alias : null;
  },
};
