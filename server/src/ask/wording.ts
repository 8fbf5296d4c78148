// How answers name things and count them.
import type { GraphEdge, GraphNode, NodeType } from "@opentrace/contract/graph.ts";
import { qualifiedName } from "../graph/shown-name.ts";

const irregularTypes: Partial<Record<NodeType, [string, string]>> = {
  Class: ["class", "classes"],
  Branch: ["branch", "branches"],
  Repository: ["repository", "repositories"],
  Directory: ["directory", "directories"],
  Person: ["person", "people"],
  Ingress: ["ingress", "ingresses"],
};

/** `PullRequest` → "pull request", "pull requests". */
export function plainType(type: NodeType, number = 1): string {
  const irregular = irregularTypes[type];
  if (irregular !== undefined) return irregular[number === 1 ? 0 : 1];
  const word = type.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
  return number === 1 ? word : `${word}s`;
}

/** The types of a question in one noun: "function or method". */
export function typeNoun(types: readonly NodeType[], number = 1): string {
  return types.map((type) => plainType(type, number)).join(number === 1 ? " or " : " and ");
}

/** "1 node", "1,204 nodes", "3 classes"; `one` may be the noun of several types. */
export function count(number: number, one: string, many?: string): string {
  const plural =
    many ??
    one
      .split(" or ")
      .map((word) => irregularPlural(word))
      .join(" and ");
  return `${number.toLocaleString("en")} ${number === 1 ? one : plural}`;
}

function irregularPlural(word: string): string {
  for (const pair of Object.values(irregularTypes)) if (pair[0] === word) return pair[1];
  return /(s|ch|x)$/.test(word) ? word : `${word}s`;
}

export const list = (parts: readonly string[]): string =>
  parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;

/** Names come from repositories: in a code span nothing of them is read as Markdown, and nothing has to be escaped. */
export const codeSpan = (text: string): string => `\`${text.replace(/[\r\n]+/g, " ").replaceAll("`", "'")}\``;

/** `` `PayService.charge` ``: the name with its enclosing symbol. */
export const label = (node: GraphNode): string => codeSpan(qualifiedName(node));

/** `` `PayService.charge` (method, `src/pay.ts:12`) ``. */
export function describeNode(node: GraphNode): string {
  const [, path] = node.key.split("#");
  const range = node.props["range"] as { startLine?: unknown } | undefined;
  const line = typeof range?.startLine === "number" ? `:${range.startLine}` : "";
  const place = path === undefined || path === "" ? "" : `, ${codeSpan(`${path}${line}`)}`;
  return `${label(node)} (${plainType(node.type)}${place})`;
}

export function bullets(lines: readonly string[], most: number, more = 0): string {
  const left = Math.max(0, lines.length - most) + more;
  return [
    ...lines.slice(0, most).map((line) => `- ${line}`),
    ...(left > 0 ? [`- … and ${left.toLocaleString("en")} more`] : []),
  ].join("\n");
}

/** Direct ones first; with several hops each hop under a line of its own. `counts` = how many there are, shown or not. */
export function byHop(
  reached: readonly { node: GraphNode; hop: number; edge: GraphEdge; confidence?: number }[],
  most: number,
  counts: readonly { hop: number; count: number }[] = [],
): string {
  const totalOf = (hop: number, shown: number): number => counts.find((one) => one.hop === hop)?.count ?? shown;
  const hops = Map.groupBy(reached, (one) => one.hop);
  const line = (one: (typeof reached)[number]): string => {
    const claim = one.edge.provenance[0];
    const confidence = one.confidence ?? claim?.confidence ?? 1;
    return `${describeNode(one.node)} — ${one.edge.type}${confidence < 1 ? `, ${Math.round(confidence * 100)} %` : ""}`;
  };
  if (hops.size === 0) return "";
  if (hops.size === 1) {
    const hop = reached[0]!.hop;
    return bullets(reached.map(line), most, totalOf(hop, reached.length) - reached.length);
  }
  let left = most;
  return [...hops]
    .sort((a, b) => a[0] - b[0])
    .map(([hop, ones]) => {
      const shown = Math.max(3, Math.min(left, ones.length));
      left -= shown;
      const total = totalOf(hop, ones.length);
      return `${hop === 1 ? "Directly" : `${hop} steps away`} (${total.toLocaleString("en")}):\n${bullets(ones.map(line), shown, total - ones.length)}`;
    })
    .join("\n\n");
}

export function firstSentence(text: string, most: number): string {
  const sentence = /^[\s\S]*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text;
  return sentence.length > most ? `${sentence.slice(0, most - 1)}…` : sentence;
}
