// By which rule a call is believed to lead where it leads, and how far; how a callee reads in a list of unresolved calls.
import type { CallIr, Expr } from "../ir.ts";
import type { FileModel } from "./file-model.ts";
import type { Frame } from "./frames.ts";
import type { FunctionValue, Value, Values } from "./values.ts";
import type { World } from "./world.ts";

/** Dotted text of a callee, for the reader of a list of unresolved calls. */
export function exprText(expr: Expr, file: FileModel): string {
  switch (expr[0]) {
    case "n":
      return expr[1];
    case "this":
    case "super":
      return expr[0];
    case "a":
      return `${exprText(expr[1], file)}.${expr[2]}`;
    case "i":
      return `${exprText(expr[1], file)}[]`;
    case "c": {
      const call = file.ir.calls[expr[1]];
      return call === undefined ? "?" : `${exprText(call.f, file)}()`;
    }
    case "m":
      return file.ir.imports[expr[1]]?.alias ?? file.ir.imports[expr[1]]?.name ?? "import";
    case "w":
    case "*":
    case "e":
    case "d":
      return expr[0] === "d" ? exprText(expr[2], file) : exprText(expr[1], file);
    case "g":
      return exprText(expr[1], file);
    default:
      return "?";
  }
}

const isVariant = (w: World, callee: Value): boolean =>
  (callee.is === "function" || callee.is === "class") && w.semantics(callee.file).isVariant?.(callee.file.ir) === true;

/** Without what is never built together with the calling file. */
export function inOneBuild(w: World, file: FileModel, callees: Values): Values {
  const excludes = w.semantics(file).excludes;
  if (excludes === undefined) return callees;
  const isOther = (one: Value): boolean =>
    (one.is === "function" || one.is === "class" || one.is === "declared") &&
    one.file !== file &&
    excludes(file.ir, one.file.ir);
  return callees.some(isOther) ? callees.filter((one) => !isOther(one)) : callees;
}

function hasVariant(w: World, callees: Values): boolean {
  for (let i = 0; i < callees.length; i++) if (isVariant(w, callees[i]!)) return true;
  return false;
}

/** What a call leads to in the usual build; where it leads to other builds alone, those. */
export function usualOf(w: World, callees: Values): Values {
  if (!hasVariant(w, callees)) return callees;
  const usual = callees.filter((one) => !isVariant(w, one));
  return usual.length === 0 ? callees : usual;
}

/** The more it may be, the less each is believed. */
export function crowd(callees: Values): number {
  let many = 0;
  for (let i = 0; i < callees.length; i++) {
    const { is } = callees[i]!;
    if (is === "function" || is === "class") many++;
  }
  return many <= 1 ? 1 : many === 2 ? 0.8 : many <= 4 ? 0.6 : 0.4;
}

export interface Rule {
  readonly name: string;
  readonly confidence: number;
}

export function ruleOf(w: World, call: CallIr, frame: Frame, bound: boolean): Rule {
  if (bound) return { name: "parameter", confidence: 0.9 };
  const { file } = frame;
  const callee = call.f;
  switch (callee[0]) {
    case "f":
    case "k":
      return { name: "direct", confidence: 1 };
    case "m":
      return { name: "import", confidence: 1 };
    case "super":
      return { name: "inherited", confidence: 1 };
    case "c":
      return { name: "return", confidence: 0.9 };
    case "i":
    case "e":
      return { name: "container", confidence: 0.85 };
    case "d":
      return { name: "decorator", confidence: 0.95 };
    case "n": {
      for (let s = call.s; s >= 0; s = file.scope(s).parent) {
        const ir = file.scope(s);
        if (ir.kind === "class" && s !== call.s) continue;
        const bindings = file.bindings(s, callee[1]);
        if (bindings.length === 0) {
          if (ir.kind === "function" && file.param(s, callee[1]) !== undefined)
            return { name: "parameter", confidence: 0.9 };
          continue;
        }
        const v = bindings.at(-1)!.v;
        if (v[0] === "f" || v[0] === "k") return { name: "direct", confidence: 1 };
        if (v[0] === "m") return { name: "import", confidence: 1 };
        if (v[0] === "d") return { name: "decorator", confidence: 0.95 };
        if (v[0] === "c") return { name: "return", confidence: 0.9 };
        if (v[0] === "i" || v[0] === "e") return { name: "container", confidence: 0.85 };
        return { name: "assignment", confidence: 0.95 };
      }
      return { name: "import", confidence: 1 };
    }
    case "a": {
      const objects = w.eval(callee[1], frame, call.s, call.at, call.r);
      const first = objects[0];
      if (first === undefined) return { name: "method", confidence: 0.9 };
      if (first.is === "module" || first.is === "unit") return { name: "import", confidence: 1 };
      if (first.is === "super") return { name: "inherited", confidence: 1 };
      if (first.is === "box") return { name: "container", confidence: 0.85 };
      if (first.is === "instance" && first.declared) return { name: "type", confidence: 0.95 };
      return { name: "method", confidence: objects.length === 1 ? 1 : 0.9 };
    }
    default:
      return { name: "assignment", confidence: 0.9 };
  }
}

/** An operator written as one: applied to something outside, it is no call worth an edge. */
export function isOperator({ implicit, f }: CallIr): boolean {
  return implicit === true && f[0] === "a" && /^__(?!a?(?:enter|exit|iter|next)__)\w+__$/.test(f[2]);
}

/** A method that another class states than that of the instance it is called on. */
export function isInherited({ file, scope, self }: FunctionValue): boolean {
  const { parent } = file.scope(scope);
  if (parent < 0 || file.scope(parent).kind !== "class") return false;
  return self?.is === "instance" && self.of.is === "class" && (self.of.file !== file || self.of.scope !== parent);
}
