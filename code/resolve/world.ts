// Evaluates symbolic expressions for one file's resolution: what may this name, member, call result mean?
//
// Demand-driven and memoised by frame. Everything starts from raw IR, so the result depends on nothing but what `consults` records.
// Cycles are cut where they close: a result that a cut made incomplete is kept only while the evaluation it was cut for is running.
// Fuel and depth bound the work; where they end, less is known, and nothing wrong is claimed.
import type { BindingIr, Expr, ParamIr } from "../ir.ts";
import type { ProjectFiles } from "../languages/language.ts";
import { callResult, invoke, type Maker, resultOf } from "./calls.ts";
import { frameFor } from "./call-frames.ts";
import { iterate } from "./containers.ts";
import type { Consults } from "./dependencies.ts";
import { evaluate } from "./evaluate.ts";
import type { FileModel } from "./file-model.ts";
import type { Mentions } from "./mentions.ts";
import { forgotten, type Frame, FrameTable, type Known, never } from "./frames.ts";
import { Heap, type Thunk } from "./heap.ts";
import type { Targets } from "./imports.ts";
import type { IrSource } from "./ir-source.ts";
import { freeReceiver, receiver } from "./receivers.ts";
import { instancesOf } from "./types.ts";
import { member } from "./members.ts";
import { moduleMember } from "./modules.ts";
import { readName, starred, valuesOfBinding, valuesOfParam } from "./names.ts";
import { ExprPlace, type Place } from "./place.ts";
import type { Semantics } from "./semantics.ts";
import { type CallArgs, type FunctionValue, join, none, type Value, type Values, ValueTable } from "./values.ts";

export interface WorldDeps {
  path: string;
  source: IrSource;
  targets: Targets;
  project: ProjectFiles;
  consults: Consults;
  semanticsOf: (path: string) => Semantics;
  /** Module-level names of a namespace of several files. */
  unitIndex: (files: readonly string[]) => ReadonlyMap<string, readonly string[]>;
  /** Package clause of a file, "" if it has none. */
  packageOf: (path: string) => string;
}

const maxDepth = 140;
/** Only what takes fewer steps is computed once more over a heap that grew. */
export const maxStepsToRepeat = 800;
/** The last resort: a file whose evaluation takes more than this keeps its declarations and says that its calls are not resolved. */
const maxEvaluated = 500_000;

export class World {
  readonly deps: WorldDeps;
  readonly values = new ValueTable();
  readonly frames = new FrameTable();
  readonly heap = new Heap();
  readonly own: FileModel;
  /** Linearised bases by class. */
  readonly orders = new Map<number, readonly Value[]>();
  /** Members that no field and nothing in the heap decides, by instance. */
  readonly members = new Map<number, Map<string, Values>>();
  /** Boxes by whether they hold anything callable, objects by whether anything own; methods by whether a derived class makes them differ. */
  readonly holding = new Map<number, boolean>();
  readonly carrying = new Map<number, boolean>();
  readonly makers = new Map<number, Maker>();
  /** Functions that decorate the methods of a class, by class. */
  readonly decorators = new Map<number, readonly FunctionValue[]>();
  /** Which of the methods that reading and writing members runs a class has, by class and name. */
  readonly hooks = new Map<string, Map<number, boolean>>();
  readonly differing = new Map<Mentions, Map<number, boolean>>();
  /** Steps that may still be taken; see `refuel`. */
  fuel = 0;
  #total = 0;
  #granted = 0;
  /** Depth of boxes within boxes that are being read. */
  nesting = 0;
  /** What boxes that are spread into the one being read hold, by box and key; null: none is being read. */
  spreads: Map<string, Values> | null = null;
  readonly #files = new Map<string, FileModel | null>();
  readonly #exprIds = new Map<Expr, number>();
  /** Top-level names whose stores and calls have been brought about, by file. */
  readonly touched = new Map<FileModel, Set<string>>();
  readonly #free = new Map<FileModel, (Frame | undefined)[]>();
  readonly units = new Map<string, { folder: string; files: readonly string[] } | null>();
  // Written at every step, and therefore not `#private`: the compiler that a short run ends in writes those ten times slower.
  private provisional: Known[] = [];
  /** The outermost step that what is being computed was cut for. */
  private low = never;
  private depth = 0;
  private evaluated = 0;
  /** Of the steps under way: where the result goes; `low` and how many results were provisional when it began. */
  private readonly steps: Known[] = [];
  private readonly lows: number[] = [];
  private readonly counts: number[] = [];

  constructor(deps: WorldDeps) {
    this.deps = deps;
    const own = this.file(deps.path);
    if (own === null) throw new RangeError(`${deps.path} has no IR`);
    this.own = own;
  }

  /** Grants up to `steps` for what comes next, out of what the whole resolution may take. */
  refuel(steps: number): void {
    // What was computed is not computed again once it has taken this much: see `analyse`.
    if (this.heap.watched && this.used > maxStepsToRepeat) this.heap.watched = false;
    this.#total += this.fuel;
    this.fuel = Math.min(steps, this.#total);
    this.#total -= this.fuel;
  }

  /** Steps taken since the last start. */
  get used(): number {
    return this.#granted - this.#total - this.fuel;
  }

  /** The same object for the whole resolution, whatever the source evicts meanwhile. */
  file(path: string): FileModel | null {
    let file = this.#files.get(path);
    if (file === undefined) {
      this.deps.consults.add(path, "");
      file = this.deps.source.get(path);
      this.#files.set(path, file);
    }
    return file;
  }

  semantics(file: FileModel): Semantics {
    return (file.semantics ??= this.deps.semanticsOf(file.path));
  }

  mentions(file: FileModel, scope: number): Mentions {
    return file.mentionsOf(scope, this.semantics(file).receiver === "first");
  }

  consult(path: string, name: string): void {
    this.deps.consults.add(path, name);
  }

  exprId(expr: Expr): number {
    let id = this.#exprIds.get(expr);
    if (id === undefined) this.#exprIds.set(expr, (id = this.#exprIds.size + 1));
    return id;
  }

  /** Once it has, what a file's top level does to the name is known, and so is that it was consulted. */
  hasTouched(file: FileModel, name: string): boolean {
    return this.touched.get(file)?.has(name) === true;
  }

  /** Another round over a heap that has grown. */
  restart(): void {
    this.frames.reset();
    this.orders.clear();
    this.#free.clear();
    this.holding.clear();
    this.carrying.clear();
    this.makers.clear();
    this.decorators.clear();
    this.members.clear();
    this.differing.clear();
    this.hooks.clear();
    this.touched.clear();
    this.provisional = [];
    this.low = never;
    this.heap.dirty = false;
    this.heap.watched = true;
    this.fuel = 0;
    this.#granted = 5000 + this.own.ir.calls.length * 40;
    this.#total = this.#granted;
  }

  /**
   * What is known in a frame under a key. null: nothing is, and whoever asked computes it at once and hands it to `done`:
   * `w.begin(frame, key) ?? w.done(…)`. In two steps, as a function to call back would be made anew for every question.
   */
  begin(frame: Frame, key: unknown): Values | null {
    const memo = (frame.memo ??= new Map());
    let known = memo.get(key);
    if (known !== undefined && known.low !== forgotten) {
      if (known.low < this.low) this.low = known.low;
      return known.values;
    }
    const { depth } = this;
    if (this.fuel <= 0 || depth >= maxDepth) return none;
    this.fuel--;
    if (known === undefined) memo.set(key, (known = { low: depth, values: none }));
    else {
      known.low = depth;
      known.values = none;
    }
    this.steps[depth] = known;
    this.lows[depth] = this.low;
    this.counts[depth] = this.provisional.length;
    this.low = never;
    this.depth = depth + 1;
    return null;
  }

  /** What the step that began last comes to. */
  done(values: Values): Values {
    const depth = --this.depth;
    const known = this.steps[depth]!;
    known.values = values;
    const before = this.lows[depth]!;
    if (this.low < depth) {
      known.low = this.low;
      this.provisional.push(known);
      if (before < this.low) this.low = before;
      return values;
    }
    const { provisional } = this;
    const count = this.counts[depth]!;
    if (provisional.length > count) {
      for (let i = count; i < provisional.length; i++) provisional[i]!.low = forgotten;
      provisional.length = count;
    }
    known.low = never;
    this.low = before;
    return values;
  }

  // Frames

  moduleFrame(file: FileModel): Frame {
    return this.frames.module(file);
  }

  /** The frame of a scope's surroundings when nothing is known of any call. */
  freeEnv(file: FileModel, scope: number): Frame {
    for (let at = file.scope(scope).parent; at >= 0; at = file.scope(at).parent) {
      if (file.scope(at).kind === "function") return this.freeFrame(file, at);
    }
    return this.moduleFrame(file);
  }

  /** A function's frame when nothing is known of the call: its receiver is any instance of its class. */
  freeFrame(file: FileModel, scope: number): Frame {
    let frames = this.#free.get(file);
    if (frames === undefined) this.#free.set(file, (frames = []));
    const known = frames[scope];
    if (known !== undefined) return known;
    const env = this.freeEnv(file, scope);
    const frame = this.frames.get(file, scope, env, freeReceiver(this, file, scope, env));
    frames[scope] = frame;
    return frame;
  }

  // Expressions

  eval(expr: Expr, frame: Frame, scope: number, at: number, r: number): Values {
    if (++this.evaluated > maxEvaluated) throw new RangeError(`more than ${maxEvaluated} steps`);
    return evaluate(this, expr, frame, scope, at, r);
  }

  place(frame: Frame, scope: number, at: number, r: number, expr: Expr): Place {
    return new ExprPlace(this, frame, scope, at, r, expr);
  }

  /** What a promise comes to, through promises of promises. */
  settle(values: Values, place: Place): Values {
    let out: Values = none;
    let layer = values;
    for (let i = 0; i < 3 && layer.length > 0; i++) {
      let next: Values = none;
      for (const value of layer) {
        if (value.is === "box" && value.shape === "promise") next = join(next, iterate(this, value, place));
        else out = join(out, [value]);
      }
      layer = next;
    }
    return out;
  }

  thunk(thunk: Thunk): Values {
    if (thunk.values !== null) return thunk.values;
    const expr = thunk.expr;
    if (expr === null) return none;
    if (thunk.type) {
      return instancesOf(this, expr, this.place(thunk.frame, thunk.scope, thunk.at, thunk.r, expr));
    }
    return this.begin(thunk.frame, thunk) ?? this.done(this.eval(expr, thunk.frame, thunk.scope, thunk.at, thunk.r));
  }

  /** The frame that a function or class made in `scope`'s parent closes over: the one that runs that parent. */
  envFor(frame: Frame, scope: number): Frame {
    const { file } = frame;
    const { parent } = file.scope(scope);
    for (let at: Frame | null = frame; at !== null; at = at.parent) {
      for (let s = parent; s >= 0; s = file.scope(s).parent) if (s === at.scope) return at;
    }
    return this.moduleFrame(file);
  }

  functionValue(frame: Frame, scope: number): Value {
    return this.values.function(frame.file, scope, this.envFor(frame, scope), null);
  }

  // What the modules that this one rests on ask in turn

  callResult(index: number, frame: Frame): Values {
    return callResult(this, index, frame);
  }

  moduleMember(module: Value, name: string): Values {
    return moduleMember(this, module, name);
  }

  binding(binding: BindingIr, frame: Frame, scope: number): Values {
    return valuesOfBinding(this, binding, frame, scope);
  }

  param(frame: Frame, scope: number, param: ParamIr): Values {
    return valuesOfParam(this, frame, scope, param);
  }

  /** What a file's top-level name means when all of it has run. */
  topLevel(file: FileModel, bindings: readonly BindingIr[]): Values {
    return readName(this, bindings, undefined, this.moduleFrame(file), 0, -1, Infinity, 0);
  }

  starred(file: FileModel, name: string): Values {
    return starred(this, file, name);
  }

  receiver(frame: Frame, scope: number): Value | null {
    return receiver(this, frame, scope);
  }

  invoke(callee: Value, args: CallArgs, place: Place): Values {
    return invoke(this, callee, args, place, false);
  }

  /** A built-in calls one of its arguments. */
  callBack(callee: Values, args: CallArgs, place: Place): Values {
    let out: Values = none;
    for (const value of callee) {
      place.callbacks?.push({ callee: value, args });
      out = join(out, invoke(this, value, args, place, false));
    }
    return out;
  }

  frameFor(fn: FunctionValue, args: CallArgs, place: Place): Frame {
    return frameFor(this, fn, args, place);
  }

  resultOf(frame: Frame): Values {
    return resultOf(this, frame);
  }

  member(value: Value, name: string, place: Place): Values {
    return member(this, value, name, place);
  }
}
