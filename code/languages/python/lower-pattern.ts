// The patterns of `case`: what they read, and what their captures hold.
import type { Expr } from "../../ir.ts";
import { N, type Node } from "./ast.ts";
import { constantKey, lowerValue } from "./lower-expression.ts";
import { bind, type Lowering, unknown } from "./lowering.ts";

export function lowerPattern(s: Lowering, pattern: Node, subject: Expr): void {
  switch (pattern.kind) {
    case N.Capture:
      bind(s, pattern.name, subject, pattern.end);
      return;
    case N.StarPattern:
      if (pattern.name !== "_") bind(s, pattern.name, subject, pattern.end);
      return;
    case N.ValuePattern:
      if (pattern.left !== null) lowerValue(s, pattern.left);
      return;
    case N.AsPattern:
      if (pattern.left === null) return;
      lowerPattern(s, pattern.left, subject);
      bind(s, pattern.name, narrowed(s, pattern.left, subject), pattern.end);
      return;
    case N.OrPattern:
      for (const item of pattern.items) lowerPattern(s, item, subject);
      return;
    case N.SequencePattern: {
      let starred = false;
      for (const [i, item] of pattern.items.entries()) {
        const element = part(subject, starred ? unknown : ["#", i]);
        if (item.kind === N.StarPattern) starred = true;
        lowerPattern(s, item, item.kind === N.StarPattern ? listOf(subject) : element);
      }
      return;
    }
    case N.MappingPattern:
      for (const item of pattern.items) {
        if (item.kind === N.StarPattern) lowerPattern(s, item, subject);
        else if (item.left !== null && item.right !== null) {
          const key = lowerValue(s, item.left);
          lowerPattern(s, item.right, part(subject, constantKey(key) === null ? unknown : key));
        }
      }
      return;
    case N.ClassPattern:
      lowerClassPattern(s, pattern);
  }
}

function lowerClassPattern(s: Lowering, pattern: Node): void {
  if (pattern.left === null) return;
  const type = lowerValue(s, pattern.left);
  for (const item of pattern.items) {
    if (item.kind === N.Keyword && item.left !== null) {
      lowerPattern(s, item.left, type[0] === "?" ? unknown : ["a", ["I", type], item.name]);
    } else lowerPattern(s, item, unknown);
  }
}

/** What a pattern that matched says of the whole subject. */
function narrowed(s: Lowering, pattern: Node, subject: Expr): Expr {
  if (pattern.kind !== N.ClassPattern || pattern.left === null) return subject;
  const type = lowerValue(s, pattern.left);
  return type[0] === "?" ? subject : ["I", type];
}

function part(subject: Expr, key: Expr): Expr {
  return subject[0] === "?" ? unknown : ["i", subject, key];
}

function listOf(subject: Expr): Expr {
  return subject[0] === "?" ? unknown : ["l", [["*", subject]]];
}
