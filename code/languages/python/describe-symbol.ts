// What a symbol shows of itself: its signature, its docstring, its flags.
import type { SymbolIr } from "../../ir.ts";
import { type ClassStatement, type FunctionStatement, N, type Statement } from "./ast.ts";
import { type Lowering, oneLine } from "./lowering.ts";
import { cleanDoc } from "./string-literal.ts";

export function describeSymbol(
  s: Lowering,
  index: number,
  statement: FunctionStatement | ClassStatement,
  flags: string[],
): void {
  const symbol: SymbolIr | undefined = s.ir.symbols[index];
  if (symbol === undefined) return;
  symbol.signature = oneLine(s.source, statement.headStart, statement.headEnd, 300);
  const doc = docOf(statement.body);
  if (doc !== "") symbol.doc = doc;
  if (flags.length > 0) symbol.flags = flags;
}

export function docOf(body: readonly Statement[]): string {
  const [first] = body;
  if (first?.kind !== "expression") return "";
  const [value] = first.values;
  return value?.kind === N.String ? cleanDoc(value.name) : "";
}
