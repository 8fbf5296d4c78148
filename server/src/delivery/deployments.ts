// What was deployed where: newest first, of everything or of one repository, service or pipeline.
import { z } from "zod";
import { DeploymentsAnswer } from "@opentrace/contract/delivery.ts";
import { cursorField, limitField, nodeReference } from "../graph/filters.ts";
import { freshnessOf } from "../graph/freshness.ts";
import { compactNode, presentList } from "../graph/present.ts";
import { needNode, publicNode, type StoredNode } from "../graph/read-nodes.ts";
import { decodeCursor, encodeCursor, type GraphDeps, type GraphView, isOffset, openView } from "../graph/view.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { joined } from "./edges.ts";
import { nothingConnected } from "./known.ts";
import { indexTime, newestWhere } from "./newest.ts";
import { repositoriesOf, repositoryPart } from "./places.ts";
import { compactDelivery, textOf } from "./present.ts";

const Input = z.strictObject({
  node: nodeReference.optional().describe("Id or key of what is deployed, or of the pipeline; everything if absent"),
  environment: z.string().min(1).max(200).optional().describe("Only to this environment; prod means production"),
  since: z.iso.datetime({ offset: true }).optional().describe("Only those made after this time (ISO 8601)"),
  current: z.boolean().optional().describe("true: only the newest of each repository and environment"),
  limit: limitField(25, 200),
  cursor: cursorField,
});

const mostEdges = 5_000;

export const deploymentsVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "delivery.deployments",
    summary: "Deployments",
    description:
      "What was deployed, newest first: to an environment, since a time, of a repository, service or pipeline, or of everything; each " +
      "with its repository, pipeline and commit where they are known.",
    permission: "graph:read",
    input: Input,
    output: DeploymentsAnswer,
    http: { method: "GET", path: "/graph/deployments" },
    mcp: {
      tool: "deployments",
      listed: false,
      present: (answer, budget) =>
        presentList({
          head: {
            ...(answer.node === null ? {} : { node: compactNode(answer.node) }),
            environments: answer.environments,
            detail: answer.detail,
          },
          name: "deployments",
          items: answer.deployments.map((one) => ({
            ...compactDelivery(one.node),
            repository: one.repository?.key ?? null,
            pipeline: one.pipeline?.key ?? null,
          })),
          page: answer.page,
          budget,
        }),
    },
    async run(ctx, input) {
      const view = await openView(deps, ctx);
      const node = input.node === undefined ? null : await needNode(view, input.node);
      const offset = decodeCursor(input.cursor, isOffset) ?? 0;
      const since = input.since === undefined ? null : indexTime(new Date(input.since));
      const made = node === null ? await listed(view, null, since) : await of(view, node, since);
      const environments = new Set<string>();
      const inTime = made.nodes.filter((one) => since === null || textOf(one, "createdAt") >= since);
      const seen = new Set<string>();
      const wanted = inTime.toSorted(madeLast).filter((one) => {
        const name = textOf(one, "environment");
        environments.add(name);
        const place = `${repositoryPart(one.key) ?? ""} ${name}`;
        const isNewest = !seen.has(place);
        seen.add(place);
        if (input.current === true && !isNewest) return false;
        return input.environment === undefined || isEnvironment(name, input.environment);
      });
      const shown = wanted.slice(offset, offset + input.limit);
      const more = offset + shown.length < wanted.length;
      return {
        node: node === null ? null : publicNode(node),
        deployments: await withContext(view, shown),
        environments: [...environments].sort().slice(0, 100),
        detail: shown.length > 0 ? null : await nothingConnected(view, "deployments"),
        page: {
          returned: shown.length,
          total: made.complete ? wanted.length : null,
          truncated: more || !made.complete,
          nextCursor: more ? encodeCursor(offset + shown.length) : null,
        },
        freshness: await freshnessOf(view, {
          scopes: [...(node === null ? [] : [node.scope]), ...shown.map((one) => one.scope)],
        }),
      };
    },
  });

const madeLast = (a: StoredNode, b: StoredNode): number => (textOf(a, "createdAt") < textOf(b, "createdAt") ? 1 : -1);

/** People say prod, staging and dev; vendors spell them in many ways. */
export function isEnvironment(name: string, asked: string): boolean {
  const [one, other] = [name.toLowerCase(), asked.toLowerCase()];
  if (one === other) return true;
  return ["prod", "stag", "dev", "test"].some(
    (stem) =>
      other.startsWith(stem) &&
      /^[a-z]+$/.test(other) &&
      (one.startsWith(stem) || one.split(/[^a-z]+/).includes(other)),
  );
}

/** Nothing that was made since can have changed before. */
const listed = (view: GraphView, repository: string | null, since: string | null) =>
  newestWhere(
    view,
    {
      types: ["Deployment"],
      ...(repository === null ? {} : { repository }),
      ...(since === null ? {} : { since }),
    },
    () => true,
  );

async function of(
  view: GraphView,
  node: StoredNode,
  since: string | null,
): Promise<{ nodes: StoredNode[]; complete: boolean }> {
  const direct = await joined(view, [node.number], {
    forward: node.type === "Pipeline",
    edges: ["DEPLOYS"],
    ends: ["Deployment"],
    most: mostEdges,
  });
  if (node.type === "Pipeline") return { nodes: direct.found.map((one) => one.end), complete: direct.complete };
  const found = new Map(direct.found.map((one) => [one.end.number, one.end]));
  let { complete } = direct;
  for (const repository of await repositoriesOf(view, node)) {
    const part = await listed(view, repositoryPart(repository.key), since);
    for (const one of part.nodes) found.set(one.number, one);
    complete &&= part.complete;
  }
  return { nodes: [...found.values()], complete };
}

async function withContext(view: GraphView, shown: readonly StoredNode[]): Promise<DeploymentsAnswer["deployments"]> {
  const ids = shown.map((one) => one.number);
  const ask = { edges: ["DEPLOYS"] as const, most: mostEdges };
  const { found: to } = await joined(view, ids, { ...ask, forward: true, ends: ["Repository", "Commit"] });
  const { found: by } = await joined(view, ids, { ...ask, forward: false, ends: ["Pipeline"] });
  const end = (edges: typeof to, node: StoredNode, type: string) => {
    const one = edges.find((edge) => edge.from === node.number && edge.end.type === type);
    return one === undefined ? null : publicNode(one.end);
  };
  return shown.map((node) => ({
    node: publicNode(node),
    repository: end(to, node, "Repository"),
    pipeline: end(by, node, "Pipeline"),
    commit: end(to, node, "Commit"),
  }));
}
