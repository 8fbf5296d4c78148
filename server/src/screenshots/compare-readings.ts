// Two pictures of the same thing, before and after: figures that are on both, failures that went and came, and what that says.
import type { ReadingComparison, ScreenshotAnalysis, Verdict } from "@opentrace/contract/screenshots.ts";

type Compared = Pick<ReadingComparison, "figures" | "errors_gone" | "errors_new">;

const most = 100;
const plain = (text: string): string =>
  text
    .toLowerCase()
    // Times and numbers differ from one to the next message of the same failure.
    .replaceAll(/\d+/g, "#")
    .replaceAll(/[^\p{L}#]+/gu, " ")
    .trim();

/** Figures that more than one place of a picture has by the same label are left out: which is which is not known. */
function figuresOf({ values }: ScreenshotAnalysis): Map<string, { label: string; unit: string | null; value: number }> {
  const found = Map.groupBy(
    values.filter(({ label, value }) => label !== null && value !== null),
    ({ label, unit }) => `${plain(label ?? "")}|${unit ?? ""}`,
  );
  return new Map(
    [...found].flatMap(([key, [one, second]]) =>
      one?.label == null || one.value === null || second !== undefined
        ? []
        : [[key, { label: one.label, unit: one.unit, value: one.value }] as const],
    ),
  );
}

export function compareReadings(before: ScreenshotAnalysis, after: ScreenshotAnalysis): Compared {
  const later = figuresOf(after);
  const [old, fresh] = [before, after].map(
    ({ error_texts }) => new Map(error_texts.map((text) => [plain(text), text])),
  );
  const without = (some?: Map<string, string>, others?: Map<string, string>): string[] =>
    [...(some ?? [])].flatMap(([key, text]) => (others?.has(key) === true ? [] : [text])).slice(0, most);
  return {
    figures: [...figuresOf(before)]
      .flatMap(([key, { label, unit, value }]) => {
        const now = later.get(key);
        return now === undefined ? [] : [{ label, unit, before: value, after: now.value }];
      })
      .slice(0, most),
    errors_gone: without(old, fresh),
    errors_new: without(fresh, old),
  };
}

/** Only failures judge: whether a figure should be high or low, its number does not say. */
export function verdictOf({ errors_gone, errors_new }: Compared): Verdict {
  const by = "readings";
  const count = (errors: readonly string[]): string =>
    `${errors.length} ${errors.length === 1 ? "failure" : "failures"}`;
  if (errors_gone.length > 0 && errors_new.length === 0)
    return { is: "better", by, reason: `${count(errors_gone)} of the first picture can't be read on the second.` };
  if (errors_new.length > 0 && errors_gone.length === 0)
    return { is: "worse", by, reason: `The second picture has ${count(errors_new)} that the first has not.` };
  if (errors_new.length > 0)
    return { is: "unknown", by, reason: `${count(errors_gone)} went and ${count(errors_new)} came.` };
  return {
    is: "unknown",
    by,
    reason: "Both pictures tell of the same failures, or of none; figures alone don't say what is good.",
  };
}
