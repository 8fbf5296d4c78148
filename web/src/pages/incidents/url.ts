// Addresses of the incident screens: how the list is narrowed and sorted, and which part of an incident is shown.
import {
  type IncidentFilter,
  IncidentSeverity,
  type IncidentSort,
  IncidentStatus,
  incidentSorts,
} from "@opentrace/contract/incidents.ts";
import { list, oneOf, type SearchStrings } from "../../app/search-strings.ts";

export interface ListState {
  q: string;
  /** Empty: whatever the status. */
  status: IncidentStatus[];
  severity: IncidentSeverity[];
  owner: string;
  service: string;
  tag: string;
  /** Null: by relevance with words, else the newest first. */
  sort: IncidentSort | null;
  ascending: boolean;
  /** Duplicates that were merged into another are listed too. */
  merged: boolean;
  /** The incident that the keyboard is at. */
  at: string | null;
}

/** What somebody has to do something about: shown when the address says nothing. */
const activeStatuses: readonly IncidentStatus[] = ["open", "investigating"];

export const emptyList: ListState = {
  q: "",
  status: [...activeStatuses],
  severity: [],
  owner: "",
  service: "",
  tag: "",
  sort: null,
  ascending: false,
  merged: false,
  at: null,
};

const known = <T extends string>(value: string | undefined, allowed: readonly T[]): T[] =>
  allowed.filter((each) => list(value).includes(each));

export function parseList(search: SearchStrings): ListState {
  const sort = incidentSorts.find((each) => each === search.sort?.replace(/^-/, "")) ?? null;
  return {
    q: search.q ?? "",
    status: search.status === undefined ? [...activeStatuses] : known(search.status, IncidentStatus.options),
    severity: known(search.severity, IncidentSeverity.options),
    owner: search.owner ?? "",
    service: search.service ?? "",
    tag: search.tag ?? "",
    sort,
    ascending: sort !== null && !(search.sort ?? "").startsWith("-"),
    merged: search.merged === "yes",
    at: search.at ?? null,
  };
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((each) => b.includes(each));

export function listSearch(state: Partial<ListState>): SearchStrings {
  const { q, status, severity, owner, service, tag, sort, ascending, merged, at } = { ...emptyList, ...state };
  return {
    q: q || undefined,
    status: same(status, activeStatuses) ? undefined : status.length === 0 ? "all" : status.join(","),
    severity: severity.join(",") || undefined,
    owner: owner || undefined,
    service: service || undefined,
    tag: tag || undefined,
    sort: sort === null ? undefined : `${ascending ? "" : "-"}${sort}`,
    merged: merged ? "yes" : undefined,
    at: at ?? undefined,
  };
}

/** What the server is asked for. */
export function filterOf({
  q,
  status,
  severity,
  owner,
  service,
  tag,
  sort,
  ascending,
  merged,
}: ListState): IncidentFilter {
  const words = q.trim();
  const one = (value: string): string[] | undefined => (value.trim() === "" ? undefined : [value.trim()]);
  const filter = {
    q: words === "" ? undefined : words,
    status: status.length === 0 ? undefined : status,
    severity: severity.length === 0 ? undefined : severity,
    owner: one(owner),
    service: one(service),
    tag: one(tag),
    // Without words nothing is more relevant than anything else.
    sort: sort === "relevance" && words === "" ? undefined : (sort ?? undefined),
    order: sort === null ? undefined : ascending ? ("asc" as const) : ("desc" as const),
    merged: merged ? ("include" as const) : undefined,
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

/** The other way: a saved view as the address has it. */
export const stateOf = ({
  q,
  status,
  severity,
  owner,
  service,
  tag,
  sort,
  order,
  merged,
}: IncidentFilter): ListState => ({
  q: q ?? "",
  status: status ?? [],
  severity: severity ?? [],
  owner: owner?.[0] ?? "",
  service: service?.[0] ?? "",
  tag: tag?.[0] ?? "",
  sort: sort ?? null,
  ascending: order === "asc",
  merged: merged === "include",
  at: null,
});

/** How many filters narrow the list, the words aside. */
export const narrowedBy = ({ status, severity, owner, service, tag }: ListState): number =>
  (same(status, activeStatuses) || status.length === 0 ? 0 : 1) +
  [severity.length > 0, owner !== "", service !== "", tag !== ""].filter(Boolean).length;

const parts = ["overview", "timeline", "evidence", "hypotheses", "actions", "runbooks", "postmortem"] as const;
export type Part = (typeof parts)[number];

export interface DetailState {
  part: Part;
  /** Kinds of evidence or of timeline entries that are shown; empty: all. */
  kind: string[];
  /** The evidence, entry or hypothesis that a link leads to. */
  show: string | null;
}
export const parseDetail = (search: SearchStrings): DetailState => ({
  part: oneOf(search.part, parts, "overview"),
  kind: list(search.kind),
  show: search.show ?? null,
});
export const detailSearch = ({ part, kind, show }: Partial<DetailState>): SearchStrings => ({
  part: part === "overview" ? undefined : part,
  kind: (kind ?? []).join(",") || undefined,
  show: show ?? undefined,
});
