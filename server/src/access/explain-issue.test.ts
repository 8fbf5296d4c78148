import { expect, it } from "vitest";
import { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import { parseInput } from "./invoke.ts";

const Search = z.strictObject({
  q: z.string().trim().min(1).max(10),
  limit: z.int().min(1).max(1000).optional(),
  types: z.array(z.enum(["Class", "Function"])).optional(),
  direction: z.enum(["outgoing", "incoming"]).optional(),
  ids: z.array(z.string()).min(1).max(2).optional(),
  lines: z.array(z.strictObject({ path: z.string().min(1) })).optional(),
});

function complaintAbout(input: unknown): { message: string; fields: unknown } {
  try {
    parseInput(Search, input);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const errors = error.details?.["errors"] as { field: string }[];
    return { message: error.message, fields: errors.map(({ field }) => field) };
  }
  throw new Error("it was accepted");
}

it.each([
  [{ q: "  " }, "q", "q is empty."],
  [{}, "q", "q is missing."],
  [{ q: "abcdefghijkl" }, "q", "q should have at most 10 characters; it has 12."],
  [{ q: "x", limit: 0 }, "limit", "limit should be at least 1."],
  [{ q: "x", limit: 5000 }, "limit", "limit should be at most 1,000."],
  [
    { q: "x", types: ["class"] },
    "types",
    'types: "class" is not possible. Did you mean "Class"? Possible: Class, Function.',
  ],
  [
    { q: "x", direction: "sideways" },
    "direction",
    'direction: "sideways" is not possible. Possible: outgoing, incoming.',
  ],
  [{ q: "x", ids: [] }, "ids", "ids: give at least one."],
  [{ q: "x", ids: ["1", "2", "3"] }, "ids", "ids should have at most 2 elements."],
  [{ q: "x", lines: [{ path: "" }] }, "lines.0.path", "lines.0.path is empty."],
  [{ q: 5 }, "q", "q: invalid input: expected string, received number."],
  [{ q: "x", lmit: 5 }, "lmit", 'Unknown field "lmit". Did you mean "limit"?'],
])("says of %j what is wrong and what would be right", (input, field, message) => {
  expect(complaintAbout(input)).toEqual({ message, fields: [field] });
});
