// What a name or a chain of members stands for when it is read and not called: the declared thing, through imports and re-exports.
import type { Expr } from "../ir.ts";
import { classSpot, functionSpot, type Spot } from "./call-edges.ts";
import { inOneBuild } from "./call-rules.ts";
import type { FileModel } from "./file-model.ts";
import type { Frame } from "./frames.ts";
import { unitOf } from "./modules.ts";
import { beyond } from "./names.ts";
import type { BoxValue, ClassValue, Value, Values } from "./values.ts";
import type { World } from "./world.ts";

/** What a read name or chain means, when it is a declared thing. */
export function referenceSpots(w: World, expr: Expr, frame: Frame, scope: number): (Spot & { getter?: true })[] {
  if (expr[0] === "a") {
    const out: (Spot & { getter?: true })[] = [];
    for (const object of w.eval(expr[1], frame, scope, Infinity, 0)) {
      if (object.is === "module") {
        const spot = moduleSpot(w, object.path, expr[2]);
        if (spot !== null) out.push(spot);
      } else if (object.is === "unit") {
        for (const path of object.files) {
          const file = w.file(path);
          if (file === null || file.symbolAt(expr[2]) < 0) continue;
          if (w.semantics(file).excludes?.(frame.file.ir, file.ir) === true) continue;
          w.consult(path, expr[2]);
          out.push({ path, symbol: expr[2] });
        }
      } else if (object.is === "instance" || object.is === "class" || object.is === "box") {
        const spot = memberSpot(w, object, expr[2]);
        if (spot !== null) out.push(spot);
      }
    }
    return out;
  }
  if (expr[0] === "n") return nameSpots(w, expr[1], frame.file, scope);
  if (expr[0] === "m") return importSpots(w, frame.file, expr[1]);
  return [];
}

function nameSpots(w: World, name: string, file: FileModel, scope: number): Spot[] {
  for (let s = scope; s >= 0; s = file.scope(s).parent) {
    const ir = file.scope(s);
    if (ir.kind === "class" && s !== scope) continue;
    if (ir.kind === "function" && file.param(s, name) !== undefined) return [];
    const bindings = file.bindings(s, name);
    if (bindings.length === 0) continue;
    const v = bindings[0]!.v;
    if (v[0] === "m") return importSpots(w, file, v[1]);
    const symbol = ir.kind === "module" ? name : `${file.symbolOf(s)?.path ?? ""}.${name}`;
    return file.symbolAt(symbol) < 0 || ir.kind === "block" ? [] : [{ path: file.path, symbol }];
  }
  const out: Spot[] = [];
  for (const value of inOneBuild(w, file, beyond(w, file, name))) {
    if (value.is === "function") out.push(...present(functionSpot(value.file, value.scope)));
    if (value.is === "class") out.push(...present(classSpot(value.file, value.scope)));
  }
  if (out.length > 0) return out;
  const unit = unitOf(w, file.path);
  if (unit === null) return [];
  w.consult(`${unit.folder}/`, name);
  for (const path of w.deps.unitIndex(unit.files).get(name) ?? []) {
    const other = w.file(path);
    if (other === null || other.symbolAt(name) < 0) continue;
    if (w.semantics(file).excludes?.(file.ir, other.ir) === true) continue;
    w.consult(path, name);
    out.push({ path, symbol: name });
  }
  return out;
}

const present = <T>(value: T | null): T[] => (value === null ? [] : [value]);

function importSpots(w: World, file: FileModel, index: number): Spot[] {
  const one = file.ir.imports[index];
  if (one === undefined || one.kind !== "member" || one.name === null) return [];
  const target = w.deps.targets.resolve(file.path, one.specifier, one.name);
  if (target.is !== "file" || target.wholeModule === true) return [];
  const spot = moduleSpot(w, target.path, one.name);
  return spot === null ? [] : [spot];
}

/** The symbol that a module's name stands for, through re-exports. */
function moduleSpot(w: World, path: string, name: string, depth = 0): Spot | null {
  const file = w.file(path);
  if (file === null || depth > 8) return null;
  w.consult(path, name);
  const exportsNames = w.semantics(file).moduleExports === "exports";
  if (exportsNames) {
    w.consult(path, `export:${name}`);
    for (const entry of file.ir.exports ?? []) {
      if (entry.name !== name) continue;
      if (entry.v[0] === "n") {
        w.consult(path, entry.v[1]);
        const inner = file.bindings(0, entry.v[1])[0]?.v;
        if (inner?.[0] === "m") return throughImport(w, file, inner[1], depth);
        if (file.symbolAt(entry.v[1]) >= 0) return { path, symbol: entry.v[1] };
      }
      if (entry.v[0] === "m") return throughImport(w, file, entry.v[1], depth);
      if (entry.v[0] === "f") return functionSpot(file, entry.v[1]);
      if (entry.v[0] === "k") return classSpot(file, entry.v[1]);
    }
    w.consult(path, "export:*");
    for (const entry of file.ir.exports ?? []) {
      if (entry.name !== "*" || entry.v[0] !== "m") continue;
      const one = file.ir.imports[entry.v[1]];
      if (one === undefined) continue;
      w.consult(path, `import:${one.specifier}\0\0`);
      const target = w.deps.targets.resolve(path, one.specifier, null);
      const spot = target.is === "file" ? moduleSpot(w, target.path, name, depth + 1) : null;
      if (spot !== null) return spot;
    }
    return null;
  }
  const bindings = file.bindings(0, name);
  const v = bindings[0]?.v;
  if (v?.[0] === "m") return throughImport(w, file, v[1], depth);
  if (bindings.length > 0) return file.symbolAt(name) >= 0 ? { path, symbol: name } : null;
  return null;
}

function throughImport(w: World, file: FileModel, index: number, depth: number): Spot | null {
  const one = file.ir.imports[index];
  if (one === undefined || one.kind !== "member" || one.name === null) return null;
  w.consult(file.path, `import:${one.specifier}\0${one.name}`);
  const target = w.deps.targets.resolve(file.path, one.specifier, one.name);
  return target.is === "file" && target.wholeModule !== true ? moduleSpot(w, target.path, one.name, depth + 1) : null;
}

function memberSpot(w: World, object: Value, name: string): (Spot & { getter?: true }) | null {
  if (object.is === "box") return asGetter(literalGetter(object, name));
  const owner = ownerOf(w, object, name);
  if (owner === null) return asGetter(fallbackSpot(w, object, name));
  const inner = getterOf(owner, name, object.is === "class");
  if (inner >= 0) return asGetter(functionSpot(owner.file, inner));
  const fetching = fetchingSpot(w, owner, name);
  if (fetching !== null) return asGetter(fetching);
  const path = `${owner.file.symbolOf(owner.scope)?.path ?? ""}.${name}`;
  return owner.file.symbolAt(path) < 0 ? null : { path: owner.file.path, symbol: path };
}

const asGetter = (spot: Spot | null): (Spot & { getter: true }) | null =>
  spot === null ? null : { ...spot, getter: true };

/** The function that reading a member runs, if it is one. */
export function getterSpot(w: World, object: Value, name: string): Spot | null {
  if (object.is === "box") return literalGetter(object, name);
  const owner = ownerOf(w, object, name);
  if (owner === null) return fallbackSpot(w, object, name);
  const inner = getterOf(owner, name, object.is === "class");
  return inner < 0 ? fetchingSpot(w, owner, name) : functionSpot(owner.file, inner);
}

/** What runs when a member is read that a class has by a call: a descriptor's method. */
function fetchingSpot(w: World, owner: ClassValue, name: string): Spot | null {
  const { fetchers } = w.semantics(owner.file);
  if (fetchers === undefined) return null;
  const { file, scope } = owner;
  const binding = file.bindings(scope, name).at(-1)!;
  if (binding.v[0] !== "c" && binding.v[0] !== "d") return null;
  const frame = owner.env ?? w.freeEnv(file, scope);
  const values = w.binding(binding, frame, scope);
  for (let i = 0; i < values.length; i++) {
    const spot = firstSpot(fetchers(w, values[i]!, w.place(frame, scope, binding.at, binding.r, binding.v)));
    if (spot !== null) return spot;
  }
  return null;
}

/** What runs when a member is read that neither an instance nor its classes have. */
function fallbackSpot(w: World, object: Value, name: string): Spot | null {
  if (object.is !== "instance" || object.of.is !== "class") return null;
  const { file, scope, env } = object.of;
  const { fallbacks } = w.semantics(file);
  if (fallbacks === undefined) return null;
  return firstSpot(fallbacks(w, object, name, w.place(env ?? w.freeEnv(file, scope), scope, Infinity, 0, nothing)));
}

const nothing: Expr = ["?"];

function firstSpot(values: Values): Spot | null {
  const found = values.find((value) => value.is === "function");
  return found === undefined ? null : functionSpot(found.file, found.scope);
}

/** The class that states a member of an instance or a class. */
function ownerOf(w: World, object: Value, name: string): ClassValue | null {
  const cls = object.is === "instance" ? object.of : object;
  if (cls.is !== "class") return null;
  const order = w.orders.get(cls.id);
  if (order === undefined) return cls.file.bindings(cls.scope, name).length > 0 ? cls : null;
  for (let i = 0; i < order.length; i++) {
    const owner = order[i]!;
    if (owner.is === "class" && owner.file.bindings(owner.scope, name).length > 0) return owner;
  }
  return null;
}

/** The scope of the getter that a class states under a name, -1 if there is none. */
function getterOf({ file, scope }: ClassValue, name: string, isStatic: boolean): number {
  const bindings = file.bindings(scope, name);
  for (let i = 0; i < bindings.length; i++) {
    let { v } = bindings[i]!;
    while (v[0] === "d") v = v[2];
    if (v[0] === "f" && file.scope(v[1]).bound === "getter" && isStatic === file.isStatic(v[1])) return v[1];
  }
  return -1;
}

/** The getter that an object literal has under a name. */
function literalGetter({ literal, frame }: BoxValue, name: string): Spot | null {
  if (literal?.[0] !== "o" || frame === null) return null;
  const entries = literal[1];
  for (let i = 0; i < entries.length; i++) {
    const [key, v] = entries[i]!;
    if (key === name && v[0] === "f" && frame.file.scope(v[1]).bound === "getter")
      return functionSpot(frame.file, v[1]);
  }
  return null;
}
