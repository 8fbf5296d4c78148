// What calls do: which frame a function runs in for given arguments, and what comes back.
import type { CallIr, Expr } from "../ir.ts";
import { cellsOf, iterate, orderedItems } from "./containers.ts";
import { argsCarry, frameFor } from "./call-frames.ts";
import { prepare } from "./effects.ts";
import type { Frame } from "./frames.ts";
import { anyKey } from "./heap.ts";
import { classMember } from "./class-members.ts";
import { metaclassOf, mroOf } from "./class-order.ts";
import { instancesOf } from "./types.ts";
import {
  type CallArgs,
  type ClassValue,
  type FunctionValue,
  type InstanceValue,
  join,
  noArgs,
  none,
  type Value,
  type Values,
  withPositional,
} from "./values.ts";
import { CallPlace, type Place } from "./place.ts";
import type { World } from "./world.ts";

/** Arguments of a call, evaluated when somebody asks: most callees never do. */
class LazyArgs implements CallArgs {
  // Made for every call, and therefore not `#private`: see World.
  private readonly world: World;
  private readonly call: number;
  private readonly frame: Frame;
  private known: CallArgs | null = null;

  constructor(world: World, call: number, frame: Frame) {
    this.world = world;
    this.call = call;
    this.frame = frame;
  }

  private all(): CallArgs {
    return (this.known ??= readArgs(this.world, this.call, this.frame));
  }
  get positional(): readonly Values[] {
    return this.all().positional;
  }
  get rest(): Values {
    return this.all().rest;
  }
  get named(): ReadonlyMap<string, Values> {
    return this.all().named;
  }
  get namedRest(): Values {
    return this.all().namedRest;
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
  for (let i = 0; i < call.a.length; i++) {
    const arg = call.a[i]!;
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
  for (let i = 0; i < call.k.length; i++) {
    const [name, value] = call.k[i]!;
    const values = w.eval(value, frame, call.s, call.at, call.r);
    if (name === null) namedRest = join(namedRest, values);
    else named.set(name, values);
  }
  return { positional, rest, named, namedRest };
}

export function callResult(w: World, index: number, frame: Frame): Values {
  const call = frame.file.ir.calls[index];
  if (call === undefined) return none;
  return w.begin(frame, call) ?? w.done(called(w, call, index, frame));
}

function called(w: World, call: CallIr, index: number, frame: Frame): Values {
  const callees = w.eval(call.f, frame, call.s, call.at, call.r);
  if (callees.length === 0) return none;
  const args = evalArgs(w, index, frame);
  const place = new CallPlace(frame, index, null);
  const constructs = call.new === true;
  let out: Values = none;
  for (let i = 0; i < callees.length; i++) out = join(out, invoke(w, callees[i]!, args, place, constructs));
  return out;
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
      return [w.values.externalResult(callee)];
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

export interface Maker {
  readonly replaced: boolean;
  readonly heeds: boolean;
  readonly runs: readonly FunctionValue[];
}

/** Does a class have a `__new__`, does its constructor heed what it is given, and what else runs? */
function makerOf(w: World, cls: ClassValue, place: Place): Maker {
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
  const runs: FunctionValue[] = [];
  let replaced = false;
  if (semantics.callName !== null) {
    const made = classMember(w, cls, "__new__", cls, place);
    replaced = made?.owner.is === "class";
    const meta = metaclassOf(w, cls);
    const called = meta === null ? null : classMember(w, meta, semantics.callName, null, place);
    for (const value of [...(called?.values ?? none), ...(made?.values ?? none)])
      if (value.is === "function") runs.push(value);
  }
  const maker = { replaced, heeds, runs };
  w.makers.set(cls.id, maker);
  return maker;
}

/** What runs besides the constructor when an instance is made: `__new__`, and the `__call__` of the class's metaclass. */
export function makersOf(w: World, cls: ClassValue, place: Place): readonly FunctionValue[] {
  return makerOf(w, cls, place).runs;
}

/** What runs when a class statement of Python's has run: its metaclass makes the class, its bases are told of it. */
export function classMakersOf(w: World, cls: ClassValue, place: Place): readonly FunctionValue[] {
  const meta = metaclassOf(w, cls);
  const [, ...bases] = mroOf(w, cls);
  const told = bases.find(
    (base) => base.is === "class" && base.file.bindings(base.scope, "__init_subclass__").length > 0,
  );
  const out: Value[] = [];
  for (const name of meta === null ? [] : ["__new__", "__init__"]) {
    out.push(...(classMember(w, meta!, name, null, place)?.values ?? none));
  }
  if (told?.is === "class") out.push(...(classMember(w, told, "__init_subclass__", cls, place)?.values ?? none));
  return out.filter((value) => value.is === "function");
}

/** The members that run when an instance of a class is made. */
export function constructorsOf(w: World, cls: Value, self: Value, place: Place): Values {
  if (cls.is !== "class") return none;
  const name = w.semantics(cls.file).constructorName;
  if (name === null) return none;
  return (classMember(w, cls, name, self, place)?.values ?? none).filter((value) => value.is === "function");
}

/** What a function's run gives: its returned values, a generator, a promise. */
export function resultOf(w: World, frame: Frame): Values {
  return w.begin(frame, "result") ?? w.done(given(w, frame));
}

function given(w: World, frame: Frame): Values {
  const { file, scope } = frame;
  const ir = file.scope(scope);
  const semantics = w.semantics(file);
  if (ir.yields !== undefined && ir.yields.length > 0) {
    prepare(w, frame);
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
    // Which function it may be, or what a type parameter stands for, a type does not say: the body does.
    if (ir.returns !== undefined && (ir.typeParams !== undefined || holdsFunctionType(w, out))) {
      prepare(w, frame);
      for (const value of ir.returns) out = join(out, w.eval(value, frame, scope, -1, 0));
    }
  }
  if (out.length === 0 && ir.returns !== undefined && ir.returns.length > 0) {
    prepare(w, frame);
    const at = ir.returns.length === 1 ? Infinity : -1;
    for (const value of ir.returns) out = join(out, w.eval(value, frame, scope, at, 0));
  }
  if (out.length === 0 && !semantics.trustTypes && ir.returnType !== undefined) out = declaredResult(w, frame);
  if (ir.async !== true || semantics.receiver !== "this") return out;
  const box = w.values.box(`${frame.id}:promise`, {
    shape: "promise",
    literal: null,
    frame,
    scope,
    at: 0,
    region: 0,
  });
  if (out.length === 0) return [box];
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
