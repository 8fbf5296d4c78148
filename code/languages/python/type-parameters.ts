// `[T: Bound = Default]` of functions and classes.
import type { Node } from "./ast.ts";
import { lowerType } from "./lower-type.ts";
import { type Frame, type Lowering, unknown } from "./lowering.ts";

/** Bounds and defaults may name what is declared around; the parameters' own names are the scope's. */
export function lowerTypeParameters(s: Lowering, frame: Frame, parameters: readonly Node[]): void {
  if (parameters.length === 0) return;
  frame.scope.typeParams = parameters.map(({ name, left, right }) => {
    frame.names.add(name);
    const bound = left === null ? unknown : lowerType(s, left);
    if (right !== null) lowerType(s, right);
    return bound[0] === "?" ? { n: name } : { n: name, t: bound };
  });
}
