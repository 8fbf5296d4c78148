// How Go's packages, methods and types behave: one namespace a package, methods beside their type, declared types everywhere.
import type { FileIr } from "../../ir.ts";
import { cellsOf, index, iterate } from "../../resolve/containers.ts";
import { unitOf } from "../../resolve/modules.ts";
import type { Place } from "../../resolve/place.ts";
import type { Semantics } from "../../resolve/semantics.ts";
import { instancesOf, typedBox } from "../../resolve/types.ts";
import { type CallArgs, join, noArgs, none, type Value, type Values } from "../../resolve/values.ts";
import type { World } from "../../resolve/world.ts";
import { excludeEachOther } from "./build-constraints.ts";
import { callsItsArguments } from "./std-callers.ts";

const builtins = new Set(
  "append cap clear close complex copy delete imag len make max min new panic print println real recover any error".split(
    " ",
  ),
);
const scalars = new Set(
  (
    "bool byte complex64 complex128 float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 " +
    "uintptr"
  ).split(" "),
);

/** Ends the name of the place at which a channel is made: it is a list, but ranges otherwise. */
const channel = ":chan";

const placeNamed = ({ frame, scope, at, r, key, callbacks }: Place, name: string): Place => ({
  frame,
  scope,
  at,
  r,
  key: `${key}${name}`,
  callbacks,
});

const all = (args: CallArgs): Values => args.positional.reduce(join, args.rest);

export const semantics: Semantics = {
  receiver: "first",
  constructorName: null,
  callName: null,
  unordered: true,
  memberNames: false,
  conversions: true,
  isVariant: (ir) => ir.extra?.["variant"] === true,
  excludes(a, b) {
    const [one, other] = [constraintsOf(a), constraintsOf(b)];
    return one !== undefined && other !== undefined && excludeEachOther(one, other);
  },
  trustTypes: true,
  callConstructs: true,
  moduleExports: "names",

  global: (w, name) => (builtins.has(name) || scalars.has(name) ? [w.values.native(name)] : none),

  member(w, value, name) {
    // What `range` gives first: of a channel it is the element.
    if (value.is === "box" && name === "<key>")
      return value.key.endsWith(`${channel}:list`) ? cellsOf(w, value, null, null) : none;
    if (value.is === "native") return [w.values.native(`${value.name}.${name}`)];
    return value.is === "text" || value.is === "number" ? [w.values.native(name)] : none;
  },

  call(w, native, args) {
    switch (native.name) {
      case "append":
        return args.positional[0] ?? none;
      case "new":
      case "make":
        return all(args).flatMap((value): Value[] =>
          value.is === "class" ? [w.values.instance(value, "", null, false)] : value.is === "box" ? [value] : [],
        );
      case "min":
      case "max":
        return all(args);
      default:
        return none;
    }
  },

  callExternal(w, callee, args, place) {
    if (callsItsArguments(callee))
      w.callBack(
        all(args).filter(({ is }) => is === "function"),
        noArgs,
        place,
      );
    return null;
  },

  typeInstances(w, head, args, place) {
    switch (head) {
      case "[]":
        return typedBox(w, "list", args[0], place);
      case "chan":
        return typedBox(w, "list", args[0], placeNamed(place, channel));
      case "map":
        return typedBox(w, "map", args[1], place);
      case "tuple":
        return null;
      case "error":
        return [w.values.native("error()")];
      default:
        if (scalars.has(head)) return none;
        if (head === "*" && args[0] !== undefined) return instancesOf(w, args[0], place);
        return null;
    }
  },

  /** Elements of a defined list or map type are found through what it is made of. */
  iterateInstance(w, value, place) {
    if (value.is !== "instance") return none;
    return underlyingOf(w, value).reduce<Values>((out, box) => join(out, iterate(w, box, place)), none);
  },
  indexInstance(w, value, keys, place) {
    return underlyingOf(w, value).reduce<Values>((out, box) => join(out, index(w, box, keys, place)), none);
  },

  /** Files of one folder with the same package clause; tests are seen by tests alone. */
  unit(w, path, project) {
    const slash = path.lastIndexOf("/");
    const folder = slash < 0 ? "" : path.slice(0, slash);
    const clause = w.deps.packageOf(path);
    const isTest = path.endsWith("_test.go");
    const files = project
      .list(folder)
      .filter((other) => other.endsWith(".go") && (other === path || isTest || !other.endsWith("_test.go")))
      .toSorted()
      .filter((other) => {
        w.consult(other, "package");
        return w.deps.packageOf(other) === clause;
      });
    return { folder, files };
  },

  classParts(w, cls) {
    const name = cls.file.symbolOf(cls.scope)?.name ?? partialName(cls.file.ir.extra, cls.scope);
    if (name === undefined || cls.file.scope(cls.scope).parent !== 0) return [];
    const unit = unitOf(w, cls.file.path);
    if (unit === null) return [];
    w.consult(`${unit.folder}/`, `partial:${name}`);
    const out: { path: string; scope: number }[] = [];
    for (const path of w.deps.unitIndex(unit.files).get(`partial:${name}`) ?? []) {
      if (path === cls.file.path) continue;
      const file = w.file(path);
      const scope = partials(file?.ir.extra)?.[name];
      if (file === null || scope === undefined) continue;
      w.consult(path, `partial:${name}`);
      out.push({ path, scope });
    }
    return out;
  },
};

function underlyingOf(w: World, value: Value): Values {
  if (value.is !== "instance" || value.of.is !== "class") return none;
  const { file, scope } = value.of;
  const type = file.scope(scope).underlying;
  if (type === undefined) return none;
  return instancesOf(w, type, w.place(w.moduleFrame(file), file.scope(scope).parent, Infinity, 0, type)).filter(
    (one) => one.is === "box",
  );
}

const constraintsOf = (ir: FileIr): readonly string[] | undefined => ir.extra?.build as readonly string[] | undefined;

const partials = (extra: Record<string, unknown> | undefined): Record<string, number> | undefined =>
  extra?.partialTypes as Record<string, number> | undefined;

function partialName(extra: Record<string, unknown> | undefined, scope: number): string | undefined {
  return Object.entries(partials(extra) ?? {}).find(([, index]) => index === scope)?.[0];
}
