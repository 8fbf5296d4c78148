// Which pipelines build and deploy something, and where to.
import { z } from "zod";
import { PipelinesAnswer } from "@opentrace/contract/delivery.ts";
import { cursorField, limitField, nodeReference } from "../graph/filters.ts";
import { freshnessOf } from "../graph/freshness.ts";
import { compactNode, presentList } from "../graph/present.ts";
import { needNode, publicNode, readNodes, type StoredNode } from "../graph/read-nodes.ts";
import { decodeCursor, encodeCursor, type GraphDeps, type GraphView, isOffset, openView } from "../graph/view.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { joined, type Joined } from "./edges.ts";
import { nothingConnected } from "./known.ts";
import { newest } from "./newest.ts";
import { placesOf, repositoriesOf } from "./places.ts";
import { compactDelivery, textOf } from "./present.ts";

const Input = z.strictObject({
  node: nodeReference.optional().describe("Id or key of what is built or deployed; all pipelines if absent"),
  deploys: z.boolean().optional().describe("true: only pipelines that deploy"),
  limit: limitField(25, 200),
  cursor: cursorField,
});

const mostEdges = 5_000;

export const pipelinesVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "delivery.pipelines",
    summary: "Pipelines",
    description:
      "Pipelines (workflows) that build or deploy a repository, service, package, folder or file, or all of them: with their latest " +
      "runs, and the newest deployment to each environment. A node in a repository is built by the repository's pipelines.",
    permission: "graph:read",
    input: Input,
    output: PipelinesAnswer,
    http: { method: "GET", path: "/graph/pipelines" },
    mcp: {
      tool: "pipelines",
      listed: false,
      present: (answer, budget) =>
        presentList({
          head: { ...(answer.node === null ? {} : { node: compactNode(answer.node) }), detail: answer.detail },
          name: "pipelines",
          items: answer.pipelines.map((one) => ({
            ...compactDelivery(one.node),
            builds: one.builds,
            deploys: one.deploys,
            environments: one.environments.map(({ name, deployment }) => ({ name, ...compactDelivery(deployment) })),
            runs: runsOf(one.node).slice(0, 3),
          })),
          page: answer.page,
          budget,
        }),
    },
    async run(ctx, input) {
      const view = await openView(deps, ctx);
      const node = input.node === undefined ? null : await needNode(view, input.node);
      const offset = decodeCursor(input.cursor, isOffset) ?? 0;
      const found = node === null ? await all(view, offset + input.limit) : await of(view, node);
      const deploys = await joined(
        view,
        found.pipelines.map((one) => one.number),
        { forward: true, edges: ["DEPLOYS"], ends: ["Deployment"], most: mostEdges },
      );
      const deploymentsOf = Map.groupBy(deploys.found, (one) => one.from);
      const told = found.pipelines.map((pipeline) => {
        const own = found.edges.get(pipeline.number) ?? [];
        const to = deploymentsOf.get(pipeline.number) ?? [];
        const environments = newestByEnvironment(to);
        const used = environments.flatMap(({ deployment }) => to.find((one) => one.end.id === deployment.id) ?? []);
        return {
          node: publicNode(pipeline),
          builds: own.some((one) => one.edge.type === "BUILDS"),
          deploys: to.length > 0 || own.some((one) => one.edge.type === "DEPLOYS"),
          environments: environments.map(({ name, deployment }) => ({ name, deployment: publicNode(deployment) })),
          edges: [...own, ...used].map((one) => one.edge),
        };
      });
      const wanted = input.deploys === true ? told.filter((one) => one.deploys) : told;
      const shown = wanted.slice(offset, offset + input.limit);
      const total = input.deploys === true ? wanted.length : (found.total ?? wanted.length);
      const more = offset + shown.length < total;
      return {
        node: node === null ? null : publicNode(node),
        pipelines: shown,
        detail: shown.length > 0 ? null : await nothingConnected(view, "pipelines"),
        page: {
          returned: shown.length,
          total: deploys.complete ? total : null,
          truncated: more || !deploys.complete,
          nextCursor: more && shown.length > 0 ? encodeCursor(offset + shown.length) : null,
        },
        freshness: await freshnessOf(view, {
          scopes: [...(node === null ? [] : [node.scope]), ...found.pipelines.map((one) => one.scope)],
        }),
      };
    },
  });

interface Pipelines {
  pipelines: StoredNode[];
  edges: Map<number, Joined[]>;
  total?: number;
}

async function all(view: GraphView, limit: number): Promise<Pipelines> {
  const { nodes, total } = await newest(view, { types: ["Pipeline"] }, { offset: 0, limit });
  const built = await joined(
    view,
    nodes.map((one) => one.number),
    { forward: true, edges: ["BUILDS"], ends: ["Repository"], most: mostEdges },
  );
  return { pipelines: nodes, edges: Map.groupBy(built.found, (one) => one.from), total };
}

/** Those with an edge to the node or to what stands for it, and those that build or belong to its repository. */
async function of(view: GraphView, node: StoredNode): Promise<Pipelines> {
  const places = [node, ...(await placesOf(view, node)), ...(await repositoriesOf(view, node))];
  const ids = [...new Set(places.map((place) => place.number))];
  const ask = { ends: ["Pipeline"] as const, most: mostEdges };
  const { found: into } = await joined(view, ids, { ...ask, forward: false, edges: ["BUILDS", "DEPLOYS", "RUNS"] });
  const { found: held } = await joined(view, ids, { ...ask, forward: true, edges: ["CONTAINS", "DEFINES"] });
  const edges = Map.groupBy([...into, ...held], (one) => one.end.number);
  const nodes = await readNodes(view, [...edges.keys()]);
  const pipelines = [...nodes.values()].sort((a, b) => a.name.localeCompare(b.name) || a.number - b.number);
  return { pipelines, edges };
}

/** The current one of each environment, else the one that was made last. */
function newestByEnvironment(deployments: readonly Joined[]): { name: string; deployment: StoredNode }[] {
  const best = new Map<string, StoredNode>();
  const order = (node: StoredNode): string => `${node.props["current"] === true ? 1 : 0} ${textOf(node, "createdAt")}`;
  for (const { end } of deployments) {
    const name = textOf(end, "environment");
    const known = best.get(name);
    if (known === undefined || order(known) < order(end)) best.set(name, end);
  }
  return [...best].sort(([a], [b]) => a.localeCompare(b)).map(([name, deployment]) => ({ name, deployment }));
}

export interface PipelineRun {
  number: number | string | null;
  state: string | null;
  branch: string | null;
  sha: string | null;
  startedAt: string | null;
  seconds: number | null;
  url: string | null;
}

/** The latest runs that a pipeline's node carries, newest first. */
export function runsOf(node: { props: Record<string, unknown> }): PipelineRun[] {
  const { runs } = node.props;
  if (!Array.isArray(runs)) return [];
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  return runs.flatMap((run: unknown) => {
    if (typeof run !== "object" || run === null) return [];
    const { number, state, branch, sha, startedAt, seconds, url } = run as Record<string, unknown>;
    return [
      {
        number: typeof number === "number" || typeof number === "string" ? number : null,
        state: text(state),
        branch: text(branch),
        sha: text(sha),
        startedAt: text(startedAt),
        seconds: typeof seconds === "number" ? seconds : null,
        url: text(url),
      },
    ];
  });
}
