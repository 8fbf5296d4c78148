// Fields that a decorator gives a method's receiver: the function that it puts in the method's place fills them before it calls the method.
import type { CallIr, Expr } from "../ir.ts";
import { mroOf } from "./class-order.ts";
import { storeThunk } from "./effects.ts";
import { rootName } from "./expressions.ts";
import type { FileModel } from "./file-model.ts";
import type { Place } from "./place.ts";
import { type ClassValue, type FunctionValue, type InstanceValue, join, noArgs, none, type Values } from "./values.ts";
import type { World } from "./world.ts";

/** Decorators of one class that are looked into. */
const maxDecorators = 4;

/** What a field holds that no method of the instance's classes fills, but a decorator of one. */
export function wrapperField(w: World, inst: InstanceValue, name: string, place: Place): Values {
  let out: Values = none;
  const order = mroOf(w, inst.of);
  for (let i = 0; i < order.length; i++) {
    const cls = order[i]!;
    if (cls.is !== "class") continue;
    const decorators = decoratorsOf(w, cls);
    for (let k = 0; k < decorators.length; k++) {
      const decorator = decorators[k]!;
      const { file } = decorator;
      for (const wrapper of file.childrenOf(decorator.scope)) {
        if (file.scope(wrapper).kind !== "function") continue;
        const fields = file.givenFields(wrapper).get(name);
        if (fields === undefined) continue;
        const around = w.frameFor(decorator, noArgs, place);
        const frame = w.frameFor(w.values.function(file, wrapper, around, inst), noArgs, place);
        for (const { store, scope } of fields) out = join(out, w.thunk(storeThunk(store, frame, scope)));
      }
    }
    if (out.length > 0) return out;
  }
  return out;
}

/** The functions that decorate a class's methods, each once. */
function decoratorsOf(w: World, cls: ClassValue): readonly FunctionValue[] {
  const known = w.decorators.get(cls.id);
  if (known !== undefined) return known;
  const out: FunctionValue[] = [];
  w.decorators.set(cls.id, out);
  const { file, scope } = cls;
  const env = cls.env ?? w.freeEnv(file, scope);
  const roots = new Set<string>();
  for (const { v } of file.scope(scope).bindings) {
    if (v[0] !== "d") continue;
    const call = file.call(v[1]);
    const root = rootOf(file, call);
    if (root === null || roots.has(root)) continue;
    if (roots.size >= maxDecorators) break;
    roots.add(root);
    for (const value of w.eval(call.f, env, call.s, call.at, call.r)) {
      if (value.is === "function" && !out.some((one) => one.file === value.file && one.scope === value.scope))
        out.push(value);
    }
  }
  return out;
}

/** The name that a decorator starts from: `setup` of `@setup({…})`. */
function rootOf(file: FileModel, call: CallIr): string | null {
  let at: Expr = call.f;
  while (at[0] === "c") at = file.call(at[1]).f;
  return rootName(at);
}
