// The order in which a class and its bases are searched for a member (C3, as in Python; of single bases one after the other).
import { join, none, type ClassValue, type Value, type Values } from "./values.ts";
import type { World } from "./world.ts";

/** The class itself, then its bases in C3 order; bases that are not classes of the repository stay what they are. */
export function mroOf(w: World, cls: Value): readonly Value[] {
  if (cls.is !== "class") return [cls];
  const known = w.orders.get(cls.id);
  if (known !== undefined) return known;
  w.orders.set(cls.id, [cls]);
  const bases = basesOf(w, cls);
  const orders = bases.map((base) => mroOf(w, base));
  // Of none or a single base there is nothing to merge.
  const after =
    orders.length < 2 ? (orders[0] ?? none) : mergeOrders([...orders.map((order) => [...order]), [...bases]]);
  const order = [cls, ...(after ?? new Set(orders.flat()))];
  w.orders.set(cls.id, order);
  return order;
}

/** The class that a class is an instance of, if one is stated for it or for a base of it. */
export function metaclassOf(w: World, cls: ClassValue): ClassValue | null {
  for (const base of mroOf(w, cls)) {
    if (base.is !== "class") continue;
    const { metaclass, parent } = base.file.scope(base.scope);
    if (metaclass === undefined) continue;
    const at = base.file.createdAt(base.scope) ?? { at: Infinity, r: 0 };
    const values = w.eval(metaclass, base.env ?? w.freeEnv(base.file, base.scope), parent, at.at, at.r);
    const meta = values.find((value) => value.is === "class");
    return meta?.is === "class" && meta !== cls ? meta : null;
  }
  return null;
}

function basesOf(w: World, cls: ClassValue): Values {
  const { file, scope } = cls;
  const ir = file.scope(scope);
  const frame = cls.env ?? w.freeEnv(file, scope);
  const made = file.createdAt(scope) ?? { at: Infinity, r: 0 };
  let out: Values = none;
  const parts = [{ path: file.path, scope }, ...(w.semantics(file).classParts?.(w, cls) ?? [])];
  for (const part of parts) {
    const partFile = part.path === file.path ? file : w.file(part.path);
    if (partFile === null) continue;
    const partIr = partFile.scope(part.scope);
    const partFrame = partFile === file ? frame : w.moduleFrame(partFile);
    for (const base of partIr.bases ?? []) {
      const values = w.eval(base, partFrame, partIr.parent, made.at, made.r);
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!;
        if (value.is === "class" || value.is === "external" || value.is === "native" || value.is === "function") {
          if (value !== cls) out = join(out, [value]);
        }
      }
    }
  }
  return ir === undefined ? none : out;
}

function mergeOrders(lists: Value[][]): Value[] | null {
  const out: Value[] = [];
  for (let guard = 0; guard < 500; guard++) {
    const open = lists.filter((list) => list.length > 0);
    if (open.length === 0) return out;
    const next = open.map((list) => list[0]!).find((head) => !open.some((list) => list.indexOf(head) > 0));
    if (next === undefined) return null;
    out.push(next);
    for (const list of lists) if (list[0] === next) list.shift();
  }
  return null;
}
