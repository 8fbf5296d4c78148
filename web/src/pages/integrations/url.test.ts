import { AuthKind, ConnectorCategory } from "@opentrace/contract/integrations.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { onlyStrings, parseSearchStrings, type SearchStrings, writeSearchStrings } from "../../app/search-strings.ts";
import {
  connectSearch,
  deliveryStateOf,
  gallerySearch,
  levels,
  manageSearch,
  parseConnect,
  parseGallery,
  parseManage,
  parts,
  runStateOf,
  steps,
} from "./url.ts";

const throughAddress = (search: SearchStrings): SearchStrings =>
  onlyStrings(parseSearchStrings(writeSearchStrings(search)));
const text = fc.string({ maxLength: 30, unit: "grapheme" });

test("what the gallery, the wizard and an integration's page show survives the way through the address", () => {
  fc.assert(
    fc.property(text, fc.option(fc.constantFrom(...ConnectorCategory.options)), (q, category) => {
      expect(parseGallery(throughAddress(gallerySearch({ q, category })))).toEqual({ q, category });
    }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...steps.filter((step) => step !== "authenticate")),
      fc.option(fc.constantFrom(...AuthKind.options)),
      text,
      text,
      (step, auth, kind, q) => {
        const state = { step, auth, integration: "int_1", kind, q };
        expect(parseConnect(throughAddress(connectSearch(state)))).toEqual(state);
      },
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom(...parts), text, text, fc.constantFrom(...levels), (part, q, state, level) => {
      expect(parseManage(throughAddress(manageSearch({ part, q, state, level })))).toEqual({ part, q, state, level });
    }),
  );
});

test("the wizard begins at the beginning while there is no integration, whatever the address says", () => {
  expect(parseConnect({ step: "sync" }).step).toBe("authenticate");
  expect(parseConnect({ step: "nonsense", integration: "int_1" }).step).toBe("permissions");
});

test("a state that does not exist filters nothing", () => {
  expect(runStateOf("failed")).toBe("failed");
  expect(deliveryStateOf("failed")).toBe("failed");
  expect([runStateOf("nonsense"), deliveryStateOf("")]).toEqual([null, null]);
  expect(parseManage({ part: "nonsense", level: "nonsense" })).toMatchObject({ part: "overview", level: "info" });
});
