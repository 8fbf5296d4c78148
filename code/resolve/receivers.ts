// What `this` (in other languages the first parameter) and `super` are: of a run of a function, and when nothing is known of any call.
import { mroOf } from "./class-order.ts";
import type { FileModel } from "./file-model.ts";
import type { Frame } from "./frames.ts";
import { instancesOf } from "./types.ts";
import type { Value } from "./values.ts";
import type { World } from "./world.ts";

export function freeReceiver(w: World, file: FileModel, scope: number, env: Frame): Value | null {
  const ir = file.scope(scope);
  if (ir.bound === "arrow") return null;
  const owner = file.scope(ir.parent);
  if (owner?.kind === "class") {
    const cls = w.values.class(file, ir.parent, env);
    if (file.isStatic(scope)) return w.semantics(file).receiver === "this" ? cls : null;
    return ir.bound === "class" ? cls : w.values.instance(cls, "", null);
  }
  const stated = statedReceiver(w, file, scope, env);
  if (stated !== null) return stated;
  if (ir.bound === undefined && w.semantics(file).receiver === "this" && file.ownFields(scope).size > 0) {
    return w.values.instance(w.values.function(file, scope, env, null), "", null);
  }
  return null;
}

/** What a binding named `this` says of a function that is no class member. */
function statedReceiver(w: World, file: FileModel, scope: number, env: Frame): Value | null {
  const [stated] = file.bindings(scope, "this");
  if (stated === undefined) return null;
  if (w.fuel <= 0) w.refuel(200);
  const around = file.scope(scope).parent;
  const values =
    stated.t === undefined
      ? w.eval(stated.v, env, around, Infinity, 0)
      : instancesOf(w, stated.t, w.place(env, around, Infinity, 0, stated.t));
  return values[0] ?? null;
}

/** `this` (or the first parameter's value) of the function around a scope. */
export function receiver(w: World, frame: Frame, scope: number): Value | null {
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

export function superOf(w: World, frame: Frame, scope: number): Value | null {
  const { file } = frame;
  const self = receiver(w, frame, scope);
  if (self === null) return null;
  for (let s = scope; s >= 0; s = file.scope(s).parent) {
    if (file.scope(s).kind !== "class") continue;
    // A class that a function makes is another one each time: the receiver knows which.
    const of = self.is === "instance" ? self.of : self;
    for (const cls of of.is === "class" ? mroOf(w, of) : []) {
      if (cls.is === "class" && cls.file === file && cls.scope === s) return w.values.super(cls, self);
    }
    return w.values.super(w.values.class(file, s, w.freeEnv(file, s)), self);
  }
  return null;
}
