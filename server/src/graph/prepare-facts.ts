// Facts → rows, checked by hand: a schema per fact would cost more than writing it. A bad fact is refused by name.
import { AppError } from "@opentrace/contract/errors.ts";
import { encodeProps } from "@opentrace/code/facts/scope.ts";
import type { HashedFacts } from "@opentrace/code/indexing.ts";
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import { encodeEvidence } from "./evidence.ts";
import { edgeTypeNumber, nodeTypeNumber } from "./vocabulary.ts";

export interface PreparedNode {
  id: number;
  key: string;
  type: number;
  name: string;
  props: string | null;
}

interface PreparedEdge {
  src: number;
  type: number;
  dst: number;
  confidence: number | null;
  rule: string | null;
  evidence: string | null;
  props: string | null;
}

export interface PreparedScope {
  name: string;
  hash: string;
  nodes: PreparedNode[];
  edges: PreparedEdge[];
}

const refuse = (what: string, scope: string, why: string): never => {
  throw new AppError("unprocessable", `${what} in scope "${scope.slice(0, 200)}" can't be stored: ${why}.`);
};

// Neither a name nor a key has use for NUL, and PostgreSQL can't hold it.
const clean = (text: string): string => (text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text);

function prepareNode(
  fact: NodeFact,
  scope: string,
  idOf: (key: string) => number,
  props = encodeProps(fact.props),
): PreparedNode {
  if (typeof fact.key !== "string" || fact.key === "" || fact.key.length > 2048)
    refuse(`The node ${JSON.stringify(fact.key)?.slice(0, 200)}`, scope, "its key must have 1 to 2,048 characters");
  if (typeof fact.name !== "string" || fact.name.length > 1024)
    refuse(`The node ${fact.key}`, scope, "its name must have at most 1,024 characters");
  const type = nodeTypeNumber(fact.type) ?? refuse(`The node ${fact.key}`, scope, `there is no type ${fact.type}`);
  const key = clean(fact.key);
  return { id: idOf(key), key, type, name: clean(fact.name), props };
}

function prepareEdge(fact: EdgeFact, scope: string, idOf: (key: string) => number): PreparedEdge {
  const { from, to, confidence = 1, evidence } = fact;
  if (typeof from !== "string" || from === "" || typeof to !== "string" || to === "")
    refuse(`The edge ${from} ${fact.type} ${to}`, scope, "both its ends need a key");
  const name = (): string => `The edge ${from} ${fact.type} ${to}`;
  const type = edgeTypeNumber(fact.type) ?? refuse(name(), scope, `there is no type ${fact.type}`);
  if (!(confidence >= 0 && confidence <= 1)) refuse(name(), scope, "its confidence must be between 0 and 1");
  if (evidence !== undefined && evidence.length > 20) refuse(name(), scope, "it has more than 20 places of evidence");
  return {
    src: idOf(from),
    type,
    dst: idOf(to),
    confidence: confidence === 1 ? null : confidence,
    rule: fact.rule ?? null,
    evidence: encodeEvidence(evidence, scope),
    props: encodeProps(fact.props),
  };
}

/** Facts that a scope states twice count once: the first one stands. */
export function prepareScope(facts: HashedFacts, idOf: (key: string) => number): PreparedScope {
  const nodes = new Map<number, PreparedNode>();
  for (const [at, fact] of facts.nodes.entries()) {
    const node = prepareNode(fact, facts.scope, idOf, facts.nodeProps?.[at]);
    const same = nodes.get(node.id);
    if (same === undefined) nodes.set(node.id, node);
    else if (same.key !== node.key) refuseCollision(same.key, node.key);
  }
  // In the order of the table: repeats stand side by side, the first stated first.
  const sorted = facts.edges.map((fact) => prepareEdge(fact, facts.scope, idOf)).sort(compareEdges);
  const edges = sorted.filter((edge, at) => at === 0 || compareEdges(sorted[at - 1]!, edge) !== 0);
  return { name: clean(facts.scope), hash: facts.hash, nodes: [...nodes.values()], edges };
}

const compareEdges = (a: PreparedEdge, b: PreparedEdge): number => a.src - b.src || a.type - b.type || a.dst - b.dst;

export const edgeIdentity = (edge: { src: number; type: number; dst: number }): string =>
  `${edge.src} ${edge.type} ${edge.dst}`;

export function refuseCollision(one: string, other: string): never {
  throw new AppError("conflict", `The keys "${one}" and "${other}" share one id; the second can't be stored.`);
}
