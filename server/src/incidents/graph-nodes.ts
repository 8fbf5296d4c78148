// What incidents and evidence say they are about → nodes of the graph: by id, key, or the name of a service.
import { AppError } from "@opentrace/contract/errors.ts";
import type { NodeReference } from "@opentrace/contract/incidents.ts";
import type { NodeType } from "@opentrace/contract/graph.ts";
import { findNode, needNode, readNodes, type StoredNode } from "../graph/read-nodes.ts";
import { type GraphDeps, openView } from "../graph/view.ts";
import { nodeTypeNumbers } from "../graph/vocabulary.ts";
import type { VerbContext } from "../verb.ts";

type LookContext = Pick<VerbContext, "workspace" | "signal" | "now">;

export interface GraphNodes {
  /** Throws `unprocessable`, naming the one that does not exist and what may have been meant. */
  need(ctx: LookContext, references: readonly string[]): Promise<NodeReference[]>;
  /** By key alone: costs little. */
  byKey(ctx: LookContext, keys: readonly string[]): Promise<Map<string, NodeReference>>;
  /** Those of these names that the graph knows one service, workload, repository … by. */
  services(ctx: LookContext, names: readonly string[]): Promise<Map<string, NodeReference>>;
}

/** What people call a service, the most telling first. */
const serviceTypes: readonly NodeType[] = [
  "Service",
  "Workload",
  "KubernetesService",
  "ExternalService",
  "Database",
  "Queue",
  "Cache",
  "Repository",
];

const toReference = ({ id, key, type, name }: StoredNode): NodeReference => ({ id, key, type, name });

export function createGraphNodes(deps: GraphDeps): GraphNodes {
  return {
    async need(ctx, references) {
      const view = await openView(deps, ctx);
      const found: NodeReference[] = [];
      for (const [at, reference] of references.entries()) {
        try {
          found.push(toReference(await needNode(view, reference)));
        } catch (error) {
          if (!(error instanceof AppError) || error.code !== "not_found") throw error;
          const field = `nodes.${at}`;
          throw new AppError("unprocessable", `${field}: ${error.message}`, {
            cause: error,
            details: { ...error.details, errors: [{ field, message: error.message }] },
          });
        }
      }
      return [...new Map(found.map((node) => [node.id, node])).values()];
    },

    async byKey(ctx, keys) {
      const view = await openView(deps, ctx);
      const found = new Map<string, NodeReference>();
      for (const key of new Set(keys)) {
        const node = await findNode(view, key);
        if (node !== null) found.set(key, toReference(node));
      }
      return found;
    },

    async services(ctx, names) {
      const view = await openView(deps, ctx);
      const found = new Map<string, NodeReference>();
      for (const name of new Set(names)) {
        const node =
          (await findNode(view, name)) ??
          (await findNode(view, `service:${name}`)) ??
          (await findNode(view, `service:${name.toLowerCase()}`));
        if (node !== null) found.set(name, toReference(node));
      }
      const left = [...new Set(names)].filter((name) => !found.has(name) && name.length <= 200);
      if (view.workspace < 0) return found;
      for (const query of left) {
        const filter = { types: nodeTypeNumbers(serviceTypes) };
        const { hits } = await view.worker.ask(
          "search",
          { workspace: view.workspace, query, filter, offset: 0, limit: 20 },
          view.signal,
        );
        const nodes = await readNodes(
          view,
          hits.map((hit) => hit.id),
        );
        const isIt = (node: StoredNode): boolean =>
          [node.name, node.name.split("/").at(-1)].some((name) => name?.toLowerCase() === query.toLowerCase());
        const named = [...nodes.values()].filter(isIt);
        named.sort((a, b) => serviceTypes.indexOf(a.type) - serviceTypes.indexOf(b.type));
        const [best, next] = named;
        // Two of the same kind and name: which one is meant is not known, so none is claimed.
        if (best !== undefined && best.type !== next?.type) found.set(query, toReference(best));
      }
      return found;
    },
  };
}
