// Annotations → types: what an instance of the name may be, without None and without the wrappers that say nothing of it.
import type { Expr } from "../../ir.ts";
import { N, Node } from "./ast.ts";
import { lowerPrimary, lowerValue } from "./lower-expression.ts";
import { anyOf, type Lowering, unknown } from "./lowering.ts";
import { parseTypeText } from "./parse.ts";

/** Generic names that stand for their first argument. */
const transparent = new Set([
  "Optional",
  "Annotated",
  "ClassVar",
  "Final",
  "Required",
  "NotRequired",
  "ReadOnly",
  "InitVar",
  "TypeGuard",
  "TypeIs",
  "Unpack",
]);

/** Nested quotes (`"'Foo'"`) are followed this far. */
const maxQuoted = 3;

export function lowerType(s: Lowering, node: Node): Expr {
  switch (node.kind) {
    case N.Name:
      if (node.name === "Self" && s.frame.owner !== null) return ["n", s.frame.owner.name];
      return lowerPrimary(s, node, false);
    case N.Attribute:
      return lowerPrimary(s, node, false);
    case N.String:
      return quotedType(s, node);
    case N.BitOr:
      return anyOf(node.items.map((item) => lowerType(s, item)));
    case N.Subscript:
      return genericType(s, node);
    case N.List:
      return ["l", node.items.map((item) => lowerType(s, item))];
    case N.Star:
      return node.left === null ? unknown : lowerType(s, node.left);
    default:
      lowerValue(s, node);
      return unknown;
  }
}

function quotedType(s: Lowering, node: Node): Expr {
  if (s.quoted >= maxQuoted) return unknown;
  const inner = parseTypeText(node.name);
  if (inner === null) return unknown;
  s.quoted++;
  const { calls } = s.ir;
  const before = calls.length;
  const type = lowerType(s, onLine(inner, node));
  // The offsets inside the string are not those of the file.
  calls.length = before;
  s.quoted--;
  return type;
}

/** The same tree on the line, and at the offset, of the string it was written in. */
function onLine(node: Node, where: Node): Node {
  return new Node(
    node.kind,
    where.start,
    where.end,
    where.line,
    node.name,
    node.left && onLine(node.left, where),
    node.right && onLine(node.right, where),
    node.items.map((item) => onLine(item, where)),
  );
}

function genericType(s: Lowering, node: Node): Expr {
  const { left, right } = node;
  if (left === null || right === null) return unknown;
  const args = right.kind === N.Tuple ? right.items : [right];
  const name = left.kind === N.Name || left.kind === N.Attribute ? left.name : "";
  const [first] = args;
  if (name === "Literal" || first === undefined) return unknown;
  if (transparent.has(name)) {
    const type = lowerType(s, first);
    for (const arg of args.slice(1)) lowerValue(s, arg);
    return type;
  }
  if (name === "Union") return anyOf(args.map((arg) => lowerType(s, arg)));
  if (name === "Callable") {
    const types = args.map((arg) => lowerType(s, arg));
    return ["g", ["n", "func"], [types[1] ?? unknown]];
  }
  if (name === "Type") return ["g", ["n", "type"], args.map((arg) => lowerType(s, arg))];
  return ["g", lowerPrimary(s, left, false), args.map((arg) => lowerType(s, arg))];
}
