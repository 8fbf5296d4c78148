// Keeps a result within a number of tokens: valid JSON always, the longest lists cut first, and what was left out said.

export const defaultTokens = 8000;
export const mostTokens = 25_000;

/** Conservative for code identifiers and JSON punctuation: real tokenizers need fewer. */
export function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3.2);
}

export interface Fitted {
  value: unknown;
  /** JSON path of a cut list or text → how much of it is left. Empty when nothing was cut. */
  cut: Record<string, { returned: number; of: number }>;
}

interface Cuttable {
  path: string;
  size: number;
  length: number;
  shorten(to: number): void;
}

/** `value` is JSON; the argument is not changed. */
export function fitTokens(value: unknown, tokens: number): Fitted {
  if (countTokens(JSON.stringify(value) ?? "null") <= tokens) return { value, cut: {} };
  const holder = { value: structuredClone(value) };
  const cut: Fitted["cut"] = {};
  for (let round = 0; round < 200; round++) {
    const over = countTokens(JSON.stringify(holder.value)) - tokens + Object.keys(cut).length * 20;
    if (over <= 0) break;
    const longest = largestCuttable(holder);
    if (longest === null) break;
    // Drop what should bring it under in one go, but keep going by halves when the items differ in size.
    const share = Math.min(0.95, (over * 3.2) / longest.size + 0.02);
    const keep = Math.max(0, Math.min(longest.length - 1, Math.floor(longest.length * (1 - share))));
    cut[longest.path] = { returned: keep, of: cut[longest.path]?.of ?? longest.length };
    longest.shorten(keep);
  }
  if (countTokens(JSON.stringify(holder.value)) > tokens) return { value: null, cut: { $: { returned: 0, of: 1 } } };
  return { value: holder.value, cut };
}

function largestCuttable(holder: { value: unknown }): Cuttable | null {
  let largest: Cuttable | null = null;
  const visit = (parent: Record<string, unknown> | unknown[], key: string | number, path: string): void => {
    const value = (parent as Record<string | number, unknown>)[key];
    const offer = (length: number, shorten: (to: number) => void): void => {
      const size = Buffer.byteLength(JSON.stringify(value));
      if (length > 0 && (largest === null || size > largest.size)) largest = { path, size, length, shorten };
    };
    if (Array.isArray(value)) {
      if (value.length > 1) offer(value.length, (to) => void (value.length = Math.max(to, 0)));
      value.forEach((_, index) => visit(value, index, `${path}[${index}]`));
      if (value.length === 1 && typeof value[0] === "object") return;
      if (value.length === 1) offer(1, () => void (value.length = 0));
    } else if (typeof value === "string") {
      if (value.length > 200)
        offer(value.length, (to) => {
          (parent as Record<string | number, unknown>)[key] = value
            .slice(0, Math.max(to, 0))
            .replace(/[\uD800-\uDBFF]$/, "");
        });
    } else if (typeof value === "object" && value !== null) {
      for (const name of Object.keys(value))
        visit(value as Record<string, unknown>, name, path === "$" ? name : `${path}.${name}`);
    }
  };
  visit(holder, "value", "$");
  return largest;
}
