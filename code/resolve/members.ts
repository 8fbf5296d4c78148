// Members: what `object.name` may be, by the kind of object; and the fields of instances.
import { classMember, classOf, memberIn, prototypeMember } from "./class-members.ts";
import { metaclassOf, mroOf } from "./class-order.ts";
import { cellsOf, visible } from "./containers.ts";
import type { FieldStore } from "./file-model.ts";
import { storeThunk } from "./effects.ts";
import type { Frame } from "./frames.ts";
import type { Thunk } from "./heap.ts";
import { bindAll, isSetter, stores } from "./stored-members.ts";
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
import { wrapperField } from "./wrapper-fields.ts";
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
      return [w.values.externalMember(value, name)];
    case "class": {
      const found = classMember(w, value, name, value, place);
      if (found !== null) return found.values;
      const meta = w.semantics(value.file).receiver === "first" ? metaclassOf(w, value) : null;
      const ofMeta = meta === null ? null : classMember(w, meta, name, null, place);
      if (ofMeta !== null && ofMeta.owner.is === "class") return bindAll(w, ofMeta.values, value);
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

/** Listeners of an event are kept under its name in braces; an object with an `emit` of its own says itself what it calls. */
const isEvent = (name: string): boolean => name.charCodeAt(0) === 123 && name.startsWith("{on ");

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

function fieldThunks(
  w: World,
  file: ClassValue["file"],
  fields: readonly FieldStore[],
  of: FunctionValue["env"],
  inst: InstanceValue,
  place: Place,
): Thunk[] {
  const thunks: Thunk[] = [];
  // Fields come method by method, which mostly is one.
  let method = -1;
  let frame: Frame | null = null;
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!;
    if (frame === null || field.method !== method) {
      method = field.method;
      const fn = w.values.function(file, field.method, of, inst);
      const symbol = file.symbolOf(field.method);
      // A constructor that the language writes itself has no symbol but the class.
      const constructs =
        inst.args !== null &&
        (symbol?.name === w.semantics(file).constructorName ||
          inst.of.is === "function" ||
          symbol === file.symbolOf(file.scope(field.method).parent));
      frame = w.frameFor(fn, constructs ? inst.args : noArgs, place);
    }
    thunks.push(storeThunk(field.store, frame, field.scope));
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
  for (let i = 0; i < order.length; i++) {
    const cls = order[i]!;
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
    const seen = visible(thunks, place);
    for (let i = 0; i < seen.length; i++) out = join(out, w.thunk(seen[i]!));
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
  if (semantics.receiver === "first" && !semantics.trustTypes && (found === null || found.owner.is === "external")) {
    const given = wrapperField(w, inst, name, place);
    if (given.length > 0) return given;
  }
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
  return semantics.fallback?.(w, inst, name, place) ?? semantics.member(w, inst, name);
}

/** What is seen to be put into a field of an interface type is seldom all that it may hold. */
const interfaces = (values: Values): Values =>
  values.filter(
    (value) =>
      value.is === "instance" &&
      value.of.is === "class" &&
      value.of.file.symbolOf(value.of.scope)?.kind === "Interface",
  );
