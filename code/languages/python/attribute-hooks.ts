// Reading and writing attributes runs code: descriptors (`__get__`, `__set__`), properties made by a call, and `__getattr__`.
import { classMember, classOf } from "../../resolve/class-members.ts";
import { mroOf } from "../../resolve/class-order.ts";
import { type Place, placeWith } from "../../resolve/place.ts";
import {
  type ClassValue,
  type InstanceValue,
  join,
  noArgs,
  none,
  type Value,
  type Values,
} from "../../resolve/values.ts";
import type { World } from "../../resolve/world.ts";

/** Does a class of the repository state this method, for itself or through a base? */
function has(w: World, of: Value, name: string, place: Place): boolean {
  if (of.is !== "class") return false;
  let byClass = w.hooks.get(name);
  if (byClass === undefined) w.hooks.set(name, (byClass = new Map()));
  let known = byClass.get(of.id);
  if (known === undefined) {
    byClass.set(of.id, false);
    known = classMember(w, of, name, null, place)?.owner.is === "class";
    byClass.set(of.id, known);
  }
  return known;
}

const isDescriptor = (w: World, value: Value, place: Place): boolean =>
  value.is === "instance" ? has(w, value.of, "__get__", place) : isProperty(value);

/** `name = property(get, set)` */
const isProperty = (value: Value): boolean => value.is === "native" && value.name === "property" && value.self !== null;

const methodOf = (w: World, value: InstanceValue, name: string, place: Place): Values =>
  has(w, value.of, name, place) ? (classMember(w, value.of, name, value, place)?.values ?? none) : none;

export function fetched(w: World, values: Values, cls: ClassValue, self: Value | null, place: Place): Values {
  if (!values.some((value) => isDescriptor(w, value, place))) return values;
  const isClass = self === null || self.is === "class";
  const quiet = placeWith(place, null);
  let out: Values = none;
  for (const value of values) {
    if (!isDescriptor(w, value, place) || (isClass && value.is !== "instance")) out = join(out, [value]);
    else {
      const given: Values[] =
        value.is === "instance" ? [isClass ? none : [self], [self === null ? cls : classOf(self)]] : [[self!]];
      for (const getter of fetchers(w, value, place))
        out = join(out, w.invoke(getter, { ...noArgs, positional: given }, quiet));
    }
  }
  return out;
}

export function fetchers(w: World, value: Value, place: Place): Values {
  if (value.is === "instance") return methodOf(w, value, "__get__", place);
  return value.is === "native" && isProperty(value) ? [value.self!] : none;
}

/** A descriptor's `__set__` is given the instance before the value. */
export function setters(w: World, values: Values, self: Value | null, place: Place): Values {
  if (self === null || self.is !== "instance") return none;
  const bound = { ...noArgs, positional: [[self]] };
  let out: Values = none;
  for (const value of values) {
    const found =
      value.is === "instance"
        ? methodOf(w, value, "__set__", place)
        : value.is === "native" && isProperty(value)
          ? (value.bound?.positional[1] ?? value.bound?.named.get("fset") ?? none)
          : none;
    for (const setter of found) out = join(out, [w.values.native("partial", setter, bound, place.key)]);
  }
  return out;
}

/** `__getattr__`, where nothing is known to be under the name. */
export function fallbacks(w: World, value: InstanceValue, name: string, place: Place): Values {
  if (!has(w, value.of, "__getattr__", place) || (name.startsWith("__") && name.endsWith("__"))) return none;
  if (w.heap.at(value, name).length > 0 || name.endsWith("=")) return none;
  for (const cls of mroOf(w, value.of)) {
    // What a class from outside has is not known.
    if (cls.is === "external") return none;
    if (cls.is !== "class") continue;
    if (cls.file.bindings(cls.scope, name).length > 0 || cls.file.fieldStores(cls.scope, true).has(name)) return none;
  }
  return methodOf(w, value, "__getattr__", place);
}

export function fallback(w: World, value: InstanceValue, name: string, place: Place): Values | null {
  const methods = fallbacks(w, value, name, place);
  if (methods.length === 0) return null;
  let out: Values = none;
  const named = { ...noArgs, positional: [[w.values.text(name)]] };
  for (const method of methods) {
    // In another file, what is given for one name costs more than it says.
    const args = method.is === "function" && method.file === w.own ? named : noArgs;
    out = join(out, w.invoke(method, args, placeWith(place, null)));
  }
  return out;
}
