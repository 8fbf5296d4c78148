// Calls on an interface lead to its implementations where these are few, and tests' stand-ins are left to tests.
import { expect, test } from "vitest";
import { callLines, type Sources } from "./testing/tiny-repository.ts";

const caller = `export interface Store { get(): void }
export function read(s: Store) { s.get(); }`;
const disk = (name: string): string => `import type { Store } from "./main";
export class ${name} implements Store { get() {} }`;
const implementers = (count: number): Sources =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`d${i}.ts`, disk(`D${i}`)]));

test("up to eight implementations are led to, of nine none", () => {
  expect(callLines({ "main.ts": caller, ...implementers(8) })).toHaveLength(9);
  expect(callLines({ "main.ts": caller, ...implementers(9) })).toEqual(["main.read -> main.Store.get"]);
});

test("an implementation made for tests is led to from tests alone", () => {
  const lines = callLines({
    "main.ts": caller,
    "disk.ts": disk("Disk"),
    "main.test.ts": `import type { Store } from "./main";
class Fake implements Store { get() {} }
function check(s: Store) { s.get(); }`,
  });
  expect(lines).toContain("main.read -> disk.Disk.get");
  expect(lines).not.toContain("main.read -> main.test.Fake.get");
  expect(lines).toContain("main.test.check -> main.test.Fake.get");
});

test("a method that a class inherits implements the interface that the class states", () => {
  expect(
    callLines({
      "main.ts": `${caller}
class Base { get() {} }
class Disk extends Base implements Store {}`,
    }),
  ).toContain("main.read -> main.Base.get");
});
