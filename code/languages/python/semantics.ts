// How Python's built-ins, containers and modules behave, as far as functions move through them.
import type { Expr } from "../../ir.ts";
import { first, iterateAll, listOf, makeBox, put, second } from "../../resolve/built-ins.ts";
import { restBox } from "../../resolve/call-frames.ts";
import type { FileModel } from "../../resolve/file-model.ts";
import { orderedItems } from "../../resolve/containers.ts";
import { anyKey } from "../../resolve/heap.ts";
import { classOf } from "../../resolve/class-members.ts";
import { moduleMember } from "../../resolve/modules.ts";
import type { Semantics } from "../../resolve/semantics.ts";
import { instancesOf, typedBox } from "../../resolve/types.ts";
import { type CallArgs, join, noArgs, none, type Values, withPositional } from "../../resolve/values.ts";
import { type Place, placeWith } from "../../resolve/place.ts";
import type { World } from "../../resolve/world.ts";
import { callBuiltin, callMember, callPool, heldArgs, iterateInstance, mergeArgs } from "./built-in-functions.ts";
import { fallback, fallbacks, fetched, fetchers, setters } from "./attribute-hooks.ts";
import { fixtureType } from "./pytest-fixtures.ts";
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
const constants = new Set(["None", "True", "False", "Ellipsis", "NotImplemented", "__name__", "__file__", "__doc__"]);

const argument = (args: CallArgs, index: number, name: string): Values =>
  args.positional[index] ?? args.named.get(name) ?? none;

/** Decorators and wrappers of the standard library that keep what they are given. */
const transparent = new Set([
  "functools.lru_cache",
  "functools.cache",
  "functools.cached_property",
  "functools.singledispatch",
  "functools.singledispatchmethod",
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

/** What a fixture returns or yields: the file's own, else that of the nearest conftest.py. */
function fixtureValue(w: World, name: Expr | undefined, place: Place): Values {
  const { file } = place.frame;
  if (name?.[0] !== "s") return none;
  const own = fixtureOf(w, file, name[1], place);
  if (own !== null) return own;
  let folder = file.path;
  while (folder !== "") {
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")));
    const conftest = w.file(folder === "" ? "conftest.py" : `${folder}/conftest.py`);
    if (conftest === null || conftest === file) continue;
    w.consult(conftest.path, name[1]);
    const given = fixtureOf(w, conftest, name[1], place);
    if (given !== null) return given;
  }
  return none;
}

/** `@fixture`, `@pytest.fixture(scope="session")` … */
function marksFixture(file: FileModel, decorator: Expr): boolean {
  const at = decorator[0] === "c" ? file.call(decorator[1]).f : decorator;
  return (at[0] === "n" && at[1] === "fixture") || (at[0] === "a" && at[2] === "fixture");
}

/** null: the file has no such fixture. */
function fixtureOf(w: World, file: FileModel, name: string, place: Place): Values | null {
  let out: Values | null = null;
  for (const binding of file.bindings(0, name)) {
    let { v } = binding;
    let isFixture = false;
    for (; v[0] === "d"; v = v[2]) isFixture ||= marksFixture(file, file.call(v[1]).f);
    if (v[0] !== "f" || !isFixture) continue;
    const given = w.resultOf(w.freeFrame(file, v[1]));
    out = join(out ?? none, file.scope(v[1]).yields === undefined ? given : iterateAll(w, given, place));
  }
  return out;
}

export const semantics: Semantics = {
  receiver: "first",
  constructorName: "__init__",
  callName: "__call__",
  unordered: false,
  trustTypes: false,
  callConstructs: true,
  moduleExports: "names",
  starNames: "__all__",

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
        const box = makeBox(w, "dict", place, "defaultdict");
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
      case "itertools.starmap": {
        const rows = iterateAll(w, second(args), place).filter((row) => row.is === "box");
        const items: Values[] = [];
        for (const row of rows)
          (orderedItems(w, row, place) ?? []).forEach((values, i) => (items[i] = join(items[i] ?? none, values)));
        return listOf(w, w.callBack(first(args), { ...noArgs, positional: items }, place), place, name);
      }
      case "itertools.takewhile":
      case "itertools.dropwhile":
      case "itertools.filterfalse": {
        const items = iterateAll(w, second(args), place);
        w.callBack(first(args), { ...noArgs, positional: [items] }, place);
        return listOf(w, items, place, name);
      }
      case "itertools.groupby":
        w.callBack(argument(args, 1, "key"), { ...noArgs, positional: [iterateAll(w, first(args), place)] }, place);
        return null;
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

  fetched,
  fetchers,
  setters,
  fallback,
  fallbacks,

  iterateInstance,

  indexInstance(w, value, keys, place) {
    if (value.is === "class") return [value];
    if (value.is === "module") {
      let out: Values = none;
      for (const key of keys) if (key.is === "text") out = join(out, moduleMember(w, value, key.text));
      return out;
    }
    return callMember(w, value, "__getitem__", { ...noArgs, positional: [keys] }, placeWith(place, null));
  },

  typeInstances(w, head, args, place) {
    if (head === fixtureType) return fixtureValue(w, args[0], place);
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
