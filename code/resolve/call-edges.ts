// The edges of one file's resolution as they are found: one for each pair of things, with the lines that say so and the surest rule.
import type { PackageRef } from "../languages/language.ts";
import type { FileModel } from "./file-model.ts";

/** A declared thing: `symbol` is its dotted path, "" the file itself. */
export interface Spot {
  readonly path: string;
  readonly symbol: string;
}

export interface CallEdge {
  readonly from: Spot;
  readonly to: Spot | PackageRef;
  rule: string;
  confidence: number;
  readonly lines: Set<number>;
  /** Members of the package that are called. */
  names: Set<string> | null;
}

const maxNames = 20;

/** In the order in which they were found first. */
export class CallEdges {
  readonly #edges: CallEdge[] = [];
  /** By what both ends are called; asked for all the time, so nothing is spelled for it. */
  readonly #known = new Map<string, Map<string, Map<string, Map<string, CallEdge>>>>();
  /** What was found last leads from the same thing mostly. */
  #from: Spot | null = null;
  #ofFrom = new Map<string, Map<string, CallEdge>>();

  get size(): number {
    return this.#edges.length;
  }

  values(): readonly CallEdge[] {
    return this.#edges;
  }

  add(from: Spot, to: Spot, rule: string, confidence: number, line: number): void {
    this.#edge(from, to, to.path, to.symbol, rule, confidence).lines.add(line);
  }

  addExternal(from: Spot, to: PackageRef, name: string, line: number): void {
    // No path has a line break in it.
    const edge = this.#edge(from, to, `${to.ecosystem}\n`, to.name, "external", 1);
    edge.lines.add(line);
    edge.names ??= new Set();
    if (name !== "" && edge.names.size < maxNames) edge.names.add(name);
  }

  #edge(from: Spot, to: Spot | PackageRef, first: string, second: string, rule: string, confidence: number): CallEdge {
    if (from !== this.#from) {
      this.#ofFrom = inner(inner(this.#known, from.path), from.symbol);
      this.#from = from;
    }
    const of = inner(this.#ofFrom, first);
    let edge = of.get(second);
    if (edge === undefined) {
      edge = { from, to, rule, confidence, lines: new Set(), names: null };
      of.set(second, edge);
      this.#edges.push(edge);
    } else if (confidence > edge.confidence) {
      edge.rule = rule;
      edge.confidence = confidence;
    }
    return edge;
  }
}

export function inner<K, V>(maps: Map<K, Map<string, V>>, key: K): Map<string, V> {
  let map = maps.get(key);
  if (map === undefined) maps.set(key, (map = new Map()));
  return map;
}

/** The symbol that a function's calls are attributed to, when it is the function's own. */
export function functionSpot(file: FileModel, scope: number): Spot | null {
  const index = file.scope(scope).symbol;
  if (index < 0) return null;
  const parent = file.scope(scope).parent;
  if (parent >= 0 && file.scope(parent).symbol === index) return null;
  return file.spotOf(index);
}

export function classSpot(file: FileModel, scope: number): Spot | null {
  const index = file.scope(scope).symbol;
  return index < 0 ? null : file.spotOf(index);
}
