// What something needs, who needs it, which tests reach it, and what its change affects.
import type { EdgeType, GraphNode, NodeType } from "@opentrace/contract/graph.ts";
import type { ImpactAnswer, TraversalAnswer } from "@opentrace/contract/graph-answers.ts";
import type { Relation } from "../sentences/dependence.ts";
import type { GraphAccess } from "../graph-access.ts";
import type { MentionText } from "../mention.ts";
import { byHop, count, label, list, typeNoun } from "../wording.ts";
import { type Answered, answered, withNode, unique, most } from "./answered.ts";

const edgesOf: Record<Relation, readonly EdgeType[] | undefined> = {
  any: undefined,
  packages: undefined,
  calls: ["CALLS"],
  imports: ["IMPORTS"],
  inherits: ["EXTENDS", "IMPLEMENTS"],
};

export const traverse = (
  verb: "graph.dependencies" | "graph.dependents",
  node: GraphNode,
  relation: Relation,
  deep: boolean,
  access: GraphAccess,
  { limit = 100, types }: { limit?: number; types?: readonly NodeType[] | undefined } = {},
): Promise<TraversalAnswer> =>
  access.run<TraversalAnswer>(verb, {
    id: node.id,
    depth: deep ? 5 : 1,
    edgeTypes: edgesOf[relation],
    nodeTypes: types,
    limit,
  });

/** How many there are in all, not on this page; "at least" where the traversal stopped at its bound. */
function countAll({ page, byHop: hops }: TraversalAnswer, noun: string): string {
  const all = page.total ?? hops.reduce((sum, hop) => sum + hop.count, 0);
  return `${page.total === null ? "at least " : ""}${count(all, noun)}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export async function dependencies(
  node: GraphNode,
  relation: Relation,
  deep: boolean,
  access: GraphAccess,
): Promise<Answered> {
  const answer = await traverse("graph.dependencies", node, relation, deep, access, {
    types: relation === "packages" ? ["Package"] : undefined,
  });
  const { reached } = answer;
  const verb = {
    any: "depends on",
    calls: "calls",
    imports: "imports",
    inherits: "extends or implements",
    packages: "uses",
  }[relation];
  if (reached.length === 0)
    return answered(
      `${label(node)} ${verb} ${relation === "packages" ? "no package" : "nothing"} that the graph knows of.`,
      [node],
    );
  return answered(
    `${label(node)} ${verb} ${countAll(answer, relation === "packages" ? "package" : "thing")}:\n\n${byHop(reached, most, answer.byHop)}`,
    [node, ...reached.map((one) => one.node)],
    answer.page.truncated,
  );
}

export async function dependents(
  node: GraphNode,
  relation: Relation,
  deep: boolean,
  types: readonly NodeType[] | null,
  access: GraphAccess,
): Promise<Answered> {
  const typed = types === null ? null : await traverse("graph.dependents", node, relation, deep, access, { types });
  const isTyped = typed !== null && typed.reached.length > 0;
  const answer = isTyped ? typed : await traverse("graph.dependents", node, relation, deep, access);
  const { reached } = answer;
  const verb = {
    any: "depends on",
    calls: "calls",
    imports: "imports",
    inherits: "extends or implements",
    packages: "depends on",
  }[relation];
  if (reached.length === 0)
    return answered(
      `Nothing that the graph knows of ${verb} ${label(node)}. Calls that could not be resolved are not counted.`,
      [node],
    );
  return answered(
    `${capital(countAll(answer, isTyped ? typeNoun(types ?? []) : "thing"))} ${
      answer.page.total === 1
        ? verb
        : verb
            .replace(/^(\w+?)s\b/, "$1")
            .replace("extends", "extend")
            .replace("implements", "implement")
    } ${label(node)}:\n\n${byHop(reached, most, answer.byHop)}`,
    [node, ...reached.map((one) => one.node)],
    answer.page.truncated,
  );
}

export async function tests(node: GraphNode, access: GraphAccess): Promise<Answered> {
  const answer = await access.run<TraversalAnswer>("graph.dependents", { id: node.id, depth: 4, limit: 500 });
  const isTest = (one: GraphNode): boolean =>
    /(^|[/#_.-])(tests?|spec|__tests__)([/_.#-]|$)|_test\.go|\btest_\w+\.py/i.test(one.key) ||
    one.props["test"] === true;
  const found = answer.reached.filter((one) => one.edge.type === "TESTS" || isTest(one.node));
  if (found.length === 0)
    return answered(
      `No test that the graph knows of reaches ${label(node)}${answer.page.truncated ? " within the first 500 dependents" : ""}.`,
      [node],
      answer.page.truncated,
    );
  return answered(
    `${answer.page.truncated ? "At least " : ""}${count(found.length, "test node")} ${found.length === 1 ? "reaches" : "reach"} ${label(node)}:\n\n${byHop(found, most)}`,
    [node, ...found.map((one) => one.node)],
    answer.page.truncated,
  );
}

export async function impact(of: readonly MentionText[], access: GraphAccess): Promise<Answered> {
  const parts: Answered[] = [];
  for (const mention of of.slice(0, 5)) parts.push(await withNode(mention, access, (node) => impactOf(node, access)));
  return {
    text: parts.map((part) => part.text).join("\n\n"),
    nodes: unique(parts.flatMap((part) => part.nodes)),
    understood: parts.every((part) => part.understood),
    truncated: parts.some((part) => part.truncated),
  };
}

async function impactOf(node: GraphNode, access: GraphAccess): Promise<Answered> {
  const answer = await access.run<ImpactAnswer>("graph.impact", { id: node.id, limit: 100 });
  const { risk } = answer;
  if (risk.affected === 0)
    return answered(
      `A change of ${label(node)} affects nothing else that the graph knows of. Uses that could not be resolved are not counted.`,
      [node],
    );
  const parts = [
    `A change of ${label(node)} would affect ${count(risk.affected, "node")} in ${count(risk.files, "file")}${risk.repositories > 1 ? ` and ${count(risk.repositories, "repository", "repositories")}` : ""}; ${risk.certain === risk.affected ? "all are certain" : `${risk.certain.toLocaleString("en")} of them are certain`}. Risk: **${risk.level}**.`,
  ];
  if (risk.reasons.length > 0) parts.push(risk.reasons.join(" "));
  parts.push(byHop(answer.affected, most, answer.byHop));
  if (risk.untested.length > 0) parts.push(`No test reaches ${list(risk.untested.slice(0, 5).map(label))}.`);
  return answered(parts.join("\n\n"), [node, ...answer.affected.map((one) => one.node)], answer.page.truncated);
}
