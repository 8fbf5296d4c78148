// What the questions over delivery answer: pull requests, issues, pipelines, deployments and owners of what is in the graph.
import { z } from "zod";
import { GraphEdge, GraphNode, Page, SourceFreshness } from "./graph.ts";

const freshness = z.array(SourceFreshness).describe("State of every source whose facts are in the answer");
const detail = z
  .string()
  .nullable()
  .describe("What the answer leaves open, and why; null when there is nothing to say");

/** A node that was asked about (or a part of it), with the edge that leads to it. */
export const Touch = z.object({ node: GraphNode, edge: GraphEdge });
export type Touch = z.infer<typeof Touch>;

export const PullRequestState = z.enum(["open", "merged", "closed"]);
export type PullRequestState = z.infer<typeof PullRequestState>;

/**
 * itself: its changed lines lie in the node. part: in something that the node holds. file: it changes the node's file, and which lines is
 * not known. repository: it belongs to the repository that was asked about.
 */
export const TouchKind = z.enum(["itself", "part", "file", "repository"]);
export type TouchKind = z.infer<typeof TouchKind>;

export const PullRequestsAnswer = z.object({
  node: GraphNode.nullable(),
  pullRequests: z.array(
    z.object({
      node: GraphNode,
      how: TouchKind,
      touches: z.array(Touch).describe("What it changes of the node, the first 20"),
      touchesTotal: z.int(),
    }),
  ),
  detail,
  page: Page,
  freshness,
});
export type PullRequestsAnswer = z.infer<typeof PullRequestsAnswer>;

export const IssuesAnswer = z.object({
  node: GraphNode.nullable(),
  issues: z.array(
    z.object({
      node: GraphNode,
      /** pull request: one that changes the node mentions or closes it. title: it names the node. */
      how: z.enum(["linked", "pull request", "title", "repository"]),
      /** The edges from which this is known. */
      through: z.array(Touch),
    }),
  ),
  detail,
  page: Page,
  freshness,
});
export type IssuesAnswer = z.infer<typeof IssuesAnswer>;

export const PipelinesAnswer = z.object({
  node: GraphNode.nullable(),
  pipelines: z.array(
    z.object({
      node: GraphNode,
      builds: z.boolean(),
      deploys: z.boolean(),
      /** Where it deploys to, with the newest deployment to each place. */
      environments: z.array(z.object({ name: z.string(), deployment: GraphNode })),
      edges: z.array(GraphEdge).describe("From which this is known"),
    }),
  ),
  detail,
  page: Page,
  freshness,
});
export type PipelinesAnswer = z.infer<typeof PipelinesAnswer>;

export const DeploymentsAnswer = z.object({
  node: GraphNode.nullable(),
  deployments: z.array(
    z.object({
      node: GraphNode,
      repository: GraphNode.nullable(),
      pipeline: GraphNode.nullable(),
      commit: GraphNode.nullable(),
    }),
  ),
  environments: z.array(z.string()).describe("All that the deployments looked at went to"),
  detail,
  page: Page,
  freshness,
});
export type DeploymentsAnswer = z.infer<typeof DeploymentsAnswer>;

export const OwnersAnswer = z.object({
  node: GraphNode,
  owners: z.array(
    z.object({
      node: GraphNode,
      edge: GraphEdge,
      /** What is stated to be owned: the node, what holds it, or something in it. */
      of: GraphNode,
      how: z.enum(["itself", "inherited", "part"]),
    }),
  ),
  detail,
  page: Page,
  freshness,
});
export type OwnersAnswer = z.infer<typeof OwnersAnswer>;

/** What happened to one thing of delivery since a time. */
export const DeliveryChange = z.object({
  what: z.enum(["opened", "merged", "closed", "updated", "deployed", "released", "ran"]),
  node: GraphNode,
  at: z.string(),
  by: z.string().nullable(),
  url: z.string().nullable(),
  detail: z.string().nullable(),
});
export type DeliveryChange = z.infer<typeof DeliveryChange>;

/** Everything about one node, each list with how many there are. */
export const DeliveryOverview = z.object({
  node: GraphNode,
  pullRequests: PullRequestsAnswer,
  issues: IssuesAnswer,
  pipelines: PipelinesAnswer,
  deployments: DeploymentsAnswer,
  owners: OwnersAnswer,
  freshness,
});
export type DeliveryOverview = z.infer<typeof DeliveryOverview>;
