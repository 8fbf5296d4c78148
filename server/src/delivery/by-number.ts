// "Pull request 12": the node of that number in each repository, found by its key.
import { repositoryPart } from "./places.ts";
import { nodeId } from "../graph/node-id.ts";
import { readNodes, type StoredNode } from "../graph/read-nodes.ts";
import type { GraphView } from "../graph/view.ts";
import { nodeTypeNumbers } from "../graph/vocabulary.ts";

const mostRepositories = 5_000;

/** In the order of the repositories' names. `keyOf` spells the key of a number in a repository. */
export async function nodesByNumber(
  view: GraphView,
  within: readonly StoredNode[] | null,
  keyOf: (repository: string) => string,
): Promise<StoredNode[]> {
  const repositories = within ?? (await allRepositories(view));
  const ids = repositories.flatMap(({ key }) => {
    const part = repositoryPart(key);
    return part === null ? [] : [nodeId(view.workspaceName, keyOf(part))];
  });
  const found = await readNodes(view, ids);
  return [...new Set(ids)].flatMap((id) => found.get(id) ?? []);
}

async function allRepositories(view: GraphView): Promise<StoredNode[]> {
  if (view.workspace < 0) return [];
  const { ids } = await view.worker.ask(
    "list",
    {
      workspace: view.workspace,
      filter: {
        types: nodeTypeNumbers(["Repository"]),
        sources: undefined,
        language: undefined,
        pathPrefix: undefined,
      },
      namePrefix: "",
      after: null,
      limit: mostRepositories,
    },
    view.signal,
  );
  const nodes = await readNodes(view, ids);
  return ids.flatMap((id) => nodes.get(id) ?? []);
}
