import { expect, it } from "vitest";
import { qualifiedName, readablePath, shownName } from "./shown-name.ts";

const range = { startLine: 12, startColumn: 0, endLine: 14, endColumn: 1 };

it.each([
  ["charge", { symbol: "PayService.charge", range }, "charge"],
  ["<anonymous1>", { symbol: "<anonymous1>", passedTo: "app.get", range }, "function passed to app.get (line 12)"],
  ["<anonymous2>", { symbol: "start.<anonymous1>.<anonymous2>", range }, "function in start (line 12)"],
  ["<lambda3>", { symbol: "<lambda3>" }, "function"],
  [
    "<anonymous1>",
    { symbol: "mixin.<anonymous1>", signature: "class extends Base", range },
    "class in mixin (line 12)",
  ],
])("reads %s with %o", (name, props, shown) => {
  expect(shownName(name, props)).toBe(shown);
});

it("leaves anonymous parts and numbers of repeated definitions out of a path", () => {
  expect(readablePath("start.<anonymous1>.handler~2")).toBe("start.handler");
});

it("names a symbol with what holds it, and anything else as it is shown", () => {
  expect(qualifiedName({ key: "symbol:shop#pay.ts#PayService.charge~2", name: "charge" })).toBe("PayService.charge");
  expect(qualifiedName({ key: "symbol:shop#pay.ts#start.<anonymous1>", name: "function in start (line 4)" })).toBe(
    "function in start (line 4)",
  );
  expect(qualifiedName({ key: "package:npm/react", name: "react" })).toBe("react");
});
