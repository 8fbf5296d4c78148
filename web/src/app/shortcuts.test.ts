import { expect, test } from "vitest";
import { pressed } from "./shortcuts.ts";

const key = (name: string, held: Partial<Record<"metaKey" | "ctrlKey" | "altKey" | "shiftKey", boolean>> = {}) => ({
  key: name,
  metaKey: false,
  ctrlKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});

test("a chord is the same with the Mac's and the other keyboards' key", () => {
  expect(pressed(key("k", { metaKey: true }), null)).toEqual(["mod+k"]);
  expect(pressed(key("K", { ctrlKey: true, shiftKey: true }), null)).toEqual(["mod+shift+k"]);
});

test("caps lock does not turn a letter into its shifted shortcut", () => {
  expect(pressed(key("U"), null)).toEqual(["u"]);
  expect(pressed(key("U", { shiftKey: true }), null)).toEqual(["U"]);
  expect(pressed(key("?", { shiftKey: true }), null)).toEqual(["?"]);
});

test("a second key can end a sequence or stand for itself", () => {
  expect(pressed(key("e"), "g")).toEqual(["g e", "e"]);
});

test("keys with Alt belong to the system", () => {
  expect(pressed(key("e", { altKey: true }), null)).toEqual([]);
});
