import { expect, test } from "vitest";
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
