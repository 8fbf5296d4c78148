// Calls of a member that has no body: which implementing methods may run. No single file can tell, so each file's record keeps its
// calls and its implementing methods, and the edges are made when all records are known.
import type { EdgeFact, ScopeFacts } from "@opentrace/contract/facts.ts";
import { fileKey, symbolKey } from "@opentrace/contract/keys.ts";
import type { MethodImplementation } from "../languages/language.ts";
import type { Analysis } from "./analyse.ts";
import { classSpot, type Spot } from "./call-edges.ts";
import type { FileModel } from "./file-model.ts";
import { mroOf } from "./class-order.ts";
import type { Value } from "./values.ts";
import type { World } from "./world.ts";

/** A call that leads to a member without a body: where from, where to, in which lines of the file whose record keeps it. */
export type VirtualCall = readonly [from: Spot, to: Spot, lines: readonly number[]];

/** With more implementations than this, that one of them runs says nothing worth an edge. */
const maxImplementations = 8;
const maxEvidence = 20;
/** Classes above one that are looked through. */
const maxBases = 40;

function isBodiless(file: FileModel, path: string): boolean {
  const symbol = file.ir.symbols[file.symbolAt(path)];
  if (symbol?.kind !== "Method") return false;
  return symbol.flags?.includes("abstract") === true || file.ir.symbols[symbol.parent]?.kind === "Interface";
}

export function virtualCalls(w: World, analysis: Analysis): VirtualCall[] {
  const out: VirtualCall[] = [];
  for (const edge of analysis.edges.values()) {
    if ("ecosystem" in edge.to || edge.to.symbol === "") continue;
    const file = w.file(edge.to.path);
    if (file === null || !isBodiless(file, edge.to.symbol)) continue;
    out.push([edge.from, edge.to, [...edge.lines].sort((a, b) => a - b).slice(0, maxEvidence)]);
  }
  return out;
}

/** For each class of the file: the methods by which it, or a base of it, implements members without a body. */
export function statedImplementations(w: World): MethodImplementation[] {
  const { own } = w;
  const out: MethodImplementation[] = [];
  const bodiless = new Map<Value, readonly string[]>();
  own.ir.scopes.forEach((scope, index) => {
    if (scope.kind !== "class" || (scope.bases === undefined && scope.implements === undefined)) return;
    const env = w.freeEnv(own, index);
    const order = mroOf(w, w.values.class(own, index, env)).slice(0, maxBases);
    const made = own.createdAt(index) ?? { at: Infinity, r: 0 };
    const above = new Set<Value>(order.slice(1));
    for (const cls of order) {
      if (cls.is !== "class") continue;
      for (const stated of cls.file.scope(cls.scope).implements ?? []) {
        const place = cls.file === own && cls.scope === index ? made : { at: Infinity, r: 0 };
        const around = cls.file.scope(cls.scope).parent;
        for (const base of w.eval(stated, cls.env ?? w.freeEnv(cls.file, cls.scope), around, place.at, place.r)) {
          for (const one of mroOf(w, base)) above.add(one);
        }
      }
    }
    for (const base of above) {
      if (base.is !== "class") continue;
      const owner = classSpot(base.file, base.scope);
      if (owner === null) continue;
      let names = bodiless.get(base);
      if (names === undefined) {
        names = [...base.file.bindingsOf(base.scope).keys()].filter((name) =>
          isBodiless(base.file, `${owner.symbol}.${name}`),
        );
        bodiless.set(base, names);
      }
      for (const name of names) {
        const wanted: Spot = { path: owner.path, symbol: `${owner.symbol}.${name}` };
        const by = implementing(order, name);
        if (by !== null) out.push({ method: by, of: wanted, confidence: 1 });
      }
    }
  });
  return out;
}

/** The first class in the order that has the member with a body. */
function implementing(order: readonly Value[], name: string): Spot | null {
  for (const cls of order) {
    if (cls.is !== "class") continue;
    const owner = classSpot(cls.file, cls.scope);
    if (owner === null) continue;
    const symbol = `${owner.symbol}.${name}`;
    if (cls.file.symbolAt(symbol) >= 0 && !isBodiless(cls.file, symbol)) return { path: owner.path, symbol };
  }
  return null;
}

const isTest = (path: string): boolean =>
  /(?:^|[/_.-])(?:tests?|__tests__|spec|mocks?|fixtures?)(?:[/_.-]|$)/i.test(path);

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

const spotText = (spot: Spot): string => `${spot.path}\0${spot.symbol}`;

/** CALLS edges from calls on an interface to its few implementations, a scope for each calling file. */
export function implementationScopes(
  repo: string,
  language: string,
  calls: ReadonlyMap<string, readonly VirtualCall[]>,
  implementations: readonly MethodImplementation[],
): ScopeFacts[] {
  const byMember = new Map<string, Map<string, MethodImplementation>>();
  for (const one of implementations) {
    const member = spotText(one.of);
    let known = byMember.get(member);
    if (known === undefined) byMember.set(member, (known = new Map()));
    const before = known.get(spotText(one.method));
    if (before === undefined || before.confidence < one.confidence) known.set(spotText(one.method), one);
  }
  const scopes: ScopeFacts[] = [];
  for (const [path, list] of calls) {
    const edges = new Map<string, EdgeFact>();
    for (const [from, to, lines] of list) {
      const all = [...(byMember.get(spotText(to))?.values() ?? [])];
      // Stand-ins made for tests are what the tests beside them run, and nothing else.
      const some = all.filter(
        ({ method }) => !isTest(method.path) || (isTest(from.path) && folderOf(from.path) === folderOf(method.path)),
      );
      if (some.length > maxImplementations) continue;
      const belief = some.length === 1 ? 0.8 : some.length === 2 ? 0.7 : some.length <= 4 ? 0.5 : 0.3;
      for (const { method, confidence } of some) {
        const edge: EdgeFact = {
          from: from.symbol === "" ? fileKey(repo, from.path) : symbolKey(repo, from.path, from.symbol),
          to: symbolKey(repo, method.path, method.symbol),
          type: "CALLS",
          evidence: lines.map((line) => `${path}:${line}`),
          confidence: Math.round(belief * confidence * 100) / 100,
          rule: "implementation",
        };
        edges.set(`${edge.from}\0${edge.to}`, edge);
      }
    }
    if (edges.size > 0) scopes.push({ scope: `link:${language}:${path}`, nodes: [], edges: [...edges.values()] });
  }
  return scopes;
}
