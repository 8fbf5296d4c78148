// Calls that hand different functions to one function are followed together, and each stays its own evidence.
import { expect, test } from "vitest";
import { encodeSources, resolutionOf, type Sources } from "./testing/tiny-repository.ts";

function callsOf(
  sources: Sources,
  path: string,
): { from: string; to: string; evidence: unknown; confidence: unknown }[] {
  const result = resolutionOf(sources, encodeSources(sources)).resolve(path);
  if (result.is !== "resolved") throw new Error("not resolved");
  return result.facts.edges
    .filter((edge) => edge.type === "CALLS")
    .map(({ from, to, evidence, confidence }) => ({ from, to, evidence, confidence }));
}

const lib = `export function run(f) { keep({ f }); }
function keep(options) { options.f(); }`;
const handed = (count: number): string =>
  `import { run } from "./lib.js";\n${Array.from({ length: count }, (_, i) => `function f${i}() {}\nrun(f${i});`).join("\n")}`;

test("each function that is handed on is claimed by its own line, with the confidence of a single one", () => {
  const calls = callsOf({ "lib.js": lib, "main.js": handed(5) }, "main.js");
  for (let i = 0; i < 5; i++) {
    expect(calls).toContainEqual({
      from: "symbol:r#lib.js#keep",
      to: `symbol:r#main.js#f${i}`,
      evidence: [`main.js:${2 * i + 3}`],
      confidence: 0.9,
    });
  }
});

test("more calls than are followed together are followed in groups", () => {
  const calls = callsOf({ "lib.js": lib, "main.js": handed(30) }, "main.js");
  expect(calls.filter(({ from }) => from === "symbol:r#lib.js#keep")).toHaveLength(30);
});

test("what is of other files altogether is not followed into yet another, what is own is", () => {
  const sources: Sources = {
    "other.js": `export function helper() {}\nexport const table = { go: helper };`,
    "lib.js": `${lib}\nexport function apply(f) { f(); }\nexport function start(options) { options.go(); }`,
    "main.js": `import { apply, run, start } from "./lib.js";
import { helper, table } from "./other.js";
function own() {}
apply(helper);
start(table);
run(own);
start({ go: own });`,
  };
  const calls = callsOf(sources, "main.js").map(({ from, to }) => `${from} ${to}`);
  expect(calls).toContain("symbol:r#lib.js#keep symbol:r#main.js#own");
  expect(calls).toContain("symbol:r#lib.js#start symbol:r#main.js#own");
  expect(calls.filter((call) => !call.includes("#main.js"))).toEqual([]);
});
