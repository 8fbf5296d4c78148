// Search params are plain strings in the address; each page's `url.ts` reads and writes its own.
export type SearchStrings = Record<string, string | undefined>;

/** `?a=b&c=d` as an object; the last of a repeated name counts. */
export function parseSearchStrings(search: string): SearchStrings {
  return Object.fromEntries(new URLSearchParams(search));
}

/** Readable: what needs no escaping in a query (`/ : ~ , @`) stays as it is. */
export function writeSearchStrings(search: Record<string, unknown>): string {
  const parts = Object.entries(search)
    .filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== "")
    .map(([name, value]) => `${encodeURIComponent(name)}=${escapeValue(value)}`);
  return parts.length > 0 ? `?${parts.join("&")}` : "";
}

const escapeValue = (value: string): string =>
  encodeURIComponent(value).replace(/%(2F|3A|2C|40)/g, (escaped) => decodeURIComponent(escaped));

/** Keeps what is a non-empty string, so that a hand-written address cannot bring another type in. */
export function onlyStrings(search: Record<string, unknown>): SearchStrings {
  return Object.fromEntries(
    Object.entries(search).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== "",
    ),
  );
}

export const list = (value: string | undefined): string[] => [...new Set((value ?? "").split(",").filter(Boolean))];

export const oneOf = <T extends string>(value: string | undefined, allowed: readonly T[], otherwise: T): T =>
  allowed.find((each) => each === value) ?? otherwise;

export function wholeNumber(value: string | undefined, least: number, most: number, otherwise: number): number {
  const number = Number(value);
  return value !== undefined && Number.isInteger(number) ? Math.min(most, Math.max(least, number)) : otherwise;
}

/** How a table is sorted: by a column, up or down. */
export interface Sort {
  key: string;
  descending: boolean;
}

/** `name` or, downward, `-name`; null for what is no column. */
export function parseSort(value: string | undefined, keys: readonly string[]): Sort | null {
  const descending = value?.startsWith("-") ?? false;
  const key = keys.find((each) => each === value?.slice(descending ? 1 : 0));
  return key === undefined ? null : { key, descending };
}

export const sortText = (sort: Sort | null): string | undefined =>
  sort === null ? undefined : `${sort.descending ? "-" : ""}${sort.key}`;
