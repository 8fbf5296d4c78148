// Members: what `object.name` may be, through fields, classes and their linearised bases, modules, prototypes and the heap.
import type { BindingIr } from "../ir.ts";
import { mroOf } from "./class-order.ts";
import { cellsOf, visible } from "./containers.ts";
import type { FieldStore } from "./file-model.ts";
import { reaching } from "./flow.ts";
import { storeThunk } from "./effects.ts";
import type { Frame } from "./frames.ts";
import type { Thunk } from "./heap.ts";
import {
  type ClassValue,
  type FunctionValue,
  type InstanceValue,
  join,
  noArgs,
  none,
  type Value,
  type Values,
  type BoxValue,
} from "./values.ts";
import type { Place } from "./place.ts";
import type { World } from "./world.ts";

export function member(w: World, value: Value, name: string, place: Place): Values {
  if (isEvent(name) && member(w, value, "emit", place).some((one) => one.is === "function")) return none;
  switch (value.is) {
    case "module": {
      const found = join(stores(w, value, name, place), w.moduleMember(value, name));
      return found.length > 0 ? found : w.semantics(place.frame.file).member(w, value, name);
    }
    case "unit":
      return w.moduleMember(value, name);
    case "external":
      if (isSetter(name)) return none;
      return [w.values.external(value.package, value.name === "" ? name : shorten(`${value.name}.${name}`))];
    case "class": {
      const found = classMember(w, value, name, value, place);
      if (found !== null) return found.values;
      return w.semantics(value.file).member(w, value, name);
    }
    case "instance":
      return instanceMember(w, value, name, place);
    case "super": {
      const order = value.self.is === "instance" || value.self.is === "class" ? mroOf(w, classOf(value.self)) : [];
      const start = order.indexOf(value.of);
      const after = start >= 0 ? order.slice(start + 1) : mroOf(w, value.of).slice(1);
      return memberIn(w, after, name, value.self, place)?.values ?? none;
    }
    case "box": {
      if (value.shape === "list" && /^\d+$/.test(name)) return cellsOf(w, value, `#${name}`, place);
      if (value.shape === "dict" || value.shape === "list") {
        // The elements of a list of unknown order are not what its methods are.
        const named = value.shape === "dict" || w.heap.at(value, name).length > 0;
        const stored =
          named && w.semantics(place.frame.file).receiver === "this" ? cellsOf(w, value, name, place) : none;
        if (stored.length > 0) return bindAll(w, stored, value, place);
        if (w.semantics(place.frame.file).receiver === "this") {
          const out = inheritedMember(w, value, name, place);
          if (out.length > 0) return bindAll(w, out, value, place);
        }
      }
      return w.semantics(place.frame.file).member(w, value, name);
    }
    case "function": {
      const stored = stores(w, value, name, place);
      if (stored.length > 0) return bindAll(w, stored, value);
      if (name === "prototype" && w.semantics(value.file).receiver === "this")
        return [w.values.prototype(unbound(w, value))];
      const plain = unbound(w, value);
      if (plain !== value) {
        const other = stores(w, plain, name, place);
        if (other.length > 0) return bindAll(w, other, value);
      }
      return w.semantics(value.file).member(w, value, name);
    }
    case "prototype":
      return prototypeMember(w, value.of, name, null, place);
    default: {
      const stored = stores(w, value, name, place);
      return stored.length > 0 ? stored : w.semantics(place.frame.file).member(w, value, name);
    }
  }
}

/** Languages keep the setter of `name` under `name=`, which nothing in a source is called. */
const isSetter = (name: string): boolean => name.charCodeAt(name.length - 1) === 61;

/** Listeners of an event are kept under its name in braces; an object with an `emit` of its own says itself what it calls. */
const isEvent = (name: string): boolean => name.charCodeAt(0) === 123 && name.startsWith("{on ");

const shorten = (name: string): string => (name.length > 120 ? name.slice(0, 120) : name);

const unbound = (w: World, value: FunctionValue): FunctionValue =>
  value.self === null ? value : w.values.function(value.file, value.scope, value.env, null);

/** A member found along the prototypes that were set, which may be many, and may lead in a circle. */
function inheritedMember(w: World, object: BoxValue, name: string, place: Place): Values {
  const seen = new Set<Value>([object]);
  let layer: Value[] = [object];
  for (let level = 0; level < 8 && layer.length > 0; level++) {
    let out: Values = none;
    const next: Value[] = [];
    for (const one of layer) {
      // Only what was put there by name: an element of unknown key is no prototype.
      if (w.heap.at(one, "__proto__").length === 0) continue;
      for (const parent of stores(w, one, "__proto__", place)) {
        if (seen.has(parent)) continue;
        seen.add(parent);
        if (parent.is === "box") {
          out = join(out, cellsOf(w, parent, name, place));
          next.push(parent);
        } else out = join(out, member(w, parent, name, place));
      }
    }
    if (out.length > 0) return out;
    layer = next;
  }
  return none;
}

/** What was stored under a key of an object that has no literal. */
function stores(w: World, object: Value, name: string, place: Place): Values {
  const own = w.heap.at(object, name);
  if (own.length === 0) return none;
  let out: Values = none;
  for (const thunk of visible(w, own, place, () => true)) out = join(out, w.thunk(thunk));
  return out;
}

/** JS: functions read from an object get it as their `this`; getters run, where it is known from where they are read. */
function bindAll(w: World, values: Values, self: Value, place: Place | null = null): Values {
  if (!values.some((value) => value.is === "function" && value.self === null)) return values;
  let out: Values = none;
  for (const value of values) {
    const bound = value.is === "function" && value.self === null ? value.file.scope(value.scope).bound : "arrow";
    if (value.is !== "function" || bound === "arrow") out = join(out, [value]);
    else if (bound === "getter" && place !== null) out = join(out, run(w, value, self, place));
    else out = join(out, [w.values.function(value.file, value.scope, value.env, self)]);
  }
  return out;
}

export const classOf = (value: Value): Value => (value.is === "instance" ? value.of : value);

export interface FoundMember {
  values: Values;
  /** The class (or other base) that has it. */
  owner: Value;
}

export const classMember = (w: World, cls: Value, name: string, self: Value | null, place: Place): FoundMember | null =>
  memberIn(w, mroOf(w, cls), name, self, place);

function memberIn(
  w: World,
  order: readonly Value[],
  name: string,
  self: Value | null,
  place: Place,
): FoundMember | null {
  for (const cls of order) {
    if (cls.is === "external") {
      if (isSetter(name)) return null;
      return { values: [w.values.external(cls.package, shorten(`${cls.name}.${name}`))], owner: cls };
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

/** A member that a class states itself; null when it has none of this name. */
function ownMember(w: World, cls: ClassValue, name: string, self: Value | null, place: Place): Values | null {
  const semantics = w.semantics(cls.file);
  let out: Values = none;
  let found = false;
  // What JavaScript puts on a class is not seen through its instances.
  const isApart = semantics.receiver === "this" && self?.is === "instance";
  const stored = isApart ? none : stores(w, cls, name, place);
  if (stored.length > 0) {
    found = true;
    out = bindMembers(w, stored, cls, self);
    if (w.heap.at(cls, name).some((thunk) => thunk.replaces && thunk.r === 0)) return out;
  }
  if (semantics.receiver === "this") {
    const prototype = stores(w, w.values.prototype(cls), name, place);
    if (prototype.length > 0) {
      found = true;
      out = join(out, bindAll(w, prototype, self ?? cls));
    }
  }
  const parts = [{ path: cls.file.path, scope: cls.scope }, ...(semantics.classParts?.(w, cls) ?? [])];
  for (const part of parts) {
    const file = part.path === cls.file.path ? cls.file : w.file(part.path);
    if (file === null) continue;
    const bindings = file.bindings(part.scope, name);
    if (bindings.length === 0) continue;
    const env = file === cls.file ? (cls.env ?? w.freeEnv(file, part.scope)) : w.moduleFrame(file);
    const readable = bindings.filter((binding) => {
      const inner = innerFunction(binding);
      if (inner >= 0 && file.scope(inner).bound === "setter" && !isSetter(name)) return false;
      // Static members and those of instances are worlds apart.
      if (semantics.receiver !== "this" || binding.v[0] !== "f") return true;
      return (self?.is === "class") === file.isStatic(inner);
    });
    const reach =
      readable.length > 1 ? reaching(readable, Infinity, 0, file.scope(part.scope).regions).items : readable;
    for (const binding of reach) {
      found = true;
      const owner = part.path === cls.file.path ? cls : w.values.class(file, part.scope, env);
      out = join(out, bindingMember(w, owner, cls, binding, self, place));
    }
    if (readable.length === 0 && semantics.receiver === "first") found = true;
  }
  return found ? out : null;
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
    binding.v[0] === "f" ||
    bound === "getter" ||
    bound === "class" ||
    (bound === "static" && w.semantics(file).receiver === "this");
  if (inner >= 0 && isPlain) {
    // An arrow kept in a field sees the instance as the `this` around it.
    const around = bound === "arrow" ? w.frames.get(file, owner.scope, env, self) : env;
    const plain = w.values.function(file, inner, around, null);
    return bindMember(w, plain, cls, self, place);
  }
  const frame =
    self !== null && w.semantics(file).receiver === "this" ? w.frames.get(file, owner.scope, env, self) : env;
  const values = w.binding(binding, frame, owner.scope);
  return bound === "static" ? values : bindMembers(w, values, cls, self);
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

const run = (w: World, fn: FunctionValue, self: Value, place: Place): Values =>
  w.resultOf(w.frameFor(w.values.function(fn.file, fn.scope, fn.env, self), noArgs, place));

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

function fieldThunks(
  w: World,
  file: ClassValue["file"],
  fields: readonly FieldStore[],
  of: FunctionValue["env"],
  inst: InstanceValue,
  place: Place,
): Thunk[] {
  const thunks: Thunk[] = [];
  const frames = new Map<number, Frame>();
  for (const field of fields) {
    let frame = frames.get(field.method);
    if (frame === undefined) {
      const fn = w.values.function(file, field.method, of, inst);
      const symbol = file.symbolOf(field.method);
      // A constructor that the language writes itself has no symbol but the class.
      const constructs =
        inst.args !== null &&
        (symbol?.name === w.semantics(file).constructorName ||
          inst.of.is === "function" ||
          symbol === file.symbolOf(file.scope(field.method).parent));
      frame = w.frameFor(fn, constructs ? inst.args : noArgs, place);
      frames.set(field.method, frame);
    }
    thunks.push(storeThunk(w, field.store, frame, field.scope));
  }
  return thunks;
}

const joined = (a: readonly Thunk[], b: readonly Thunk[]): readonly Thunk[] =>
  a.length === 0 ? b : b.length === 0 ? a : [...a, ...b];

function instanceMember(w: World, inst: InstanceValue, name: string, place: Place): Values {
  const semantics = inst.of.is === "class" || inst.of.is === "function" ? w.semantics(inst.of.file) : null;
  if (semantics === null) return none;
  let thunks: readonly Thunk[] = w.heap.at(inst, name);
  // What was put into any instance may be in this one.
  const generic = inst.site === "" && !inst.declared ? inst : w.values.instance(inst.of, "", null);
  if (generic !== inst) thunks = joined(thunks, w.heap.at(generic, name));
  const order = inst.of.is === "class" ? mroOf(w, inst.of) : [inst.of];
  for (const cls of order) {
    if (cls.is !== "class" && cls.is !== "function") continue;
    const isClass = cls.is === "class";
    const fields = (
      isClass ? cls.file.fieldStores(cls.scope, semantics.receiver === "first") : cls.file.ownFields(cls.scope)
    ).get(name);
    if (fields === undefined) continue;
    const env = isClass ? (cls.env ?? w.freeEnv(cls.file, cls.scope)) : cls.env;
    thunks = joined(thunks, fieldThunks(w, cls.file, fields, env, inst, place));
    break;
  }
  if (thunks.length > 0) {
    let out: Values = none;
    for (const thunk of visible(w, thunks, place, (one) => one.replaces)) out = join(out, w.thunk(thunk));
    if (out.length > 0) {
      if (semantics.trustTypes) return join(out, interfaces(memberIn(w, order, name, inst, place)?.values ?? none));
      return semantics.receiver === "this" ? bindAll(w, out, inst) : out;
    }
  }
  let ofInstance = w.members.get(inst.id);
  if (ofInstance === undefined) w.members.set(inst.id, (ofInstance = new Map()));
  const known = ofInstance.get(name);
  if (known !== undefined) return known;
  const found = memberIn(w, order, name, inst, place);
  if (found !== null && found.values.length > 0) {
    // What is fetched plainly is the same wherever it is asked for; a getter's result may not be.
    if (thunks.length === 0 && found.values.every((value) => value.is === "function" || value.is === "external")) {
      ofInstance.set(name, found.values);
    }
    return found.values;
  }
  if (inst.of.is === "function") {
    const inherited = prototypeMember(w, inst.of, name, inst, place);
    if (inherited.length > 0) return inherited;
  }
  return semantics.member(w, inst, name);
}

/** What is seen to be put into a field of an interface type is seldom all that it may hold. */
const interfaces = (values: Values): Values =>
  values.filter(
    (value) =>
      value.is === "instance" &&
      value.of.is === "class" &&
      value.of.file.symbolOf(value.of.scope)?.kind === "Interface",
  );

/** JS: `F.prototype.name`, and what F's prototype was made from. */
function prototypeMember(w: World, of: Value, name: string, self: Value | null, place: Place, depth = 0): Values {
  if (depth > 12) return none;
  if (of.is === "class")
    return classMember(w, of, name, self ?? w.values.instance(of, "", null), place)?.values ?? none;
  const prototype = w.values.prototype(of);
  let out = stores(w, prototype, name, place);
  if (out.length === 0) {
    for (const whole of stores(w, of, "prototype", place)) out = join(out, member(w, whole, name, place));
  }
  if (out.length === 0) {
    for (const parent of stores(w, prototype, "__proto__", place)) {
      if (parent.is === "prototype" && parent.of !== of) {
        out = join(out, prototypeMember(w, parent.of, name, self, place, depth + 1));
      } else out = join(out, member(w, parent, name, place));
    }
  }
  if (self === null) return out;
  return out.map((value) =>
    value.is === "function" && value.file.scope(value.scope).bound !== "arrow"
      ? w.values.function(value.file, value.scope, value.env, self)
      : value,
  );
}
