// Commands that ask the graph: each is a verb, its input from the arguments, and how a person reads its answer.
import type { AskAnswer } from "@opentrace/contract/ask.ts";
import type { GraphNode } from "@opentrace/contract/graph.ts";
import type {
  CriticalAnswer,
  ImpactAnswer,
  NodeAnswer,
  PathAnswer,
  SearchAnswer,
  SimilarAnswer,
  StatsAnswer,
  TraversalAnswer,
} from "@opentrace/contract/graph-answers.ts";
import { qualifiedName } from "@opentrace/server/src/graph/shown-name.ts";
import { connect, type Client, type ConnectOptions } from "../client.ts";
import { cut, grouped, none, plural, print, table } from "../output.ts";
import { findNode } from "../find-node.ts";
import { deliveryCommands } from "./delivery-commands.ts";
import type { Values, VerbCommand } from "./verb-command.ts";

export type CommonOptions = ConnectOptions & { json?: boolean } & Record<string, unknown>;

const withNode = async ({ node, ...rest }: Values, client: Client, signal: AbortSignal): Promise<Values> => ({
  id: (await findNode(client, String(node), signal)).id,
  ...rest,
});

/** The place of a node, from its key: `symbol:repo#path#name` → `path`. */
const place = ({ key, props }: GraphNode): string => {
  const path = key.split("#")[1] ?? key;
  const line = (props["range"] as { startLine?: number } | undefined)?.startLine;
  return line === undefined ? path : `${path}:${line}`;
};
const row = (node: GraphNode): string[] => [node.type, qualifiedName(node), place(node)];
/** A property on one line: a range as its lines, anything else that is no text as JSON. */
function written(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  const { startLine, endLine } = (name === "range" && typeof value === "object" && value !== null ? value : {}) as {
    startLine?: unknown;
    endLine?: unknown;
  };
  if (typeof startLine !== "number") return JSON.stringify(value);
  return typeof endLine === "number" && endLine > startLine ? `lines ${startLine}-${endLine}` : `line ${startLine}`;
}
const sure = (confidence: number): string => (confidence >= 1 ? "" : `${Math.round(confidence * 100)} %`);
const commands: Record<string, VerbCommand> = {
  ask: {
    verb: "ask.question",
    input: (values) => ({ ...values, timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone }),
    show: (answer: AskAnswer) =>
      [
        answer.answer,
        ...(answer.examples.length > 0 ? ["", "Try:", ...answer.examples.map((example) => `  ${example}`)] : []),
      ].join("\n"),
  },
  search: {
    verb: "graph.search",
    input: ({ query, ...rest }) => ({ q: query, ...rest }),
    show: (answer: SearchAnswer) =>
      answer.hits.length === 0
        ? none("matches")
        : table(answer.hits.map(({ node }) => [...row(node), node.id])) + cut(answer),
  },
  show: {
    verb: "graph.getNode",
    input: withNode,
    show: (answer: NodeAnswer) =>
      [
        `${answer.node.type} ${qualifiedName(answer.node)}`,
        `key  ${answer.node.key}`,
        `id   ${answer.node.id}`,
        ...Object.entries(answer.node.props).map(([name, value]) => `${name}  ${written(name, value)}`),
        "",
        table(
          answer.neighbors.flatMap(({ node, edges }) =>
            edges.map((edge) => [edge.from === answer.node.id ? "→" : "←", edge.type, ...row(node)]),
          ),
        ) + cut(answer),
      ].join("\n"),
  },
  deps: { verb: "graph.dependencies", input: withNode, show: reached("dependencies") },
  dependents: { verb: "graph.dependents", input: withNode, show: reached("dependents") },
  impact: {
    verb: "graph.impact",
    input: withNode,
    show: (answer: ImpactAnswer) =>
      [
        `Risk: ${answer.risk.level}. ${answer.risk.reasons.join(" ")}`,
        ...(answer.affected.length === 0
          ? [none("affected nodes")]
          : [
              table(
                answer.affected.map((one) => [String(one.hop), one.edge.type, ...row(one.node), sure(one.confidence)]),
              ) + cut(answer),
            ]),
      ].join("\n"),
  },
  path: {
    verb: "graph.path",
    async input({ from, to }, client, signal) {
      return {
        from: (await findNode(client, String(from), signal)).id,
        to: (await findNode(client, String(to), signal)).id,
      };
    },
    show: (answer: PathAnswer) =>
      answer.paths.length === 0
        ? (answer.detail ?? none("path"))
        : answer.paths
            .map(({ nodes, steps }) =>
              nodes
                .map(
                  (node, index) =>
                    `${index === 0 ? "" : ` ${steps[index - 1]?.forward === false ? "←" : "→"} [${steps[index - 1]?.edges.map((edge) => edge.type).join(", ") ?? ""}] `}${qualifiedName(node)}`,
                )
                .join(""),
            )
            .join("\n"),
  },
  similar: {
    verb: "graph.similar",
    input: withNode,
    show: (answer: SimilarAnswer) =>
      answer.similar.length === 0
        ? none("similar nodes")
        : table(
            answer.similar.map(({ node, score, reasons }) => [
              score.toFixed(2),
              ...row(node),
              reasons.map((reason) => reason.detail).join("; "),
            ]),
          ) + cut(answer),
  },
  critical: {
    verb: "graph.critical",
    input: (values) => values,
    show: (answer: CriticalAnswer) =>
      answer.critical.length + answer.external.length === 0
        ? none("nodes")
        : [
            ranked(answer.critical) + cut(answer),
            ...(answer.external.length > 0
              ? [`\nOf what the code uses from outside:\n${ranked(answer.external)}`]
              : []),
          ].join("\n"),
  },
  stats: {
    verb: "graph.stats",
    input: () => ({}),
    show: (answer: StatsAnswer) =>
      [
        `${plural(answer.total_nodes, "node")}, ${plural(answer.total_edges, "edge")}`,
        table(Object.entries(answer.nodes_by_type).map(([type, count]) => [type, grouped(count)])),
        "",
        table(
          answer.freshness.map((source) => [
            source.name,
            source.state,
            source.observedAt ?? "never",
            source.detail ?? "",
          ]),
        ),
      ].join("\n"),
  },
};

const ranked = (nodes: CriticalAnswer["critical"]): string =>
  table(nodes.map((one) => [String(one.rank), one.score.toFixed(2), ...row(one.node), one.reasons.join(" ")]));

function reached(what: string) {
  return (answer: TraversalAnswer): string =>
    answer.reached.length === 0
      ? none(what)
      : table(answer.reached.map((one) => [String(one.hop), one.edge.type, ...row(one.node)])) + cut(answer);
}

export async function runVerbCommand(
  name: string,
  values: Values,
  options: CommonOptions,
  signal: AbortSignal,
): Promise<void> {
  const command = commands[name] ?? deliveryCommands[name];
  if (command === undefined) throw new Error(`no command ${name}`);
  const client = await connect(options);
  try {
    const input = await command.input(values, client, signal);
    const answer = await client.call<never>(command.verb, input, signal);
    print(options.json === true ? JSON.stringify(answer, null, 2) : command.show(answer));
  } finally {
    await client.close();
  }
}
