// What a name means where it is read: the assignments that reach it, parameters, and what lies beyond the file.
import type { BindingIr, ParamIr } from "../ir.ts";
import type { FileModel } from "./file-model.ts";
import { reaching, reachingFrom } from "./flow.ts";
import { type Frame, never } from "./frames.ts";
import { importValue, moduleMember, touch, unitMember, unitOf } from "./modules.ts";
import { instancesOf } from "./types.ts";
import { join, none, type Values } from "./values.ts";
import { anyTime } from "./place.ts";
import type { World } from "./world.ts";

export function lookup(w: World, name: string, frame: Frame, scope: number, at: number, r: number): Values {
  const { file } = frame;
  const found = file.declaration(scope, name, w.semantics(file).memberNames !== false);
  if (found === null) return beyond(w, file, name);
  const s = found.scope;
  if (s === 0 && file !== w.own && !w.hasTouched(file, name)) {
    w.consult(file.path, name);
    touch(w, file, name);
  }
  // Frames are passed on the way out as their scopes are.
  let f: Frame | null = frame;
  for (let at = scope; at !== s && f !== null; at = file.scope(at).parent) if (f.scope === at) f = f.parent;
  const runs = f !== null && f.scope === s ? f : runningFrame(w, f, file, s);
  return readName(w, found.bindings, found.param, runs, s, found.crossed, at, r);
}

/** The frame whose run executes a block or class scope: the nearest one at or around it. */
function runningFrame(w: World, f: Frame | null, file: FileModel, scope: number): Frame {
  for (let at = f; at !== null; at = at.parent) {
    for (let s = scope; s >= 0; s = file.scope(s).parent) if (at.scope === s) return at;
  }
  return w.moduleFrame(file);
}

/** A name that no scope of the file declares: star imports, other files of the namespace, built-ins. */
export function beyond(w: World, file: FileModel, name: string): Values {
  const frame = w.moduleFrame(file);
  return w.begin(frame, file.beyondKey(name)) ?? w.done(undeclared(w, file, name));
}

function undeclared(w: World, file: FileModel, name: string): Values {
  if (file !== w.own) w.consult(file.path, name);
  const stars = starred(w, file, name);
  if (stars.length > 0) return stars;
  const semantics = w.semantics(file);
  const unit = unitOf(w, file.path);
  if (unit !== null) {
    const found = unitMember(w, unit.folder, unit.files, name, file.path);
    if (found.length > 0) return found;
  }
  return semantics.global(w, name);
}

export function starred(w: World, file: FileModel, name: string): Values {
  if (w.semantics(file).moduleExports === "exports") return none;
  if (file !== w.own) w.consult(file.path, "*");
  let out: Values = none;
  for (let i = file.ir.imports.length - 1; i >= 0; i--) {
    const one = file.ir.imports[i]!;
    if (one.kind !== "star" || one.alias !== null) continue;
    for (const module of importValue(w, file, i)) {
      if (module.is !== "module" && module.is !== "unit") continue;
      if (module.is === "module" && !isGivenAway(w, module.path, name)) continue;
      out = join(out, moduleMember(w, module, name));
    }
    if (out.length > 0) return out;
  }
  return out;
}

/** Is it among the names that a module gives to `from module import *`? */
function isGivenAway(w: World, path: string, name: string): boolean {
  const file = w.file(path);
  if (file === null) return false;
  const { starNames } = w.semantics(file);
  if (starNames !== undefined) w.consult(path, starNames);
  const [list, ...more] = starNames === undefined ? [] : file.bindings(0, starNames);
  if (list?.v[0] !== "l" || more.length > 0 || list.v[1].some((item) => item[0] !== "s")) return !name.startsWith("_");
  return list.v[1].some((item) => item[1] === name);
}

export function readName(
  w: World,
  bindings: readonly BindingIr[],
  param: ParamIr | undefined,
  frame: Frame,
  scope: number,
  crossed: number,
  at: number,
  r: number,
): Values {
  const { file } = frame;
  if (bindings.length === 0) return valuesOfParam(w, frame, scope, param!);
  if (bindings.length === 1 && param === undefined) return valuesOfBinding(w, bindings[0]!, frame, scope);
  let items: readonly BindingIr[] = bindings;
  let definite = false;
  const regions = file.regionsOf(scope);
  const whole = scope === 0 && (w.semantics(file).unordered || (file !== w.own && frame.parent === null));
  if (crossed >= 0 && file.ownerOf(crossed) !== file.ownerOf(scope) && !(whole && file !== w.own)) {
    const place = creation(w, file, crossed, scope);
    if (place !== undefined && !w.semantics(file).unordered) {
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
  for (let i = 0; i < items.length; i++) out = join(out, valuesOfBinding(w, items[i]!, frame, scope));
  if (param !== undefined && !definite) out = join(out, valuesOfParam(w, frame, scope, param));
  return out;
}

/** Where in `scope` the function around `inner` is made. */
function creation(w: World, file: FileModel, inner: number, scope: number): { at: number; r: number } | undefined {
  let at = inner;
  while (file.scope(at).parent !== scope && file.scope(at).parent >= 0) {
    const parent = file.scope(at).parent;
    if (file.scope(parent).kind === "block" && file.ownerOf(parent) === file.ownerOf(scope)) break;
    at = parent;
  }
  return file.createdAt(at);
}

export function valuesOfBinding(w: World, binding: BindingIr, frame: Frame, scope: number): Values {
  const kind = binding.v[0];
  if (kind === "f" || kind === "k" || kind === "s" || kind === "#") {
    // Nothing to look up, so no cycle to guard against.
    const memo = (frame.memo ??= new Map());
    const known = memo.get(binding);
    if (known !== undefined) return known.values;
    const values = w.eval(binding.v, frame, scope, binding.at, binding.r);
    memo.set(binding, { low: never, values });
    return values;
  }
  if (kind === "?" && binding.t === undefined) return none;
  return w.begin(frame, binding) ?? w.done(bound(w, binding, frame, scope));
}

/** What is assigned, or else something of the declared type. */
function bound(w: World, binding: BindingIr, frame: Frame, scope: number): Values {
  const values = assigned(w, binding, frame, scope);
  if (values.length > 0 || binding.t === undefined) return values;
  return instancesOf(w, binding.t, w.place(frame, scope, binding.at, binding.r, binding.t));
}

/** The value of an assignment, read where it was made: a function inside may have names of its own for it. */
function assigned(w: World, binding: BindingIr, frame: Frame, scope: number): Values {
  const { file } = frame;
  if (binding.s === undefined || file.ownerOf(binding.s) === file.ownerOf(scope)) {
    return w.eval(binding.v, frame, binding.s ?? scope, binding.at, binding.r);
  }
  const owner = file.ownerOf(binding.s);
  const inner = file.scope(owner).kind === "function" ? w.freeFrame(file, owner) : w.freeEnv(file, owner);
  return w.eval(binding.v, inner, binding.s, Infinity, 0);
}

export function valuesOfParam(w: World, frame: Frame, scope: number, param: ParamIr): Values {
  const given = frame.params.get(param.n);
  if (given !== undefined) return given;
  return w.begin(frame, param) ?? w.done(ungiven(w, frame, scope, param));
}

/** A parameter that the call gives nothing for: the receiver, something of its type, its default. */
function ungiven(w: World, frame: Frame, scope: number, param: ParamIr): Values {
  const ir = frame.file.scope(scope);
  const env = frame.parent ?? frame;
  if (
    frame.self !== null &&
    ir.params?.[0] === param &&
    w.semantics(frame.file).receiver === "first" &&
    (param.t === undefined || !w.semantics(frame.file).trustTypes) &&
    ir.bound !== "static" &&
    (ir.bound !== undefined || isMethod(frame.file, scope))
  ) {
    return [frame.self];
  }
  let out: Values = none;
  if (param.t !== undefined) out = instancesOf(w, param.t, w.place(frame, scope, anyTime, 0, param.t));
  if (param.v !== undefined && (out.length === 0 || param.v[0] !== "?")) {
    out = join(w.eval(param.v, env, ir.parent, Infinity, 0), out);
  }
  return out;
}

const isMethod = (file: FileModel, scope: number): boolean => {
  const parent = file.scope(scope).parent;
  return parent >= 0 && file.scope(parent).kind === "class";
};
