// What is wrong with a field, in words for a person: unknown, missing, empty, too long, or none of the words that it may be.
import type { z } from "zod";

interface FieldError {
  field: string;
  message: string;
}

/** Answers one error for each wrong field. `known`: the fields of the input; `raw`: what was sent. */
export function explainIssue(issue: z.core.$ZodIssue, known: readonly string[], raw: unknown): FieldError[] {
  // An element of a list of words is told as the list: that is the field a person filled in.
  const isElement =
    issue.path.length > 1 && typeof issue.path.at(-1) === "number" && issue.code !== "unrecognized_keys";
  const field = (isElement ? issue.path.slice(0, -1) : issue.path).map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const prefix = field === "" ? "" : `${field}.`;
    return issue.keys.map((key) => {
      const near = field === "" ? closest(key, known) : undefined;
      const hint =
        near !== undefined
          ? ` Did you mean "${near}"?`
          : field === ""
            ? known.length === 0
              ? " There are none here."
              : ` Known: ${known.join(", ")}.`
            : "";
      return { field: `${prefix}${key}`, message: `Unknown field "${prefix}${key}".${hint}` };
    });
  }
  const where = field === "" ? "The input" : field;
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined"))
    return [{ field, message: `${where} is missing.` }];
  return [
    { field, message: wrongValue(issue, where, valueAt(raw, issue.path)) ?? `${where}: ${told(issue.message)}.` },
  ];
}

function wrongValue(issue: z.core.$ZodIssue, where: string, value: unknown): string | null {
  if (issue.code === "invalid_value") {
    const words = issue.values.map(String);
    const near = typeof value === "string" ? closest(value, words) : undefined;
    const said = typeof value === "string" ? `"${value.slice(0, 100)}"` : "what was sent";
    return `${where}: ${said} is not possible.${near === undefined ? "" : ` Did you mean "${near}"?`} Possible: ${words.join(", ")}.`;
  }
  if (issue.code === "too_small" || issue.code === "too_big") {
    const isLow = issue.code === "too_small";
    const bound = Number(isLow ? issue.minimum : issue.maximum);
    const limit = bound.toLocaleString("en");
    if (isLow && bound === 1 && issue.origin === "string") return `${where} is empty.`;
    if (isLow && bound === 1 && issue.origin === "array") return `${where}: give at least one.`;
    const edge = issue.inclusive === false ? (isLow ? "more than" : "less than") : isLow ? "at least" : "at most";
    if (issue.origin === "string")
      return `${where} should have ${edge} ${limit} character${bound === 1 ? "" : "s"}${typeof value === "string" ? `; it has ${value.trim().length.toLocaleString("en")}` : ""}.`;
    if (issue.origin === "array") return `${where} should have ${edge} ${limit} element${bound === 1 ? "" : "s"}.`;
    if (issue.origin === "number" || issue.origin === "int") return `${where} should be ${edge} ${limit}.`;
  }
  return null;
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

/** The schema library's own sentence, as the end of ours. */
const told = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, "");

/** The known word that a misspelt one is nearest to, if near enough. */
export function closest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  if (Math.max(a.length, b.length) > 200) return Number.POSITIVE_INFINITY;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++)
      row[j] = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    previous = row;
  }
  return previous[b.length] ?? 0;
}
