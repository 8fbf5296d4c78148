// Python source text → the language-neutral IR.
import type { FileIr } from "../../ir.ts";
import { docOf } from "./describe-symbol.ts";
import { lowerBody } from "./lower-statement.ts";
import { ownNames } from "./own-names.ts";
import { lowerValue } from "./lower-expression.ts";
import { createLowering, settleRefs } from "./lowering.ts";
import { overloadsOf } from "./overloads.ts";
import { parseModule } from "./parse.ts";
import { fixturesOf } from "./pytest-fixtures.ts";

/** Never throws: what cannot be read is listed in `problems`, at most 100 of them. */
export function lower(source: string): FileIr {
  const tree = parseModule(source);
  const ir: FileIr = {
    language: "python",
    lines: tree.lineStarts.length,
    symbols: [],
    scopes: [],
    calls: [],
    refs: [],
    imports: [],
  };
  const doc = docOf(tree.body);
  if (doc !== "") ir.doc = doc;
  const own = { value: lowerValue, body: lowerBody, overloads: overloadsOf(source), fixtures: fixturesOf(tree.body) };
  const s = createLowering(source, tree.lineStarts, ir, own);
  lowerBody(s, tree.body, ownNames(tree.body));
  settleRefs(s);
  if (tree.problems.length > 0) ir.problems = tree.problems;
  return ir;
}
