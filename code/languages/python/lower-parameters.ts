// Parameters of functions and lambdas, and lambdas themselves.
import type { Expr, ParamIr } from "../../ir.ts";
import { N, type Node } from "./ast.ts";
import { closeScope, declare, type Frame, type Lowering, oneLine, openScope, unknown } from "./lowering.ts";

export function lowerLambda(s: Lowering, node: Node): Expr {
  const params = lowerParameters(s, node.items, () => unknown);
  const { frame } = s;
  const number = (s.lambdas.get(frame.symbol) ?? 0) + 1;
  s.lambdas.set(frame.symbol, number);
  const index = declare(s, { kind: "Function", name: `<lambda${number}>`, start: node.start, end: node.end });
  const symbol = s.ir.symbols[index];
  if (symbol !== undefined) {
    symbol.signature = oneLine(s.source, node.start, node.end, 120);
    symbol.flags = ["anonymous"];
    symbol.exported = false;
  }
  const inner = openScope(s, "function", index, null);
  setParameters(inner, params);
  const value = node.left === null ? unknown : s.value(s, node.left);
  if (value[0] !== "?") inner.scope.returns = [value];
  closeScope(s, frame);
  return ["f", inner.index];
}

/** Defaults and annotations belong to the scope around the function. */
export function lowerParameters(
  s: Lowering,
  nodes: readonly Node[],
  typeOf: (s: Lowering, node: Node) => Expr,
): ParamIr[] {
  return nodes.map((node) => {
    const param: ParamIr = { n: node.name, kind: parameterKind(node.kind) };
    if (node.right !== null) param.v = s.value(s, node.right);
    if (node.left !== null) {
      const type = typeOf(s, node.left);
      if (type[0] !== "?") param.t = type;
    }
    return param;
  });
}

function parameterKind(kind: number): ParamIr["kind"] {
  if (kind === N.KeywordParameter) return "keyword";
  if (kind === N.RestParameter) return "rest";
  return kind === N.NamedRestParameter ? "named-rest" : "positional";
}

export function setParameters(frame: Frame, params: ParamIr[]): void {
  frame.scope.params = params;
  for (const param of params) frame.names.add(param.n);
}
