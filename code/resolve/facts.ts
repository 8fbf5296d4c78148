// The facts that a file's IR states by itself: its node, its symbols, what defines what.
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import { fileKey, moduleKey, symbolKey } from "@opentrace/contract/keys.ts";
import type { Props } from "@opentrace/contract/graph.ts";
import type { FileIr, SymbolIr } from "../ir.ts";
import { calleesOfAnonymous } from "./passed-to.ts";

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

function symbolNode(
  repo: string,
  path: string,
  language: string,
  symbol: SymbolIr,
  passedTo: string | undefined,
): NodeFact {
  return {
    key: symbolKey(repo, path, symbol.path),
    type: symbol.kind,
    name: symbol.name,
    props: {
      path,
      symbol: symbol.path,
      range: { ...symbol.range },
      ...(symbol.signature === undefined ? {} : { signature: symbol.signature }),
      ...(symbol.doc === undefined ? {} : { doc: symbol.doc }),
      visibility: symbol.visibility,
      exported: symbol.exported,
      ...(symbol.flags === undefined || symbol.flags.length === 0 ? {} : { flags: [...symbol.flags] }),
      ...(passedTo === undefined ? {} : { passedTo }),
      language,
    },
  };
}

/** Nodes of a file and of all it declares, with the DEFINES edges between them. `extra` goes on the File node. */
export function declarationFacts(options: {
  repo: string;
  path: string;
  ir: FileIr;
  module: string | null;
  size: number | undefined;
  extra: Props;
  symbolProps: ReadonlyMap<number, Props>;
}): { nodes: NodeFact[]; edges: EdgeFact[] } {
  const { repo, path, ir, module } = options;
  const file = fileKey(repo, path);
  const nodes: NodeFact[] = [
    {
      key: file,
      type: "File",
      name: baseName(path),
      props: {
        path,
        language: ir.language,
        ...(options.size === undefined ? {} : { size: options.size }),
        lines: ir.lines,
        ...(ir.doc === undefined ? {} : { doc: ir.doc }),
        ...(module === null ? {} : { module }),
        ...options.extra,
      },
    },
  ];
  const edges: EdgeFact[] = [];
  if (module !== null) {
    const key = moduleKey(repo, module);
    nodes.push({ key, type: "Module", name: module, props: { language: ir.language } });
    // Files that share a namespace (they state a package clause) are parts of it; elsewhere a file is what defines its module.
    if (ir.package !== undefined && ir.package !== "") edges.push({ from: key, to: file, type: "CONTAINS" });
    else edges.push({ from: file, to: key, type: "DEFINES" });
  }
  const callees = calleesOfAnonymous(ir);
  ir.symbols.forEach((symbol, index) => {
    const node = symbolNode(repo, path, ir.language, symbol, callees.get(index));
    const extra = options.symbolProps.get(index);
    if (extra !== undefined) node.props = { ...node.props, ...extra };
    nodes.push(node);
    const parent = symbol.parent >= 0 ? ir.symbols[symbol.parent] : undefined;
    edges.push({
      from: parent === undefined ? file : symbolKey(repo, path, parent.path),
      to: node.key,
      type: "DEFINES",
      evidence: [`${path}:${symbol.range.startLine}`],
    });
  });
  return { nodes, edges };
}
