// Functions as values: a symbol and a scope of their own, with parameters and results declared as locals.
import type { Expr, ScopeIr } from "../../ir.ts";
import { isNumeric, isPlainType, unknown } from "./values.ts";
import type { GoParser } from "./parser.ts";
import { parameterIr, resultType, type Signature } from "./signatures.ts";

export function readFunctionLiteral(
  p: GoParser,
  signature: Signature,
  start: { line: number; column: number },
  pos: number,
): Expr {
  const { builder } = p;
  const parent = builder.fn.symbol;
  const symbol = builder.addSymbol({
    kind: "Function",
    name: builder.anonymousName(parent),
    parent,
    range: p.rangeFrom(start),
    signature: p.head(pos),
    flags: ["anonymous"],
  });
  const scope: ScopeIr = {
    kind: "function",
    parent: builder.fn.scope,
    symbol,
    bindings: [],
    params: signature.parameters.map(parameterIr),
  };
  const result = resultType(signature.results);
  if (result !== undefined) scope.returnType = result;
  const index = builder.addScope(scope);
  readFunctionBody(p, index, symbol, signature);
  builder.endSymbol(symbol, p.rangeFrom(start));
  return ["f", index];
}

/** Declares parameters and results as locals and reads the body. Stands at `{`. */
function readFunctionBody(p: GoParser, index: number, symbol: number, signature: Signature): void {
  const { builder } = p;
  builder.enterFunction(index, symbol);
  declareSignature(p, index, signature);
  const header = p.headerLevel;
  p.headerLevel = 0;
  p.grammar.readBody(p);
  p.headerLevel = header;
  builder.leaveFunction();
}

export function declareSignature(p: GoParser, index: number, signature: Signature): void {
  const { builder } = p;
  const params = builder.scope(index).params ?? [];
  const offset = params.length - signature.parameters.length;
  for (const [place, parameter] of signature.parameters.entries()) {
    const local = builder.declare(parameter.name, isNumeric(parameter.type) ? unknown : undefined);
    const param = params[offset + place];
    if (local === null || param === undefined) continue;
    if (local.use[0] === "n") param.n = local.use[1];
    local.named.push(param);
  }
  builder.fn.results = signature.results.map((result) => result.type);
  builder.fn.namedResults = signature.results.map((result) => result.name);
  for (const result of signature.results) {
    const local = builder.declare(result.name, isPlainType(result.type) ? unknown : undefined);
    if (local !== null) builder.bind(local, unknown, p.pos, result.type);
  }
}
