// A made-up code base for the graph benchmark, the same every time: files of 24 symbols, few symbols used by nearly everybody.
import type { EdgeFact, NodeFact, ScopeFacts } from "@opentrace/contract/facts.ts";
import type { EdgeType } from "@opentrace/contract/graph.ts";
import { fileKey, symbolKey } from "@opentrace/contract/keys.ts";

const repo = "local/bench/big";
export const graphSource = `repo:${repo}`;
const symbolsAFile = 24;

const verbs = "get set load save parse render create delete handle validate find sync".split(" ");
const nouns =
  "User Order Payment Invoice Session Request Query Cache Token Report Config Stream Model Field Node".split(" ");
const edgeKinds: readonly EdgeType[] = ["CALLS", "CALLS", "CALLS", "REFERENCES", "EXTENDS"];

interface Place {
  path: string;
  symbol: string;
}

export interface GraphCorpus {
  files: number;
  /** Made when it is asked for, in the order of the files, as an indexer would. */
  scopeOf(file: number): ScopeFacts & { hash: string };
  /** Keys of symbols from everywhere. */
  someKeys(count: number): string[];
}

const folderOf = (file: number): string => nouns[file % nouns.length]!.toLowerCase() + (Math.floor(file / 200) % 40);
const pathOf = (file: number): string => `src/${folderOf(file)}/module_${file}.py`;

/** Names depend on the file's number alone. */
function symbolsOf(file: number): Place[] {
  const path = pathOf(file);
  const names: Place[] = [];
  for (let at = 0; at < symbolsAFile; at++) {
    const noun = nouns[(file * 7 + at) % nouns.length]!;
    const verb = verbs[(file + at * 5) % verbs.length]!;
    const owner = `${noun}${file % 97}Service`;
    names.push({ path, symbol: at % 6 === 0 ? `${owner}${at}` : `${verb}${noun}_${at}${file % 1000}` });
  }
  return names;
}

/** Numerical Recipes' generator: the same graph every time. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function createGraphCorpus({ nodes: nodesWanted, edges: edgesWanted }: { nodes: number; edges: number }) {
  const files = Math.ceil(nodesWanted / (symbolsAFile + 1));
  const random = createRandom(20_261_121);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  /** Few symbols are used by nearly everybody, most by hardly anybody: rank^-1 over all files. */
  const popularFile = (): number => Math.min(files - 1, Math.floor(files ** random()) - 1);

  function scopeOf(file: number): ScopeFacts & { hash: string } {
    const path = pathOf(file);
    const symbols = symbolsOf(file);
    const name = path.slice(path.lastIndexOf("/") + 1);
    const nodes: NodeFact[] = [{ key: fileKey(repo, path), type: "File", name, props: { path, language: "python" } }];
    const edges: EdgeFact[] = [];
    symbols.forEach(({ symbol }, at) => {
      nodes.push({
        key: symbolKey(repo, path, symbol),
        type: at % 6 === 0 ? "Class" : "Function",
        name: symbol,
        props: {
          path,
          symbol,
          range: { startLine: at * 20 + 1, startColumn: 0, endLine: at * 20 + 18, endColumn: 0 },
          signature: `def ${symbol}(self, request, *args, **kwargs)`,
          ...(at % 3 === 0
            ? { doc: `Returns the ${pick(nouns).toLowerCase()} of the ${pick(nouns).toLowerCase()}, or None.` }
            : {}),
          visibility: "public",
          exported: true,
          language: "python",
        },
      });
      edges.push({
        from: fileKey(repo, path),
        to: symbolKey(repo, path, symbol),
        type: "DEFINES",
        evidence: [`${path}:${at * 20 + 1}`],
      });
    });
    const seen = new Set<string>();
    const wanted = Math.round(edgesWanted / files);
    for (let tries = 0; edges.length < wanted && tries < wanted * 3; tries++) {
      const from = pick(symbols);
      const target = random() < 0.5 ? symbols : symbolsOf(popularFile());
      const to = target[Math.min(symbolsAFile - 1, Math.floor(symbolsAFile ** random()) - 1)]!;
      const type = pick(edgeKinds);
      const identity = `${from.symbol} ${type} ${to.path} ${to.symbol}`;
      if (seen.has(identity) || from === to) continue;
      seen.add(identity);
      edges.push({
        from: symbolKey(repo, path, from.symbol),
        to: symbolKey(repo, to.path, to.symbol),
        type,
        evidence: [`${path}:${Math.floor(random() * 480)}`],
        ...(type === "CALLS" ? { confidence: 0.9, rule: "declared-type" } : {}),
      });
    }
    return { scope: `file:${path}`, nodes, edges, hash: String(file) };
  }

  const chance = createRandom(7);
  const corpus: GraphCorpus = {
    files,
    scopeOf,
    someKeys: (count) =>
      Array.from({ length: count }, () => {
        const symbols = symbolsOf(Math.floor(chance() * files));
        const { path, symbol } = symbols[Math.floor(chance() * symbols.length)]!;
        return symbolKey(repo, path, symbol);
      }),
  };
  return corpus;
}
