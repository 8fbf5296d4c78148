import { expect, test } from "vitest";
import { encodeIr } from "../ir-codec.ts";
import { createIrSource } from "./ir-source.ts";

const bytes = encodeIr({ language: "python", lines: 1, symbols: [], scopes: [], calls: [], refs: [], imports: [] });

/** A source with room for two files, and the paths that it decoded. */
function sourceOfTwo(): { decoded: string[]; ask: (...paths: string[]) => void } {
  const decoded: string[] = [];
  const source = createIrSource((path) => {
    decoded.push(path);
    return bytes;
  }, bytes.length * 2);
  return {
    decoded,
    ask: (...paths) => {
      source.begin();
      for (const path of paths) source.get(path);
    },
  };
}

test("what was asked for last stays decoded, as much as there is room for", () => {
  const { decoded, ask } = sourceOfTwo();
  ask("a");
  ask("b");
  ask("c");
  ask("b");
  ask("a");
  expect(decoded).toEqual(["a", "b", "c", "a"]);
});

test("as much as one file needs at once stays for the next one", () => {
  const { decoded, ask } = sourceOfTwo();
  ask("a", "b", "c", "d");
  ask("a", "b", "c", "d");
  expect(decoded).toEqual(["a", "b", "c", "d"]);
  ask("e");
  ask("d");
  expect(decoded).toEqual(["a", "b", "c", "d", "e"]);
  ask("a");
  expect(decoded.at(-1)).toBe("a");
});

test("a file that asks for the same again needs it once", () => {
  const { decoded, ask } = sourceOfTwo();
  ask("a", "a", "a", "a");
  ask("b");
  ask("c");
  ask("a");
  expect(decoded).toEqual(["a", "b", "c", "a"]);
});
