// The frame that a call runs a function in: told apart by the arguments, the receiver and the surroundings that make a difference.
import { freeReceiver } from "./receivers.ts";
import type { ParamIr } from "../ir.ts";
import { cellsOf } from "./containers.ts";
import type { FileModel } from "./file-model.ts";
import type { Frame } from "./frames.ts";
import { anyKey } from "./heap.ts";
import { mroOf } from "./class-order.ts";
import {
  type BoxValue,
  type CallArgs,
  type ClassValue,
  type FunctionValue,
  isCallable,
  isObject,
  join,
  none,
  type Value,
  type Values,
  withPositional,
} from "./values.ts";
import type { Mentions, Role } from "./mentions.ts";
import type { Place } from "./place.ts";
import type { World } from "./world.ts";

const noParams: readonly ParamIr[] = [];
const noGiven: ReadonlyMap<string, Values> = new Map();

const maxCallDepth = 4;
/** This many calls deep, code of other files is told apart by receivers and closures alone (docs/decisions/0013). */
const maxForeignDepth = 2;
/** Frames that depend on a call site, in one resolution. */
const maxBoundFrames = 2000;

/** Does a box hold anything that can be called, or whose members can? */
function holdsCallables(w: World, box: BoxValue): boolean {
  const known = w.holding.get(box.id);
  if (known !== undefined) return known;
  w.holding.set(box.id, false);
  const holds =
    box.shape === "generator" ||
    box.shape === "promise" ||
    cellsOf(w, box, null, null).some((value) => carries(w, value));
  w.holding.set(box.id, holds);
  return holds;
}

const carries = (w: World, value: Value): boolean =>
  isCallable(value) || isObject(value) || (value.is === "box" && holdsCallables(w, value));

function anyCarries(w: World, values: Values): boolean {
  for (let i = 0; i < values.length; i++) if (carries(w, values[i]!)) return true;
  return false;
}

/** Does any argument from a position on carry something? */
function anyGiven(w: World, positional: readonly Values[], from: number): boolean {
  for (let i = from; i < positional.length; i++) if (anyCarries(w, positional[i]!)) return true;
  return false;
}

export function argsCarry(w: World, args: CallArgs): boolean {
  const { named } = args;
  if (anyGiven(w, args.positional, 0) || anyCarries(w, args.rest) || anyCarries(w, args.namedRest)) return true;
  if (named.size > 0) for (const values of named.values()) if (anyCarries(w, values)) return true;
  return false;
}

/** An instance whose fields may differ from those of any other instance of its class. */
const isSpecial = (w: World, value: Value): boolean =>
  value.is !== "instance" ? value.is !== "class" : value.args !== null || w.heap.has(value);

/** Any instance of its class, unless its fields may differ. */
const plainInstance = (w: World, value: Value): Value =>
  value.is === "instance" && value.site !== "" && !isSpecial(w, value) ? w.values.instance(value.of, "", null) : value;

/** The receiver that a function's frame is told apart by. */
function frameReceiver(w: World, fn: FunctionValue, env: Frame, ofNone: Frame): { self: Value | null; bound: boolean } {
  const { file, scope, self } = fn;
  const ir = file.scope(scope);
  const free = env === ofNone.parent ? ofNone.self : freeReceiver(w, file, scope, env);
  if (self === null || ir.bound === "arrow" || w.semantics(file).trustTypes) return { self: free, bound: false };
  if (self === free) return { self, bound: false };
  const mentions = w.mentions(file, scope);
  const touches = mentions.members.size > 0 || mentions.receiver || mentions.super;
  if (!touches) return { self: free, bound: false };
  if (self.is === "instance" && !isSpecial(w, self)) {
    const generic = self.site === "" ? self : w.values.instance(self.of, "", null, false);
    if (generic === free) return { self: free, bound: false };
    if (free?.is === "instance" && free.of.is === "class" && self.of.is === "class") {
      if (!mentions.receiverReturned && !overridesMatter(w, self.of, free.of, file, scope)) {
        return { self: free, bound: false };
      }
    }
    return { self: generic, bound: true };
  }
  if (self.is === "class" && free?.is === "class") {
    if (!mentions.receiver && !overridesMatter(w, self, free, file, scope)) return { self: free, bound: false };
  }
  return { self, bound: true };
}

/** Functions that are gone into to find out whether a derived class makes one differ. */
const maxDiffering = 60;

/** Does a method of `base` meet, through its receiver, members that `derived` has otherwise? */
function overridesMatter(w: World, derived: ClassValue, base: ClassValue, file: FileModel, scope: number): boolean {
  if (derived === base) return false;
  const method = w.mentions(file, scope);
  let ofMethod = w.differing.get(method);
  if (ofMethod === undefined) w.differing.set(method, (ofMethod = new Map()));
  const pair = derived.id * 0x4000000 + base.id;
  let differs = ofMethod.get(pair);
  if (differs === undefined) {
    differs = meetsOverride(w, derived, base, file, scope, new Set());
    ofMethod.set(pair, differs);
  }
  return differs;
}

function meetsOverride(
  w: World,
  derived: ClassValue,
  base: ClassValue,
  file: FileModel,
  scope: number,
  seen: Set<Mentions>,
): boolean {
  const mentions = w.mentions(file, scope);
  if (seen.has(mentions) || seen.size >= maxDiffering) return false;
  seen.add(mentions);
  if (mentions.super && mroOf(w, derived).length !== mroOf(w, base).length + 1) return true;
  const order = mroOf(w, derived);
  const at = order.indexOf(base);
  if (at < 0) return true;
  for (const name of mentions.members) {
    for (let i = 0; i < order.length; i++) {
      const cls = order[i]!;
      if (cls.is !== "class") continue;
      const bindings = cls.file.bindings(cls.scope, name);
      const fields = cls.file.fieldStores(cls.scope, w.semantics(cls.file).receiver === "first");
      if (bindings.length === 0 && !fields.has(name)) continue;
      if (i < at) return true;
      const value = bindings[0]?.v;
      if (value?.[0] === "f" && meetsOverride(w, derived, base, cls.file, value[1], seen)) return true;
      break;
    }
  }
  return false;
}

/** Is all that a parameter is given of the very types that it is declared to have? Then the call says no more than the declaration. */
function isStated(w: World, free: Frame, param: ParamIr, given: Values): boolean {
  if (param.t === undefined) return false;
  const classes = new Set<Value>();
  const note = (values: Values): void => {
    for (const value of values) {
      if (value.is === "instance") classes.add(value.of);
      else if (value.is === "box" && value.literal === null) note(cellsOf(w, value, null, null));
    }
  };
  note(w.param(free, free.scope, param));
  if (classes.size === 0) return false;
  const isKnown = (value: Value): boolean =>
    value.is === "instance"
      ? classes.has(value.of)
      : value.is === "box"
        ? cellsOf(w, value, null, null).every(isKnown)
        : !isCallable(value) && !isObject(value);
  return given.every(isKnown);
}

/** What of the values that a parameter is given makes a difference to the function. */
function heeded(w: World, free: Frame, param: ParamIr, role: Role, values: Values): Values {
  let useful: Value[] | null = null;
  for (let i = 0; i < values.length; i++) {
    let value = values[i]!;
    if (value.is === "text" || value.is === "number") {
      if (!role.key) continue;
    } else if (isCallable(value)) {
      if (!role.used && !role.passed) continue;
    } else if (isObject(value)) {
      if (!role.used) continue;
      value = plainInstance(w, value);
    } else if (value.is === "box") {
      if (!role.filled && !((role.used || role.passed) && holdsCallables(w, value))) continue;
    } else continue;
    (useful ??= []).push(value);
  }
  if (useful === null) return none;
  return !role.filled && w.semantics(free.file).trustTypes && isStated(w, free, param, useful) ? none : useful;
}

/** The frame in which a function runs for these arguments: a free one when they make no difference. */
export function frameFor(w: World, fn: FunctionValue, args: CallArgs, place: Place): Frame {
  const { file, scope } = fn;
  const ir = file.scope(scope);
  const free = w.freeFrame(file, scope);
  if (w.fuel-- <= 0) return free;
  if (fn.self === null && ir.bound === "instance" && w.semantics(file).receiver === "first") {
    // `Base.method(self, …)`: the receiver is the first argument.
    const [selves, ...others] = args.positional;
    if (selves?.length === 1 && selves[0]!.is === "instance")
      return frameFor(w, w.values.function(file, scope, fn.env, selves[0]), withPositional(args, others), place);
  }
  const env = fn.env ?? w.freeEnv(file, scope);
  let receiver = frameReceiver(w, fn, env, free);
  const mentions = w.mentions(file, scope);
  const { roles } = mentions;
  const params = ir.params ?? noParams;
  const semantics = w.semantics(file);
  const takesSelf = semantics.receiver === "first" && fn.self !== null && ir.bound !== "static" && ir.bound !== "arrow";
  let given = null as Map<string, Values> | null;
  let position = 0;
  const isDeep = file !== w.own && place.frame.depth >= maxForeignDepth;
  for (let index = 0; index < params.length; index++) {
    const param = params[index]!;
    const role = roles[index]!;
    if (index > 0 && !mentions.heeds) break;
    if (isDeep && (index > 0 || !takesSelf)) break;
    if (index === 0 && takesSelf) {
      if (param.kind === "rest") {
        const box = restBox(w, [[fn.self], ...args.positional], args.rest, place, param.n);
        const useful = role === null ? none : heeded(w, free, param, role, [box]);
        if (useful.length > 0) (given ??= new Map<string, Values>()).set(param.n, useful);
      } else if (receiver.bound || (ir.bound === undefined && free.self === null)) {
        given = new Map<string, Values>().set(param.n, [receiver.self ?? fn.self]);
      }
      continue;
    }
    // Nobody reads the arguments for a parameter that decides nothing.
    if (role === null) {
      if (param.kind === "positional" || param.kind === "pattern") position++;
      continue;
    }
    let values: Values | undefined = none;
    switch (param.kind) {
      case "positional":
      case "pattern": {
        values = args.positional[position];
        position++;
        if (values === undefined) {
          values = args.rest;
          const named = args.named.get(param.n);
          if (named !== undefined) values = join(values, named);
          for (const box of args.namedRest)
            if (box.is === "box") values = join(values, cellsOf(w, box, param.n, place));
        }
        break;
      }
      case "keyword": {
        values = args.named.get(param.n) ?? none;
        for (const box of args.namedRest) if (box.is === "box") values = join(values, cellsOf(w, box, param.n, place));
        break;
      }
      case "rest": {
        if (anyGiven(w, args.positional, position) || anyCarries(w, args.rest)) {
          values = [restBox(w, args.positional.slice(position), args.rest, place, param.n)];
        }
        position = args.positional.length;
        break;
      }
      case "named-rest": {
        if (args.named.size === 0 && args.namedRest.length === 0) break;
        const taken = new Set(params.map((one) => one.n));
        const box = w.values.box(`${place.key}:${file.path}:${scope}:**`, {
          shape: "dict",
          literal: null,
          frame: place.frame,
          scope: place.scope,
          at: place.at,
          region: place.r,
        });
        let any = false;
        for (const [name, values] of args.named) {
          if (taken.has(name) || !anyCarries(w, values)) continue;
          put(w, box, name, values, place);
          any = true;
        }
        for (const other of args.namedRest) {
          if (other.is !== "box") continue;
          for (const [name, values] of entriesOf(w, other, place)) {
            if (taken.has(name)) continue;
            put(w, box, name, values, place);
            any = true;
          }
        }
        if (any) values = [box];
        break;
      }
    }
    if (values.length === 0) continue;
    const useful = heeded(w, free, param, role, values);
    if (useful.length > 0) (given ??= new Map<string, Values>()).set(param.n, useful);
  }
  // What is put into this very instance stays with it.
  if (
    mentions.receiverFilled &&
    given !== null &&
    fn.self?.is === "instance" &&
    !semantics.trustTypes &&
    ir.bound !== "arrow"
  ) {
    receiver = { self: fn.self, bound: true };
    const name = semantics.receiver === "first" ? params[0]?.n : undefined;
    if (name !== undefined && given.has(name)) given.set(name, [fn.self]);
  }
  const boundEnv = env.bound;
  if (given === null && !receiver.bound && !boundEnv) return free;
  if (place.frame.depth >= maxCallDepth || w.frames.bound > maxBoundFrames) {
    return boundEnv ? w.frames.get(file, scope, env, receiver.self) : free;
  }
  return w.frames.get(file, scope, env, receiver.self, given ?? noGiven, place.frame.depth + 1, receiver.bound);
}

const put = (w: World, box: Value, key: string, values: Values, place: Place): void =>
  w.heap.put(box, key, {
    expr: null,
    type: false,
    values,
    frame: place.frame,
    scope: place.scope,
    // The box is made here and now: nothing comes before.
    at: -1,
    r: 0,
    replaces: false,
  });

function entriesOf(w: World, box: Value, place: Place): [string, Values][] {
  if (box.is !== "box") return [];
  const keys = new Set<string>(w.heap.all(box).keys());
  if (box.literal?.[0] === "o") for (const [key] of box.literal[1]) if (key !== null) keys.add(key);
  return [...keys].map((key) => [key, cellsOf(w, box, key, place)]);
}

/** A list made by the engine: `*args`, results of built-ins. */
export function restBox(w: World, items: readonly Values[], rest: Values, place: Place, tag: string): Value {
  const box = w.values.box(`${place.key}:${tag}:${items.length}`, {
    shape: "list",
    literal: null,
    frame: place.frame,
    scope: place.scope,
    at: place.at,
    region: place.r,
  });
  items.forEach((values, i) => {
    if (values.length > 0) put(w, box, `#${i}`, values, place);
  });
  if (rest.length > 0) put(w, box, anyKey, rest, place);
  return box;
}
