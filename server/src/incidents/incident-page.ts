// A page of a list of incidents, before its rows are read: what was asked for, and the places that were found.
import type { IncidentSort } from "@opentrace/contract/incidents.ts";
import type { Filters } from "./incident-filters.ts";

/** The last one shown: where the next page begins. `upTo` is the newest text that the search looks at, on every page the same. */
export interface PageCursor {
  sort: IncidentSort;
  order: "asc" | "desc";
  value: number;
  seq: number;
  upTo?: number | undefined;
}

export const isPageCursor = (value: unknown): value is PageCursor =>
  typeof value === "object" &&
  value !== null &&
  "value" in value &&
  Number.isSafeInteger(value.value) &&
  "seq" in value &&
  Number.isSafeInteger(value.seq) &&
  "sort" in value &&
  "order" in value &&
  (!("upTo" in value) || Number.isSafeInteger(value.upTo));

export interface PageRequest {
  filters: Filters;
  sort: IncidentSort;
  order: "asc" | "desc";
  cursor: PageCursor | null;
  limit: number;
}

export interface Place {
  seq: number;
  value: number;
}

export interface FoundPage {
  /** In order; one more than asked for when there are more. */
  places: Place[];
  /** Of all pages, on the first; null = not known. */
  total: number | null;
  truncated: boolean;
  upTo?: number;
}
