import { describe, expect, it } from "vitest";
import { nodeTypeNumber } from "../vocabulary.ts";
import { type IndexEntry, toEntry } from "./entry.ts";
import { createNameIndex, type NameIndex } from "./name-index.ts";
import { Texts } from "./texts.ts";

const entry = (id: number, name: string, more: Partial<IndexEntry> = {}): IndexEntry => ({
  id,
  name,
  key: `k:${id}`,
  type: 6,
  path: "src/a.py",
  symbol: "",
  language: "python",
  doc: "",
  prior: 0,
  ...more,
});

function indexOf(entries: readonly IndexEntry[]): NameIndex {
  const index = createNameIndex();
  for (const one of entries) index.add(one, 1, 0);
  return index;
}

const idsFound = (index: NameIndex, query: string): number[] =>
  index.search(query, {}, 0, 50).hits.map((hit) => hit.id);

describe("the search index", () => {
  it("finds names by any of their parts, the closest first", () => {
    const index = indexOf([entry(1, "repay"), entry(2, "payOrder"), entry(3, "pay"), entry(4, "doPay")]);
    expect(index.search("pay", {}, 0, 9).hits.map(({ id, match }) => [id, match])).toEqual([
      [3, "exact"],
      [2, "prefix"],
      [4, "word"],
      [1, "substring"],
    ]);
  });

  it("begins words at capitals of any script", () => {
    const index = indexOf([entry(1, "zahleÜberweisung"), entry(2, "zahleüberweisung")]);
    expect(index.search("überweisung", {}, 0, 9).hits.map(({ id, match }) => [id, match])).toEqual([
      [1, "word"],
      [2, "substring"],
    ]);
  });

  it("keeps names apart whose lower case is longer or whose lines break", () => {
    // İ is two bytes, its lower case three: positions in the two spellings differ.
    const index = indexOf([entry(1, "İstanbul"), entry(2, "two\nlines"), entry(3, "after")]);
    expect(idsFound(index, "stanbul")).toEqual([1]);
    expect(idsFound(index, "two lines")).toEqual([2]);
    expect(idsFound(index, "after")).toEqual([3]);
    expect(index.list({}, "", null, 9).last).toEqual(["İstanbul", 1]);
  });

  it("lists what people named before what has no name, over any pages", () => {
    const names = ["<anonymous2>", "beta", "<lambda1>", "Alpha", "<anonymous1>", "alpha"];
    const index = indexOf(names.map((name, at) => entry(at + 1, name)));
    const seen: number[] = [];
    let after: [string, number] | null = null;
    for (let pages = 0; pages < 10; pages++) {
      const page = index.list({}, "", after, 2);
      expect(page.total).toBe(6);
      seen.push(...page.ids);
      if (page.ids.length < 2) break;
      after = page.last;
    }
    expect(seen.map((id) => names[id - 1])).toEqual([
      "Alpha",
      "alpha",
      "beta",
      "<anonymous1>",
      "<anonymous2>",
      "<lambda1>",
    ]);
    expect(index.list({}, "<anonymous", null, 9).ids).toEqual([5, 1]);
  });

  it("takes words of a question from the name and what surrounds it", () => {
    const index = indexOf([
      entry(1, "charge", { symbol: "PayService.charge", path: "src/pay.py" }),
      entry(2, "charge", { symbol: "Battery.charge", path: "src/power.py" }),
    ]);
    expect(index.search("PayService.charge", {}, 0, 9).hits).toMatchObject([{ id: 1, match: "exact" }]);
    expect(idsFound(index, "power charge")).toEqual([2]);
    expect(idsFound(index, "payservice b charge")).toEqual([]);
  });

  it("finds words of comments that stand together, and mistyped names", () => {
    const index = indexOf([
      entry(1, "a", { doc: "Charges the card." }),
      entry(2, "b", { doc: "Charges the battery." }),
      entry(3, "PaymentGateway"),
    ]);
    expect(idsFound(index, "charges card")).toEqual([1]);
    expect(index.search("PaymetnGateway", {}, 0, 9).hits).toMatchObject([{ id: 3, match: "fuzzy" }]);
  });

  it("finds an issue by words of its title and its description together, however they are punctuated", () => {
    const row = (id: number, type: "Issue" | "PullRequest", name: string, body: string) =>
      toEntry({ id, type: nodeTypeNumber(type)!, key: `k:${id}`, name, props: JSON.stringify({ body }), scope: 1 });
    const index = indexOf([
      row(1, "Issue", "Totals are off", "Half a cent is lost: (rounding) happens twice.\n\n- in the cart"),
      row(2, "PullRequest", "Round once", "Keeps *half a cent* until the end."),
      // The bound: what comes after very many words is not looked at.
      row(3, "Issue", "Long", `${Array.from({ length: 500 }, (_, at) => `word${at}`).join(" ")} rounding`),
    ]);
    expect(idsFound(index, "rounding")).toEqual([1]);
    expect(idsFound(index, "totals rounding")).toEqual([1]);
    expect(idsFound(index, "lost: rounding, twice!")).toEqual([1]);
    expect(idsFound(index, "half a cent").toSorted((a, b) => a - b)).toEqual([1, 2]);
    expect(index.search("cart", {}, 0, 9).hits).toMatchObject([{ id: 1, match: "doc" }]);
    expect(idsFound(index, "word7")).toEqual([3]);
  });

  it("follows removals and replacements, in whatever order ids come", () => {
    const index = indexOf([entry(10, "first"), entry(20, "second"), entry(15, "third")]);
    index.add(entry(10, "renamed"), [1, 2], 5);
    index.remove(20);
    index.remove(15);
    index.add(entry(15, "again"), 2, 0);
    expect(index.idsOf({})).toEqual([10, 15]);
    expect(idsFound(index, "first")).toEqual([]);
    expect(idsFound(index, "renamed")).toEqual([10]);
    expect(index.idsOf({ sources: [1] })).toEqual([10]);
    index.remove(10);
    expect(index.list({}, "", null, 9)).toMatchObject({ ids: [15], total: 1 });
  });

  it("filters by path as folders go, and by what is no source or language at all", () => {
    const index = indexOf([
      entry(1, "x", { path: "src/api/x.py" }),
      entry(2, "x", { path: "src/apis/x.py" }),
      entry(3, "x", { path: "SRC/api/x.py" }),
    ]);
    expect(index.idsOf({ pathPrefix: "src/api/" })).toEqual([1]);
    expect(index.idsOf({ language: "cobol" })).toEqual([]);
    expect(index.idsOf({ sources: [99] })).toEqual([]);
  });

  it("is worn when most of it is outdated", () => {
    const index = indexOf(Array.from({ length: 5_000 }, (_, at) => entry(at, `n${at}`)));
    for (let at = 0; at < 2_500; at++) index.add(entry(at, `m${at}`), 1, 0);
    expect(index.isWorn).toBe(false);
    for (let at = 2_500; at < 3_500; at++) index.remove(at);
    expect(index.isWorn).toBe(true);
  });
});

it("numbers a text once and orders texts as code points go", () => {
  const texts = new Texts();
  const words = Array.from({ length: 3_000 }, (_, at) => `prefix${(at * 7919) % 3_000}é`);
  const numbers = words.map((word) => texts.add(word));
  expect(words.map((word) => texts.add(word))).toEqual(numbers);
  expect(texts.size).toBe(new Set(words).size);
  expect(numbers.map((number) => texts.text(number))).toEqual(words);
  const sorted = numbers.toSorted((a, b) => texts.compare(a, b)).map((number) => texts.text(number));
  expect(sorted).toEqual(words.toSorted());
});
