import { expect, test } from "vitest";
import { countWork } from "@opentrace/contract/testing/count-work.ts";
import { callLines } from "./testing/tiny-repository.ts";

test("a function given to another one is called by it, and the edge says so", () => {
  expect(callLines({ "main.py": "def a(): pass\ndef run(cb): cb()\nrun(a)\n" })).toEqual([
    "main -> main.run",
    "main.run -> main.a",
  ]);
});

test("an inherited method that calls an overridden one leads to the override of the receiver's class", () => {
  expect(
    callLines({
      "main.py": "from lib import Base\nclass B(Base):\n    def child(self): pass\nb = B()\nb.func()\n",
      "lib.py": "class Base:\n    def func(self): self.child()\n",
    }),
  ).toEqual(["lib.Base.func -> main.B.child", "main -> lib.Base.func", "main -> main.B"]);
});

test.each([
  [
    "a chain of assignments",
    `def f(): pass\na0 = f\n${Array.from({ length: 5000 }, (_, i) => `a${i + 1} = a${i}`).join("\n")}\na5000()\n`,
  ],
  [
    "functions that call each other in a ring",
    `${Array.from({ length: 3000 }, (_, i) => `def f${i}(g): return f${(i + 1) % 3000}(g)`).join("\n")}\nf0(f1)()\n`,
  ],
  [
    "classes that extend each other",
    `${Array.from({ length: 2000 }, (_, i) => `class C${i}(C${(i + 1999) % 2000}):\n    def m(self): self.m()`).join("\n")}\nC7().m()\n`,
  ],
  [
    "partials of partials",
    `from functools import partial\ndef f(g):\n    return f(partial(g, partial(f, g)))\nf(f)()\n`,
  ],
  ["a list that holds itself", `xs = []\nxs.append(xs)\nfor x in xs:\n    x.append(xs)\n    x[0][0][0]()\n`],
])("%s takes work in proportion to its length", (_, source) => {
  const work = countWork(() => callLines({ "main.py": source }));
  expect(work).toBeLessThan(300 * source.length + 20_000);
});

test("an object that is spread into itself again and again is read in proportion to its length, and keeps what it holds", () => {
  const steps = Array.from({ length: 14 }, (_, i) => `  if (x.a${i}) request = { ...request, a${i}: x.a${i} }`).join(
    "\n",
  );
  const source = `function send() {}\nfunction prepare(x) {\n  let request = { send }\n${steps}\n  request.send()\n}\nprepare({})\n`;
  let lines: string[] = [];
  const work = countWork(() => (lines = callLines({ "main.js": source })));
  expect(lines).toEqual(["main -> main.prepare", "main.prepare -> main.send"]);
  expect(work).toBeLessThan(300 * source.length + 20_000);
});
