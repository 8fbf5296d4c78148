// All of delivery about one thing in one answer: open pull requests and issues, pipelines, what is deployed, owners.
import { z } from "zod";
import { DeliveryOverview, type OwnersAnswer } from "@opentrace/contract/delivery.ts";
import type { Page, SourceFreshness } from "@opentrace/contract/graph.ts";
import { limitField, nodeReference } from "../graph/filters.ts";
import { compactEdge, compactNode } from "../graph/present.ts";
import type { GraphDeps } from "../graph/view.ts";
import { defineVerb, type Verb, type VerbContext } from "../verb.ts";
import { deploymentsVerb } from "./deployments.ts";
import { issuesVerb } from "./issues.ts";
import { ownersVerb } from "./owners.ts";
import { pipelinesVerb } from "./pipelines.ts";
import { compactDelivery } from "./present.ts";
import { pullRequestsVerb } from "./pull-requests.ts";

const Input = z.strictObject({
  node: nodeReference.describe("Id or key of a function, file, folder, package, service or repository"),
  limit: limitField(10, 50).describe("At most so many of each"),
});

export function overviewVerb(deps: GraphDeps): Verb {
  const [pullRequests, issues, pipelines] = [pullRequestsVerb(deps), issuesVerb(deps), pipelinesVerb(deps)];
  const [deployments, owners] = [deploymentsVerb(deps), ownersVerb(deps)];
  // The caller names the answer's type, which the verb declares.
  const run = async <T>(verb: Verb, ctx: VerbContext, input: Record<string, unknown>): Promise<T> =>
    (await verb.run(ctx, verb.input.parse(input))) as T;
  return defineVerb({
    name: "delivery.overview",
    summary: "Delivery of a node",
    description:
      "What is going on around a node: open pull requests that touch it, open issues about it, the pipelines that build and deploy " +
      "it, what is deployed now, and who owns it. Each list says how many there are; ask for one of them to see the rest.",
    permission: "graph:read",
    input: Input,
    output: DeliveryOverview,
    http: { method: "GET", path: "/graph/delivery" },
    mcp: { tool: "delivery", present },
    async run(ctx, input) {
      const answer = {
        pullRequests: await run<DeliveryOverview["pullRequests"]>(pullRequests, ctx, { ...input, state: ["open"] }),
        issues: await run<DeliveryOverview["issues"]>(issues, ctx, { ...input, state: "open" }),
        pipelines: await run<DeliveryOverview["pipelines"]>(pipelines, ctx, input),
        deployments: await run<DeliveryOverview["deployments"]>(deployments, ctx, { ...input, current: true }),
        owners: await run<OwnersAnswer>(owners, ctx, input),
      };
      const freshness = new Map<string, SourceFreshness>();
      for (const part of Object.values(answer)) for (const one of part.freshness) freshness.set(one.source, one);
      return { node: answer.owners.node, ...answer, freshness: [...freshness.values()] };
    },
  });
}

const sizeOf = ({ total, returned, truncated }: Page) => ({ total, returned, truncated });

function present(answer: DeliveryOverview, budget: number): object {
  const most = Math.max(1, Math.floor(budget / 500));
  const part = <T>(items: readonly T[], page: Page, show: (item: T) => object) => ({
    items: items.slice(0, most).map(show),
    ...sizeOf({ ...page, returned: Math.min(most, items.length), truncated: page.truncated || items.length > most }),
  });
  const { pullRequests, issues, pipelines, deployments, owners } = answer;
  const details = [pullRequests, issues, pipelines, deployments, owners].flatMap((one) => one.detail ?? []);
  return {
    node: compactNode(answer.node),
    open_pull_requests: part(pullRequests.pullRequests, pullRequests.page, (one) => ({
      ...compactDelivery(one.node),
      how: one.how,
    })),
    open_issues: part(issues.issues, issues.page, (one) => ({ ...compactDelivery(one.node), how: one.how })),
    pipelines: part(pipelines.pipelines, pipelines.page, (one) => ({
      ...compactDelivery(one.node),
      deploys_to: one.environments.map((place) => place.name),
    })),
    deployed_now: part(deployments.deployments, deployments.page, (one) => compactDelivery(one.node)),
    owners: part(owners.owners, owners.page, (one) => ({
      key: one.node.key,
      name: one.node.name,
      how: one.how,
      of: one.of.key,
      stated: compactEdge(one.edge),
    })),
    detail: details[0] ?? null,
  };
}
