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
  readonly #known = new Map<string, Frame>();
  readonly #files = new Map<FileModel, number>();
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
    let fileId = this.#files.get(file);
    if (fileId === undefined) this.#files.set(file, (fileId = this.#files.size));
    let key = `${fileId}.${scope}.${parent?.id ?? 0}.${self?.id ?? 0}`;
    for (const [name, values] of params) if (values.length > 0) key += `;${name}=${setKey(values)}`;
    let frame = this.#known.get(key);
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
      this.#known.set(key, frame);
      if (frame.bound) this.bound++;
    }
    return frame;
  }

  /** Forgets what was computed, for another round over a grown heap. */
  reset(): void {
    for (const frame of this.#known.values()) {
      frame.memo.clear();
      frame.prepared = false;
      frame.entered = false;
      frame.queued = false;
    }
  }
}
