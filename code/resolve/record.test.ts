import { describe, expect, it } from "vitest";
import {
  consultFilter,
  decodeRecord,
  encodeRecord,
  isReadable,
  joinsLinks,
  linkAlike,
  type ResolutionRecord,
} from "./record.ts";

const record: ResolutionRecord = {
  targets: [["./b.ts", null, "file b.ts"]],
  module: null,
  consults: { "b.ts": ["f", "export:g"], "src/": ["Größe"] },
  language: "typescript",
};
const moved = (path: string, ...names: string[]) => consultFilter(new Map([[path, new Set(names)]]));

describe("the record of a resolution", () => {
  it("comes back as it was, wherever its bytes lie", () => {
    const bytes = encodeRecord(record);
    expect(decodeRecord(bytes)).toEqual(record);
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    expect(decodeRecord(shifted)).toEqual(record);
  });

  it("comes back as it was though it is large, and takes less than its text", () => {
    const names = Array.from({ length: 2_000 }, (_, index) => `name_of_something_${index}`);
    const large = { ...record, consults: { "b.ts": names }, summary: { T: ["Größe"] } };
    const bytes = encodeRecord(large);
    expect(decodeRecord(bytes)).toEqual(large);
    expect(joinsLinks(bytes)).toBe(true);
    expect(moved("b.ts", "name_of_something_1999")(bytes)).toBe(true);
    expect(bytes.length).toBeLessThan(JSON.stringify(large).length / 2);
  });

  it("tells undecoded which names it looked up", () => {
    const bytes = encodeRecord(record);
    expect(moved("b.ts", "x", "f")(bytes)).toBe(true);
    expect(moved("src/", "Größe")(bytes)).toBe(true);
    expect(moved("b.ts", "g")(bytes)).toBe(false);
    expect(moved("c.ts", "f")(bytes)).toBe(false);
    expect(moved("b.ts")(bytes)).toBe(false);
  });

  it("is of no use in another version's bytes, which started with zstd's own mark", () => {
    const older = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0, 0, 0);
    expect(isReadable(older)).toBe(false);
    expect(decodeRecord(older)).toBeNull();
    expect(joinsLinks(older)).toBe(false);
  });

  it("makes links be joined again only when what it gives to them changed", () => {
    const plain = encodeRecord(record);
    const giving = encodeRecord({ ...record, summary: { T: ["m"] } });
    expect(joinsLinks(plain)).toBe(false);
    expect(joinsLinks(giving)).toBe(true);
    expect(linkAlike(plain, encodeRecord({ ...record, consults: {} }))).toBe(true);
    expect(linkAlike(undefined, plain)).toBe(true);
    expect(linkAlike(giving, encodeRecord({ ...record, targets: [], summary: { T: ["m"] } }))).toBe(true);
    expect(linkAlike(giving, encodeRecord({ ...record, summary: { T: ["n"] } }))).toBe(false);
    expect(linkAlike(giving, encodeRecord({ ...record, summary: { T: ["m"] }, module: "m" }))).toBe(false);
    expect(linkAlike(giving, undefined)).toBe(false);
    expect(linkAlike(undefined, giving)).toBe(false);
    expect(linkAlike(Uint8Array.of(0x28, 0xb5), plain)).toBe(false);
  });
});
