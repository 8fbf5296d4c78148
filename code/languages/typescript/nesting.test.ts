import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { AppError } from "@opentrace/contract/errors.ts";
import { lower } from "./lower.ts";
import { estimateNesting, isSuspicious } from "./nesting.ts";

const many = 100_000;
const nested: Record<string, (n: number) => string> = {
  parentheses: (n) => "(".repeat(n) + "1" + ")".repeat(n),
  "open brackets": (n) => "[".repeat(n),
  blocks: (n) => "{".repeat(n) + "}".repeat(n),
  objects: (n) => "x=" + "{a:".repeat(n) + "1" + "}".repeat(n),
  "prefix operators": (n) => "!".repeat(n) + "a",
  "prefix words": (n) => "typeof ".repeat(n) + "a",
  arrows: (n) => "x=>".repeat(n) + "1",
  "arrows with newlines": (n) => "x=>\n".repeat(n) + "1",
  "else if": (n) => "if(a){}else ".repeat(n) + "{}",
  "if without braces": (n) => "if(a)\n".repeat(n) + ";",
  ternaries: (n) => "a?b:".repeat(n) + "c",
  assignments: (n) => "a=".repeat(n) + "c",
  powers: (n) => "a" + "**a".repeat(n),
  labels: (n) => Array.from({ length: n }, (_, i) => `a${i}:`).join("\n") + ";",
  templates: (n) => "`${".repeat(n) + "1" + "}`".repeat(n),
  elements: (n) => "x=" + "<a>".repeat(n) + "</a>".repeat(n),
  "elements between apostrophes": (n) => "x=" + "<p>don't ".repeat(n) + "</p>".repeat(n),
  "type arguments": (n) => "type T=" + "A<".repeat(n) + "A" + ">".repeat(n),
  "conditional types": (n) => "type T=" + "A extends B?C:".repeat(n) + "D",
  "keyof types": (n) => "type T=" + "keyof ".repeat(n) + "A",
  classes: (n) => "class A{m(){".repeat(n) + "}}".repeat(n),
  namespaces: (n) => "namespace a{".repeat(n) + "}".repeat(n),
  "dotted namespaces": (n) => "namespace a" + ".a".repeat(n) + "{}",
  functions: (n) => "function f(){\n".repeat(n) + "}\n".repeat(n),
};

test.each(Object.entries(nested))("100,000 nested %s are refused before they can overflow the stack", (_, make) => {
  const source = make(many);
  expect(isSuspicious(source)).toBe(true);
  expect(() => lower(source, "a.tsx")).toThrow(AppError);
  try {
    lower(source, "a.tsx");
  } catch (error) {
    expect((error as AppError).code).toBe("unprocessable");
    expect((error as AppError).details?.["reason"]).toBe("nested_too_deeply");
  }
});

test.each([
  ["sums", "a" + "+a".repeat(many)],
  ["members", "a" + ".a".repeat(many)],
  ["calls", "a" + "\n.b()".repeat(many)],
  ["array types", "type T=A" + "[]".repeat(many)],
])("100,000 %s in a row lean to one side: read, or refused as too deep", (_, source) => {
  try {
    expect(lower(source, "a.ts").lines).toBeGreaterThan(0);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).details?.["reason"]).toBe("nested_too_deeply");
  }
});

test("what is just below the limit is parsed without a crash", () => {
  for (const [name, make] of Object.entries(nested)) {
    const source = make(480);
    if (estimateNesting(source).depth > 1500) continue;
    expect(() => lower(source, "a.tsx"), name).not.toThrow(/overflow/);
  }
});

test("code that hides its brackets from the estimate is at least suspicious", () => {
  for (const unit of ['[a.typeof/"/]+"/1,', '[function(){}/"/]+"/1,', "<p>don't ]"]) {
    expect(isSuspicious(unit.repeat(8000))).toBe(true);
  }
});

test("ordinary code is neither refused nor suspicious, however long", () => {
  const unit = `
    // it's (( a comment
    export class Service { #n = 0; run<T extends Map<string, number[]>>(a: T): void { if (a.size > 1) { return; } else if (this.#n < 2) { for (;;) {} } } }
    const re = /[("']{2,}/g, s = "( [ {", t = \`\${a ? b : \`(\${c}\`} )\`
    const f = async <T,>(x: T) => { await x; return { ...x, a: [1, 2, 3].map((n) => n * 2 ** 2) } }
    const el = (<ul>{items.map((i) => <li key={i}>don't <b>stop</b> <br /></li>)}</ul>)
    let n = a < b ? -1 : c > d ? +1 : 0
    label: for (const x of y) switch (x) { case 1: case 2: break; default: continue label }
  `;
  const source = unit.repeat(200);
  const { depth } = estimateNesting(source);
  expect(depth).toBeLessThan(60);
  expect(isSuspicious(unit.repeat(50))).toBe(false);
});

test("a crash-size input that is not refused does not kill the process that lowers it", () => {
  // In a process of its own: a native overflow would end this one without a report.
  const script = `
    import { lower } from ${JSON.stringify(new URL("./lower.ts", import.meta.url).href)};
    for (const [open, close] of [["namespace a{", "}"], ["class A{m(){", "}}"], ["(a=", ")=>1"], ["{a(){return ", "}}"], ["<T,>(x:", ")=>x"]]) {
      for (const n of [200, 400, 480]) {
        try { lower("x=" + open.repeat(n) + "1" + close.repeat(n), "a.tsx"); } catch (error) { if (error.name !== "AppError") throw error; }
        try { lower(open.repeat(n) + close.repeat(n), "a.tsx"); } catch (error) { if (error.name !== "AppError") throw error; }
      }
    }
    console.log("alive");`;
  const run = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect([run.signal, run.stdout.trim()]).toEqual([null, "alive"]);
});
