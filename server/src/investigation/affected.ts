// Where an investigation starts in the graph: the nodes that the incident says are affected, and those that its evidence names.
import type { NodeRef } from "@opentrace/contract/investigation.ts";
import type { NodeType } from "@opentrace/contract/graph.ts";
import { fileKey } from "@opentrace/contract/keys.ts";
import { placesOf, repositoryPart } from "../delivery/places.ts";
import { symbolsOfFile } from "../graph/file-symbols.ts";
import { nodeId } from "../graph/node-id.ts";
import { findNode, readNodes, type StoredNode } from "../graph/read-nodes.ts";
import type { GraphView } from "../graph/view.ts";
import { nodeTypeNumbers } from "../graph/vocabulary.ts";
import type { Store } from "../store/store.ts";
import { type Mentions, samePath } from "./read-evidence.ts";

/** A service is most often meant; then what runs it, then the code that may stand for it. */
const serviceTypes: readonly NodeType[] = [
  "Service",
  "Workload",
  "KubernetesService",
  "Repository",
  "Database",
  "Queue",
  "Cache",
  "ExternalService",
  "Package",
  "Module",
  "Directory",
];
const mostAffected = 50;
const mostNamed = 40;

export const nodeRef = ({ id, key, type, name }: NodeRef): NodeRef => ({ id, key, type, name });

export interface Affected {
  nodes: StoredNode[];
  /** Names that fit no node. */
  unknown: string[];
  /** The nodes, and the code that stands for those that are in no repository. */
  starts: StoredNode[];
  /** `github.com/acme/shop` of each node, and of what stands for it. */
  repositories: Map<number, Set<string>>;
}

/** `names` are node ids, keys, or names of services as people write them. */
export async function findAffected(view: GraphView, names: readonly string[]): Promise<Affected> {
  const nodes = new Map<number, StoredNode>();
  const unknown: string[] = [];
  for (const name of names.slice(0, mostAffected)) {
    view.signal.throwIfAborted();
    const found = await findByName(view, name);
    if (found.length === 0) unknown.push(name);
    for (const one of found) nodes.set(one.number, one);
  }
  const repositories = new Map<number, Set<string>>();
  const starts = new Map(nodes);
  for (const node of nodes.values()) {
    const places = await placesOf(view, node);
    for (const place of places) starts.set(place.number, place);
    repositories.set(node.number, new Set(places.flatMap((place) => repositoryPart(place.key) ?? [])));
  }
  return { nodes: [...nodes.values()], starts: [...starts.values()], unknown, repositories };
}

async function findByName(view: GraphView, name: string): Promise<StoredNode[]> {
  const direct = (await findNode(view, name)) ?? (await findNode(view, `service:${name}`));
  if (direct !== null) return [direct];
  if (view.workspace < 0) return [];
  const { hits } = await view.worker.ask(
    "search",
    {
      workspace: view.workspace,
      query: name.slice(0, 200),
      filter: { types: nodeTypeNumbers(serviceTypes), sources: undefined, language: undefined, pathPrefix: undefined },
      offset: 0,
      limit: 20,
    },
    view.signal,
  );
  const found = [
    ...(
      await readNodes(
        view,
        hits.map((hit) => hit.id),
      )
    ).values(),
  ].filter((one) => isNamed(one, name));
  const best = Math.min(...found.map((one) => serviceTypes.indexOf(one.type)));
  return found
    .filter((one) => serviceTypes.indexOf(one.type) === best)
    .sort((a, b) => a.number - b.number)
    .slice(0, 5);
}

/** `Shop API`, `shop-api` and `acme/shop-api` are one name; `shop` is not. */
function isNamed(node: StoredNode, name: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\d]+/gu, "-");
  const wanted = plain(name);
  return plain(node.name) === wanted || plain(node.name.split("/").at(-1) ?? "") === wanted;
}

/** Files of stack frames, and the symbol that each frame's line lies in; a path that fits several files alike is left out. */
export async function findNamed(
  view: GraphView,
  store: Store,
  mentions: readonly Mentions[],
): Promise<Map<number, StoredNode>> {
  const named = new Map<number, StoredNode>();
  if (view.workspace < 0) return named;
  const asked = new Set<string>();
  for (const { frames } of mentions) {
    for (const frame of frames) {
      const id = `${frame.path}:${frame.line ?? ""}`;
      if (asked.size >= mostNamed || asked.has(id)) continue;
      asked.add(id);
      const file = await fileOf(view, frame.path);
      if (file === null) continue;
      const symbol = frame.line === null ? null : await symbolAt(view, store, file, frame.line);
      const node = symbol ?? file;
      named.set(node.number, node);
    }
  }
  return named;
}

async function fileOf(view: GraphView, written: string): Promise<StoredNode | null> {
  const base = written.split("/").at(-1) ?? "";
  if (base.length < 3 || base.length > 200) return null;
  const { hits } = await view.worker.ask(
    "search",
    {
      workspace: view.workspace,
      query: base,
      filter: { types: nodeTypeNumbers(["File"]), sources: undefined, language: undefined, pathPrefix: undefined },
      offset: 0,
      limit: 50,
    },
    view.signal,
  );
  const files = await readNodes(
    view,
    hits.map((hit) => hit.id),
  );
  const fits = [...files.values()]
    .map((file) => ({ file, same: samePath(written, filePath(file.key)) }))
    .filter((one) => one.same > 0)
    .sort((a, b) => b.same - a.same || a.file.number - b.file.number);
  const [best, second] = fits;
  return best === undefined || (second !== undefined && second.same === best.same) ? null : best.file;
}

const filePath = (key: string): string => key.split("#")[1] ?? "";

async function symbolAt(view: GraphView, store: Store, file: StoredNode, line: number): Promise<StoredNode | null> {
  const repository = repositoryPart(file.key);
  if (repository === null) return null;
  const symbols = await symbolsOfFile(store, view.workspaceName, fileKey(repository, filePath(file.key)));
  const holding = symbols
    .filter((one) => one.startLine <= line && line <= one.endLine)
    .sort((a, b) => a.endLine - a.startLine - (b.endLine - b.startLine));
  const [innermost] = holding;
  if (innermost === undefined) return null;
  const id = nodeId(view.workspaceName, innermost.key);
  return (await readNodes(view, [id])).get(id) ?? null;
}
