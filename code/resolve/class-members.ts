// Members of classes: along the linearised bases, what each states or was given, bound to the receiver; and JavaScript's prototypes.
import type { BindingIr } from "../ir.ts";
import { mroOf } from "./class-order.ts";
import type { FileModel } from "./file-model.ts";
import { reaching } from "./flow.ts";
import { bindAll, isSetter, run, stores } from "./stored-members.ts";
import { type ClassValue, type FunctionValue, join, none, type Value, type Values } from "./values.ts";
import type { Place } from "./place.ts";
import type { World } from "./world.ts";

export const classOf = (value: Value): Value => (value.is === "instance" ? value.of : value);

export interface FoundMember {
  values: Values;
  /** The class (or other base) that has it. */
  owner: Value;
}

export const classMember = (w: World, cls: Value, name: string, self: Value | null, place: Place): FoundMember | null =>
  memberIn(w, mroOf(w, cls), name, self, place);

export function memberIn(
  w: World,
  order: readonly Value[],
  name: string,
  self: Value | null,
  place: Place,
): FoundMember | null {
  for (let i = 0; i < order.length; i++) {
    const cls = order[i]!;
    if (cls.is === "external") {
      if (isSetter(name)) return null;
      return { values: [w.values.externalMember(cls, name)], owner: cls };
    }
    if (cls.is === "native") continue;
    if (cls.is === "function") {
      const values = prototypeMember(w, cls, name, self, place);
      if (values.length > 0) return { values, owner: cls };
      continue;
    }
    if (cls.is !== "class") continue;
    const values = ownMember(w, cls, name, self, place);
    if (values !== null) return { values, owner: cls };
  }
  return null;
}

/** A member that a class has itself; null when it has none of this name. */
function ownMember(w: World, cls: ClassValue, name: string, self: Value | null, place: Place): Values | null {
  const semantics = w.semantics(cls.file);
  let out: Values | null = null;
  // What JavaScript puts on a class is not seen through its instances.
  const isApart = semantics.receiver === "this" && self?.is === "instance";
  const stored = isApart ? none : stores(w, cls, name, place);
  if (stored.length > 0) {
    out = bindMembers(w, stored, cls, self);
    if (w.heap.at(cls, name).some((thunk) => thunk.replaces && thunk.r === 0)) return out;
  }
  if (semantics.receiver === "this") {
    const prototype = stores(w, w.values.prototype(cls), name, place);
    if (prototype.length > 0) out = join(out ?? none, bindAll(w, prototype, self ?? cls));
  }
  out = statedMember(w, cls, cls.file, cls.scope, name, self, place, out);
  if (semantics.classParts === undefined) return out;
  for (const part of semantics.classParts(w, cls)) {
    const file = part.path === cls.file.path ? cls.file : w.file(part.path);
    if (file !== null) out = statedMember(w, cls, file, part.scope, name, self, place, out);
  }
  return out;
}

/** A member that a class states in one of the places that declare it, with what was found before; null: nothing. */
function statedMember(
  w: World,
  cls: ClassValue,
  file: FileModel,
  scope: number,
  name: string,
  self: Value | null,
  place: Place,
  before: Values | null,
): Values | null {
  const bindings = file.bindings(scope, name);
  const { receiver, setters } = w.semantics(cls.file);
  if (bindings.length === 0) {
    if (setters === undefined || !isSetter(name)) return before;
    const kept = file.bindings(scope, name.slice(0, -1));
    if (kept.length === 0 || kept.some((binding) => innerFunction(binding) >= 0)) return before;
    const at = cls.env ?? w.freeEnv(file, scope);
    const found = setters(
      w,
      kept.flatMap((binding) => w.binding(binding, at, scope)),
      self,
      place,
    );
    return found.length > 0 ? join(before ?? none, found) : before;
  }
  const env = file === cls.file ? (cls.env ?? w.freeEnv(file, scope)) : w.moduleFrame(file);
  const isReadable = (binding: BindingIr): boolean => {
    const inner = innerFunction(binding);
    if (inner >= 0 && file.scope(inner).bound === "setter" && !isSetter(name)) return false;
    // Static members and those of instances are worlds apart.
    if (receiver !== "this" || binding.v[0] !== "f") return true;
    return (self?.is === "class") === file.isStatic(inner);
  };
  const readable = bindings.every(isReadable) ? bindings : bindings.filter(isReadable);
  if (readable.length === 0) return receiver === "first" ? (before ?? none) : before;
  const reach = readable.length > 1 ? reaching(readable, Infinity, 0, file.scope(scope).regions).items : readable;
  const owner = file === cls.file ? cls : w.values.class(file, scope, env);
  let out = before ?? none;
  for (let i = 0; i < reach.length; i++) out = join(out, bindingMember(w, owner, cls, reach[i]!, self, place));
  return out;
}

const innerFunction = (binding: BindingIr): number => {
  let v = binding.v;
  while (v[0] === "d") v = v[2];
  return v[0] === "f" ? v[1] : -1;
};

function bindingMember(
  w: World,
  owner: ClassValue,
  cls: ClassValue,
  binding: BindingIr,
  self: Value | null,
  place: Place,
): Values {
  const { file } = owner;
  const env = owner.env ?? w.freeEnv(file, owner.scope);
  const inner = innerFunction(binding);
  const bound = inner < 0 ? undefined : file.scope(inner).bound;
  const isPlain =
    binding.v[0] === "f" || bound === "getter" || (bound === "static" && w.semantics(file).receiver === "this");
  if (inner >= 0 && isPlain) {
    // An arrow kept in a field sees the instance as the `this` around it.
    const around = bound === "arrow" ? w.frames.get(file, owner.scope, env, self) : env;
    const plain = w.values.function(file, inner, around, null);
    return bindMember(w, plain, cls, self, place);
  }
  const frame =
    self !== null && w.semantics(file).receiver === "this" ? w.frames.get(file, owner.scope, env, self) : env;
  const values = w.binding(binding, frame, owner.scope);
  if (bound === "static") return values;
  // What a decorator makes of a class method is given the class all the same.
  if (bound === "class") return bindAll(w, values, self === null ? cls : classOf(self));
  return bindMembers(w, w.semantics(file).fetched?.(w, values, cls, self, place) ?? values, cls, self);
}

function bindMember(w: World, fn: FunctionValue, cls: ClassValue, self: Value | null, place: Place): Values {
  const bound = fn.file.scope(fn.scope).bound;
  const semantics = w.semantics(fn.file);
  switch (bound) {
    case "arrow":
      return [fn];
    case "static":
      return semantics.receiver === "this" ? [w.values.function(fn.file, fn.scope, fn.env, self ?? cls)] : [fn];
    case "class": {
      const of = self === null ? cls : classOf(self);
      return [w.values.function(fn.file, fn.scope, fn.env, of)];
    }
    case "getter": {
      if (self === null || self.is === "class")
        return semantics.receiver === "this" && self !== null ? run(w, fn, self, place) : none;
      return run(w, fn, self, place);
    }
    default:
      // Looked up on the class itself: a plain function, which is given its receiver as an argument.
      if (self === null || self.is === "class") return [fn];
      return [w.values.function(fn.file, fn.scope, fn.env, self)];
  }
}

/** Values that stand in a class under a name and are read through `self`: plain functions get it as their receiver. */
function bindMembers(w: World, values: Values, cls: ClassValue, self: Value | null): Values {
  if (self === null || self.is === "class") return values;
  if (!values.some((value) => value.is === "function" && value.self === null)) return values;
  return values.map((value) => {
    if (value.is !== "function" || value.self !== null) return value;
    const bound = value.file.scope(value.scope).bound;
    if (bound === "arrow" || bound === "static") return value;
    return w.values.function(value.file, value.scope, value.env, self);
  });
}

/** JS: `F.prototype.name`, and what F's prototype was made from. */
export function prototypeMember(
  w: World,
  of: Value,
  name: string,
  self: Value | null,
  place: Place,
  depth = 0,
): Values {
  if (depth > 12) return none;
  if (of.is === "class")
    return classMember(w, of, name, self ?? w.values.instance(of, "", null), place)?.values ?? none;
  const prototype = w.values.prototype(of);
  let out = stores(w, prototype, name, place);
  if (out.length === 0) {
    for (const whole of stores(w, of, "prototype", place)) out = join(out, w.member(whole, name, place));
  }
  if (out.length === 0) {
    for (const parent of stores(w, prototype, "__proto__", place)) {
      if (parent.is === "prototype" && parent.of !== of) {
        out = join(out, prototypeMember(w, parent.of, name, self, place, depth + 1));
      } else out = join(out, w.member(parent, name, place));
    }
  }
  if (self === null) return out;
  return out.map((value) =>
    value.is === "function" && value.file.scope(value.scope).bound !== "arrow"
      ? w.values.function(value.file, value.scope, value.env, self)
      : value,
  );
}
