// What anonymous functions and classes are passed to: the only name that people have for them ("the function passed to app.get").
import type { Expr, FileIr } from "../ir.ts";

const LONGEST = 60;

/** Callee as written, for each anonymous symbol of the file that stands among a call's arguments. */
export function calleesOfAnonymous(ir: FileIr): Map<number, string> {
  const found = new Map<number, string>();
  const isAnonymous = (symbol: number): boolean => ir.symbols[symbol]?.flags?.includes("anonymous") === true;
  for (const call of ir.calls) {
    if (call.implicit === true) continue;
    for (const value of [...call.a, ...(call.k ?? []).map(([, named]) => named)]) {
      const symbol = symbolOf(ir, value);
      if (symbol < 0 || found.has(symbol) || !isAnonymous(symbol)) continue;
      const callee = textOf(ir, call.f, 0);
      if (callee !== null) found.set(symbol, callee);
    }
  }
  return found;
}

/** The symbol whose function or class a value is, -1 for anything else. */
function symbolOf(ir: FileIr, value: Expr): number {
  return value[0] === "f" || value[0] === "k" ? (ir.scopes[value[1]]?.symbol ?? -1) : -1;
}

/** `app.get` for the callee of `app.get("/", …)`; null where it has no short name. */
function textOf(ir: FileIr, value: Expr, depth: number): string | null {
  const text = depth > 4 ? null : written(ir, value, depth);
  return text === null || text.length > LONGEST ? null : text;
}

function written(ir: FileIr, value: Expr, depth: number): string | null {
  switch (value[0]) {
    case "n":
      return value[1];
    case "this":
    case "super":
      return value[0];
    case "a": {
      const object = textOf(ir, value[1], depth + 1);
      return object === null ? value[2] : `${object}.${value[2]}`;
    }
    case "c": {
      const callee = ir.calls[value[1]]?.f;
      const text = callee === undefined ? null : textOf(ir, callee, depth + 1);
      return text === null ? null : `${text}()`;
    }
    case "m": {
      const imported = ir.imports[value[1]];
      return imported?.alias ?? imported?.name ?? null;
    }
    case "w":
      return textOf(ir, value[1], depth);
    default:
      return null;
  }
}
