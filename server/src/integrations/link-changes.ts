// From changed lines to changed symbols: a CHANGES edge to a file that names lines gets edges to the innermost symbols on those lines.
import { createHash } from "node:crypto";
import type { EdgeFact, ScopeFacts } from "@opentrace/contract/facts.ts";
import type { Ingest, SourceRef } from "../graph/ingest.ts";
import { symbolsOfFile, type FileSymbol } from "../graph/file-symbols.ts";
import type { Store } from "../store/store.ts";

export type LinkChanges = (ref: SourceRef, facts: readonly ScopeFacts[], signal: AbortSignal) => Promise<void>;

/** Lines of a change request are counted in its own version of the file; the graph's may have moved on a little. */
const confidence = 0.9;
const mostSymbols = 500;

/** Where the links of a scope stand, so that they can be made anew without the scope. */
export const symbolScopeOf = (scope: string): string => `${scope}#symbols`;

export function createLinkChanges({ store, ingest }: { store: Store; ingest: Ingest }): LinkChanges {
  return async (ref, facts, signal) => {
    const scopes: (ScopeFacts & { hash: string })[] = [];
    for (const { scope, edges } of facts) {
      const links: EdgeFact[] = [];
      for (const edge of edges) {
        const lines = linesOf(edge);
        if (lines === null) continue;
        signal.throwIfAborted();
        if (links.length >= mostSymbols) break;
        const symbols = await symbolsOfFile(store, ref.workspace, edge.to);
        links.push(...linksOf(edge, lines, symbols).slice(0, mostSymbols - links.length));
      }
      const hash = createHash("sha1").update(JSON.stringify(links)).digest("base64url");
      scopes.push({ scope: symbolScopeOf(scope), nodes: [], edges: links, hash });
    }
    if (scopes.length === 0) return;
    const stored = await ingest.hashesOf(
      ref,
      scopes.map((scope) => scope.scope),
    );
    const changed = scopes.filter(({ scope, hash, edges }) =>
      edges.length === 0 ? stored.has(scope) : stored.get(scope) !== hash,
    );
    if (changed.length === 0) return;
    await ingest.apply(ref, { scopes: changed, removedScopes: [], files: [], removedFiles: [] }, signal);
  };
}

type Lines = readonly (readonly [number, number])[];

function linesOf(edge: EdgeFact): Lines | null {
  if (edge.type !== "CHANGES" || !edge.to.startsWith("file:")) return null;
  const lines = edge.props?.["lines"];
  if (!Array.isArray(lines)) return null;
  return lines.flatMap((pair) =>
    Array.isArray(pair) && typeof pair[0] === "number" && typeof pair[1] === "number"
      ? [[pair[0], pair[1]] as const]
      : [],
  );
}

function linksOf(edge: EdgeFact, lines: Lines, symbols: readonly FileSymbol[]): EdgeFact[] {
  const touched = new Map<string, [number, number][]>();
  for (const [first, last] of lines)
    for (const symbol of symbols) {
      if (symbol.startLine > last || symbol.endLine < first) continue;
      const from = Math.max(first, symbol.startLine);
      const to = Math.min(last, symbol.endLine);
      // Only the innermost: a method that changed says more than "its class changed".
      if (symbols.some((inner) => inner !== symbol && isInside(inner, symbol) && covers(inner, from, to))) continue;
      const ranges = touched.get(symbol.key) ?? [];
      touched.set(symbol.key, [...ranges, [from, to]]);
    }
  return [...touched].map(([key, ranges]) => ({
    from: edge.from,
    to: key,
    type: "CHANGES",
    props: { lines: ranges },
    confidence,
    rule: "changed lines lie in the symbol",
    ...(edge.evidence === undefined ? {} : { evidence: edge.evidence }),
  }));
}

const isInside = (inner: FileSymbol, outer: FileSymbol): boolean =>
  inner.startLine >= outer.startLine &&
  inner.endLine <= outer.endLine &&
  inner.endLine - inner.startLine < outer.endLine - outer.startLine;
const covers = (symbol: FileSymbol, first: number, last: number): boolean =>
  symbol.startLine <= first && symbol.endLine >= last;
