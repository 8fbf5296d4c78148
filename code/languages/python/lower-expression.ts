// Expressions → values, calls and reads.
import type { Expr } from "../../ir.ts";
import { N, type Node } from "./ast.ts";
import { lowerComprehension } from "./lower-comprehension.ts";
import { lowerLambda } from "./lower-parameters.ts";
import { addCall, anyOf, bind, type Comprehension, type Frame, type Lowering, noteRead, unknown } from "./lowering.ts";
import { overloaded, subscripted } from "./overloads.ts";
import { sliced, wrap } from "./unpacking.ts";

/** Longest chain of attributes and subscripts without a call in between that is kept. */
const maxChain = 60;

/** The same behind a literal or an alternative, which nest themselves. */
const maxChainOnLiteral = 4;

/** Literals longer than this keep only what may be code: word lists and tables say nothing to the graph. */
const maxPlainItems = 32;

const maxStringLength = 120;

/** A string whose text says nothing: prose, queries, markup. That it is a string is kept, as methods may be called on it. */
const someText: Expr = ["s", ""];

/** Could the text be a name, a path, an address? */
function isWord(text: string): boolean {
  return text.length <= maxStringLength && !/\s/.test(text);
}

/** A key is kept whatever it says. */
export function lowerKey(s: Lowering, node: Node): Expr {
  return node.kind === N.String && node.name.length <= maxStringLength ? ["s", node.name] : lowerValue(s, node);
}

/** What is read at `node`; calls inside are added in the order in which they run. */
export function lowerValue(s: Lowering, node: Node): Expr {
  switch (node.kind) {
    case N.Name:
    case N.Attribute:
    case N.Call:
    case N.Subscript:
      return lowerPrimary(s, node, false);
    case N.String:
      return isWord(node.name) ? ["s", node.name] : someText;
    case N.Int: {
      const value = Number(s.source.slice(node.start, node.end).replaceAll("_", ""));
      return Number.isSafeInteger(value) ? ["#", value] : unknown;
    }
    case N.Constant:
      return unknown;
    case N.Tuple:
    case N.List:
    case N.Set:
      return lowerList(s, node.items);
    case N.Dict:
      return lowerDict(s, node.items);
    case N.ListComprehension:
    case N.SetComprehension:
    case N.Generator:
    case N.DictComprehension:
      return lowerComprehension(s, node);
    case N.Lambda:
      return lowerLambda(s, node);
    case N.Choice:
      return anyOf(node.items.map((item) => lowerValue(s, item)));
    case N.Conditional:
      return lowerConditional(s, node);
    case N.Sum:
      return lowerSum(s, node);
    case N.BitOr:
      return lowerMerge(s, node);
    case N.Await:
      return wrap("w", node.left === null ? unknown : lowerValue(s, node.left));
    case N.Yield:
    case N.YieldFrom: {
      const value = node.left === null ? unknown : lowerValue(s, node.left);
      const yields = (s.frame.scope.yields ??= []);
      if (value[0] !== "?") yields.push(node.kind === N.Yield ? value : ["e", value]);
      return unknown;
    }
    case N.Walrus: {
      const value = node.right === null ? unknown : lowerValue(s, node.right);
      if (node.left?.kind === N.Name) bind(s, node.left.name, value, node.end);
      return value;
    }
    case N.Star:
    case N.DoubleStar:
    case N.Keyword:
      return node.left === null ? unknown : lowerValue(s, node.left);
    default: {
      const values = node.items.map((item) => lowerValue(s, item));
      return overloaded(s, node, values) ?? unknown;
    }
  }
}

function lowerConditional(s: Lowering, node: Node): Expr {
  if (node.right !== null) lowerValue(s, node.right);
  const options = [node.left === null ? unknown : lowerValue(s, node.left)];
  // items: value, or condition and value by turns, ending with the last value.
  for (const [i, item] of node.items.entries()) {
    const value = lowerValue(s, item);
    if (i % 2 === 0) options.push(value);
  }
  return anyOf(options);
}

/** `[a] + b` is a list; any other sum is opaque. */
function lowerSum(s: Lowering, node: Node): Expr {
  const values = node.items.map((item) => lowerValue(s, item));
  if (!values.some((value) => value[0] === "l")) return overloaded(s, node, values) ?? unknown;
  return [
    "l",
    values.flatMap((value): Expr[] => (value[0] === "l" ? [...value[1]] : value[0] === "?" ? [] : [["*", value]])),
  ];
}

/** `{…} | b` is a dict of both; what else is merged is mostly of one kind, and holds what either holds. */
function lowerMerge(s: Lowering, node: Node): Expr {
  const values = node.items.map((item) => lowerValue(s, item));
  if (!values.some((value) => value[0] === "o"))
    return overloaded(s, node, values) ?? anyOf(values.filter((value) => !isPlain(value)));
  return [
    "o",
    values.flatMap((value): (readonly [string | null, Expr])[] =>
      value[0] === "o" ? [...value[1]] : value[0] === "?" ? [] : [[null, ["*", value]]],
    ),
  ];
}

/** Names, attributes, calls and subscripts, however long the chain. `called`: the whole is a callee, not a value read. */
export function lowerPrimary(s: Lowering, node: Node, called: boolean): Expr {
  if (node.kind === N.Name) {
    const value = readName(s, node.name);
    if (!called && value[0] === "n") noteRead(s, node.name, value, node.line);
    return value;
  }
  const spine: Node[] = [];
  let base: Node = node;
  while ((base.kind === N.Attribute || base.kind === N.Call || base.kind === N.Subscript) && base.left !== null) {
    spine.push(base);
    base = base.left;
  }
  let value: Expr;
  /** While the chain is only names: its first name. */
  let root: string | null = null;
  if (base.kind === N.Name) {
    value = readName(s, base.name);
    if (value[0] === "n") root = base.name;
  } else if (spine.length === 0 && called) return lowerValue(s, base);
  else {
    value = lowerValue(s, base);
    if (base.kind === N.String || base.kind === N.Formatted) value = someText;
  }
  const limit = value[0] === "n" ? maxChain : maxChainOnLiteral;
  let length = 0;
  let line = base.line;
  for (let i = spine.length - 1; i >= 0; i--) {
    const part = spine[i];
    if (part === undefined) break;
    if (part.kind === N.Attribute) {
      length++;
      if (value[0] !== "?" && length <= limit) value = ["a", value, part.name];
      // The name of a method stands even where its object is unknown.
      else value = spine[i - 1]?.kind === N.Call ? ["a", unknown, part.name] : unknown;
      if (length > limit) root = null;
      line = part.line;
    } else if (part.kind === N.Call) {
      value = lowerCall(s, part, value, root);
      root = null;
      length = 0;
    } else {
      if (root !== null) noteRead(s, root, value, line);
      root = null;
      length++;
      const key = part.right === null ? unknown : lowerKey(s, part.right);
      subscripted(s, value, [key], part);
      if (value[0] === "?" || length > limit) value = unknown;
      else if (part.right?.kind === N.Opaque && part.right.name === "slice")
        value = sliced(value, boundsOf(s, part.right));
      else value = ["i", value, key[0] === "s" || key[0] === "#" || key[0] === "n" ? key : unknown];
    }
  }
  if (root !== null && !called) noteRead(s, root, value, line);
  return value;
}

/** The bounds of a slice as they are written, if they are constant. */
function boundsOf(s: Lowering, { start, end }: Node): string {
  const [bounds = ""] = /^-?\d*:-?\d*$/.exec(s.source.slice(start, end).trim()) ?? [];
  return bounds === ":" ? "" : bounds;
}

function readName(s: Lowering, name: string): Expr {
  for (let c = s.comprehension; c !== null; c = c.outer) {
    const value = c.names.get(name);
    if (value !== undefined) return isShadowed(s, c, name) ? ["n", name] : value;
  }
  return ["n", name];
}

/** Does a lambda inside of the comprehension have a parameter of that name? */
function isShadowed(s: Lowering, comprehension: Comprehension, name: string): boolean {
  for (let frame: Frame | null = s.frame; frame !== null && frame !== comprehension.frame; frame = frame.outer) {
    if (frame.names.has(name)) return true;
  }
  return false;
}

function lowerCall(s: Lowering, node: Node, callee: Expr, root: string | null): Expr {
  const a: Expr[] = [];
  let k: [string | null, Expr][] | undefined;
  for (const item of node.items) {
    if (item.kind === N.Star) a.push(["*", lowerValue(s, item)]);
    else if (item.kind === N.DoubleStar) (k ??= []).push([null, lowerValue(s, item)]);
    else if (item.kind === N.Keyword) (k ??= []).push([item.name, lowerValue(s, item)]);
    else a.push(lowerValue(s, item));
  }
  if (root === "super" && callee[0] === "n") return ["super"];
  const index = addCall(s, { f: callee, a, l: node.line, at: node.end, ...(k !== undefined && { k }) });
  if (root !== null && isImporter(callee)) {
    const [specifier] = a;
    if (specifier?.[0] === "s" && specifier[1] !== "") {
      const entry = { specifier: specifier[1], kind: "dynamic", name: null, alias: null, l: node.line } as const;
      return ["m", s.ir.imports.push(entry) - 1];
    }
  }
  return ["c", index];
}

function isImporter(callee: Expr): boolean {
  if (callee[0] === "n") return callee[1] === "import_module" || callee[1] === "__import__";
  return callee[0] === "a" && callee[2] === "import_module" && callee[1][0] === "n" && callee[1][1] === "importlib";
}

function isPlain(value: Expr): boolean {
  return value[0] === "?" || value[0] === "#" || value[0] === "s";
}

function lowerList(s: Lowering, items: readonly Node[]): Expr {
  const values = items.map((item) => (item.kind === N.Star ? wrap("*", lowerValue(s, item)) : lowerValue(s, item)));
  if (values.length > maxPlainItems && !s.keepStrings && values.every(isPlain)) return ["l", []];
  let length = values.length;
  while (length > 0 && values[length - 1]?.[0] === "?") length--;
  values.length = length;
  return ["l", values];
}

function lowerDict(s: Lowering, items: readonly Node[]): Expr {
  const entries: (readonly [string | null, Expr])[] = [];
  let plain = true;
  for (const item of items) {
    if (item.kind === N.DoubleStar) {
      const value = wrap("*", lowerValue(s, item));
      if (value[0] !== "?") entries.push([null, value]);
      plain = false;
    } else if (item.left !== null && item.right !== null) {
      const key = constantKey(lowerKey(s, item.left));
      const value = lowerValue(s, item.right);
      if (value[0] === "?") continue;
      if (!isPlain(value)) plain = false;
      entries.push([key, value]);
    }
  }
  return ["o", plain && entries.length > maxPlainItems ? [] : entries];
}

export function constantKey(key: Expr): string | null {
  if (key[0] === "s") return key[1];
  return key[0] === "#" ? String(key[1]) : null;
}
