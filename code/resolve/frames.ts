// Frames: one evaluation of a function's body (or a module's, or a class's) for given parameters, receiver and enclosing frame.
import type { FileModel } from "./file-model.ts";
import type { Expr, StoreIr } from "../ir.ts";
import type { Thunk } from "./heap.ts";
import { type BoxValue, type ClassValue, type FunctionValue, setKey, type Value, type Values } from "./values.ts";

/** What was computed under a key. `low`: it holds only while the step at that depth is under way. */
export interface Known {
  low: number;
  values: Values;
}

/** Deeper than any step: the result stands. */
export const never = 0x3fffffff;
/** The step for which it held is over: it is computed anew when asked for. */
export const forgotten = -1;

export interface Frame {
  readonly id: number;
  readonly file: FileModel;
  /** Module, function or class scope that this frame runs. */
  readonly scope: number;
  readonly parent: Frame | null;
  readonly self: Value | null;
  /** Only what the call site gives; defaults and declared types are read where nothing was given. */
  readonly params: ReadonlyMap<string, Values>;
  /** Depends on a call site (its own or of a frame it closes over). */
  readonly bound: boolean;
  readonly depth: number;
  /** What was computed in this frame, by binding, call, … */
  memo: Map<unknown, Known> | null;
  prepared: boolean;
  entered: boolean;
  queued: boolean;
  /** Frames that close over this one. */
  inner: Inner | null;
  /** Functions and classes that close over it by scope, what its literals make, and what its stores put: the same in every round. */
  functions: Map<number, FunctionValue> | null;
  classes: Map<number, ClassValue> | null;
  literals: Map<Expr, BoxValue> | null;
  stores: Map<StoreIr, Thunk> | null;
}

/** Frames of one surroundings: by scope, then by receiver; then by what they are given, which is mostly nothing. */
type Inner = Map<number, Map<number, Alike>>;

interface Alike {
  plain: Frame | undefined;
  given: Map<string, Frame> | null;
}

function forget(frame: Frame): void {
  frame.memo = null;
  frame.prepared = false;
  frame.entered = false;
  frame.queued = false;
}

const noParams: ReadonlyMap<string, Values> = new Map();

export class FrameTable {
  readonly #outermost = new Map<FileModel, Inner>();
  readonly #modules = new Map<FileModel, Frame>();
  readonly #all: Frame[] = [];
  /** How many depend on a call site. */
  bound = 0;

  get(
    file: FileModel,
    scope: number,
    parent: Frame | null,
    self: Value | null,
    params: ReadonlyMap<string, Values> = noParams,
    depth = 0,
    bound = false,
  ): Frame {
    let inner = parent === null ? this.#outermost.get(file) : parent.inner;
    if (inner === undefined || inner === null) {
      inner = new Map();
      if (parent === null) this.#outermost.set(file, inner);
      else parent.inner = inner;
    }
    let selves = inner.get(scope);
    if (selves === undefined) inner.set(scope, (selves = new Map()));
    const receiver = self === null ? 0 : self.id;
    let alike = selves.get(receiver);
    if (alike === undefined) selves.set(receiver, (alike = { plain: undefined, given: null }));
    let key = "";
    if (params.size > 0) {
      params.forEach((values, name) => {
        if (values.length > 0) key += `${name}=${setKey(values)};`;
      });
    }
    let frame = key === "" ? alike.plain : alike.given?.get(key);
    if (frame === undefined) {
      frame = {
        id: this.#all.length + 1,
        file,
        scope,
        parent,
        self,
        params,
        bound: bound || params.size > 0 || (parent?.bound ?? false),
        depth,
        memo: null,
        prepared: false,
        entered: false,
        queued: false,
        inner: null,
        functions: null,
        classes: null,
        literals: null,
        stores: null,
      };
      this.#all.push(frame);
      if (key === "") alike.plain = frame;
      else (alike.given ??= new Map()).set(key, frame);
      if (frame.bound) this.bound++;
    }
    return frame;
  }

  /** The frame of a file's top level. */
  module(file: FileModel): Frame {
    let frame = this.#modules.get(file);
    if (frame === undefined) this.#modules.set(file, (frame = this.get(file, 0, null, null)));
    return frame;
  }

  /** Forgets what was computed, for another round over a grown heap. */
  reset(): void {
    for (const frame of this.#all) forget(frame);
  }
}
