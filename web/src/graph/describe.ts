// What the UI reads out of a node's key and props: its place, signature, doc, lines. Keys are described in contract/keys.ts.
import type { GraphEdge, GraphNode } from "@opentrace/contract/graph.ts";

const text = (value: unknown): string | null => (typeof value === "string" && value.length > 0 ? value : null);

export const signatureOf = (node: GraphNode): string | null => text(node.props.signature);
export const docOf = (node: GraphNode): string | null => text(node.props.doc);

/** A comment was wrapped for an editor's width: lines of running text are joined again, lists, examples and directives stay. */
export function reflow(doc: string): string {
  const own = /^(\s{2,}|\t|[-*+•@:>|`]|\.\. |\d+[.)] )/;
  const lines = doc.split("\n").map((each) => each.trimEnd());
  return lines.reduce((text, each, at) => {
    const before = lines[at - 1];
    if (before === undefined) return each;
    const joins = before !== "" && each !== "" && !own.test(before) && !own.test(each) && !before.endsWith("::");
    return `${text}${joins ? " " : "\n"}${each}`;
  }, "");
}

/** `repo:…`, `file:REPO#PATH`, `symbol:REPO#PATH#NAME`, … taken apart. */
function keyParts(key: string): { kind: string; repo: string; path: string | null; symbol: string | null } {
  const colon = key.indexOf(":");
  const [repo = "", path, symbol] = key.slice(colon + 1).split("#");
  return { kind: key.slice(0, colon), repo, path: path ?? null, symbol: symbol ?? null };
}

/** Path in its repository of a file or symbol. */
export function pathOf(node: GraphNode): string | null {
  const stated = text(node.props.path);
  if (stated) return stated;
  const parts = keyParts(node.key);
  return ["file", "symbol", "dir"].includes(parts.kind) ? parts.path : null;
}

/** The key of the repository a node lives in, or null for what lives in none (packages, people). */
export function repositoryKeyOf(node: GraphNode): string | null {
  const parts = keyParts(node.key);
  if (parts.kind === "repo") return node.key;
  return ["file", "symbol", "dir", "module", "branch", "commit"].includes(parts.kind) ? `repo:${parts.repo}` : null;
}

/** `Flask.run`: the name with what it is defined in, since many classes have a `run`. */
export function titleOf(node: Pick<GraphNode, "key" | "name">): string {
  const parts = (keyParts(node.key).symbol ?? "").split(".").map((part) => part.replace(/~\d+$/, ""));
  const [owner, name] = parts.slice(-2);
  return name === node.name && owner !== undefined && /^[\w$]+$/.test(owner) ? `${owner}.${name}` : node.name;
}

export interface Lines {
  start: number;
  end: number;
}

const line = (value: unknown): number | null => (typeof value === "number" && value > 0 ? Math.trunc(value) : null);

/** The node's lines, whichever of the usual spellings its source used. */
export function linesOf(node: GraphNode): Lines | null {
  const range = node.props.range;
  const holder = typeof range === "object" && range !== null && !Array.isArray(range) ? range : node.props;
  const start = line(holder.startLine) ?? line(holder.line);
  return start === null ? null : { start, end: line(holder.endLine) ?? start };
}

/** Where a node lives, short: the path and line of a symbol, the repository of a directory, the ecosystem of a package. */
export function placeOf(node: GraphNode): string | null {
  const parts = keyParts(node.key);
  if (parts.kind === "repo") return null;
  if (parts.kind === "symbol") {
    const path = pathOf(node);
    const lines = linesOf(node);
    return path && lines ? `${path}:${lines.start}` : path;
  }
  if (parts.kind === "file" || parts.kind === "dir") {
    const path = pathOf(node) ?? "";
    const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
    return folder || parts.repo;
  }
  if (parts.kind === "package") return parts.repo.split("/")[0] ?? null;
  return parts.repo || null;
}

/** Calls in a symbol that lead to no known node: the indexer says so instead of guessing. */
export function unresolvedOf(node: GraphNode): { calls: { name: string; line: number }[]; total: number } {
  const { unresolved, unresolvedCount } = node.props;
  const calls = (Array.isArray(unresolved) ? unresolved : []).flatMap((each) => {
    if (!Array.isArray(each)) return [];
    const [name, at] = each;
    return typeof name === "string" && typeof at === "number" ? [{ name, line: at }] : [];
  });
  return { calls, total: typeof unresolvedCount === "number" ? unresolvedCount : calls.length };
}

export interface Place {
  repository: string | null;
  path: string;
  line: number | null;
}

/** Evidence is `path:line` or a URL; `null` for what is no place in source. */
export function placeOfEvidence(evidence: string): Place | null {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(evidence)) return null;
  const match = /^(.+?):(\d+)(?:[:-]\d+)*$/.exec(evidence);
  if (match?.[1] === undefined) return null;
  return { repository: null, path: match[1], line: Number(match[2]) };
}

/** The best-founded claim: what the edge is worth. */
export const confidenceOf = (edge: GraphEdge): number =>
  edge.provenance.reduce((best, claim) => Math.max(best, claim.confidence), edge.provenance.length > 0 ? 0 : 1);
