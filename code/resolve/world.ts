// Evaluates symbolic expressions for one file's resolution: what may this name, member, call result mean?
//
// Demand-driven and memoised by frame. Everything starts from raw IR, so the result depends on nothing but what `consults` records.
// Cycles are cut where they close: a result that a cut made incomplete is kept only while the evaluation it was cut for is running.
// Fuel and depth bound the work; where they end, less is known, and nothing wrong is claimed.
import type { BindingIr, Expr, ParamIr, StoreIr } from "../ir.ts";
import type { ProjectFiles } from "../languages/language.ts";
import { callResult, evalArgs, frameFor, invoke, resultOf } from "./calls.ts";
import { iterate, index as indexValue } from "./containers.ts";
import type { Consults } from "./dependencies.ts";
import { type FileModel, type Mentions, mutates } from "./file-model.ts";
import { encloses, reaching, reachingFrom } from "./flow.ts";
import { type Frame, FrameTable } from "./frames.ts";
import { anyKey, Heap, type Thunk } from "./heap.ts";
import type { Targets } from "./imports.ts";
import type { IrSource } from "./ir-source.ts";
import { instancesOf } from "./types.ts";
import { member } from "./members.ts";
import { type Callback, CallPlace, type Place } from "./place.ts";
import type { Semantics } from "./semantics.ts";
import { type CallArgs, type FunctionValue, join, none, type Value, type Values, ValueTable } from "./values.ts";

/** In place of a result: evaluation in progress, or one that holds only while the frame at `low` is. */
interface Mark {
  readonly low: number;
  readonly values: Values;
}

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
const anyTime = -1;
/** What a module exports as a whole, in its frame; its members are there by name. */
const wholeModule = Symbol("whole module");
/** In progress, by depth. */
const marks: readonly Mark[] = Array.from({ length: maxDepth }, (_, low) => ({ low, values: none }));

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
  /** Entries of literals, by box; boxes by whether they hold anything callable; methods by whether a derived class makes them differ. */
  readonly entries = new Map<Expr, Map<number, Thunk>>();
  readonly holding = new Map<number, boolean>();
  readonly makers = new Map<number, { replaced: boolean; heeds: boolean }>();
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
  readonly #touched = new Map<FileModel, Set<string>>();
  readonly #free = new Map<FileModel, (Frame | undefined)[]>();
  readonly #units = new Map<string, { folder: string; files: readonly string[] } | null>();
  readonly #stores = new Map<StoreIr, Map<number, Thunk>>();
  #provisional: [Map<unknown, Values | object>, unknown][] = [];
  #low = Infinity;
  #depth = 0;
  #evaluated = 0;

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

  /** Another round over a heap that has grown. */
  restart(): void {
    this.frames.reset();
    this.orders.clear();
    this.#free.clear();
    this.holding.clear();
    this.makers.clear();
    this.members.clear();
    this.differing.clear();
    this.#touched.clear();
    this.#provisional = [];
    this.#low = Infinity;
    this.heap.dirty = false;
    this.heap.watched = true;
    this.fuel = 0;
    this.#granted = 5000 + this.own.ir.calls.length * 40;
    this.#total = this.#granted;
  }

  compute(frame: Frame, key: unknown, work: () => Values): Values {
    const memo = (frame.memo ??= new Map()) as Map<unknown, Values | Mark>;
    const known = memo.get(key);
    if (known !== undefined) {
      if (Array.isArray(known)) return known as Values;
      const mark = known as Mark;
      if (mark.low < this.#low) this.#low = mark.low;
      return mark.values;
    }
    if (this.fuel <= 0 || this.#depth >= maxDepth) return none;
    this.fuel--;
    const before = this.#low;
    const depth = this.#depth++;
    const start = this.#provisional.length;
    this.#low = Infinity;
    memo.set(key, marks[depth]!);
    const values = work();
    this.#depth--;
    if (this.#low < depth) {
      memo.set(key, { low: this.#low, values });
      this.#provisional.push([memo, key]);
      if (before < this.#low) this.#low = before;
    } else {
      for (let i = this.#provisional.length - 1; i >= start; i--) {
        const [other, otherKey] = this.#provisional[i]!;
        other.delete(otherKey);
      }
      this.#provisional.length = Math.min(this.#provisional.length, start);
      memo.set(key, values);
      this.#low = before;
    }
    return values;
  }

  // Frames

  moduleFrame(file: FileModel): Frame {
    return this.frames.get(file, 0, null, null);
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
    const frame = this.frames.get(file, scope, env, this.freeReceiver(file, scope, env));
    frames[scope] = frame;
    return frame;
  }

  freeReceiver(file: FileModel, scope: number, env: Frame): Value | null {
    const ir = file.scope(scope);
    if (ir.bound === "arrow") return null;
    const owner = file.scope(ir.parent);
    if (owner?.kind === "class") {
      const cls = this.values.class(file, ir.parent, env);
      if (ir.bound === "static") return this.semantics(file).receiver === "this" ? cls : null;
      return ir.bound === "class" ? cls : this.values.instance(cls, "", null);
    }
    const stated = this.statedReceiver(file, scope, env);
    if (stated !== null) return stated;
    if (ir.bound === undefined && this.semantics(file).receiver === "this" && file.ownFields(scope).size > 0) {
      return this.values.instance(this.values.function(file, scope, env, null), "", null);
    }
    return null;
  }

  /** What a binding named `this` says of a function that is no class member. */
  statedReceiver(file: FileModel, scope: number, env: Frame): Value | null {
    const [stated] = file.bindings(scope, "this");
    if (stated === undefined) return null;
    if (this.fuel <= 0) this.refuel(200);
    const around = file.scope(scope).parent;
    const values =
      stated.t === undefined
        ? this.eval(stated.v, env, around, Infinity, 0)
        : instancesOf(this, stated.t, this.place(env, around, Infinity, 0, stated.t));
    return values[0] ?? null;
  }

  // Expressions

  eval(expr: Expr, frame: Frame, scope: number, at: number, r: number): Values {
    if (++this.#evaluated > maxEvaluated) throw new RangeError(`more than ${maxEvaluated} steps`);
    switch (expr[0]) {
      case "?":
        return none;
      case "n":
        return this.lookup(expr[1], frame, scope, at, r);
      case "s":
        return [this.values.text(expr[1])];
      case "#":
        return [this.values.number(expr[1])];
      case "this": {
        const self = this.receiver(frame, scope);
        return self === null ? none : [self];
      }
      case "super": {
        const value = this.superOf(frame, scope);
        return value === null ? none : [value];
      }
      case "a":
        if (expr[1][0] === "?") return none;
        return this.compute(frame, expr, () => {
          const objects = this.eval(expr[1], frame, scope, at, r);
          if (objects.length === 0) return none;
          const place = this.place(frame, scope, at, r, expr);
          let out: Values = none;
          for (const object of objects) out = join(out, member(this, object, expr[2], place));
          return out;
        });
      case "i":
        return this.compute(frame, expr, () => {
          const objects = this.eval(expr[1], frame, scope, at, r);
          if (objects.length === 0) return none;
          const keys = this.eval(expr[2], frame, scope, at, r);
          const place = this.place(frame, scope, at, r, expr);
          let out: Values = none;
          for (const object of objects) out = join(out, indexValue(this, object, keys, place));
          return out;
        });
      case "e":
      case "*":
        return this.compute(frame, expr, () => {
          const place = this.place(frame, scope, at, r, expr);
          let out: Values = none;
          for (const value of this.eval(expr[1], frame, scope, at, r)) out = join(out, iterate(this, value, place));
          return out;
        });
      case "w": {
        const values = this.eval(expr[1], frame, scope, at, r);
        if (!values.some((value) => value.is === "box" && value.shape === "promise")) return values;
        return this.settle(values, this.place(frame, scope, at, r, expr));
      }
      case "c":
        return callResult(this, expr[1], frame);
      case "d": {
        const made = callResult(this, expr[1], frame).filter((value) => value.is !== "external");
        return made.length > 0 ? made : this.eval(expr[2], frame, scope, at, r);
      }
      case "f":
        return [this.functionValue(frame, expr[1])];
      case "k":
        return [this.values.class(frame.file, expr[1], this.envFor(frame, expr[1]))];
      case "o":
      case "l":
        return [this.values.literal(expr, frame, scope, at, r)];
      case "u": {
        let out: Values = none;
        for (const option of expr[1]) out = join(out, this.eval(option, frame, scope, at, r));
        return out;
      }
      case "m":
        return this.importValue(frame.file, expr[1]);
      case "I":
        return instancesOf(this, expr[1], this.place(frame, scope, at, r, expr));
      case "g":
        return this.eval(expr[1], frame, scope, at, r);
    }
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
    return this.compute(thunk.frame, thunk, () => this.eval(expr, thunk.frame, thunk.scope, thunk.at, thunk.r));
  }

  /** The frame that a function or class made in `scope`'s parent closes over: the one that runs that parent. */
  envFor(frame: Frame, scope: number): Frame {
    const { file } = frame;
    const around = new Set<number>();
    for (let at = file.scope(scope).parent; at >= 0; at = file.scope(at).parent) around.add(at);
    for (let at: Frame | null = frame; at !== null; at = at.parent) if (around.has(at.scope)) return at;
    return this.moduleFrame(file);
  }

  functionValue(frame: Frame, scope: number): Value {
    return this.values.function(frame.file, scope, this.envFor(frame, scope), null);
  }

  /** `this` (or the first parameter's value) of the function around a scope. */
  receiver(frame: Frame, scope: number): Value | null {
    let f: Frame | null = frame;
    for (let s = scope; s >= 0 && f !== null; s = frame.file.scope(s).parent) {
      const ir = frame.file.scope(s);
      const here = f.scope === s;
      if (ir.kind === "function" && ir.bound !== "arrow") return here ? f.self : null;
      if (ir.kind === "class" && here) return f.self;
      if (here) f = f.parent;
    }
    return null;
  }

  superOf(frame: Frame, scope: number): Value | null {
    const { file } = frame;
    const self = this.receiver(frame, scope);
    if (self === null) return null;
    for (let s = scope; s >= 0; s = file.scope(s).parent) {
      if (file.scope(s).kind !== "class") continue;
      return this.values.super(this.values.class(file, s, this.freeEnv(file, s)), self);
    }
    return null;
  }

  // Names

  lookup(name: string, frame: Frame, scope: number, at: number, r: number): Values {
    const { file } = frame;
    const found = file.declaration(scope, name, this.semantics(file).memberNames !== false);
    if (found === null) return this.beyond(file, name);
    const s = found.scope;
    if (s === 0 && file !== this.own) {
      this.consult(file.path, name);
      this.touch(file, name);
    }
    // Frames are passed on the way out as their scopes are.
    let f: Frame | null = frame;
    for (let at = scope; at !== s && f !== null; at = file.scope(at).parent) if (f.scope === at) f = f.parent;
    const runs = f !== null && f.scope === s ? f : this.runningFrame(f, file, s);
    return this.read(found.bindings, found.param, runs, s, found.crossed, at, r);
  }

  /** The frame whose run executes a block or class scope: the nearest one at or around it. */
  runningFrame(f: Frame | null, file: FileModel, scope: number): Frame {
    for (let at = f; at !== null; at = at.parent) {
      for (let s = scope; s >= 0; s = file.scope(s).parent) if (at.scope === s) return at;
    }
    return this.moduleFrame(file);
  }

  /** A name that no scope of the file declares: star imports, other files of the namespace, built-ins. */
  beyond(file: FileModel, name: string): Values {
    const frame = this.moduleFrame(file);
    return this.compute(frame, file.beyondKey(name), () => {
      if (file !== this.own) this.consult(file.path, name);
      const stars = this.starred(file, name);
      if (stars.length > 0) return stars;
      const semantics = this.semantics(file);
      const unit = this.unitOf(file.path);
      if (unit !== null) {
        const found = this.unitMember(unit.folder, unit.files, name, file.path);
        if (found.length > 0) return found;
      }
      return semantics.global(this, name);
    });
  }

  starred(file: FileModel, name: string): Values {
    if (this.semantics(file).moduleExports === "exports") return none;
    if (file !== this.own) this.consult(file.path, "*");
    let out: Values = none;
    for (let i = file.ir.imports.length - 1; i >= 0; i--) {
      const one = file.ir.imports[i]!;
      if (one.kind !== "star" || one.alias !== null) continue;
      for (const module of this.importValue(file, i)) {
        if (module.is !== "module" && module.is !== "unit") continue;
        if (module.is === "module" && name.startsWith("_")) continue;
        out = join(out, this.moduleMember(module, name));
      }
      if (out.length > 0) return out;
    }
    return out;
  }

  read(
    bindings: readonly BindingIr[],
    param: ParamIr | undefined,
    frame: Frame,
    scope: number,
    crossed: number,
    at: number,
    r: number,
  ): Values {
    const { file } = frame;
    if (bindings.length === 0) return this.param(frame, scope, param!);
    if (bindings.length === 1 && param === undefined) return this.binding(bindings[0]!, frame, scope);
    let items: readonly BindingIr[] = bindings;
    let definite = false;
    const regions = file.regionsOf(scope);
    const whole = scope === 0 && (this.semantics(file).unordered || (file !== this.own && frame.parent === null));
    if (crossed >= 0 && file.ownerOf(crossed) !== file.ownerOf(scope) && !(whole && file !== this.own)) {
      const place = this.creation(file, crossed, scope);
      if (place !== undefined && !this.semantics(file).unordered) {
        const quiet =
          scope === 0
            ? (from: number, to: number) => !file.moduleCallPlaces().some((call) => call > from && call < to)
            : () => false;
        ({ items, definite } = reachingFrom(bindings, place.at, place.r, regions, quiet));
      }
    } else if (at !== anyTime) {
      const reach = reaching(bindings, whole ? Infinity : at, whole ? 0 : r, regions);
      if (reach.items.length > 0 || param !== undefined) ({ items, definite } = reach);
    }
    let out: Values = none;
    for (const binding of items) out = join(out, this.binding(binding, frame, scope));
    if (param !== undefined && !definite) out = join(out, this.param(frame, scope, param));
    return out;
  }

  /** Where in `scope` the function around `inner` is made. */
  creation(file: FileModel, inner: number, scope: number): { at: number; r: number } | undefined {
    let at = inner;
    while (file.scope(at).parent !== scope && file.scope(at).parent >= 0) {
      const parent = file.scope(at).parent;
      if (file.scope(parent).kind === "block" && file.ownerOf(parent) === file.ownerOf(scope)) break;
      at = parent;
    }
    return file.createdAt(at);
  }

  binding(binding: BindingIr, frame: Frame, scope: number): Values {
    const kind = binding.v[0];
    if (kind === "f" || kind === "k" || kind === "s" || kind === "#") {
      // Nothing to look up, so no cycle to guard against.
      const memo = (frame.memo ??= new Map());
      let values = memo.get(binding);
      if (values === undefined) memo.set(binding, (values = this.eval(binding.v, frame, scope, binding.at, binding.r)));
      return values;
    }
    if (kind === "?" && binding.t === undefined) return none;
    return this.compute(frame, binding, () => {
      const values = this.assigned(binding, frame, scope);
      if (values.length > 0 || binding.t === undefined) return values;
      return instancesOf(this, binding.t, this.place(frame, scope, binding.at, binding.r, binding.t));
    });
  }

  /** The value of an assignment, read where it was made: a function inside may have names of its own for it. */
  assigned(binding: BindingIr, frame: Frame, scope: number): Values {
    const { file } = frame;
    if (binding.s === undefined || file.ownerOf(binding.s) === file.ownerOf(scope)) {
      return this.eval(binding.v, frame, binding.s ?? scope, binding.at, binding.r);
    }
    const owner = file.ownerOf(binding.s);
    const inner = file.scope(owner).kind === "function" ? this.freeFrame(file, owner) : this.freeEnv(file, owner);
    return this.eval(binding.v, inner, binding.s, Infinity, 0);
  }

  param(frame: Frame, scope: number, param: ParamIr): Values {
    const given = frame.params.get(param.n);
    if (given !== undefined) return given;
    return this.compute(frame, param, () => {
      const ir = frame.file.scope(scope);
      const env = frame.parent ?? frame;
      if (
        frame.self !== null &&
        ir.params?.[0] === param &&
        this.semantics(frame.file).receiver === "first" &&
        (param.t === undefined || !this.semantics(frame.file).trustTypes) &&
        ir.bound !== "static" &&
        (ir.bound !== undefined || isMethod(frame.file, scope))
      ) {
        return [frame.self];
      }
      let out: Values = none;
      if (param.t !== undefined) out = instancesOf(this, param.t, this.place(frame, scope, anyTime, 0, param.t));
      if (param.v !== undefined && (out.length === 0 || param.v[0] !== "?")) {
        out = join(this.eval(param.v, env, ir.parent, Infinity, 0), out);
      }
      return out;
    });
  }

  /** One thunk for one store in one frame. */
  storeThunk(store: StoreIr, frame: Frame, scope: number): Thunk {
    let byFrame = this.#stores.get(store);
    if (byFrame === undefined) this.#stores.set(store, (byFrame = new Map()));
    let thunk = byFrame.get(frame.id);
    if (thunk === undefined) {
      thunk = {
        expr: store.v,
        type: false,
        values: null,
        frame,
        scope,
        at: store.at,
        r: store.r,
        replaces: store.k !== null,
      };
      byFrame.set(frame.id, thunk);
    }
    return thunk;
  }

  /** Brings about what a function's run puts into objects, before its results are read. */
  prepare(frame: Frame): void {
    if (frame.prepared) return;
    frame.prepared = true;
    for (const { scope, store, call } of frame.file.effectsOf(frame.scope)) {
      if (store === undefined) callResult(this, call, frame);
      else if (!this.#isOwnField(store, frame)) this.applyStore(store, frame, scope);
    }
  }

  /** A field of any instance, stored by a method of its class: found through the class. */
  #isOwnField(store: StoreIr, frame: Frame): boolean {
    const { self } = frame;
    if (self === null || self.is !== "instance" || self.site !== "" || frame.params.size > 0) return false;
    if (store.o[0] === "this") return true;
    if (store.o[0] !== "n" || this.semantics(frame.file).receiver !== "first") return false;
    return (
      store.o[1] === frame.file.receiverName(frame.scope) && frame.file.bindings(frame.scope, store.o[1]).length === 0
    );
  }

  applyStore(store: StoreIr, frame: Frame, scope: number): void {
    for (const object of this.eval(store.o, frame, scope, store.at, store.r)) {
      // Stores to any instance are found through its class.
      if (object.is === "instance" && object.site === "" && object === frame.self && frame.params.size === 0) continue;
      if (object.is === "text" || object.is === "number" || object.is === "external") continue;
      let key = store.k ?? anyKey;
      if (object.is === "box" && object.shape === "list" && /^-?\d+$/.test(key)) key = `#${key}`;
      this.heap.put(object, key, this.storeThunk(store, frame, scope));
    }
  }

  // Modules

  touch(file: FileModel, name: string): void {
    let names = this.#touched.get(file);
    if (names === undefined) this.#touched.set(file, (names = new Set()));
    if (names.has(name)) return;
    names.add(name);
    const rooted = file.rootedAt(name);
    if (rooted === undefined) return;
    const frame = this.moduleFrame(file);
    for (const store of rooted.stores) this.applyStore(store, frame, 0);
    for (const index of rooted.calls) this.runForEffect(index, frame);
  }

  /** What a call does to the objects it is given, one call deep. */
  runForEffect(index: number, frame: Frame): void {
    const call = frame.file.call(index);
    if (mutates(call.f)) {
      callResult(this, index, frame);
      return;
    }
    const place = new CallPlace(frame, index, null);
    for (const callee of this.eval(call.f, frame, call.s, call.at, call.r)) {
      if (callee.is === "function") this.prepare(frameFor(this, callee, evalArgs(this, index, frame), place));
    }
  }

  importValue(file: FileModel, i: number): Values {
    const one = file.ir.imports[i];
    if (one === undefined) return none;
    return this.compute(this.moduleFrame(file), one, () => {
      const { target, consulted } = this.deps.targets.of(file.path, one, this.semantics(file));
      if (file !== this.own) for (const name of consulted) this.consult(file.path, name);
      switch (target.is) {
        case "unresolved":
          return none;
        case "external":
          return [this.values.external(target.package, one.kind === "member" ? (one.name ?? "") : "")];
        case "unit": {
          const unit = this.values.unit(target.folder, target.files);
          return one.kind === "member" && one.name !== null ? this.moduleMember(unit, one.name) : [unit];
        }
        case "file": {
          const module = this.values.module(target.path);
          if (one.kind === "member" && one.name !== null && target.wholeModule !== true) {
            return this.moduleMember(module, one.name);
          }
          return one.kind === "star" ? [module] : this.moduleValue(target.path);
        }
      }
    });
  }

  /** What importing a whole file gives: its namespace, or what it exports as a whole. */
  moduleValue(path: string): Values {
    const module = this.values.module(path);
    const file = this.file(path);
    if (file === null || this.semantics(file).moduleExports === "names") return [module];
    this.consult(path, "export:=");
    const whole = file.exportsOf("=");
    if (whole.length === 0) return [module];
    const frame = this.moduleFrame(file);
    return this.compute(frame, wholeModule, () => {
      let out: Values = [];
      for (const entry of whole) out = join(out, this.eval(entry.v, frame, 0, Infinity, 0));
      return out.length > 0 ? out : [module];
    });
  }

  moduleMember(module: Value, name: string): Values {
    if (module.is === "unit") {
      if (this.semantics(this.own).submodulePaths !== undefined) return this.submodule(this.own, module.folder, name);
      return this.unitMember(module.folder, module.files, name, null);
    }
    if (module.is !== "module") return none;
    const file = this.file(module.path);
    if (file === null) return none;
    const frame = this.moduleFrame(file);
    return this.compute(frame, name, () => {
      if (this.semantics(file).moduleExports === "exports") return this.exported(file, name);
      this.consult(file.path, name);
      const bindings = file.bindings(0, name);
      if (bindings.length > 0) {
        this.touch(file, name);
        const values = this.read(bindings, undefined, frame, 0, -1, Infinity, 0);
        if (values.length > 0) return values;
      }
      const stars = bindings.length > 0 ? none : this.starred(file, name);
      if (stars.length > 0) return stars;
      const folder = this.semantics(file).packageFolder?.(file.path) ?? null;
      return folder === null ? none : this.submodule(file, folder, name);
    });
  }

  submodule(file: FileModel, folder: string, name: string): Values {
    for (const path of this.semantics(file).submodulePaths?.(folder, name) ?? []) {
      if (this.file(path) !== null) return [this.values.module(path)];
    }
    return none;
  }

  exported(file: FileModel, name: string): Values {
    this.consult(file.path, `export:${name}`);
    const frame = this.moduleFrame(file);
    let out: Values = none;
    for (const entry of file.exportsOf(name)) out = join(out, this.eval(entry.v, frame, 0, Infinity, 0));
    if (out.length > 0) return out;
    this.consult(file.path, "export:=");
    for (const entry of file.exportsOf("=")) {
      const whole = this.eval(entry.v, frame, 0, Infinity, 0);
      if (name === "default") out = join(out, whole);
      else {
        const place = this.place(frame, 0, Infinity, 0, entry.v);
        for (const value of whole) out = join(out, member(this, value, name, place));
      }
    }
    if (out.length > 0 || name === "default") {
      return out.length > 0 || (file.ir.exports?.length ?? 0) > 0 ? out : this.moduleValue(file.path);
    }
    this.consult(file.path, "export:*");
    for (const entry of file.exportsOf("*")) {
      for (const module of this.eval(entry.v, frame, 0, Infinity, 0)) {
        out = join(
          out,
          module.is === "module"
            ? this.moduleMember(module, name)
            : member(this, module, name, this.place(frame, 0, Infinity, 0, entry.v)),
        );
      }
      if (out.length > 0) return out;
    }
    return out;
  }

  /** Files that share one namespace with this one; null in languages where a file is a namespace. */
  unitOf(path: string): { folder: string; files: readonly string[] } | null {
    const known = this.#units.get(path);
    if (known !== undefined) return known;
    const file = this.file(path);
    const unit = file === null ? null : (this.semantics(file).unit?.(this, path, this.deps.project) ?? null);
    this.#units.set(path, unit);
    return unit;
  }

  unitMember(folder: string, files: readonly string[], name: string, except: string | null): Values {
    this.consult(`${folder}/`, name);
    let out: Values = none;
    for (const path of this.deps.unitIndex(files).get(name) ?? []) {
      if (path === except) continue;
      const file = this.file(path);
      if (file === null) continue;
      const bindings = file.bindings(0, name);
      if (bindings.length === 0) continue;
      this.consult(path, name);
      this.touch(file, name);
      out = join(out, this.read(bindings, undefined, this.moduleFrame(file), 0, -1, Infinity, 0));
    }
    return out;
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

  /** Does what happened at `outer` precede `place` whenever that runs? */
  precedes(
    file: FileModel,
    scope: number,
    outer: { at: number; r: number },
    place: { at: number; r: number },
  ): boolean {
    return outer.at < place.at && encloses(file.regionsOf(scope), outer.r, place.r);
  }
}

/** Names its place only when asked: most are never allocated at. */
class ExprPlace implements Place {
  readonly frame: Frame;
  readonly scope: number;
  readonly at: number;
  readonly r: number;
  readonly callbacks: Callback[] | null = null;
  readonly #world: World;
  readonly #expr: Expr;

  constructor(world: World, frame: Frame, scope: number, at: number, r: number, expr: Expr) {
    this.#world = world;
    this.frame = frame;
    this.scope = scope;
    this.at = at;
    this.r = r;
    this.#expr = expr;
  }

  get key(): string {
    return `${this.frame.id}:${this.#world.exprId(this.#expr)}`;
  }
}

const isMethod = (file: FileModel, scope: number): boolean => {
  const parent = file.scope(scope).parent;
  return parent >= 0 && file.scope(parent).kind === "class";
};
