import { expect, test } from "vitest";
import {
  branchOf,
  changesText,
  type Choice,
  isSelected,
  noChanges,
  select,
  selectAll,
  setBranch,
  toSelections,
} from "./selection.ts";

const repository = (name: string, selected = false): Choice => ({
  id: `id-${name}`,
  kind: "repository",
  name,
  description: null,
  url: null,
  private: false,
  archived: false,
  defaultBranch: "main",
  parent: null,
  selected,
  codeBranch: selected ? "" : null,
});
const shop = repository("acme/shop");
const docs = repository("acme/docs");
const kept = repository("acme/kept", true);

test("nothing changed is nothing to send", () => {
  expect(toSelections(noChanges)).toEqual([]);
  expect(toSelections(select(select(noChanges, shop, true), shop, false))).toEqual([]);
});

test("what is ticked is chosen with the branch that was typed, and empty means the default branch", () => {
  const changes = setBranch(select(noChanges, shop, true), docs, " next ");
  expect(isSelected(changes, docs)).toBe(true);
  expect(branchOf(changes, docs)).toBe(" next ");
  expect(toSelections(changes)).toEqual([
    { select: [{ id: "id-acme/shop" }, { id: "id-acme/docs", codeBranch: "next" }], sync: false },
  ]);
  expect(toSelections(setBranch(changes, kept, ""))[0]?.select).toContainEqual({ id: "id-acme/kept", codeBranch: "" });
});

test("what was chosen before is only sent when it is taken out", () => {
  expect(toSelections(select(noChanges, kept, true))).toEqual([]);
  expect(toSelections(select(noChanges, kept, false))).toEqual([{ deselect: ["id-acme/kept"], sync: false }]);
});

test("all means what is not listed yet, too; what is left out goes in a second call", () => {
  const all = selectAll(select(noChanges, kept, false), "repository", "");
  expect(isSelected(all, shop)).toBe(true);
  expect(isSelected(all, kept)).toBe(true);
  expect(isSelected(all, { ...shop, kind: "organization" })).toBe(false);
  const but = select(all, docs, false);
  expect(isSelected(but, docs)).toBe(false);
  expect(toSelections(but)).toEqual([
    { selectAll: { kind: "repository" }, sync: false },
    { deselect: ["id-acme/docs"], sync: false },
  ]);
});

test("all that match a search leaves the others as they are", () => {
  const some = selectAll(noChanges, "repository", "SHOP");
  expect([shop, docs, kept].map((each) => isSelected(some, each))).toEqual([true, false, true]);
  expect(toSelections(some)).toEqual([{ selectAll: { kind: "repository", search: "SHOP" }, sync: false }]);
});

test("the choice is told in words", () => {
  expect(changesText(noChanges, 0, "repositories")).toBe("Nothing chosen yet");
  expect(changesText(select(select(noChanges, shop, true), kept, false), 3, "repositories")).toBe("3 chosen");
  expect(changesText(select(selectAll(noChanges, "repository", ""), docs, false), 0, "repositories")).toBe(
    "All repositories, but 1",
  );
  expect(changesText(selectAll(noChanges, "repository", "shop"), 0, "repositories")).toBe(
    "All repositories with “shop” in the name",
  );
});
