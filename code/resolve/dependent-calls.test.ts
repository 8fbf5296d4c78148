// Which calls of a function what a caller gives can reach, by the text alone.
import { expect, test } from "vitest";
import { loadLower } from "../languages/registry.ts";
import { dependentCalls, type Given } from "./dependent-calls.ts";
import { FileModel } from "./file-model.ts";

const lower = { js: await loadLower("typescript"), py: await loadLower("python") };

/** Lines of the calls in the function `name` that depend on what is given. */
function lines(language: keyof typeof lower, source: string, name: string, given: Partial<Given>): number[] {
  const file = new FileModel(`main.${language}`, lower[language](source, `main.${language}`));
  const scope = file.ir.scopes.findIndex(
    (one, index) => one.kind === "function" && file.symbolOf(index)?.path.endsWith(name) === true,
  );
  const all = { params: new Map<string, unknown>(), self: false, around: false, ...given };
  return dependentCalls(file, scope, all, language === "py").map((index) => file.call(index).l);
}
const params = (...names: string[]): Partial<Given> => ({ params: new Map(names.map((name) => [name, []])) });

test("a parameter reaches calls through local names, closures, containers and what calls give back", () => {
  const source = `function run(f, log) {
  setup();
  const g = wrap(f);
  log("starts");
  g();
  [1].forEach(() => f());
  items.push(g);
  items[0]();
  return { close: done() };
}`;
  expect(lines("js", source, "run", params("f"))).toEqual([3, 5, 6, 7, 8]);
  expect(lines("js", source, "run", params("log"))).toEqual([4]);
  expect(lines("js", source, "run", params())).toEqual([]);
});

test("a receiver of its own reaches what is called on it and on its fields", () => {
  const source = `class Shop:
    def open(self, door):
        self.unlock()
        door.open()
        till = self.till
        till.count()
        super().open(door)
        log()`;
  expect(lines("py", source, "Shop.open", { self: true })).toEqual([3, 6, 7]);
  expect(lines("py", source, "Shop.open", params("door"))).toEqual([4, 7]);
});

test("surroundings that depend on a call reach the names they declare, not those of the module", () => {
  const source = `function log() {}
function make(options) {
  function run() {
    options.start();
    log();
  }
  return run;
}`;
  expect(lines("js", source, "make.run", { around: true })).toEqual([4]);
});
