import type { GraphNode } from "@opentrace/contract/graph.ts";
import { expect, test } from "vitest";
import {
  linesOf,
  pathOf,
  placeOf,
  placeOfEvidence,
  reflow,
  repositoryKeyOf,
  titleOf,
  unresolvedOf,
} from "./describe.ts";

const node = (key: string, props: GraphNode["props"] = {}): GraphNode => ({
  id: "x",
  key,
  type: "Function",
  name: "n",
  props,
});

test("a symbol's place is its path and first line", () => {
  const symbol = node("symbol:github.com/acme/shop#src/pay.ts#PayService.charge", {
    range: { startLine: 7, startColumn: 0, endLine: 9, endColumn: 1 },
  });
  expect(placeOf(symbol)).toBe("src/pay.ts:7");
  expect(linesOf(symbol)).toEqual({ start: 7, end: 9 });
  expect(repositoryKeyOf(symbol)).toBe("repo:github.com/acme/shop");
});

test("keys of every kind give a place, and none where there is none", () => {
  expect(placeOf(node("repo:github.com/acme/shop"))).toBeNull();
  expect(placeOf(node("file:github.com/acme/shop#src/pay.ts"))).toBe("src");
  expect(placeOf(node("file:github.com/acme/shop#README.md"))).toBe("github.com/acme/shop");
  expect(placeOf(node("package:npm/@scope/name"))).toBe("npm");
  expect(pathOf(node("package:npm/react"))).toBeNull();
  expect(repositoryKeyOf(node("package:npm/react"))).toBeNull();
  expect(repositoryKeyOf(node("person:a@b.c"))).toBeNull();
});

test("evidence of a file and line is a place; a URL and free text are none", () => {
  expect(placeOfEvidence("src/pay.ts:12")).toMatchObject({ path: "src/pay.ts", line: 12 });
  expect(placeOfEvidence("a b/ü:1.ts:3")).toMatchObject({ path: "a b/ü:1.ts", line: 3 });
  expect(placeOfEvidence("https://ci.example/run:12")).toBeNull();
  expect(placeOfEvidence("span 4f2a")).toBeNull();
});

test("calls that could not be resolved are read with their lines, and counted when the list was cut", () => {
  expect(unresolvedOf(node("symbol:r#a#b", { unresolved: [["routes", 102], ["x"]], unresolvedCount: 30 }))).toEqual({
    calls: [{ name: "routes", line: 102 }],
    total: 30,
  });
  expect(unresolvedOf(node("symbol:r#a#b"))).toEqual({ calls: [], total: 0 });
});

test("what is defined in a class is called by both names; a file, and what has no name of its own, by its name", () => {
  const named = (name: string, symbol?: string) => ({
    key: symbol === undefined ? "file:r#a" : `symbol:r#a#${symbol}`,
    name,
  });
  expect(titleOf(named("run", "Flask.run"))).toBe("Flask.run");
  expect(titleOf(named("run", "Outer.Flask~2.run~3"))).toBe("Flask.run");
  expect(titleOf(named("run", "run"))).toBe("run");
  expect(titleOf(named("listen", "<anonymous1>.listen"))).toBe("listen");
  expect(titleOf(named("function passed to get (line 3)", "main.<anonymous1>"))).toBe(
    "function passed to get (line 3)",
  );
  expect(titleOf(named("app.py"))).toBe("app.py");
});

test("a wrapped comment reads as running text, its lists and examples keep their lines", () => {
  expect(reflow("Does the dispatching.\nReturns the\nvalue.\n\nSecond part.")).toBe(
    "Does the dispatching. Returns the value.\n\nSecond part.",
  );
  for (const kept of [
    "Steps:\n- one\n- two",
    "Like this::\n\n    app = Flask()\n    app.run()",
    ".. versionchanged:: 0.7\n   Moved.",
  ])
    expect(reflow(kept)).toBe(kept);
  expect(reflow("@param a first\n@param b second")).toBe("@param a first\n@param b second");
});
