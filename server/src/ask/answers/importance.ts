// How critical something is, and what is most critical.
import type { GraphNode } from "@opentrace/contract/graph.ts";
import type { CriticalAnswer, ImpactAnswer } from "@opentrace/contract/graph-answers.ts";
import type { Question } from "../grammar.ts";
import type { GraphAccess } from "../graph-access.ts";
import type { MentionText } from "../mention.ts";
import { count, describeNode, label, plainType, typeNoun } from "../wording.ts";
import { type Answered, answered, unknown, scopeOf } from "./answered.ts";

export async function criticality(node: GraphNode, access: GraphAccess): Promise<Answered> {
  const [ranked, hit] = [
    await access.run<CriticalAnswer>("graph.critical", { types: [node.type], origin: "any", limit: 100 }),
    await access.run<ImpactAnswer>("graph.impact", { id: node.id, limit: 10 }),
  ];
  const place = ranked.critical.find((one) => one.node.id === node.id);
  const parts: string[] = [];
  if (place === undefined)
    parts.push(
      `${label(node)} is not among the ${count(ranked.critical.length, `most critical ${plainType(node.type)}`, `most critical ${plainType(node.type, 2)}`)}.`,
    );
  else
    parts.push(
      `${label(node)} is number ${place.rank} of the most critical ${plainType(node.type, 2)} (score ${place.score.toFixed(2)}): ${count(place.dependents, "dependent")}, ${count(place.dependencies, "dependency", "dependencies")}${place.cutsOff > 0 ? `, and without it ${count(place.cutsOff, "node")} would be cut off` : ""}.${place.reasons.length > 0 ? ` ${place.reasons.join(" ")}` : ""}`,
    );
  parts.push(
    hit.risk.affected === 0
      ? "A change of it affects nothing else that the graph knows of."
      : `A change of it would affect ${count(hit.risk.affected, "node")} in ${count(hit.risk.files, "file")}; risk: **${hit.risk.level}**.`,
  );
  return answered(parts.join(" "), [node]);
}

export async function critical(
  { types, within, by, limit }: Question & { intent: "critical" },
  access: GraphAccess,
): Promise<Answered> {
  const scope = await scopeOf(within, access);
  if (scope === null) return unknown(within as MentionText);
  const answer = await access.run<CriticalAnswer>("graph.critical", {
    types: types ?? undefined,
    limit: by === "score" ? limit : Math.max(100, limit),
    ...scope.filter,
  });
  const value = (one: CriticalAnswer["critical"][number]): number =>
    by === "connections" ? one.dependents + one.dependencies : by === "dependents" ? one.dependents : one.score;
  const top = (ranked: CriticalAnswer["critical"], number: number): CriticalAnswer["critical"] =>
    ranked.toSorted((a, b) => value(b) - value(a)).slice(0, number);
  const own = top(answer.critical, limit);
  // Beside what the company owns a few are enough; alone they are the answer.
  const outside = top(answer.external, own.length === 0 ? limit : 5);
  const noun = types === null ? "nodes" : typeNoun(types, 2);
  if (own.length + outside.length === 0) return answered(`There are no ${noun}${scope.said} to rank.`);
  const superlative = { score: "most critical", connections: "most connected", dependents: "most depended-on" }[by];
  const lines = (ranked: CriticalAnswer["critical"]): string =>
    ranked
      .map(
        (one, index) =>
          `${index + 1}. ${describeNode(one.node)} — ${count(one.dependents, "dependent")}, ${count(one.dependencies, "dependency", "dependencies")}${one.cutsOff > 0 ? `, cuts off ${one.cutsOff.toLocaleString("en")}` : ""}`,
      )
      .join("\n");
  const parts: string[] = [];
  if (own.length > 0) parts.push(`The ${superlative} ${noun}${scope.said}:\n\n${lines(own)}`);
  else parts.push(`The indexed code${scope.said} defines no ${noun} itself.`);
  if (outside.length > 0)
    parts.push(
      `The ${superlative} of what it uses from outside (standard libraries, third-party packages):\n\n${lines(outside)}`,
    );
  return answered(
    parts.join("\n\n"),
    [...own, ...outside].map((one) => one.node),
  );
}
