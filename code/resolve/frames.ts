// Frames: one evaluation of a function's body (or a module's, or a class's) for given parameters, receiver and enclosing frame.
import type { FileModel } from "./file-model.ts";
import { setKey, type Value, type Values } from "./values.ts";

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
  readonly memo: Map<unknown, Values>;
  prepared: boolean;
  entered: boolean;
  queued: boolean;
}

const noParams: ReadonlyMap<string, Values> = new Map();

export class FrameTable {
  /** By file and scope; then by what they are told apart by, which is mostly no more than two numbers. */
  readonly #known = new Map<FileModel, (Map<number | string, Frame> | undefined)[]>();
  #next = 1;
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
    let scopes = this.#known.get(file);
    if (scopes === undefined) this.#known.set(file, (scopes = []));
    const known = (scopes[scope] ??= new Map());
    const around = (parent?.id ?? 0) * 0x4000000 + (self?.id ?? 0);
    let key: number | string = around;
    if (params.size > 0) {
      key = `${around}`;
      for (const [name, values] of params) if (values.length > 0) key += `;${name}=${setKey(values)}`;
    }
    let frame = known.get(key);
    if (frame === undefined) {
      frame = {
        id: this.#next++,
        file,
        scope,
        parent,
        self,
        params,
        bound: bound || params.size > 0 || (parent?.bound ?? false),
        depth,
        memo: new Map(),
        prepared: false,
        entered: false,
        queued: false,
      };
      known.set(key, frame);
      if (frame.bound) this.bound++;
    }
    return frame;
  }

  /** Forgets what was computed, for another round over a grown heap. */
  reset(): void {
    for (const scopes of this.#known.values()) {
      for (const frames of scopes) {
        for (const frame of frames?.values() ?? []) {
          frame.memo.clear();
          frame.prepared = false;
          frame.entered = false;
          frame.queued = false;
        }
      }
    }
  }
}
