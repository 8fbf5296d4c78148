// What calls do: which frame a function runs in for given arguments, and what comes back.
import type { Expr, ParamIr } from "../ir.ts";
import { cellsOf, iterate } from "./containers.ts";
import type { FileModel } from "./file-model.ts";
import type { Frame } from "./frames.ts";
import { anyKey } from "./heap.ts";
import { classMember, mroOf } from "./members.ts";
import { instancesOf } from "./types.ts";
import {
  type BoxValue,
  type CallArgs,
  type ClassValue,
  type FunctionValue,
  type InstanceValue,
  isCallable,
  isObject,
  join,
  noArgs,
  none,
  type Value,
  type Values,
  withPositional,
} from "./values.ts";
import { CallPlace, type Place } from "./place.ts";
import type { World } from "./world.ts";

const noParams: readonly ParamIr[] = [];
const noGiven: ReadonlyMap<string, Values> = new Map();

const maxCallDepth = 4;
/** Frames that depend on a call site, in one resolution. */
const maxBoundFrames = 2000;

/** Arguments of a call, evaluated when somebody asks: most callees never do. */
class LazyArgs implements CallArgs {
  readonly #world: World;
  readonly #call: number;
  readonly #frame: Frame;
  #known: CallArgs | null = null;

  constructor(world: World, call: number, frame: Frame) {
    this.#world = world;
    this.#call = call;
    this.#frame = frame;
  }

  #all(): CallArgs {
    return (this.#known ??= readArgs(this.#world, this.#call, this.#frame));
  }
  get positional(): readonly Values[] {
    return this.#all().positional;
  }
  get rest(): Values {
    return this.#all().rest;
  }
  get named(): ReadonlyMap<string, Values> {
    return this.#all().named;
  }
  get namedRest(): Values {
    return this.#all().namedRest;
  }
}

export function evalArgs(w: World, callIndex: number, frame: Frame): CallArgs {
  const call = frame.file.call(callIndex);
  return call.a.length === 0 && call.k === undefined ? noArgs : new LazyArgs(w, callIndex, frame);
}

function readArgs(w: World, callIndex: number, frame: Frame): CallArgs {
  const call = frame.file.call(callIndex);
  if (call.a.length === 0 && call.k === undefined) return noArgs;
  const positional: Values[] = [];
  let rest: Values = none;
  let spread = false;
  for (const arg of call.a) {
    if (arg[0] === "*") {
      const lists = w.eval(arg[1], frame, call.s, call.at, call.r);
      const place = w.place(frame, call.s, call.at, call.r, arg);
      for (const list of lists) {
        const items = lists.length === 1 && list.is === "box" ? orderedItems(w, list, place) : null;
        if (items !== null && !spread) positional.push(...items);
        else {
          spread = true;
          rest = join(rest, iterate(w, list, place));
        }
      }
      if (lists.length === 0) spread = true;
    } else {
      const values = w.eval(arg, frame, call.s, call.at, call.r);
      if (spread) rest = join(rest, values);
      else positional.push(values);
    }
  }
  if (call.k === undefined) return { positional, rest, named: noArgs.named, namedRest: none };
  const named = new Map<string, Values>();
  let namedRest: Values = none;
  for (const [name, value] of call.k) {
    const values = w.eval(value, frame, call.s, call.at, call.r);
    if (name === null) namedRest = join(namedRest, values);
    else named.set(name, values);
  }
  return { positional, rest, named, namedRest };
}

/** The items of a list whose order is known: a literal without spreads that nothing was appended to. */
function orderedItems(w: World, list: Value, place: Place): Values[] | null {
  if (list.is !== "box" || list.shape !== "list") return null;
  const literal = list.literal;
  if (literal === null) {
    const cells = w.heap.all(list);
    if (cells.has(anyKey) || cells.has("+")) return null;
    const items: Values[] = [];
    for (let i = 0; cells.has(`#${i}`); i++) items.push(cellsOf(w, list, `#${i}`, place));
    return items;
  }
  if (literal[0] !== "l" || literal[1].some((item: Expr) => item[0] === "*")) return null;
  const cells = w.heap.all(list);
  if (cells.has(anyKey) || cells.has("+")) return null;
  return literal[1].map((_, i) => cellsOf(w, list, `#${i}`, place));
}

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
const anyCarries = (w: World, values: Values): boolean => values.some((value) => carries(w, value));
const argsCarry = (w: World, args: CallArgs): boolean =>
  args.positional.some((values) => anyCarries(w, values)) ||
  anyCarries(w, args.rest) ||
  anyCarries(w, args.namedRest) ||
  [...args.named.values()].some((values) => anyCarries(w, values));

export function callResult(w: World, index: number, frame: Frame): Values {
  const call = frame.file.ir.calls[index];
  if (call === undefined) return none;
  return w.compute(frame, call, () => {
    const callees = w.eval(call.f, frame, call.s, call.at, call.r);
    if (callees.length === 0) return none;
    const args = evalArgs(w, index, frame);
    const place = new CallPlace(frame, index, null);
    let out: Values = none;
    for (const callee of callees) out = join(out, invoke(w, callee, args, place, call.new === true));
    return out;
  });
}

/** What calling a value gives. `constructs`: written with `new`. */
export function invoke(w: World, callee: Value, args: CallArgs, place: Place, constructs: boolean): Values {
  switch (callee.is) {
    case "function": {
      const semantics = w.semantics(callee.file);
      if (constructs && semantics.receiver === "this") {
        const made = [w.values.instance(callee, place.key, argsCarry(w, args) ? args : null)];
        const result = resultOf(w, frameFor(w, callee, args, place)).filter((value) => value.is !== "instance");
        return result.length > 0 ? result : made;
      }
      return resultOf(w, frameFor(w, callee, args, place));
    }
    case "class": {
      const semantics = w.semantics(callee.file);
      if (!constructs && !semantics.callConstructs) return none;
      return construct(w, callee, args, place);
    }
    case "native":
      return w.semantics(place.frame.file).call(w, callee, args, place);
    case "external": {
      const known = w.semantics(place.frame.file).callExternal?.(w, callee, args, place) ?? null;
      if (known !== null) return known;
      return [w.values.external(callee.package, callee.name.endsWith("()") ? callee.name : `${callee.name}()`)];
    }
    case "instance": {
      let out: Values = none;
      for (const method of callMethods(w, callee, place)) out = join(out, invoke(w, method, args, place, false));
      return out;
    }
    case "declared":
      if (callee.type === null || callee.env === null) return none;
      return typeResult(w, callee.type, {
        ...place,
        frame: callee.env,
        scope: callee.scope,
        at: Infinity,
        r: 0,
        key: `${place.key}d`,
      });
    default:
      return none;
  }
}

function typeResult(w: World, type: Expr, place: Place): Values {
  if (type[0] === "g" && type[1][0] === "n" && type[1][1] === "func" && type[2][0] !== undefined) {
    return instancesOf(w, type[2][0], place);
  }
  return none;
}

/** What runs when an instance is called (`__call__`). */
export function callMethods(w: World, value: InstanceValue, place: Place): Values {
  const of = value.of;
  if (of.is !== "class") return none;
  const name = w.semantics(of.file).callName;
  if (name === null) return none;
  return classMember(w, of, name, value, place)?.values ?? none;
}

export function construct(w: World, cls: ClassValue, args: CallArgs, place: Place): Values {
  const how = makerOf(w, cls, place);
  if (how.replaced) {
    // A class's `__new__` may give something else; only what its body states is believed.
    const made = classMember(w, cls, "__new__", cls, place)?.values ?? none;
    for (const value of made) {
      if (value.is !== "function") continue;
      const given = withPositional(args, [[cls], ...args.positional]);
      const result = resultOf(w, frameFor(w, value, given, place));
      const others = result.filter((one) => one.is === "instance" && one.of.is === "class" && one.of !== cls);
      if (others.length > 0) return others;
    }
  }
  return [w.values.instance(cls, place.key, how.heeds && argsCarry(w, args) ? args : null)];
}

/** Does a class have a `__new__`, and does its constructor heed what it is given? */
function makerOf(w: World, cls: ClassValue, place: Place): { replaced: boolean; heeds: boolean } {
  const known = w.makers.get(cls.id);
  if (known !== undefined) return known;
  const semantics = w.semantics(cls.file);
  const name = semantics.constructorName;
  let heeds = false;
  for (const base of mroOf(w, cls)) {
    if (base.is === "function") heeds = true;
    if (base.is !== "class" || name === null) continue;
    for (const child of base.file.bindings(base.scope, name)) {
      let v = child.v;
      while (v[0] === "d") v = v[2];
      if (v[0] !== "f" || w.mentions(base.file, v[1]).heeds) heeds = true;
    }
  }
  const maker = {
    replaced: semantics.callName !== null && classMember(w, cls, "__new__", cls, place)?.owner.is === "class",
    heeds,
  };
  w.makers.set(cls.id, maker);
  return maker;
}

/** The members that run when an instance of a class is made. */
export function constructorsOf(w: World, cls: Value, self: Value, place: Place): Values {
  if (cls.is !== "class") return none;
  const name = w.semantics(cls.file).constructorName;
  if (name === null) return none;
  return (classMember(w, cls, name, self, place)?.values ?? none).filter((value) => value.is === "function");
}

// Frames for calls

/** An instance whose fields may differ from those of any other instance of its class. */
const isSpecial = (w: World, value: Value): boolean =>
  value.is !== "instance" ? value.is !== "class" : value.args !== null || w.heap.has(value);

/** Any instance of its class, unless its fields may differ. */
const plainInstance = (w: World, value: Value): Value =>
  value.is === "instance" && value.site !== "" && !isSpecial(w, value) ? w.values.instance(value.of, "", null) : value;

/** The receiver that a function's frame is told apart by. */
function frameReceiver(w: World, fn: FunctionValue): { self: Value | null; bound: boolean } {
  const { file, scope, self } = fn;
  const ir = file.scope(scope);
  const env = fn.env ?? w.freeEnv(file, scope);
  const free = w.freeReceiver(file, scope, env);
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

/** Does a method of `base` meet, through its receiver, members that `derived` has otherwise? */
function overridesMatter(
  w: World,
  derived: ClassValue,
  base: ClassValue,
  file: FileModel,
  scope: number,
  seen: Set<string> = new Set(),
): boolean {
  if (derived === base) return false;
  if (seen.size === 0) {
    const method = w.mentions(file, scope);
    let ofMethod = w.differing.get(method);
    if (ofMethod === undefined) w.differing.set(method, (ofMethod = new Map()));
    const pair = derived.id * 0x4000000 + base.id;
    let differs = ofMethod.get(pair);
    if (differs === undefined) {
      differs = overridesMatter(w, derived, base, file, scope, new Set([""]));
      ofMethod.set(pair, differs);
    }
    return differs;
  }
  const key = `${file.path}:${scope}`;
  if (seen.has(key) || seen.size > 60) return false;
  seen.add(key);
  const mentions = w.mentions(file, scope);
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
      if (value?.[0] === "f" && overridesMatter(w, derived, base, cls.file, value[1], seen)) return true;
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

/** The frame in which a function runs for these arguments: a free one when they make no difference. */
export function frameFor(w: World, fn: FunctionValue, args: CallArgs, place: Place): Frame {
  const { file, scope } = fn;
  const ir = file.scope(scope);
  const free = w.freeFrame(file, scope);
  if (w.fuel-- <= 0) return free;
  const env = fn.env ?? w.freeEnv(file, scope);
  let receiver = frameReceiver(w, fn);
  const mentions = w.mentions(file, scope);
  const params = ir.params ?? noParams;
  const semantics = w.semantics(file);
  const takesSelf = semantics.receiver === "first" && fn.self !== null && ir.bound !== "static" && ir.bound !== "arrow";
  let given = null as Map<string, Values> | null;
  const give = (name: string, values: Values): void => void (given ??= new Map<string, Values>()).set(name, values);
  let position = 0;
  const matters = (name: string): boolean =>
    mentions.called.has(name) ||
    mentions.passed.has(name) ||
    mentions.returned.has(name) ||
    mentions.filled.has(name) ||
    mentions.keys.has(name);
  const keep = (param: ParamIr, values: Values): void => {
    if (values.length === 0) return;
    const name = param.n;
    const isKey = mentions.keys.has(name);
    const fills = mentions.filled.has(name);
    const used = mentions.called.has(name) || mentions.returned.has(name) || fills;
    const passes = mentions.passed.has(name);
    const useful: Value[] = [];
    for (const value of values) {
      if (value.is === "text" || value.is === "number") {
        if (isKey) useful.push(value);
      } else if (isCallable(value)) {
        if (used || passes) useful.push(value);
      } else if (isObject(value)) {
        if (used) useful.push(plainInstance(w, value));
      } else if (value.is === "box") {
        if (fills || ((used || passes) && holdsCallables(w, value))) useful.push(value);
      }
    }
    if (useful.length === 0 || (semantics.trustTypes && !fills && isStated(w, free, param, useful))) return;
    give(name, useful);
  };
  for (let index = 0; index < params.length; index++) {
    const param = params[index]!;
    if (index > 0 && !mentions.heeds) break;
    if (index === 0 && takesSelf) {
      if (param.kind === "rest") {
        keep(param, [restBox(w, [[fn.self!], ...args.positional], args.rest, place, param.n)]);
      } else if (receiver.bound || (ir.bound === undefined && free.self === null)) {
        give(param.n, [receiver.self ?? fn.self!]);
      }
      continue;
    }
    // Nobody reads the arguments for a parameter that decides nothing.
    if (!matters(param.n)) {
      if (param.kind === "positional" || param.kind === "pattern") position++;
      continue;
    }
    switch (param.kind) {
      case "positional":
      case "pattern": {
        let values = args.positional[position];
        position++;
        if (values === undefined) {
          values = args.rest;
          const named = args.named.get(param.n);
          if (named !== undefined) values = join(values, named);
          for (const box of args.namedRest)
            if (box.is === "box") values = join(values, cellsOf(w, box, param.n, place));
        }
        keep(param, values);
        break;
      }
      case "keyword": {
        let values = args.named.get(param.n) ?? none;
        for (const box of args.namedRest) if (box.is === "box") values = join(values, cellsOf(w, box, param.n, place));
        keep(param, values);
        break;
      }
      case "rest": {
        const items = args.positional.slice(position);
        position = args.positional.length;
        if (items.some((values) => anyCarries(w, values)) || anyCarries(w, args.rest)) {
          keep(param, [restBox(w, items, args.rest, place, param.n)]);
        }
        break;
      }
      case "named-rest": {
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
        if (any) keep(param, [box]);
        break;
      }
    }
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

/** What a function's run gives: its returned values, a generator, a promise. */
export function resultOf(w: World, frame: Frame): Values {
  return w.compute(frame, "result", () => {
    const { file, scope } = frame;
    const ir = file.scope(scope);
    const semantics = w.semantics(file);
    if (ir.yields !== undefined && ir.yields.length > 0) {
      w.prepare(frame);
      return [
        w.values.box(`${frame.id}:generator`, {
          shape: "generator",
          literal: null,
          frame,
          scope,
          at: 0,
          region: 0,
        }),
      ];
    }
    let out: Values = none;
    if (semantics.trustTypes && ir.returnType !== undefined) {
      out = declaredResult(w, frame);
      // A type says which function it may be no more than "some function": the body does.
      if (ir.returns !== undefined && holdsFunctionType(w, out)) {
        w.prepare(frame);
        for (const value of ir.returns) out = join(out, w.eval(value, frame, scope, -1, 0));
      }
    }
    if (out.length === 0 && ir.returns !== undefined && ir.returns.length > 0) {
      w.prepare(frame);
      const at = ir.returns.length === 1 ? Infinity : -1;
      for (const value of ir.returns) out = join(out, w.eval(value, frame, scope, at, 0));
    }
    if (out.length === 0 && !semantics.trustTypes && ir.returnType !== undefined) out = declaredResult(w, frame);
    if (ir.async !== true || out.length === 0 || semantics.receiver !== "this") return out;
    const box = w.values.box(`${frame.id}:promise`, {
      shape: "promise",
      literal: null,
      frame,
      scope,
      at: 0,
      region: 0,
    });
    w.heap.put(box, anyKey, {
      expr: null,
      type: false,
      values: out,
      frame,
      scope,
      at: 0,
      r: 0,
      replaces: false,
    });
    return [box];
  });
}

/** Is a function type among the types of a result, or of several? */
function holdsFunctionType(w: World, values: Values): boolean {
  return values.some((value) => {
    if (value.is === "declared") return true;
    if (value.is === "box")
      return value.literal === null && cellsOf(w, value, null, null).some((one) => isFunctionType(one));
    return isFunctionType(value);
  });
}

function isFunctionType(value: Value): boolean {
  if (value.is === "declared") return true;
  if (value.is !== "instance" || value.of.is !== "class") return false;
  const type = value.of.file.scope(value.of.scope).underlying;
  return type?.[0] === "g" && type[1][0] === "n" && type[1][1] === "func";
}

function declaredResult(w: World, frame: Frame): Values {
  const type = frame.file.scope(frame.scope).returnType!;
  return instancesOf(w, type, w.place(frame, frame.scope, Infinity, 0, type));
}
