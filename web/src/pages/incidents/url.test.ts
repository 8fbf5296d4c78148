import fc from "fast-check";
import { incidentSeverities, incidentSorts, incidentStatuses } from "@opentrace/contract/incidents.ts";
import { expect, test } from "vitest";
import { parseSearchStrings, writeSearchStrings } from "../../app/search-strings.ts";
import {
  detailSearch,
  emptyList,
  filterOf,
  type ListState,
  listSearch,
  parseDetail,
  parseList,
  stateOf,
} from "./url.ts";

const word = fc.stringMatching(/^[a-zä:,&%+][a-zä :,&%+]{0,10}[a-zä:,&%+]$/);
const state: fc.Arbitrary<ListState> = fc
  .record({
    q: fc.oneof(fc.constant(""), word),
    status: fc.subarray([...incidentStatuses]),
    severity: fc.subarray([...incidentSeverities]),
    owner: fc.oneof(fc.constant(""), word),
    service: fc.oneof(fc.constant(""), word),
    tag: fc.oneof(fc.constant(""), word),
    sort: fc.option(fc.constantFrom(...incidentSorts)),
    ascending: fc.boolean(),
    merged: fc.boolean(),
    at: fc.option(fc.stringMatching(/^INC-[1-9]{1,4}$/)),
  })
  // Without an order of its own a list has no direction.
  .map((each) => ({ ...each, ascending: each.sort !== null && each.ascending }));

const throughAddress = (given: ListState): ListState =>
  parseList(parseSearchStrings(writeSearchStrings(listSearch(given))));

test("what the list shows is in the address, whole", () => {
  fc.assert(
    fc.property(state, (given) => {
      expect(throughAddress(given)).toEqual(given);
    }),
  );
});

test("an address without a word shows what is active", () => {
  expect(parseList({})).toEqual(emptyList);
  expect(listSearch(emptyList)).toEqual({});
  expect(filterOf(emptyList)).toEqual({ status: ["open", "investigating"] });
});

test("a saved view brings back the same list, but for where the keyboard was", () => {
  fc.assert(
    fc.property(state, (given) => {
      // By relevance is only asked with words.
      fc.pre(given.sort !== "relevance" || given.q !== "");
      expect(stateOf(filterOf(given))).toEqual({ ...given, at: null });
    }),
  );
});

test("an address that somebody wrote by hand asks for nothing that does not exist", () => {
  const { status, severity, sort } = parseList({ status: "open,burning", severity: "bad", sort: "-colour" });
  expect([status, severity, sort]).toEqual([["open"], [], null]);
  expect(parseDetail({ part: "secrets", kind: "log,,note" })).toEqual({
    part: "overview",
    kind: ["log", "note"],
    show: null,
  });
  expect(detailSearch({ part: "evidence", kind: ["log"], show: "evd_1" })).toEqual({
    part: "evidence",
    kind: "log",
    show: "evd_1",
  });
});
