// Commands that ask about delivery: what changed, pull requests, issues, pipelines, deployments, owners.
import type {
  DeliveryOverview,
  DeploymentsAnswer,
  IssuesAnswer,
  OwnersAnswer,
  PipelinesAnswer,
  PullRequestsAnswer,
} from "@opentrace/contract/delivery.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { GraphNode, Page } from "@opentrace/contract/graph.ts";
import type { ChangesAnswer } from "@opentrace/server/src/repositories/changes.ts";
import type { Client } from "../client.ts";
import { findNode } from "../find-node.ts";
import { cut, none, table } from "../output.ts";
import type { Values, VerbCommand } from "./verb-command.ts";

const text = (node: GraphNode, name: string): string => {
  const value = node.props[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
};
const day = (iso: string): string => iso.slice(0, 16).replace("T", " ");
const number = (node: GraphNode): string => (text(node, "number") === "" ? "" : `#${text(node, "number")}`);
/** Why there is nothing is said on top; without a reason there simply is nothing. */
const empty = (what: string, detail: string | null): string => detail ?? none(what);

/** `flask` is a package and a folder too; what changes, has pull requests and is deployed is the repository. */
const delivering = ["Service", "Repository"] as const;

async function aboutNode({ node, since, ...rest }: Values, client: Client, signal: AbortSignal): Promise<Values> {
  return {
    ...rest,
    ...(typeof node === "string" ? { node: (await findNode(client, node, signal, delivering)).id } : {}),
    ...(typeof since === "string" ? { since: momentOf(since, new Date()) } : {}),
  };
}

const hoursOf: Record<string, number> = { h: 1, d: 24, w: 168 };

/** `3d`, `yesterday` or `2026-11-20` (midnight here), or a time with its zone → ISO in UTC. */
export function momentOf(written: string, now: Date): string {
  const [, amount, unit = ""] = /^(\d{1,4})([hdw])$/.exec(written) ?? [];
  const daysBack = { today: 0, yesterday: 1 }[written.toLowerCase()];
  let date: Date;
  if (amount !== undefined) date = new Date(now.getTime() - Number(amount) * (hoursOf[unit] ?? 0) * 3_600_000);
  else if (daysBack !== undefined) date = new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysBack);
  else date = new Date(/^\d{4}-\d{2}-\d{2}$/.test(written) ? `${written}T00:00:00` : written);
  if (Number.isNaN(date.getTime()))
    throw new AppError(
      "bad_request",
      `--since should be 2026-11-20, an ISO time, yesterday, or 3d, 12h, 2w; not ${written}.`,
    );
  return date.toISOString();
}

interface Listed {
  detail: string | null;
  page: Page;
}

/** How a list is shown: a line for each, or why there is none. */
const lines =
  <Answer extends Listed, Item>(
    what: string,
    itemsOf: (answer: Answer) => readonly Item[],
    cells: (item: Item) => string[],
  ) =>
  (answer: Answer): string => {
    const items = itemsOf(answer);
    return items.length === 0 ? empty(what, answer.detail) : table(items.map(cells)) + cut(answer);
  };

const showPullRequests = lines(
  "pull requests",
  (answer: PullRequestsAnswer) => answer.pullRequests,
  ({ node, how }) => [number(node), text(node, "state"), node.name, text(node, "author"), how, text(node, "url")],
);
const showIssues = lines(
  "issues",
  (answer: IssuesAnswer) => answer.issues,
  ({ node, how }) => [number(node), text(node, "state"), node.name, how, text(node, "url")],
);
const showPipelines = lines(
  "pipelines",
  (answer: PipelinesAnswer) => answer.pipelines,
  (one) => [
    one.node.name,
    text(one.node, "state"),
    text(one.node, "path"),
    one.deploys ? `deploys to ${one.environments.map((place) => place.name).join(", ")}` : "builds",
    one.node.key,
  ],
);
const showDeployments = lines(
  "deployments",
  (answer: DeploymentsAnswer) => answer.deployments,
  ({ node, repository, pipeline }) => [
    day(text(node, "createdAt")),
    text(node, "environment"),
    repository?.name ?? "",
    text(node, "ref"),
    text(node, "sha").slice(0, 10),
    text(node, "state"),
    pipeline?.name ?? "",
  ],
);
const showOwners = lines(
  "owners",
  (answer: OwnersAnswer) => answer.owners,
  (one) => [one.node.type, one.node.name, one.how, one.of.key, one.edge.provenance[0]?.evidence[0] ?? ""],
);

function showOverview({ node, pullRequests, issues, pipelines, deployments, owners }: DeliveryOverview): string {
  const section = (title: string, shown: string): string => `${title}\n${shown}`;
  return [
    `${node.type} ${node.name}`,
    section("Open pull requests", showPullRequests(pullRequests)),
    section("Open issues", showIssues(issues)),
    section("Pipelines", showPipelines(pipelines)),
    section("Deployed now", showDeployments(deployments)),
    section("Owners", showOwners(owners)),
  ].join("\n\n");
}

export const deliveryCommands: Record<string, VerbCommand> = {
  changes: {
    verb: "repositories.changes",
    input: aboutNode,
    show: (answer: ChangesAnswer) =>
      [
        ...(answer.commits.length === 0
          ? []
          : [
              table(
                answer.commits.map((one) => [
                  one.sha.slice(0, 10),
                  day(one.committedAt),
                  one.repository,
                  one.author,
                  one.subject,
                ]),
              ) + cut(answer),
            ]),
        ...(answer.delivery.length === 0
          ? []
          : [
              table(
                answer.delivery.map((one) => [
                  one.what,
                  day(one.at),
                  one.node.type,
                  one.node.name,
                  one.detail ?? "",
                  one.url ?? "",
                ]),
              ),
            ]),
        ...(answer.commits.length + answer.delivery.length === 0 ? [none("changes")] : []),
        ...(answer.detail === null ? [] : [answer.detail]),
      ].join("\n\n"),
  },
  delivery: { verb: "delivery.overview", input: aboutNode, show: showOverview },
  prs: { verb: "delivery.pullRequests", input: aboutNode, show: showPullRequests },
  issues: { verb: "delivery.issues", input: aboutNode, show: showIssues },
  pipelines: { verb: "delivery.pipelines", input: aboutNode, show: showPipelines },
  deployments: { verb: "delivery.deployments", input: aboutNode, show: showDeployments },
  owners: { verb: "delivery.owners", input: aboutNode, show: showOwners },
};
