// About one thing: where it is, what it is, its source; and where a text stands in the source.
import type { EdgeType, GraphNode } from "@opentrace/contract/graph.ts";
import type { NodeAnswer, SourceAnswer, SourceSearchAnswer } from "@opentrace/contract/graph-answers.ts";
import type { GraphAccess } from "../graph-access.ts";
import type { MentionText } from "../mention.ts";
import { bullets, count, describeNode, firstSentence, label } from "../wording.ts";
import { type Answered, answered, unknown, unique, most } from "./answered.ts";

export async function find(what: MentionText, access: GraphAccess): Promise<Answered> {
  const took = await access.resolve(what);
  if (took === null) return unknown(what);
  const others = access.mentions.at(-1)?.others ?? [];
  const nodes = [took, ...others];
  return answered(
    nodes.length === 1
      ? `Found ${describeNode(took)}.`
      : `The best match is ${describeNode(took)}. Also:\n\n${bullets(others.map(describeNode), 10)}`,
    nodes,
  );
}

export async function describe(node: GraphNode, access: GraphAccess): Promise<Answered> {
  const answer = await access.run<NodeAnswer>("graph.getNode", { id: node.id, limit: 50 });
  const { props } = answer.node;
  const facts: string[] = [];
  const text = (name: string): string | null =>
    typeof props[name] === "string" && props[name] !== "" ? props[name] : null;
  if (text("signature") !== null) facts.push(`\`${text("signature")}\``);
  if (text("doc") !== null) facts.push(`> ${firstSentence(text("doc") as string, 400).replaceAll("\n", " ")}`);
  const edges = answer.edgeCounts
    .map(({ type, outgoing, incoming }) => said(type, outgoing, incoming))
    .filter((part) => part !== "");
  if (edges.length > 0) facts.push(bullets(edges, 20));
  return answered(
    [`${describeNode(answer.node)}.`, ...facts].join("\n\n"),
    [answer.node, ...answer.neighbors.slice(0, 10).map((one) => one.node)],
    answer.page.truncated,
  );
}

const edgeWords: Partial<Record<EdgeType, [outgoing: string, incoming: string]>> = {
  CONTAINS: ["contains", "is contained in"],
  DEFINES: ["defines", "is defined in"],
  IMPORTS: ["imports", "is imported by"],
  CALLS: ["calls", "is called by"],
  EXTENDS: ["extends", "is extended by"],
  IMPLEMENTS: ["implements", "is implemented by"],
  REFERENCES: ["refers to", "is referred to by"],
  DEPENDS_ON: ["depends on", "is depended on by"],
  TESTS: ["tests", "is tested by"],
  CHANGES: ["changed", "was changed by"],
};

function said(type: EdgeType, outgoing: number, incoming: number): string {
  const [out, into] = edgeWords[type] ?? [`→ ${type}`, `← ${type}`];
  const parts = [
    outgoing > 0 ? `${out} ${outgoing.toLocaleString("en")}` : "",
    incoming > 0 ? `${into} ${incoming.toLocaleString("en")}` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

export async function source(node: GraphNode, access: GraphAccess): Promise<Answered> {
  const answer = await access.run<SourceAnswer>("graph.source", { id: node.id });
  return answered(
    `${label(node)}, \`${answer.path}:${answer.startLine}-${answer.endLine}\`:\n\n\`\`\`${answer.language ?? ""}\n${answer.text}\n\`\`\``,
    [node],
    answer.truncated,
  );
}

export async function grep(text: string, access: GraphAccess): Promise<Answered> {
  const answer = await access.run<SourceSearchAnswer>("graph.searchSource", { q: text, limit: most });
  if (answer.matches.length === 0)
    return answered(
      `"${text}" occurs in none of the ${count(answer.filesSearched, "file")} that were searched.${answer.detail === null ? "" : ` ${answer.detail}`}`,
    );
  return answered(
    `"${text}" occurs here:\n\n${bullets(
      answer.matches.map((match) => `\`${match.path}:${match.line}\` ${match.text.trim().slice(0, 120)}`),
      most,
    )}`,
    unique(answer.matches.flatMap((match) => match.node ?? [])),
    answer.page.truncated,
  );
}
