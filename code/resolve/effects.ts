// What running a function puts into objects: its stores, and the calls that change what they are called on.
import type { StoreIr } from "../ir.ts";
import type { Frame } from "./frames.ts";
import { anyKey, type Thunk } from "./heap.ts";
import type { World } from "./world.ts";

/** One thunk for one store in one frame. */
export function storeThunk(store: StoreIr, frame: Frame, scope: number): Thunk {
  const known = (frame.stores ??= new Map());
  let thunk = known.get(store);
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
    known.set(store, thunk);
  }
  return thunk;
}

/** Brings about what a function's run puts into objects, before its results are read. */
export function prepare(w: World, frame: Frame): void {
  if (frame.prepared) return;
  frame.prepared = true;
  const effects = frame.file.effectsOf(frame.scope);
  for (let i = 0; i < effects.length; i++) {
    const { scope, store, call } = effects[i]!;
    if (store === null) w.callResult(call, frame);
    else if (!isOwnField(w, store, frame)) applyStore(w, store, frame, scope);
  }
}

/** A field of any instance, stored by a method of its class: found through the class. */
function isOwnField(w: World, store: StoreIr, frame: Frame): boolean {
  const { self } = frame;
  if (self === null || self.is !== "instance" || self.site !== "" || frame.params.size > 0) return false;
  if (store.o[0] === "this") return true;
  if (store.o[0] !== "n" || w.semantics(frame.file).receiver !== "first") return false;
  return (
    store.o[1] === frame.file.receiverName(frame.scope) && frame.file.bindings(frame.scope, store.o[1]).length === 0
  );
}

export function applyStore(w: World, store: StoreIr, frame: Frame, scope: number): void {
  const objects = w.eval(store.o, frame, scope, store.at, store.r);
  for (let i = 0; i < objects.length; i++) {
    const object = objects[i]!;
    // Stores to any instance are found through its class.
    if (object.is === "instance" && object.site === "" && object === frame.self && frame.params.size === 0) continue;
    if (object.is === "text" || object.is === "number" || object.is === "external") continue;
    let key = store.k ?? anyKey;
    if (object.is === "box" && object.shape === "list" && /^-?\d+$/.test(key)) key = `#${key}`;
    w.heap.put(object, key, storeThunk(store, frame, scope));
  }
}
