// Where something is: the repository that a key names, and for what is in none (a package, a service) the code that stands for it.
import type { EdgeType } from "@opentrace/contract/graph.ts";
import { repositoryKey } from "@opentrace/contract/keys.ts";
import { adjacencyOf } from "../graph/adjacency.ts";
import { findNode, readNodes, type StoredNode } from "../graph/read-nodes.ts";
import type { GraphView } from "../graph/view.ts";
import { edgeTypeNumbers } from "../graph/vocabulary.ts";

const inRepository =
  /^(?:repo|dir|file|symbol|module|branch|commit|issue|pr|pipeline|deployment|release|milestone):([^#]+)/;

/** `symbol:github.com/acme/shop#src/pay.ts#charge` → `github.com/acme/shop`; null for what is in no repository. */
export const repositoryPart = (key: string): string | null => inRepository.exec(key)?.[1] ?? null;

export const pathOf = (key: string): string | null => /^(?:file|dir|symbol):[^#]*#([^#]*)/.exec(key)?.[1] ?? null;

const standsFor: readonly EdgeType[] = ["CONTAINS", "DEFINES", "BUILDS", "DEPLOYS", "RUNS", "SAME_AS"];
const mostPlaces = 50;

/** The node itself when a repository holds it, else what holds, defines, builds or runs it and is in one. */
export async function placesOf(view: GraphView, node: StoredNode): Promise<StoredNode[]> {
  if (repositoryPart(node.key) !== null) return [node];
  const near = new Set<number>();
  const adjacency = adjacencyOf(view);
  const types = new Set(edgeTypeNumbers(standsFor));
  for (const forward of [true, false])
    await adjacency.expand([node.number], forward, types, (_from, to) => void near.add(to));
  const found = await readNodes(view, [...near].slice(0, mostPlaces * 4));
  const places = [...found.values()].filter((one) => repositoryPart(one.key) !== null);
  // A manifest's folder says more than the manifest.
  const folders = places.filter((one) => one.type === "Directory" || one.type === "Repository");
  return (folders.length > 0 ? folders : places).slice(0, mostPlaces);
}

export async function repositoriesOf(view: GraphView, node: StoredNode): Promise<StoredNode[]> {
  const parts = new Set((await placesOf(view, node)).map((place) => repositoryPart(place.key)));
  const found: StoredNode[] = [];
  for (const part of parts) {
    const repository = part === null ? null : await findNode(view, repositoryKey(part));
    if (repository !== null) found.push(repository);
  }
  return found;
}
