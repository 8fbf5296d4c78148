// From an understood question to its answer: which verbs it takes, and the sentences that a person reads.
import type { EdgeType, GraphNode, NodeType, SourceFreshness } from "@opentrace/contract/graph.ts";
import type {
  CriticalAnswer,
  ImpactAnswer,
  NodeAnswer,
  NodeList,
  PathAnswer,
  SimilarAnswer,
  SourceAnswer,
  SourceSearchAnswer,
  StatsAnswer,
  TraversalAnswer,
} from "@opentrace/contract/graph-answers.ts";
import type { ChangesAnswer } from "../repositories/changes.ts";
import type { Question, Relation } from "./grammar.ts";
import type { GraphAccess } from "./graph-access.ts";
import type { MentionText } from "./mention.ts";
import {
  codeSpan,
  bullets,
  byHop,
  count,
  describeNode,
  firstSentence,
  label,
  list,
  plainType,
  typeNoun,
} from "./wording.ts";

export interface Answered {
  text: string;
  nodes: GraphNode[];
  /** False when a name in the question is not in the graph. */
  understood: boolean;
  truncated: boolean;
}

const answered = (text: string, nodes: GraphNode[] = [], truncated = false): Answered => ({
  text,
  nodes,
  understood: true,
  truncated,
});

const edgesOf: Record<Relation, readonly EdgeType[] | undefined> = {
  any: undefined,
  packages: undefined,
  calls: ["CALLS"],
  imports: ["IMPORTS"],
  inherits: ["EXTENDS", "IMPLEMENTS"],
};

const most = 25;

export async function answerQuestion(question: Question, access: GraphAccess): Promise<Answered> {
  switch (question.intent) {
    case "help":
      return answered(
        "I answer questions about what is in the graph: what exists, what depends on what, what a change affects, how things connect, what is critical, what changed.",
      );
    case "overview":
      return overview(access);
    case "freshness":
      return freshness(question.of, access);
    case "list":
      return listing(question.types, question.word, question.within, access);
    case "count":
      return counting(question.types, question.word, question.within, access);
    case "contents":
      return withNode(question.of, access, (node) => contents(node, access));
    case "find":
      return find(question.what, access);
    case "describe":
      return withNode(question.of, access, (node) => describe(node, access));
    case "source":
      return withNode(question.of, access, (node) => source(node, access));
    case "grep":
      return grep(question.text, access);
    case "dependencies":
      return withNode(question.of, access, (node) => dependencies(node, question.relation, question.deep, access));
    case "dependents":
      return withNode(question.of, access, (node) =>
        dependents(node, question.relation, question.deep, question.types, access),
      );
    case "tests":
      return withNode(question.of, access, (node) => tests(node, access));
    case "impact":
      return impact(question.of, access);
    case "criticality":
      return withNode(question.of, access, (node) => criticality(node, access));
    case "critical":
      return critical(question, access);
    case "path":
      return path(question.from, question.to, question.directed, access);
    case "similar":
      return withNode(question.to, access, (node) => similar(node, access));
    case "common":
      return common(question.of, question.direction, access);
    case "changes":
      return changes(question, access);
  }
}

async function withNode(
  mention: MentionText,
  access: GraphAccess,
  answer: (node: GraphNode) => Promise<Answered>,
): Promise<Answered> {
  const node = await access.resolve(mention);
  return node === null ? unknown(mention) : answer(node);
}

const unknown = ({ raw }: MentionText): Answered => ({
  text: `Nothing in the graph is called "${raw}". Check the spelling, or search for a part of the name: Find ${raw.slice(0, 40)}`,
  nodes: [],
  understood: false,
  truncated: false,
});

// --- what exists ---------------------------------------------------------------------------------------------------

async function overview(access: GraphAccess): Promise<Answered> {
  const stats = await access.run<StatsAnswer>("graph.stats", {});
  if (stats.total_nodes === 0) return answered("The graph is empty: no repository has been indexed yet.");
  const types = Object.entries(stats.nodes_by_type).sort((a, b) => b[1] - a[1]);
  const sources = stats.sources.map(
    (one) => `${codeSpan(one.name)}: ${count(one.nodes, "node")}, ${count(one.edges, "edge")}`,
  );
  return answered(
    [
      `The graph holds ${count(stats.total_nodes, "node")} and ${count(stats.total_edges, "edge")} from ${count(stats.sources.length, "source")}.`,
      bullets(sources, most),
      `By type: ${types.map(([type, number]) => count(number, plainType(type as NodeType))).join(", ")}.`,
    ].join("\n\n"),
  );
}

async function freshness(of: MentionText | null, access: GraphAccess): Promise<Answered> {
  const node = of === null ? null : await access.resolve(of, "Repository");
  if (of !== null && node === null) return unknown(of);
  await access.run<StatsAnswer>("graph.stats", {});
  const all = [...access.freshness.values()];
  const shown =
    node === null
      ? all
      : all.filter((one) => node.key === one.source || node.key.includes(`:${one.source.replace(/^repo:/, "")}#`));
  if (shown.length === 0) return answered("Nothing has been indexed yet.", node === null ? [] : [node]);
  const said: Record<SourceFreshness["state"], string> = {
    fresh: "is up to date",
    stale: "is out of date",
    syncing: "is being synced now",
    failing: "fails to sync",
    never: "was never read to its end",
  };
  return answered(
    bullets(
      shown.map(
        (one) =>
          `${codeSpan(one.name)} ${said[one.state]}${one.observedAt === null ? "" : `; last read ${when(one.observedAt)}`}${one.detail === undefined ? "" : ` (${one.detail})`}`,
      ),
      most,
    ),
    node === null ? [] : [node],
  );
}

/** `2026-11-21 10:05 UTC`, whatever the offset. */
function when(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

interface Scope {
  filter: Record<string, unknown>;
  node: GraphNode | null;
  said: string;
}

/** "in X" as filters of the verbs that list: a repository is a source, a folder or file a path. Null when X is not there. */
async function scopeOf(within: MentionText | null, access: GraphAccess): Promise<Scope | null> {
  if (within === null) return { filter: {}, node: null, said: "" };
  const node = await access.resolve(within, "Repository");
  if (node === null) return null;
  const said = ` in ${label(node)}`;
  if (node.type === "Repository") return { filter: { source: node.key }, node, said };
  const [, repo, place] = /^\w+:([^#]*)#([^#]*)/.exec(node.key) ?? [];
  if (node.type === "Directory" || node.type === "File")
    return { filter: { source: `repo:${repo ?? ""}`, path: place }, node, said };
  return { filter: {}, node, said };
}

async function listing(
  types: readonly NodeType[],
  word: string,
  within: MentionText | null,
  access: GraphAccess,
): Promise<Answered> {
  const scope = await scopeOf(within, access);
  if (scope === null) return unknown(within as MentionText);
  if (scope.node !== null && Object.keys(scope.filter).length === 0) return members(scope.node, types, access);
  const found = await access.run<NodeList>("graph.listNodes", { types, limit: 50, ...scope.filter });
  if (found.nodes.length === 0)
    return answered(await noneOf(types, word, scope.said, access), scope.node === null ? [] : [scope.node]);
  const total = found.page.total ?? found.nodes.length;
  const intro = `There ${total === 1 ? "is" : "are"} ${count(total, typeNoun(types))}${scope.said}${found.page.truncated && found.page.total === null ? ", and more" : ""}:`;
  return answered(
    `${intro}\n\n${bullets(found.nodes.map(describeNode), 50, total - found.nodes.length)}`,
    found.nodes,
    found.page.truncated,
  );
}

async function noneOf(types: readonly NodeType[], word: string, said: string, access: GraphAccess): Promise<string> {
  const stats = await access.run<StatsAnswer>("graph.stats", {});
  if (stats.total_nodes === 0) return "The graph is empty: no repository has been indexed yet.";
  const there = Object.keys(stats.nodes_by_type).map((type) => plainType(type as NodeType, 2));
  return `No ${typeNoun(types, 2) || word} are known${said}. The graph holds ${list(there)}.`;
}

async function counting(
  types: readonly NodeType[] | null,
  word: string,
  within: MentionText | null,
  access: GraphAccess,
): Promise<Answered> {
  const scope = await scopeOf(within, access);
  if (scope === null) return unknown(within as MentionText);
  if (scope.node === null) {
    const stats = await access.run<StatsAnswer>("graph.stats", {});
    if (types === null)
      return answered(`The graph holds ${count(stats.total_nodes, "node")} and ${count(stats.total_edges, "edge")}.`);
    const parts = types.map((type) => ({ type, number: stats.nodes_by_type[type] ?? 0 }));
    const total = parts.reduce((sum, part) => sum + part.number, 0);
    const split =
      parts.length > 1 ? ` (${parts.map((part) => count(part.number, plainType(part.type))).join(", ")})` : "";
    return answered(`There ${total === 1 ? "is" : "are"} ${count(total, typeNoun(types))}${split}.`);
  }
  if (Object.keys(scope.filter).length === 0) {
    const inside = await membersOf(scope.node, types, access);
    return answered(`${label(scope.node)} has ${count(inside.length, types === null ? "member" : typeNoun(types))}.`, [
      scope.node,
      ...inside.slice(0, most),
    ]);
  }
  const found = await access.run<NodeList>("graph.listNodes", {
    types: types ?? undefined,
    limit: 500,
    ...scope.filter,
  });
  const total = found.page.total ?? found.nodes.length;
  const least = found.page.total === null && found.page.truncated ? "at least " : "";
  return answered(
    `${label(scope.node)} has ${least}${count(total, types === null ? "node" : typeNoun(types))}${word === "" ? "" : ""}.`,
    [scope.node],
  );
}

async function membersOf(
  node: GraphNode,
  types: readonly NodeType[] | null,
  access: GraphAccess,
): Promise<GraphNode[]> {
  const found = await access.run<{ neighbors: NodeAnswer["neighbors"] }>("graph.neighbors", {
    id: node.id,
    direction: "outgoing",
    edgeTypes: ["CONTAINS", "DEFINES"],
    limit: 200,
  });
  return found.neighbors.map((one) => one.node).filter((one) => types === null || types.includes(one.type));
}

async function members(node: GraphNode, types: readonly NodeType[], access: GraphAccess): Promise<Answered> {
  const inside = await membersOf(node, types, access);
  if (inside.length === 0) return answered(`${label(node)} has no ${typeNoun(types, 2)}.`, [node]);
  return answered(
    `${label(node)} has ${count(inside.length, typeNoun(types))}:\n\n${bullets(inside.map(describeNode), 50)}`,
    [node, ...inside.slice(0, 50)],
  );
}

async function contents(node: GraphNode, access: GraphAccess): Promise<Answered> {
  const inside = await membersOf(node, null, access);
  if (inside.length === 0) return answered(`${label(node)} holds nothing that the graph knows of.`, [node]);
  return answered(`${label(node)} holds:\n\n${bullets(inside.map(describeNode), 50)}`, [node, ...inside.slice(0, 50)]);
}

// --- one node ------------------------------------------------------------------------------------------------------

async function find(what: MentionText, access: GraphAccess): Promise<Answered> {
  const took = await access.resolve(what);
  if (took === null) return unknown(what);
  const others = access.mentions.at(-1)?.others ?? [];
  const nodes = [took, ...others];
  return answered(
    nodes.length === 1
      ? `Found ${describeNode(took)}.`
      : `Found ${count(nodes.length, "match", "matches")}:\n\n${bullets(nodes.map(describeNode), 10)}`,
    nodes,
  );
}

async function describe(node: GraphNode, access: GraphAccess): Promise<Answered> {
  const answer = await access.run<NodeAnswer>("graph.getNode", { id: node.id, limit: 50 });
  const { props } = answer.node;
  const facts: string[] = [];
  const text = (name: string): string | null =>
    typeof props[name] === "string" && props[name] !== "" ? (props[name] as string) : null;
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

async function source(node: GraphNode, access: GraphAccess): Promise<Answered> {
  const answer = await access.run<SourceAnswer>("graph.source", { id: node.id });
  return answered(
    `${label(node)}, \`${answer.path}:${answer.startLine}-${answer.endLine}\`:\n\n\`\`\`${answer.language ?? ""}\n${answer.text}\n\`\`\``,
    [node],
    answer.truncated,
  );
}

async function grep(text: string, access: GraphAccess): Promise<Answered> {
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

// --- dependencies --------------------------------------------------------------------------------------------------

const traverse = (
  verb: "graph.dependencies" | "graph.dependents",
  node: GraphNode,
  relation: Relation,
  deep: boolean,
  access: GraphAccess,
  limit = 100,
): Promise<TraversalAnswer> =>
  access.run<TraversalAnswer>(verb, { id: node.id, depth: deep ? 5 : 1, edgeTypes: edgesOf[relation], limit });

async function dependencies(
  node: GraphNode,
  relation: Relation,
  deep: boolean,
  access: GraphAccess,
): Promise<Answered> {
  const answer = await traverse("graph.dependencies", node, relation, deep, access);
  const reached =
    relation === "packages" ? answer.reached.filter((one) => one.node.type === "Package") : answer.reached;
  const verb = {
    any: "depends on",
    calls: "calls",
    imports: "imports",
    inherits: "extends or implements",
    packages: "uses the packages",
  }[relation];
  if (reached.length === 0)
    return answered(`${label(node)} ${verb.replace(/s on$/, "s on")} nothing that the graph knows of.`, [node]);
  return answered(
    `${label(node)} ${verb}${relation === "packages" ? "" : ` ${count(answer.page.total ?? reached.length, "thing")}`}:\n\n${byHop(reached, most)}`,
    [node, ...reached.map((one) => one.node)],
    answer.page.truncated,
  );
}

async function dependents(
  node: GraphNode,
  relation: Relation,
  deep: boolean,
  types: readonly NodeType[] | null,
  access: GraphAccess,
): Promise<Answered> {
  const answer = await traverse("graph.dependents", node, relation, deep, access);
  const verb = {
    any: "depends on",
    calls: "calls",
    imports: "imports",
    inherits: "extends or implements",
    packages: "depends on",
  }[relation];
  const ofType = types === null ? answer.reached : answer.reached.filter((one) => types.includes(one.node.type));
  const reached = ofType.length === 0 ? answer.reached : ofType;
  if (reached.length === 0)
    return answered(
      `Nothing that the graph knows of ${verb} ${label(node)}. Calls that could not be resolved are not counted.`,
      [node],
    );
  const who = ofType.length > 0 && types !== null ? typeNoun(types, reached.length) : "thing";
  const number = ofType.length === answer.reached.length ? (answer.page.total ?? reached.length) : reached.length;
  return answered(
    `${count(number, who)} ${
      number === 1
        ? verb
        : verb
            .replace(/^(\w+?)s\b/, "$1")
            .replace("extends", "extend")
            .replace("implements", "implement")
    } ${label(node)}:\n\n${byHop(reached, most)}`,
    [node, ...reached.map((one) => one.node)],
    answer.page.truncated,
  );
}

async function tests(node: GraphNode, access: GraphAccess): Promise<Answered> {
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
    `${count(found.length, "test node")} ${found.length === 1 ? "reaches" : "reach"} ${label(node)}:\n\n${byHop(found, most)}`,
    [node, ...found.map((one) => one.node)],
    answer.page.truncated,
  );
}

async function impact(of: readonly MentionText[], access: GraphAccess): Promise<Answered> {
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
  parts.push(byHop(answer.affected, most));
  if (risk.untested.length > 0) parts.push(`No test reaches ${list(risk.untested.slice(0, 5).map(label))}.`);
  return answered(parts.join("\n\n"), [node, ...answer.affected.map((one) => one.node)], answer.page.truncated);
}

// --- critical ------------------------------------------------------------------------------------------------------

async function criticality(node: GraphNode, access: GraphAccess): Promise<Answered> {
  const [ranked, hit] = [
    await access.run<CriticalAnswer>("graph.critical", { types: [node.type], limit: 100 }),
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

async function critical(
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
  const sorted = answer.critical.toSorted((a, b) => value(b) - value(a)).slice(0, limit);
  if (sorted.length === 0)
    return answered(`There are no ${types === null ? "nodes" : typeNoun(types, 2)}${scope.said} to rank.`);
  const superlative = { score: "most critical", connections: "most connected", dependents: "most depended-on" }[by];
  const lines = sorted.map(
    (one) =>
      `${describeNode(one.node)} — ${count(one.dependents, "dependent")}, ${count(one.dependencies, "dependency", "dependencies")}${one.cutsOff > 0 ? `, cuts off ${one.cutsOff.toLocaleString("en")}` : ""}`,
  );
  return answered(
    `The ${superlative} ${types === null ? "nodes" : typeNoun(types, 2)}${scope.said}:\n\n${lines.map((line, index) => `${index + 1}. ${line}`).join("\n")}`,
    sorted.map((one) => one.node),
  );
}

// --- between nodes -------------------------------------------------------------------------------------------------

async function path(
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

async function similar(node: GraphNode, access: GraphAccess): Promise<Answered> {
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

async function common(
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
  for (const node of nodes) sets.push(await traverse(`graph.${direction}`, node, "any", true, access, 500));
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

// --- changes -------------------------------------------------------------------------------------------------------

async function changes({ of, since, who }: Question & { intent: "changes" }, access: GraphAccess): Promise<Answered> {
  const node = of === null ? null : await access.resolve(of, "Repository");
  if (of !== null && node === null) return unknown(of);
  const answer = await access.run<ChangesAnswer>("repositories.changes", {
    node: node?.id,
    since: since?.at.toISOString(),
    limit: who ? 500 : 50,
  });
  const about = node === null ? "" : ` in ${label(node)}`;
  const time =
    since === null
      ? ""
      : ` ${/^(since|in|over|within|during|after|from|last|on|today|this|yesterday|recently|lately)/i.test(since.text) ? since.text : `since ${since.text}`}`;
  const nodes = node === null ? [] : [node];
  if (answer.commits.length === 0)
    return answered(`No commits${about}${time}.${answer.detail === null ? "" : ` ${answer.detail}`}`, nodes);
  const note = answer.detail === null ? "" : `\n\n${answer.detail}`;
  if (who) {
    const authors = Map.groupBy(answer.commits, (commit) => commit.author);
    const lines = [...authors]
      .sort((a, b) => b[1].length - a[1].length)
      .map(
        ([author, commits]) =>
          `${codeSpan(author)}: ${count(commits.length, "commit")}, last ${when(commits[0]?.committedAt ?? "")}`,
      );
    return answered(
      `${count(authors.size, "person", "people")} changed ${node === null ? "the code" : label(node)}${time}:\n\n${bullets(lines, most)}${note}`,
      nodes,
      answer.page.truncated,
    );
  }
  const files = new Set(
    answer.commits.flatMap((commit) => commit.files.map((file) => `${commit.repository}#${file.path}`)),
  );
  const lines = answer.commits
    .slice(0, most)
    .map(
      (commit) =>
        `\`${commit.sha.slice(0, 10)}\` ${codeSpan(commit.subject)} — ${codeSpan(commit.author)}, ${when(commit.committedAt)}`,
    );
  return answered(
    `${count(answer.commits.length, "commit")}${answer.page.truncated ? " (and more)" : ""} changed ${count(files.size, "file")}${about}${time}:\n\n${bullets(lines, most, answer.commits.length - lines.length)}${note}`,
    [...nodes, ...answer.nodes],
    answer.page.truncated,
  );
}

function unique(nodes: readonly GraphNode[]): GraphNode[] {
  return [...new Map(nodes.map((node) => [node.id, node])).values()];
}
