// What is assumed to change: named nodes with all they hold, the innermost symbols of changed lines, and what overrides them.
import type { ImpactSeed } from "@opentrace/contract/graph-answers.ts";
import { fileKey } from "@opentrace/contract/keys.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Adjacency } from "./adjacency.ts";
import { membersOf } from "./members.ts";
import { nodeId } from "./node-id.ts";
import { readNodes, type StoredNode } from "./read-nodes.ts";
import { readablePath } from "./shown-name.ts";
import type { DiffFile } from "./unified-diff.ts";
import type { GraphView } from "./view.ts";
import { edgeTypeNumbers, nodeTypeNumber } from "./vocabulary.ts";

export interface Seed {
  node: StoredNode;
  why: ImpactSeed["why"];
  confidence: number;
  detail?: string;
}

export interface Seeds {
  byNumber: Map<number, Seed>;
  unmatched: { path: string; detail: string }[];
  complete: boolean;
}

export interface LineRange {
  repository?: string | undefined;
  path: string;
  startLine: number;
  endLine: number;
}

const maxSeeds = 2_000;
/** A caller of an interface's method reaches one implementation of several. */
const overrideConfidence = 0.7;

export const emptySeeds = (): Seeds => ({ byNumber: new Map(), unmatched: [], complete: true });

function add(seeds: Seeds, seed: Seed): void {
  const known = seeds.byNumber.get(seed.node.number);
  if (known === undefined || known.confidence < seed.confidence) seeds.byNumber.set(seed.node.number, seed);
}

/** The nodes and everything they hold. */
export async function addNodes(
  view: GraphView,
  adjacency: Adjacency,
  seeds: Seeds,
  nodes: readonly StoredNode[],
  detail?: string,
): Promise<void> {
  for (const node of nodes)
    add(seeds, { node, why: "asked", confidence: 1, ...(detail === undefined ? {} : { detail }) });
  const { steps, complete } = await membersOf(adjacency, nodes, maxSeeds, view.signal);
  if (!complete) seeds.complete = false;
  const inside = [...steps.values()].filter((step) => step.hop > 0).map((step) => step.node);
  for (const node of (await readNodes(view, inside)).values()) {
    if (!seeds.byNumber.has(node.number)) add(seeds, { node, why: "member", confidence: 1 });
  }
}

const repositoriesOf = async (view: GraphView, wanted: string | undefined): Promise<string[]> => {
  const rows = await view.db
    .selectFrom("sources")
    .select(["source", "name"])
    .where("workspace", "=", view.workspace)
    .where("kind", "=", "repository")
    .orderBy("source")
    .execute();
  if (wanted === undefined) return rows.map((row) => row.source);
  const found = rows.filter((row) => row.source === wanted || row.source === `repo:${wanted}` || row.name === wanted);
  if (found.length > 0) return found.map((row) => row.source);
  throw new AppError(
    "not_found",
    `There is no repository "${wanted}". Known: ${
      rows
        .map((row) => row.source)
        .slice(0, 20)
        .join(", ") || "none"
    }.`,
  );
};

/** The File nodes of `path`: one for each repository that has it. */
async function filesAt(view: GraphView, repositories: readonly string[], path: string): Promise<StoredNode[]> {
  const keys = repositories.map((source) => fileKey(source.replace(/^repo:/, ""), path));
  const nodes = await readNodes(
    view,
    keys.map((key) => nodeId(view.workspaceName, key)),
  );
  return [...nodes.values()].filter((node) => keys.includes(node.key));
}

async function theFileAt(view: GraphView, seeds: Seeds, repository: string | undefined, path: string) {
  const files = await filesAt(view, await repositoriesOf(view, repository), path);
  const [file] = files;
  if (file === undefined) seeds.unmatched.push({ path, detail: "The graph has no such file." });
  else if (files.length > 1)
    seeds.unmatched.push({ path, detail: `${files.length} repositories have this file: say which repository.` });
  else return file;
  return null;
}

interface Ranged {
  node: StoredNode;
  start: number;
  end: number;
}

/** Symbols of the file with their lines, innermost last. */
export async function symbolsOf(view: GraphView, adjacency: Adjacency, file: StoredNode): Promise<Ranged[]> {
  const { steps } = await membersOf(adjacency, [file], 20_000, view.signal);
  const nodes = await readNodes(
    view,
    [...steps.keys()].filter((number) => number !== file.number),
  );
  const ranged: Ranged[] = [];
  for (const node of nodes.values()) {
    const range = node.props["range"];
    if (typeof range !== "object" || range === null || Array.isArray(range)) continue;
    const { startLine, endLine } = range;
    if (typeof startLine === "number" && typeof endLine === "number")
      ranged.push({ node, start: startLine, end: endLine });
  }
  return ranged.sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start);
}

/** Seeds for each line in [first, last]: the innermost symbol that holds it; the file for lines outside of all. Blank lines, where the
 *  text is known, are nobody's. Returns false when nothing but blank lines is there. */
function addLines(
  seeds: Seeds,
  file: StoredNode,
  symbols: readonly Ranged[],
  [first, last]: readonly [number, number],
  text: readonly string[] | null,
): boolean {
  const touching = symbols.filter(({ start, end }) => start <= last && end >= first);
  const hit = new Map<StoredNode, [number, number]>();
  const lastLine = Math.min(last, first + 20_000);
  for (let line = first; line <= lastLine; line++) {
    if (text?.[line - 1]?.trim() === "") continue;
    let innermost = file;
    for (const { node, start, end } of touching) if (start <= line && line <= end) innermost = node;
    const lines = hit.get(innermost);
    if (lines === undefined) hit.set(innermost, [line, line]);
    else lines[1] = line;
  }
  for (const [node, [from, to]] of hit) {
    const detail = from === to ? `line ${from}` : `lines ${from}–${to}`;
    add(seeds, { node, why: "lines", confidence: 1, detail });
  }
  return hit.size > 0;
}

/** Lines of an indexed file; null when its text is not at hand. */
export type TextOf = (file: StoredNode) => Promise<readonly string[] | null>;

export async function addLineRange(
  view: GraphView,
  adjacency: Adjacency,
  seeds: Seeds,
  range: LineRange,
  textOf: TextOf,
): Promise<void> {
  const file = await theFileAt(view, seeds, range.repository, range.path);
  if (file === null) return;
  const lines = [range.startLine, range.endLine] as const;
  const symbols = await symbolsOf(view, adjacency, file);
  if (!addLines(seeds, file, symbols, lines, await textOf(file)))
    seeds.unmatched.push({ path: range.path, detail: "Only blank lines: changing them affects nothing." });
}

export async function addDiff(
  view: GraphView,
  adjacency: Adjacency,
  seeds: Seeds,
  files: readonly DiffFile[],
  repository: string | undefined,
): Promise<void> {
  for (const one of files) {
    view.signal.throwIfAborted();
    if (one.oldPath === null) {
      seeds.unmatched.push({ path: one.newPath ?? "?", detail: "A new file: nothing can depend on it yet." });
      continue;
    }
    const file = await theFileAt(view, seeds, repository, one.oldPath);
    if (file === null) continue;
    if (one.newPath === null || (one.newPath !== one.oldPath && one.changed.length + one.inserted.length === 0)) {
      await addNodes(view, adjacency, seeds, [file], one.newPath === null ? "removed" : `renamed to ${one.newPath}`);
      continue;
    }
    const symbols = await symbolsOf(view, adjacency, file);
    for (const lines of one.changed) addLines(seeds, file, symbols, lines, null);
    if (one.changed.length + one.inserted.length === 0)
      seeds.unmatched.push({ path: one.oldPath, detail: "Only blank lines change." });
    for (const after of one.inserted) {
      // Inside a symbol only if it holds the lines on both sides; between two symbols it is the file's.
      const holder = symbols.filter(({ start, end }) => start <= after && after + 1 <= end).at(-1);
      add(seeds, { node: holder?.node ?? file, why: "lines", confidence: 1, detail: `inserted after line ${after}` });
    }
  }
}

const defines = new Set(edgeTypeNumbers(["DEFINES", "CONTAINS"]));
const inherits = new Set(edgeTypeNumbers(["EXTENDS", "IMPLEMENTS"]));
const method = nodeTypeNumber("Method")!;

/** Methods of the same name in the classes and interfaces above and below: a call through one may run the other. */
export async function addOverrides(view: GraphView, adjacency: Adjacency, seeds: Seeds): Promise<void> {
  const methods = [...seeds.byNumber.values()].filter(({ node, why }) => node.type === "Method" && why !== "overrides");
  if (methods.length === 0) return;
  const ownersOf = new Map<number, number[]>();
  await adjacency.expand(
    methods.map(({ node }) => node.number),
    false,
    defines,
    (from, to) => void ownersOf.set(from, [...(ownersOf.get(from) ?? []), to]),
  );
  const owners = [...new Set([...ownersOf.values()].flat())];
  const relatives = new Map<number, Set<number>>(owners.map((owner) => [owner, new Set()]));
  for (const forward of [true, false]) await addRelatives(adjacency, relatives, forward);
  const all = [...new Set([...relatives.values()].flatMap((set) => [...set]))];
  const membersOfRelative = new Map<number, number[]>();
  await adjacency.expand(all, true, defines, (from, to, _type, _confidence, toType) => {
    if (toType === method) membersOfRelative.set(from, [...(membersOfRelative.get(from) ?? []), to]);
  });
  const nodes = await readNodes(view, [...new Set([...membersOfRelative.values()].flat())]);
  for (const { node } of methods) {
    const related = (ownersOf.get(node.number) ?? []).flatMap((owner) => [...(relatives.get(owner) ?? [])]);
    for (const relative of related) {
      for (const number of membersOfRelative.get(relative) ?? []) {
        const other = nodes.get(number);
        if (other === undefined || other.name !== node.name || seeds.byNumber.has(number)) continue;
        add(seeds, {
          node: other,
          why: "overrides",
          confidence: overrideConfidence,
          detail: `same method as ${typeof node.props["symbol"] === "string" ? readablePath(node.props["symbol"]) : node.name} in a related type`,
        });
      }
    }
  }
}

/** Follows inheritance one way to its end, for each owner on its own: siblings are not relatives. */
async function addRelatives(
  adjacency: Adjacency,
  relatives: ReadonlyMap<number, Set<number>>,
  forward: boolean,
): Promise<void> {
  for (const [owner, found] of relatives) {
    let frontier = [owner];
    const seen = new Set<number>(frontier);
    for (let hop = 0; hop < 10 && frontier.length > 0 && seen.size < 500; hop++) {
      const next: number[] = [];
      await adjacency.expand(frontier, forward, inherits, (_from, to) => {
        if (seen.has(to)) return;
        seen.add(to);
        found.add(to);
        next.push(to);
      });
      frontier = next;
    }
  }
}
