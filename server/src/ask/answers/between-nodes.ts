// How two things connect, what is like another, what several share.
import type { GraphNode } from "@opentrace/contract/graph.ts";
import type { PathAnswer, SimilarAnswer, TraversalAnswer } from "@opentrace/contract/graph-answers.ts";
import type { GraphAccess } from "../graph-access.ts";
import type { MentionText } from "../mention.ts";
import { bullets, count, describeNode, label, list } from "../wording.ts";
import { type Answered, answered, unknown, most } from "./answered.ts";
import { traverse } from "./dependence.ts";

export async function path(
  fromMention: MentionText,
  toMention: MentionText,
  directed: boolean,
  access: GraphAccess,
): Promise<Answered> {
  const [from, to] = [await access.resolve(fromMention), await access.resolve(toMention)];
  if (from === null) return unknown(fromMention);
  if (to === null) return unknown(toMention);
  const direction = directed ? "outgoing" : "any";
  const answer = await access.run<PathAnswer>("graph.path", { from: from.id, to: to.id, direction });
  const [best, ...more] = answer.paths;
  if (best === undefined)
    return answered(
      `${directed ? `No: no way leads from ${label(from)} to ${label(to)}` : `Nothing that the graph knows of connects ${label(from)} and ${label(to)}`}.${answer.detail === null ? "" : ` ${answer.detail}`}`,
      [from, to],
    );
  const chain = best.nodes.map((node, index) => {
    const step = best.steps[index - 1];
    const arrow =
      step === undefined
        ? ""
        : step.forward
          ? ` —${step.edges.map((edge) => edge.type).join("/")}→ `
          : ` ←${step.edges.map((edge) => edge.type).join("/")}— `;
    return `${arrow}${label(node)}`;
  });
  const intro = directed
    ? `Yes: ${label(from)} reaches ${label(to)}`
    : answer.how === "forward"
      ? `${label(from)} leads to ${label(to)}`
      : answer.how === "backward"
        ? `${label(to)} leads to ${label(from)}`
        : `${label(from)} and ${label(to)} are connected`;
  const note = answer.detail === null || answer.how === "backward" ? "" : `\n\n${answer.detail}`;
  return answered(
    `${intro} in ${count(best.length, "step")}${best.confidence < 1 ? ` (confidence ${Math.round(best.confidence * 100)} %)` : ""}:\n\n${chain.join("")}${more.length > 0 ? `\n\n${count(more.length, "other path")} exist${more.length === 1 ? "s" : ""}.` : ""}${note}`,
    best.nodes,
  );
}

export async function similar(node: GraphNode, access: GraphAccess): Promise<Answered> {
  const answer = await access.run<SimilarAnswer>("graph.similar", { id: node.id, limit: 10 });
  if (answer.similar.length === 0)
    return answered(`Nothing that the graph knows of is similar to ${label(node)}.`, [node]);
  const lines = answer.similar.map(
    (one) => `${describeNode(one.node)} — ${one.reasons.map((reason) => reason.detail).join("; ")}`,
  );
  return answered(
    `Similar to ${label(node)}:\n\n${bullets(lines, 10)}`,
    [node, ...answer.similar.map((one) => one.node)],
    answer.page.truncated,
  );
}

export async function common(
  of: readonly MentionText[],
  direction: "dependencies" | "dependents",
  access: GraphAccess,
): Promise<Answered> {
  const nodes: GraphNode[] = [];
  for (const mention of of.slice(0, 8)) {
    const node = await access.resolve(mention, "Repository");
    if (node === null) return unknown(mention);
    nodes.push(node);
  }
  const sets: TraversalAnswer[] = [];
  for (const node of nodes) sets.push(await traverse(`graph.${direction}`, node, "any", true, access, { limit: 500 }));
  const [first, ...rest] = sets.map((answer) => new Map(answer.reached.map((one) => [one.node.id, one])));
  const shared = [...(first?.values() ?? [])].filter(
    (one) => rest.every((reached) => reached.has(one.node.id)) && !nodes.some((node) => node.id === one.node.id),
  );
  const total = (id: string): number =>
    sets.reduce((sum, answer) => sum + (answer.reached.find((one) => one.node.id === id)?.hop ?? 0), 0);
  shared.sort((a, b) => total(a.node.id) - total(b.node.id));
  const cut = sets.some((answer) => answer.page.truncated);
  const names = list(nodes.map(label));
  const verb = direction === "dependencies" ? "depend on" : "are depended on by";
  if (shared.length === 0)
    return answered(`${names} have no ${direction} in common${cut ? " among the first 500 of each" : ""}.`, nodes, cut);
  return answered(
    `${names} all ${verb} ${count(shared.length, "node")}:\n\n${bullets(
      shared.map((one) => describeNode(one.node)),
      most,
    )}`,
    [...nodes, ...shared.slice(0, 50).map((one) => one.node)],
    cut,
  );
}
