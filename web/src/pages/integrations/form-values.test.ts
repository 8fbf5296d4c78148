import type { FormField } from "@opentrace/contract/integrations.ts";
import { expect, test } from "vitest";
import { ApiError } from "../../api/http.ts";
import { refusedFields } from "../../api/refused-fields.ts";
import { changedValues, missingFields, refusedOf, startValues } from "./form-values.ts";

const field = (name: string, more: Partial<FormField> = {}): FormField => ({
  name,
  label: name,
  type: "text",
  secret: false,
  required: false,
  ...more,
});
const fields = [
  field("baseUrl", { type: "url", default: "https://github.com" }),
  field("token", { secret: true, required: true }),
  field("days", { type: "number", default: 365 }),
  field("names", { type: "list" }),
  field("drafts", { type: "boolean", default: true }),
];

test("a form begins with what is stored, else with the defaults", () => {
  expect(startValues(fields)).toEqual({
    baseUrl: "https://github.com",
    token: "",
    days: "365",
    names: "",
    drafts: true,
  });
  expect(startValues(fields, { days: 7, names: ["a", "b"], drafts: false })).toMatchObject({
    days: "7",
    names: "a\nb",
    drafts: false,
  });
});

test("only what was changed is sent, each as what the schema wants", () => {
  const start = startValues(fields);
  expect(changedValues(fields, start, start)).toEqual({});
  const typed = { ...start, token: " secret ", days: "30", names: "a, b\n\nc", drafts: false, baseUrl: " http://x " };
  expect(changedValues(fields, typed, start)).toEqual({
    baseUrl: "http://x",
    token: " secret ",
    days: 30,
    names: ["a", "b", "c"],
    drafts: false,
  });
});

test("a required field that is empty is said before the server is asked", () => {
  expect(missingFields(fields, startValues(fields))).toEqual({ token: "token is needed." });
  expect(missingFields(fields, { ...startValues(fields), token: "x" })).toEqual({});
});

test("what the server refuses is found at its field", () => {
  const error = new ApiError(422, "unprocessable", "Refused.", {
    errors: [
      { field: "credential.token", message: "GitHub refused it." },
      { field: "config.baseUrl", message: "No." },
    ],
  });
  const refused = refusedFields(error);
  expect(refusedOf(refused, "credential")).toEqual({ token: "GitHub refused it." });
  expect(refusedOf(refused, "config")).toEqual({ baseUrl: "No." });
  expect(refusedFields(new ApiError(500, "internal", "Broken."))).toEqual({});
  expect(refusedFields(new Error("x"))).toEqual({});
});
