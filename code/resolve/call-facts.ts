// From what the analysis found to facts: CALLS, REFERENCES, EXTENDS, IMPLEMENTS, and what goes on the nodes.
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import type { EdgeType, Props } from "@opentrace/contract/graph.ts";
import { fileKey, packageKey, symbolKey } from "@opentrace/contract/keys.ts";
import type { Expr } from "../ir.ts";
import type { PackageRef } from "../languages/language.ts";
import type { Analysis } from "./analyse.ts";
import { type CallEdge, classSpot, inner, type Spot } from "./call-edges.ts";
import { packageNode } from "./imports.ts";
import { mroOf } from "./class-order.ts";
import type { Value } from "./values.ts";
import type { World } from "./world.ts";

const maxEvidence = 20;
const maxUnresolved = 20;

export interface CallFacts {
  nodes: NodeFact[];
  edges: EdgeFact[];
  symbolProps: Map<number, Props>;
  fileProps: Props;
}

const spotKey = (repo: string, spot: Spot): string =>
  spot.symbol === "" ? fileKey(repo, spot.path) : symbolKey(repo, spot.path, spot.symbol);

export function callFacts(repo: string, w: World, analysis: Analysis): CallFacts {
  const { own } = w;
  const nodes: NodeFact[] = [];
  const edges: EdgeFact[] = [];
  const packages = new Set<string>();
  const packageOf = ({ ecosystem, name }: PackageRef): string => {
    const key = packageKey(ecosystem, name);
    if (!packages.has(key)) nodes.push(packageNode(ecosystem, name));
    packages.add(key);
    return key;
  };
  // What a function calls mostly stands together.
  let last: { spot: Spot; key: string } | null = null;
  const toFact = ({ from, to, lines: found, names, confidence, rule }: CallEdge, type: EdgeType): EdgeFact => {
    if (last?.spot !== from) last = { spot: from, key: spotKey(repo, from) };
    const lines = [...found];
    if (lines.length > 1) lines.sort((a, b) => a - b);
    const hasNames = names !== null && names.size > 0;
    const isCut = lines.length > maxEvidence;
    const fact: EdgeFact = {
      from: last.key,
      to: "ecosystem" in to ? packageOf(to) : spotKey(repo, to),
      type,
    };
    if (hasNames || isCut) {
      fact.props = { ...(hasNames ? { names: [...names] } : {}), ...(isCut ? { count: lines.length } : {}) };
    }
    fact.evidence = (isCut ? lines.slice(0, maxEvidence) : lines).map((line) => `${own.path}:${line}`);
    if (confidence < 1) fact.confidence = Math.round(confidence * 100) / 100;
    fact.rule = rule;
    return fact;
  };
  for (const edge of analysis.edges.values()) edges.push(toFact(edge, "CALLS"));
  for (const edge of analysis.references.values()) edges.push(toFact(edge, "REFERENCES"));
  edges.push(...mergeEdges(inheritance(repo, w, nodes)));

  const symbolProps = new Map<number, Props>();
  const unresolved = new Map<number, [string, number][]>();
  for (const one of analysis.unresolved) {
    const list = unresolved.get(one.symbol);
    if (list === undefined) unresolved.set(one.symbol, [[one.text, one.line]]);
    else list.push([one.text, one.line]);
  }
  const propsOf = (list: [string, number][]): Props => ({
    unresolved: list.slice(0, maxUnresolved),
    unresolvedCount: list.length,
  });
  for (const [symbol, list] of unresolved) if (symbol >= 0) symbolProps.set(symbol, propsOf(list));
  for (const [symbol, overridden] of overrides(repo, w)) {
    symbolProps.set(symbol, { ...symbolProps.get(symbol), overrides: overridden });
  }
  const ofFile = unresolved.get(-1);
  return { nodes, edges, symbolProps, fileProps: ofFile === undefined ? {} : propsOf(ofFile) };
}

/** EXTENDS and IMPLEMENTS of the classes that the file declares. */
function inheritance(repo: string, w: World, nodes: NodeFact[]): EdgeFact[] {
  const { own } = w;
  const edges: EdgeFact[] = [];
  own.ir.scopes.forEach((scope, index) => {
    if (scope.kind !== "class") return;
    const from = classSpot(own, index);
    const symbol = own.symbolOf(index);
    if (from === null || symbol === undefined) return;
    const env = w.freeEnv(own, index);
    const made = own.createdAt(index) ?? { at: Infinity, r: 0 };
    const add = (expr: Expr, type: EdgeType): void => {
      for (const base of w.eval(expr, env, scope.parent, made.at, made.r)) {
        const edge = baseEdge(repo, base, nodes);
        if (edge === null || edge.to === spotKey(repo, from)) continue;
        edges.push({
          from: spotKey(repo, from),
          to: edge.to,
          type,
          ...(edge.name === "" ? {} : { props: { names: [edge.name] } }),
          evidence: [`${own.path}:${symbol.range.startLine}`],
          rule: edge.name === "" ? "base" : "external",
        });
      }
    };
    const isAlias = symbol.flags?.includes("type") === true;
    if (!isAlias) for (const base of scope.bases ?? []) add(base, "EXTENDS");
    for (const base of scope.implements ?? []) add(base, "IMPLEMENTS");
  });
  return edges;
}

function baseEdge(repo: string, base: Value, nodes: NodeFact[]): { to: string; name: string } | null {
  if (base.is === "class") {
    const spot = classSpot(base.file, base.scope);
    return spot === null ? null : { to: spotKey(repo, spot), name: "" };
  }
  if (base.is === "function") {
    const symbol = base.file.symbolOf(base.scope);
    return symbol === undefined ? null : { to: symbolKey(repo, base.file.path, symbol.path), name: "" };
  }
  if (base.is === "external") {
    nodes.push(packageNode(base.package.ecosystem, base.package.name));
    const name = base.name.replaceAll("()", "");
    return { to: packageKey(base.package.ecosystem, base.package.name), name: name === "" ? "*" : name };
  }
  return null;
}

/** Methods that replace one of a base class: symbol → key of the replaced one. */
function overrides(repo: string, w: World): [number, string][] {
  const { own } = w;
  const out: [number, string][] = [];
  own.ir.scopes.forEach((scope) => {
    if (scope.kind !== "function" || scope.parent < 0 || scope.symbol < 0) return;
    const owner = own.scope(scope.parent);
    const symbol = own.ir.symbols[scope.symbol];
    if (owner.kind !== "class" || (owner.bases === undefined && owner.implements === undefined) || symbol === undefined)
      return;
    if (own.ir.symbols[scope.symbol]?.parent !== owner.symbol) return;
    const cls = w.values.class(own, scope.parent, w.freeEnv(own, scope.parent));
    for (const base of mroOf(w, cls).slice(1)) {
      if (base.is !== "class") continue;
      const binding = base.file.bindings(base.scope, symbol.name).find((one) => one.v[0] === "f" || one.v[0] === "d");
      if (binding === undefined) continue;
      const path = `${base.file.symbolOf(base.scope)?.path ?? ""}.${symbol.name}`;
      if (base.file.symbolAt(path) >= 0) out.push([scope.symbol, symbolKey(repo, base.file.path, path)]);
      break;
    }
  });
  return out;
}

/** One fact for each (from, to, type): the more confident one's rule, both ones' places. */
export function mergeEdges(edges: readonly EdgeFact[]): EdgeFact[] {
  // Thousands a file: nothing is spelled to find them.
  const known = new Map<EdgeType, Map<string, Map<string, number>>>();
  const out: EdgeFact[] = [];
  for (const edge of edges) {
    const ofFrom = inner(inner(known, edge.type), edge.from);
    const at = ofFrom.get(edge.to);
    if (at === undefined) {
      ofFrom.set(edge.to, out.length);
      out.push(edge);
    } else out[at] = merged(out[at]!, edge);
  }
  return out;
}

function merged(known: EdgeFact, edge: EdgeFact): EdgeFact {
  const names = [...new Set([...namesOf(known), ...namesOf(edge)])];
  const evidence = [...new Set([...(known.evidence ?? []), ...(edge.evidence ?? [])])].slice(0, maxEvidence);
  return {
    ...known,
    ...(names.length > 0 ? { props: { ...known.props, names } } : {}),
    ...(evidence.length > 0 ? { evidence } : {}),
  };
}

const namesOf = (edge: EdgeFact): string[] => {
  const names = edge.props?.["names"];
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
};
