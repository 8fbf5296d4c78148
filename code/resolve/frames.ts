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
  memo: Map<unknown, Values> | null;
  prepared: boolean;
  entered: boolean;
  queued: boolean;
}

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
  /** By file and scope; then by surroundings and receiver; then by what they are given, which is mostly nothing. */
  readonly #known = new Map<FileModel, (Map<number, Alike> | undefined)[]>();
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
    let alike = known.get(around);
    if (alike === undefined) known.set(around, (alike = { plain: undefined, given: null }));
    let key = "";
    if (params.size > 0)
      for (const [name, values] of params) if (values.length > 0) key += `${name}=${setKey(values)};`;
    let frame = key === "" ? alike.plain : alike.given?.get(key);
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
        memo: null,
        prepared: false,
        entered: false,
        queued: false,
      };
      if (key === "") alike.plain = frame;
      else (alike.given ??= new Map()).set(key, frame);
      if (frame.bound) this.bound++;
    }
    return frame;
  }

  /** Forgets what was computed, for another round over a grown heap. */
  reset(): void {
    for (const scopes of this.#known.values()) {
      for (const frames of scopes) {
        for (const { plain, given } of frames?.values() ?? []) {
          if (plain !== undefined) forget(plain);
          for (const frame of given?.values() ?? []) forget(frame);
        }
      }
    }
  }
}
