// Destructuring: binds each name of a pattern to its part of a value.
import type { AssignmentTarget, BindingPattern, Expression } from "oxc-parser";
import type { Expr } from "../../../ir.ts";
import { type Context, declare, LOCAL, nameExpr, PLAIN, UNKNOWN, union } from "./context.ts";
import { lowerText } from "./texts.ts";
import { keyName } from "./types.ts";

type Pattern = BindingPattern | AssignmentTarget | { type: "AssignmentPattern"; left: Pattern; right: Expression };

/** What is done with each name and its value; `target` is what a name stands for otherwise (`a.b` in an assignment). */
export interface PatternSink {
  name(name: string, value: Expr, node: { start: number; end: number }): void;
  target(node: Expression, value: Expr): void;
}

/** Values that may be repeated in the IR without making it large. */
function isSmall(e: Expr): boolean {
  switch (e[0]) {
    case "a":
    case "e":
    case "w":
      return isSmall(e[1]);
    case "i":
      return isSmall(e[1]) && isSmall(e[2]);
    case "n":
    case "this":
    case "c":
    case "m":
    case "?":
    case "#":
    case "s":
      return true;
    default:
      return false;
  }
}

/** The value itself, or a made-up local name for it when it would be repeated at length. */
function shared(cx: Context, value: Expr, at: number): Expr {
  if (isSmall(value)) return value;
  const name = `{t${cx.temporaries++}}`;
  declare(cx, cx.scope, { n: name, v: value, at, r: cx.region }, LOCAL);
  return nameExpr(cx, name);
}

export function memberOf(cx: Context, object: Expr, key: Parameters<typeof keyName>[1], computed: boolean): Expr {
  if (key.type === "Literal" && typeof key.value === "number") {
    return object === PLAIN ? PLAIN : ["i", object, ["#", key.value]];
  }
  const name = keyName(cx, key, computed);
  if (name !== null) return object === PLAIN ? PLAIN : ["a", object, name];
  const index = key.type === "PrivateIdentifier" ? UNKNOWN : lowerText(cx, key);
  return object === PLAIN ? PLAIN : ["i", object, index];
}

/** What `...rest` takes from place `i` on: exactly that of a literal, else anything the list holds. */
function restOf(list: Expr, value: Expr, i: number): Expr {
  if (i === 0) return list;
  if (value[0] !== "l" || value[1].slice(0, i).some((item) => item[0] === "*")) return ["l", [["*", list]]];
  return ["l", value[1].slice(i)];
}

export function bindPattern(cx: Context, pattern: Pattern, value: Expr, sink: PatternSink): void {
  switch (pattern.type) {
    case "Identifier":
      sink.name(pattern.name, value, pattern);
      return;
    case "AssignmentPattern": {
      const otherwise = cx.expression(cx, pattern.right, null);
      bindPattern(cx, pattern.left, union([value, otherwise]), sink);
      return;
    }
    case "ObjectPattern": {
      const object = shared(cx, value, pattern.start);
      for (const property of pattern.properties) {
        if (property.type === "RestElement") bindPattern(cx, property.argument, object, sink);
        else bindPattern(cx, property.value, memberOf(cx, object, property.key, property.computed), sink);
      }
      return;
    }
    case "ArrayPattern": {
      const list = shared(cx, value, pattern.start);
      pattern.elements.forEach((element, i) => {
        if (element === null) return;
        if (element.type === "RestElement") {
          bindPattern(cx, element.argument, restOf(list, value, i), sink);
        } else bindPattern(cx, element, list === PLAIN ? PLAIN : ["i", list, ["#", i]], sink);
      });
      return;
    }
    default:
      sink.target(pattern, value);
  }
}
