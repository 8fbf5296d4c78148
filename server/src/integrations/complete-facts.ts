// What questions over delivery rest on, the same from every vendor: when a thing last changed, in UTC, and an owner for every OWNS edge.
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import type { NodeType, Props } from "@opentrace/contract/graph.ts";
import { deliveryTypes } from "../store/migrations/graph-0004-delivery-by-time.ts";

const delivery: ReadonlySet<string> = new Set(deliveryTypes);
const times = ["createdAt", "updatedAt", "closedAt", "mergedAt", "publishedAt"] as const;

/** `may` are the types that the connector declares. */
export function completeFacts(
  facts: { nodes: NodeFact[]; edges: EdgeFact[] },
  may: ReadonlySet<string>,
): { nodes: NodeFact[]; edges: EdgeFact[] } {
  const nodes = facts.nodes.map((node) => (delivery.has(node.type) ? withTimes(node) : node));
  const known = new Set(nodes.map((node) => node.key));
  for (const { from, type } of facts.edges) {
    if (type !== "OWNS" || known.has(from)) continue;
    known.add(from);
    const owner = ownerNode(from);
    if (owner !== null && may.has(owner.type)) nodes.push(owner);
  }
  return { nodes, edges: facts.edges };
}

/** The index over delivery is one of `updatedAt`, compared as text. */
function withTimes(node: NodeFact): NodeFact {
  const props: Props = { ...node.props };
  for (const name of times) if (typeof props[name] === "string") props[name] = toUtc(props[name]);
  if (Array.isArray(props["runs"])) props["runs"] = props["runs"].map(withStart);
  const updatedAt = props["updatedAt"] ?? props["publishedAt"] ?? newestStart(props["runs"]) ?? props["createdAt"];
  return { ...node, props: updatedAt == null ? props : { ...props, updatedAt } };
}

function withStart(run: Props[string]): Props[string] {
  if (typeof run !== "object" || run === null || Array.isArray(run) || typeof run["startedAt"] !== "string") return run;
  return { ...run, startedAt: toUtc(run["startedAt"]) };
}

function newestStart(runs: Props[string] | undefined): string | null {
  if (!Array.isArray(runs)) return null;
  let newest: string | null = null;
  for (const run of runs) {
    const at = typeof run === "object" && run !== null && !Array.isArray(run) ? run["startedAt"] : null;
    if (typeof at === "string" && (newest === null || at > newest)) newest = at;
  }
  return newest;
}

/** `2026-11-20T12:00:00.5+02:00` → `2026-11-20T10:00:00Z`; what is no time stays as it is. */
function toUtc(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text)) return text;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : `${date.toISOString().slice(0, 19)}Z`;
}

/** An owner whom no stream tells of (teams may not be read) is named as the owners' file names it. People by e-mail come from commits. */
function ownerNode(key: string): { key: string; type: NodeType; name: string } | null {
  const [, kind, name = ""] = /^(team|person):[^/]+\/(.+)$/.exec(key) ?? [];
  if (kind === undefined) return null;
  return { key, type: kind === "team" ? "Team" : "Person", name };
}
