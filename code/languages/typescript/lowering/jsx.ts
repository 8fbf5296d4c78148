// JSX: an element of a component is a call of the component with its properties; a plain tag is only looked through.
import type { JSXElement, JSXElementName, JSXFragment } from "oxc-parser";
import type { Expr } from "../../../ir.ts";
import { addCall, type Context, memberLanding, nameExpr, PLAIN, THIS } from "./context.ts";
import { typeArguments } from "./types.ts";

function jsxName(cx: Context, node: JSXElementName): Expr | null {
  switch (node.type) {
    case "JSXIdentifier":
      return /^[a-z]/.test(node.name) || node.name.includes("-") ? null : nameExpr(cx, node.name);
    case "JSXMemberExpression": {
      const object =
        node.object.type === "JSXIdentifier"
          ? node.object.name === "this"
            ? THIS
            : nameExpr(cx, node.object.name)
          : jsxName(cx, node.object);
      return object === null ? null : ["a", object, node.property.name];
    }
    default:
      return null;
  }
}

/** A component element is a call of the component with its properties; a plain tag is only looked through. */
export function lowerJsxElement(cx: Context, node: JSXElement): Expr {
  const { name, attributes, typeArguments: given } = node.openingElement;
  const f = jsxName(cx, name);
  typeArguments(cx, given);
  const entries: [string | null, Expr][] = [];
  for (const attribute of attributes) {
    if (attribute.type === "JSXSpreadAttribute") {
      entries.push([null, ["*", cx.expression(cx, attribute.argument, null)]]);
      continue;
    }
    const { value } = attribute;
    if (value === null) continue;
    const key = attribute.name.type === "JSXIdentifier" ? attribute.name.name : null;
    let v: Expr = PLAIN;
    if (value.type === "JSXExpressionContainer") {
      if (value.expression.type !== "JSXEmptyExpression") {
        const target = key === null ? null : memberLanding(cx, null, key, value.expression.start);
        v = cx.expression(cx, value.expression, target);
      }
    } else if (value.type !== "Literal") v = cx.expression(cx, value, null);
    if (v !== PLAIN && key !== null) entries.push([key, v]);
  }
  const children = lowerJsxChildren(cx, node.children);
  if (f === null) return PLAIN;
  if (children.length > 0) entries.push(["children", children.length === 1 ? children[0]! : ["l", children]]);
  addCall(cx, f, [["o", entries]], name.start, "call");
  return PLAIN;
}

export function lowerJsxChildren(cx: Context, children: JSXFragment["children"]): Expr[] {
  const values: Expr[] = [];
  for (const child of children) {
    let v: Expr = PLAIN;
    if (child.type === "JSXElement" || child.type === "JSXFragment") v = cx.expression(cx, child, null);
    else if (child.type === "JSXExpressionContainer" || child.type === "JSXSpreadChild") {
      if (child.expression.type !== "JSXEmptyExpression") v = cx.expression(cx, child.expression, null);
    }
    if (v !== PLAIN) values.push(v);
  }
  return values;
}
