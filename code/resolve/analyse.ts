// Walks the calls of one file, and of the functions elsewhere that its calls hand functions to: what calls what, from where, why.
// Long because it is one walk: what it finds, and what it follows, is decided from the same state at each call.
import type { CallIr, Expr } from "../ir.ts";
import type { PackageRef } from "../languages/language.ts";
import { CallEdges, classSpot, functionSpot, type Spot } from "./call-edges.ts";
import { frameFor } from "./call-frames.ts";
import { crowd, exprText, inOneBuild, isInherited, isOperator, type Rule, ruleOf, usualOf } from "./call-rules.ts";
import { isWorthFollowing } from "./carried.ts";
import { callMethods, classMakersOf, construct, constructorsOf, evalArgs, makersOf } from "./calls.ts";
import { dependentCalls } from "./dependent-calls.ts";
import { type Claim, type Followed, lineFor, noLines, together } from "./followed.ts";
import { prepare } from "./effects.ts";
import type { Frame } from "./frames.ts";
import { mroOf } from "./class-order.ts";
import { type CallArgs, noArgs, type Value, type Values } from "./values.ts";
import { type Callback, CallPlace, type Place, placeWith } from "./place.ts";
import { getterSpot, referenceSpots } from "./references.ts";
import { maxStepsToRepeat, type World } from "./world.ts";

interface Unresolved {
  readonly symbol: number;
  readonly text: string;
  readonly line: number;
}

export interface Analysis {
  edges: CallEdges;
  references: CallEdges;
  unresolved: Unresolved[];
  counts: { resolved: number; external: number; unresolved: number };
}

type Outcome = "resolved" | "external" | "unresolved";

const maxRounds = 3;
const maxCallbacks = 48;
/** Steps for one call, and for a function that is followed into: a knot somewhere costs itself, not the rest of the file. */
const stepsOfCall = 400;
const stepsOfFrame = 400;
/** Functions followed into for what their callers give them: this many, and one more for every fourteen calls of the file; those gone into together count as one. */
const minFollowed = 16;

export function analyse(w: World): Analysis {
  let analysis: Analysis | null = null;
  for (let round = 0; round < maxRounds; round++) {
    w.restart();
    analysis = new Walk(w).run();
    // Another round only where it is cheap: it is for what comes together in a few lines.
    if (!w.heap.dirty || w.used > maxStepsToRepeat) break;
  }
  return analysis!;
}

class Walk {
  readonly #w: World;
  readonly #analysis: Analysis = {
    edges: new CallEdges(),
    references: new CallEdges(),
    unresolved: [],
    counts: { resolved: 0, external: 0, unresolved: 0 },
  };
  #queue: Followed[] = [];
  readonly #outcomes: (Outcome | undefined)[] = [];
  readonly #limit: number;
  /** The own code has been walked: from here on what it hands on is followed. */
  #following = false;

  constructor(w: World) {
    this.#w = w;
    this.#limit = minFollowed + Math.floor(w.own.ir.calls.length / 14);
  }

  run(): Analysis {
    const w = this.#w;
    const { own } = w;
    w.refuel(stepsOfFrame);
    const frames = [w.moduleFrame(own)];
    own.ir.scopes.forEach((scope, index) => {
      w.refuel(stepsOfFrame);
      if (scope.kind === "function") frames.push(w.freeFrame(own, index));
    });
    for (const frame of frames) {
      w.refuel(stepsOfFrame);
      prepare(w, frame);
    }
    for (const frame of frames) this.#enter(frame, null);
    this.#classes();
    // Breadth first: what one call hands on directly counts before what it hands on through others.
    this.#following = true;
    let left = this.#limit;
    while (this.#queue.length > 0 && left > 0) {
      const level = together(w, this.#queue);
      this.#queue = [];
      for (const { frame, claim } of level) {
        if (left-- <= 0) break;
        w.refuel(stepsOfFrame);
        this.#enter(frame, claim);
      }
    }
    this.#w.refuel(stepsOfFrame * 4);
    this.#references();
    this.#count();
    return this.#analysis;
  }

  /** What runs when the classes of the file are made. */
  #classes(): void {
    const w = this.#w;
    const { own } = w;
    own.ir.scopes.forEach((scope, index) => {
      if (scope.kind !== "class" || (scope.bases === undefined && scope.metaclass === undefined)) return;
      if (w.semantics(own).callName === null) return;
      w.refuel(stepsOfFrame);
      const env = w.freeEnv(own, index);
      const { at, r } = own.createdAt(index) ?? { at: Infinity, r: 0 };
      const cls = w.values.class(own, index, env);
      for (const maker of classMakersOf(w, cls, w.place(env, scope.parent, at, r, ["k", index]))) {
        const line = own.ir.symbols[scope.symbol]?.range.startLine ?? 1;
        const from = own.spotOf(own.scope(scope.parent).symbol);
        this.#edge(from, functionSpot(maker.file, maker.scope), "constructor", 0.95, line);
      }
    });
  }

  /** `claim`: what in the resolved file led here; null while walking that file's own code as it stands. */
  #enter(frame: Frame, claim: Claim | null): void {
    if (frame.entered) return;
    frame.entered = true;
    prepare(this.#w, frame);
    const { file } = frame;
    if (claim !== null) {
      for (const index of this.#dependent(frame)) this.#call(index, frame, claim);
      return;
    }
    for (const scope of file.bodyOf(frame.scope)) {
      const calls = file.callsOf(scope);
      for (let i = 0; i < calls.length; i++) {
        this.#w.refuel(stepsOfCall);
        this.#call(calls[i]!, frame, claim);
      }
    }
  }

  /** Calls that a frame may run otherwise than the function's free frame does. */
  #dependent(frame: Frame): readonly number[] {
    const { file, scope, params } = frame;
    const w = this.#w;
    const self = frame.self !== w.freeFrame(file, scope).self;
    const around = frame.parent?.bound === true;
    return dependentCalls(file, scope, { params, self, around }, w.semantics(file).receiver === "first");
  }

  #call(index: number, frame: Frame, claim: Claim | null): void {
    const w = this.#w;
    const { file } = frame;
    const call = file.call(index);
    const callees = inOneBuild(w, file, w.eval(call.f, frame, call.s, call.at, call.r));
    const free = claim !== null && frame.bound ? this.#freeCallees(call, frame) : null;
    const from = file.spotOf(file.scope(call.s).symbol);
    if (claim === null) this.#getters(call, from, call.l, callees.length > 0);
    if (callees.length === 0) {
      if (file === w.own) this.#outcome(index, "unresolved");
      if (claim === null) this.#givenAway(call, index, frame);
      return;
    }
    const callbacks: Callback[] = [];
    const place = new CallPlace(frame, index, callbacks);
    const args = evalArgs(w, index, frame);
    let outcome: Outcome = "unresolved";
    const usual = usualOf(w, callees);
    const isMerged = claim !== null && claim.lines.size > 0;
    let rule: Rule | null = null;
    for (let i = 0; i < callees.length; i++) {
      const callee = callees[i]!;
      if (callee.is === "text" || callee.is === "number" || callee.is === "box" || callee.is === "module") continue;
      const emit = free === null || !free.includes(callee);
      const line = claim === null ? call.l : lineFor(w, claim, callee);
      let name = "external";
      let belief = 1;
      if (callee.is !== "external" && callee.is !== "native") {
        rule ??= ruleOf(w, call, frame, claim !== null);
        // Of calls that are followed together each has its own.
        const alike = isMerged ? usual.filter((one) => lineFor(w, claim, one) === line) : usual;
        const confidence = rule.confidence * crowd(alike);
        const isOther = usual !== callees && !usual.includes(callee);
        [name, belief] = isOther ? ["build-variant", confidence * 0.5] : [rule.name, confidence];
      }
      const result = this.#target(callee, args, place, call, from, name, belief, line, emit, claim);
      if (result === "resolved" || outcome === "unresolved") outcome = result;
    }
    this.#callbacks(callbacks, place, call, from, claim, 0);
    if (file === w.own) this.#outcome(index, outcome);
  }

  /** `unknown.forEach(f)`: the object is not known, but what a method of that name does with a function is. */
  #givenAway(call: CallIr, index: number, frame: Frame): void {
    const w = this.#w;
    if (call.f[0] !== "a" || call.a.length === 0 || w.semantics(w.own).callsArgument?.(call.f[2]) !== true) return;
    const callbacks: Callback[] = [];
    const place = new CallPlace(frame, index, callbacks);
    for (const arg of call.a) {
      if (arg[0] !== "f" && arg[0] !== "n") continue;
      const given = w.eval(arg, frame, call.s, call.at, call.r);
      for (const callee of given) if (callee.is === "function") callbacks.push({ callee, args: noArgs });
    }
    this.#callbacks(callbacks, place, call, w.own.spotOf(w.own.scope(call.s).symbol), null, 0);
  }

  /** Properties that are read on the way to a call or its arguments run a function of their own. */
  #getters(call: CallIr, from: Spot, line: number, isKnown: boolean): void {
    const w = this.#w;
    const frame = w.own.scope(call.s).kind === "function" ? w.freeFrame(w.own, call.s) : w.freeEnv(w.own, call.s);
    this.#gettersOf(call.f, frame, call, from, line);
    for (let i = 0; isKnown && i < call.a.length; i++) this.#gettersOf(call.a[i]!, frame, call, from, line);
  }

  #gettersOf(expr: Expr, frame: Frame, call: CallIr, from: Spot, line: number): void {
    if (expr[0] !== "a") return;
    const w = this.#w;
    this.#gettersOf(expr[1], frame, call, from, line);
    const objects = w.eval(expr[1], frame, call.s, call.at, call.r);
    for (let i = 0; i < objects.length; i++) {
      this.#edge(from, getterSpot(w, objects[i]!, expr[2]), "getter", 0.95, line);
    }
  }

  /** What built-ins call in turn; those may be built-ins that do so again (a partial of a partial). */
  #callbacks(
    callbacks: readonly Callback[],
    place: Place,
    call: CallIr,
    from: Spot,
    claim: Claim | null,
    depth: number,
  ): void {
    const count = Math.min(callbacks.length, maxCallbacks);
    for (let i = 0; i < count; i++) {
      const callback = callbacks[i]!;
      const inner: Callback[] = [];
      const at: Place = placeWith(place, inner);
      const line = claim === null ? call.l : lineFor(this.#w, claim, callback.callee);
      this.#target(callback.callee, callback.args, at, call, from, "callback", 0.9, line, true, claim);
      if (depth < 3) this.#callbacks(inner, place, call, from, claim, depth + 1);
    }
  }

  #freeCallees(call: CallIr, frame: Frame): Values {
    const w = this.#w;
    const free = w.freeFrame(frame.file, frame.scope);
    return free === frame ? [] : w.eval(call.f, free, call.s, call.at, call.r);
  }

  #target(
    callee: Value,
    args: CallArgs,
    place: Place,
    call: CallIr,
    from: Spot,
    rule: string,
    confidence: number,
    line: number,
    emit: boolean,
    claim: Claim | null,
  ): Outcome {
    const w = this.#w;
    switch (callee.is) {
      case "function": {
        const to = functionSpot(callee.file, callee.scope);
        if (to === null) return "unresolved";
        const inherited = rule === "method" && isInherited(callee);
        if (emit) this.#edge(from, to, inherited ? "inherited" : rule, confidence, line);
        let target = callee;
        if (call.new === true && w.semantics(callee.file).receiver === "this") {
          const made = w.values.instance(callee, place.key, args === noArgs ? null : args);
          target = w.values.function(callee.file, callee.scope, callee.env, made);
        }
        this.#follow(target, args, place, line, claim);
        return "resolved";
      }
      case "class": {
        const semantics = w.semantics(callee.file);
        if (call.new !== true && !semantics.callConstructs && rule !== "callback") return "unresolved";
        if (semantics.conversions === true) {
          const to = classSpot(callee.file, callee.scope);
          if (emit && to !== null) {
            this.#analysis.references.add(from, to, "conversion", 1, line);
          }
          return "resolved";
        }
        const made = construct(w, callee, args, place)[0] ?? w.values.instance(callee, "", null);
        const constructors = constructorsOf(w, callee, made, place);
        const name = rule === "callback" ? rule : "constructor";
        const makers = makersOf(w, callee, place);
        for (const maker of makers) {
          if (emit) this.#edge(from, functionSpot(maker.file, maker.scope), name, confidence, line);
        }
        if (constructors.length === 0) {
          if (makers.length > 0) return "resolved";
          if (emit) this.#edge(from, classSpot(callee.file, callee.scope), name, confidence, line);
          return classSpot(callee.file, callee.scope) === null ? "unresolved" : "resolved";
        }
        for (const constructor of constructors) {
          if (constructor.is !== "function") continue;
          const to = functionSpot(constructor.file, constructor.scope) ?? classSpot(callee.file, callee.scope);
          if (emit) this.#edge(from, to, name, confidence, line);
          this.#follow(constructor, args, place, line, claim);
        }
        return "resolved";
      }
      case "instance": {
        const methods = callMethods(w, callee, place);
        for (const method of methods) {
          this.#target(method, args, place, call, from, "method", confidence * 0.95, line, emit, claim);
        }
        return methods.length > 0 ? "resolved" : "unresolved";
      }
      case "declared": {
        const to = callee.file.symbolAt(callee.path) >= 0 ? { path: callee.file.path, symbol: callee.path } : null;
        if (to === null) return "unresolved";
        if (emit) this.#edge(from, to, "type", confidence, line);
        return "resolved";
      }
      case "external": {
        if (emit && rule !== "callback" && !isOperator(call)) this.#external(from, callee.package, callee.name, line);
        w.invoke(callee, args, place);
        return "external";
      }
      case "native":
        w.invoke(callee, args, place);
        return "external";
      case "super": {
        // `super(…)` in a constructor runs the next class's.
        const order = mroOf(w, callee.self.is === "instance" ? callee.self.of : callee.self);
        const start = order.indexOf(callee.of);
        const next = (start >= 0 ? order.slice(start + 1) : mroOf(w, callee.of).slice(1))[0];
        if (next === undefined) return "external";
        if (next.is === "external") {
          if (emit) this.#external(from, next.package, next.name, line);
          return "external";
        }
        const constructors =
          next.is === "class" ? constructorsOf(w, next, callee.self, place) : next.is === "function" ? [next] : [];
        for (const constructor of constructors) {
          if (constructor.is !== "function") continue;
          if (emit) this.#edge(from, functionSpot(constructor.file, constructor.scope), "inherited", confidence, line);
          this.#follow(
            w.values.function(constructor.file, constructor.scope, constructor.env, callee.self),
            args,
            place,
            line,
            claim,
          );
        }
        return constructors.length > 0 ? "resolved" : "external";
      }
      default:
        return "unresolved";
    }
  }

  /** Goes into a function that is given something which decides what it calls; into other files' only with what may lead back. */
  #follow(callee: Value, args: CallArgs, place: Place, line: number, claim: Claim | null): void {
    if (callee.is !== "function") return;
    // What comes after the last that is followed need not even be told apart.
    if (this.#following && this.#queue.length >= this.#limit) return;
    const frame = frameFor(this.#w, callee, args, place);
    if (!frame.bound || frame.queued) return;
    if (!isWorthFollowing(this.#w, frame)) return;
    frame.queued = true;
    prepare(this.#w, frame);
    this.#queue.push({ frame, claim: { line, lines: claim?.lines ?? noLines } });
  }

  #outcome(index: number, outcome: Outcome): void {
    const before = this.#outcomes[index];
    if (before === "resolved" || (before === "external" && outcome === "unresolved")) return;
    this.#outcomes[index] = outcome;
  }

  #count(): void {
    const { own } = this.#w;
    own.ir.calls.forEach((call, index) => {
      const outcome = this.#outcomes[index] ?? "unresolved";
      if (call.implicit === true && outcome === "unresolved") return;
      this.#analysis.counts[outcome]++;
      if (outcome === "unresolved") {
        this.#analysis.unresolved.push({
          symbol: own.scope(call.s).symbol,
          text: exprText(call.f, own).slice(0, 120),
          line: call.l,
        });
      }
    });
  }

  #edge(from: Spot, to: Spot | null, rule: string, confidence: number, line: number): void {
    if (to !== null) this.#analysis.edges.add(from, to, rule, confidence, line);
  }

  #external(from: Spot, to: PackageRef, name: string, line: number): void {
    const known = name.includes("(") ? name.replaceAll("()", "") : name;
    this.#analysis.edges.addExternal(from, to, known, line);
  }

  #references(): void {
    const w = this.#w;
    const { own } = w;
    for (const ref of own.ir.refs) {
      const env = own.scope(ref.s).kind === "function" ? w.freeFrame(own, ref.s) : w.freeEnv(own, ref.s);
      const from = own.spotOf(own.scope(ref.s).symbol);
      for (const to of referenceSpots(w, ref.e, env, ref.s)) {
        if (to.path === from.path && to.symbol === from.symbol) continue;
        if ("getter" in to) this.#edge(from, to, "getter", 0.95, ref.l);
        else this.#analysis.references.add(from, to, "name", 1, ref.l);
      }
    }
  }
}
