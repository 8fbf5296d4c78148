// What a module gives to others: its names and exports, what it passes on, and what its top level does to them when they are first asked for.
import type { ImportIr } from "../ir.ts";
import { evalArgs, callResult } from "./calls.ts";
import { mutates } from "./expressions.ts";
import type { FileModel } from "./file-model.ts";
import { frameFor } from "./call-frames.ts";
import { applyStore, prepare } from "./effects.ts";
import type { Frame } from "./frames.ts";
import { CallPlace } from "./place.ts";
import { join, none, type Value, type Values } from "./values.ts";
import type { World } from "./world.ts";

/** What a module exports as a whole, in its frame; its members are there by name. */
const wholeModule = Symbol("whole module");

export function touch(w: World, file: FileModel, name: string): void {
  let names = w.touched.get(file);
  if (names === undefined) w.touched.set(file, (names = new Set()));
  if (names.has(name)) return;
  names.add(name);
  const rooted = file.rootedAt(name);
  if (rooted === undefined) return;
  const frame = w.moduleFrame(file);
  for (const store of rooted.stores) applyStore(w, store, frame, 0);
  for (const index of rooted.calls) runForEffect(w, index, frame);
}

/** What a call does to the objects it is given, one call deep. */
function runForEffect(w: World, index: number, frame: Frame): void {
  const call = frame.file.call(index);
  if (mutates(call.f)) {
    callResult(w, index, frame);
    return;
  }
  const place = new CallPlace(frame, index, null);
  for (const callee of w.eval(call.f, frame, call.s, call.at, call.r)) {
    if (callee.is === "function") prepare(w, frameFor(w, callee, evalArgs(w, index, frame), place));
  }
}

export function importValue(w: World, file: FileModel, i: number): Values {
  const one = file.ir.imports[i];
  if (one === undefined) return none;
  return w.begin(w.moduleFrame(file), one) ?? w.done(imported(w, file, one));
}

function imported(w: World, file: FileModel, one: ImportIr): Values {
  const { target, consulted } = w.deps.targets.of(file.path, one, w.semantics(file));
  if (file !== w.own) for (const name of consulted) w.consult(file.path, name);
  switch (target.is) {
    case "unresolved":
      return none;
    case "external":
      return [w.values.external(target.package, one.kind === "member" ? (one.name ?? "") : "")];
    case "unit": {
      const unit = w.values.unit(target.folder, target.files);
      return one.kind === "member" && one.name !== null ? moduleMember(w, unit, one.name) : [unit];
    }
    case "file": {
      const module = w.values.module(target.path);
      if (one.kind === "member" && one.name !== null && target.wholeModule !== true) {
        return moduleMember(w, module, one.name);
      }
      return one.kind === "star" ? [module] : moduleValue(w, target.path);
    }
  }
}

/** What importing a whole file gives: its namespace, or what it exports as a whole. */
function moduleValue(w: World, path: string): Values {
  const module = w.values.module(path);
  const file = w.file(path);
  if (file === null || w.semantics(file).moduleExports === "names") return [module];
  w.consult(path, "export:=");
  const whole = file.exportsOf("=");
  if (whole.length === 0) return [module];
  const frame = w.moduleFrame(file);
  const known = w.begin(frame, wholeModule);
  if (known !== null) return known;
  // What is put on a function or class that has no name in the module: nobody reads a name that would bring it about.
  for (const store of file.storesOf(0)) {
    if (store.o[0] === "f" || store.o[0] === "k") applyStore(w, store, frame, 0);
  }
  let out: Values = [];
  for (const entry of whole) out = join(out, w.eval(entry.v, frame, 0, Infinity, 0));
  return w.done(out.length > 0 ? out : [module]);
}

export function moduleMember(w: World, module: Value, name: string): Values {
  if (module.is === "unit") {
    if (w.semantics(w.own).submodulePaths !== undefined) return submodule(w, w.own, module.folder, name);
    return unitMember(w, module.folder, module.files, name, null);
  }
  if (module.is !== "module") return none;
  const file = w.file(module.path);
  if (file === null) return none;
  return w.begin(w.moduleFrame(file), name) ?? w.done(fileMember(w, file, name));
}

function fileMember(w: World, file: FileModel, name: string): Values {
  if (w.semantics(file).moduleExports === "exports") return exported(w, file, name);
  w.consult(file.path, name);
  const bindings = file.bindings(0, name);
  if (bindings.length > 0) {
    touch(w, file, name);
    const values = w.topLevel(file, bindings);
    if (values.length > 0) return values;
  }
  const stars = bindings.length > 0 ? none : w.starred(file, name);
  if (stars.length > 0) return stars;
  const folder = w.semantics(file).packageFolder?.(file.path) ?? null;
  return folder === null ? none : submodule(w, file, folder, name);
}

function submodule(w: World, file: FileModel, folder: string, name: string): Values {
  for (const path of w.semantics(file).submodulePaths?.(folder, name) ?? []) {
    if (w.file(path) !== null) return [w.values.module(path)];
  }
  return none;
}

function exported(w: World, file: FileModel, name: string): Values {
  w.consult(file.path, `export:${name}`);
  const frame = w.moduleFrame(file);
  let out: Values = none;
  for (const entry of file.exportsOf(name)) out = join(out, w.eval(entry.v, frame, 0, Infinity, 0));
  if (out.length > 0) return out;
  w.consult(file.path, "export:=");
  for (const entry of file.exportsOf("=")) {
    const whole = w.eval(entry.v, frame, 0, Infinity, 0);
    if (name === "default") out = join(out, whole);
    else {
      const place = w.place(frame, 0, Infinity, 0, entry.v);
      for (const value of whole) out = join(out, w.member(value, name, place));
    }
  }
  if (out.length > 0 || name === "default") {
    return out.length > 0 || (file.ir.exports?.length ?? 0) > 0 ? out : moduleValue(w, file.path);
  }
  w.consult(file.path, "export:*");
  for (const entry of file.exportsOf("*")) {
    for (const module of w.eval(entry.v, frame, 0, Infinity, 0)) {
      out = join(
        out,
        module.is === "module"
          ? moduleMember(w, module, name)
          : w.member(module, name, w.place(frame, 0, Infinity, 0, entry.v)),
      );
    }
    if (out.length > 0) return out;
  }
  return out;
}

/** Files that share one namespace with w one; null in languages where a file is a namespace. */
export function unitOf(w: World, path: string): { folder: string; files: readonly string[] } | null {
  const known = w.units.get(path);
  if (known !== undefined) return known;
  const file = w.file(path);
  const unit = file === null ? null : (w.semantics(file).unit?.(w, path, w.deps.project) ?? null);
  w.units.set(path, unit);
  return unit;
}

export function unitMember(
  w: World,
  folder: string,
  files: readonly string[],
  name: string,
  except: string | null,
): Values {
  w.consult(`${folder}/`, name);
  let out: Values = none;
  for (const path of w.deps.unitIndex(files).get(name) ?? []) {
    if (path === except) continue;
    const file = w.file(path);
    if (file === null) continue;
    const bindings = file.bindings(0, name);
    if (bindings.length === 0) continue;
    w.consult(path, name);
    touch(w, file, name);
    out = join(out, w.topLevel(file, bindings));
  }
  return out;
}
