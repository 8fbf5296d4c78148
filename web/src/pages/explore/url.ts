// Everything the explorer shows, as it stands in the address: a link or a reload brings the same picture back.
import { edgeTypes, nodeTypes, type EdgeType, type NodeType } from "@opentrace/contract/graph.ts";
import {
  list,
  oneOf,
  parseSort,
  type SearchStrings,
  type Sort,
  sortText,
  wholeNumber,
} from "../../app/search-strings.ts";
import type { Lines } from "../../graph/describe.ts";
import { linesText, parseLines } from "../source/url.ts";

/** A node whose neighbourhood is open, and how many neighbours of it are shown. */
interface Opened {
  id: string;
  count: number;
}

/** One path that is shown on the canvas: the `index`-th of the paths between two nodes. */
interface Trail {
  from: string;
  to: string;
  index: number;
}

export const exploreViews = ["graph", "table", "path", "impact", "list"] as const;
export type ExploreView = (typeof exploreViews)[number];
export const panelTabs = ["about", "dependencies", "dependents", "similar", "source"] as const;
type PanelTab = (typeof panelTabs)[number];

/** What an impact is asked of. */
export const changeKinds = ["node", "lines", "diff"] as const;
export type ChangeKind = (typeof changeKinds)[number];
/** Columns that the table or the impact list can be sorted by. */
export const sortKeys = ["name", "type", "path", "degree", "hop", "confidence"] as const;

export interface ExploreState {
  view: ExploreView;
  open: Opened[];
  trail: Trail | null;
  hide: string[];
  pin: string[];
  /** A node's id, or an edge as `from~to`. */
  select: string | null;
  tab: PanelTab;
  /** Empty = all. */
  types: NodeType[];
  edges: EdgeType[];
  /** Path finder. */
  from: string | null;
  to: string | null;
  k: number;
  direction: "any" | "outgoing";
  /** Impact view: of a node (`of`), of lines of a file, or of a diff. */
  by: ChangeKind;
  of: string | null;
  /** Key of the repository that the path or the diff is of; null = whichever has it. */
  repository: string | null;
  path: string;
  lines: Lines | null;
  /** Names a pasted diff (diff-token.ts). */
  diff: string | null;
  depth: number;
  /** Only this hop is listed; 0 = all. */
  hop: number;
  /** Of the table or the impact list; null = as each is by itself. */
  sort: Sort | null;
  /** Lists one type ("list" view). */
  type: NodeType | null;
  q: string;
  /** Types that the search is limited to; empty = all. */
  among: NodeType[];
}

export const firstNeighbors = 12;
export const mostNeighbors = 500;
const mostHops = 10;

export const emptyExplore: ExploreState = {
  view: "graph",
  open: [],
  trail: null,
  hide: [],
  pin: [],
  select: null,
  tab: "about",
  types: [],
  edges: [],
  from: null,
  to: null,
  k: 3,
  direction: "any",
  by: "node",
  of: null,
  repository: null,
  path: "",
  lines: null,
  diff: null,
  depth: 3,
  hop: 0,
  sort: null,
  type: null,
  q: "",
  among: [],
};

const among = <T extends string>(value: string | undefined, allowed: readonly T[]): T[] =>
  list(value).filter((each): each is T => (allowed as readonly string[]).includes(each));

export function parseExplore(search: SearchStrings): ExploreState {
  return {
    view: oneOf(search.view, exploreViews, "graph"),
    open: parseOpened(search.open),
    trail: parseTrail(search.trail),
    hide: list(search.hide),
    pin: list(search.pin),
    select: search.select ?? null,
    tab: oneOf(search.tab, panelTabs, "about"),
    types: among(search.types, nodeTypes),
    edges: among(search.edges, edgeTypes),
    from: search.from ?? null,
    to: search.to ?? null,
    k: wholeNumber(search.k, 1, 10, emptyExplore.k),
    direction: oneOf(search.direction, ["any", "outgoing"], "any"),
    by: oneOf(search.by, changeKinds, "node"),
    of: search.of ?? null,
    repository: search.repo ?? null,
    path: search.path ?? "",
    lines: parseLines(search.lines),
    diff: search.diff ?? null,
    depth: wholeNumber(search.depth, 1, mostHops, emptyExplore.depth),
    hop: wholeNumber(search.hop, 0, mostHops, 0),
    sort: parseSort(search.sort, sortKeys),
    type: among(search.type, nodeTypes)[0] ?? null,
    q: search.q ?? "",
    among: among(search.among, nodeTypes),
  };
}

/** Only what differs from the default is written. */
export function exploreSearch(part: Partial<ExploreState>): SearchStrings {
  const state = { ...emptyExplore, ...part };
  const search: SearchStrings = {
    view: state.view === "graph" ? undefined : state.view,
    open: state.open.map(({ id, count }) => (count === firstNeighbors ? id : `${id}:${count}`)).join(","),
    trail: state.trail ? [state.trail.from, state.trail.to, state.trail.index].join(":") : undefined,
    hide: state.hide.join(","),
    pin: state.pin.join(","),
    select: state.select ?? undefined,
    tab: state.tab === "about" ? undefined : state.tab,
    types: state.types.join(","),
    edges: state.edges.join(","),
    from: state.from ?? undefined,
    to: state.to ?? undefined,
    k: state.k === emptyExplore.k ? undefined : String(state.k),
    direction: state.direction === "any" ? undefined : state.direction,
    by: state.by === "node" ? undefined : state.by,
    of: state.of ?? undefined,
    repo: state.repository ?? undefined,
    path: state.path,
    lines: linesText(state.lines),
    diff: state.diff ?? undefined,
    hop: state.hop === 0 ? undefined : String(state.hop),
    sort: sortText(state.sort),
    depth: state.depth === emptyExplore.depth ? undefined : String(state.depth),
    type: state.type ?? undefined,
    q: state.q,
    among: state.among.join(","),
  };
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value));
}

function parseOpened(value: string | undefined): Opened[] {
  const opened = new Map<string, Opened>();
  for (const item of list(value)) {
    const [id, count] = item.split(":");
    if (id) opened.set(id, { id, count: wholeNumber(count, 0, mostNeighbors, firstNeighbors) });
  }
  return [...opened.values()];
}

function parseTrail(value: string | undefined): Trail | null {
  const [from, to, index] = (value ?? "").split(":");
  return from && to ? { from, to, index: wholeNumber(index, 0, 9, 0) } : null;
}

export function selectedEdge(select: string | null): { from: string; to: string } | null {
  const [from, to] = (select ?? "").split("~");
  return from && to ? { from, to } : null;
}
