// What is going on around a node: pull requests, issues, pipelines, what is deployed, owners, and what changed last; in the vendor's words.
import type { DeliveryChange } from "@opentrace/contract/delivery.ts";
import type { GraphNode, NodeType } from "@opentrace/contract/graph.ts";
import { useQuery } from "@tanstack/react-query";
import { ExternalLink, GitCommitHorizontal } from "lucide-react";
import type { ReactNode } from "react";
import { type Commit, graph } from "../../api/queries.ts";
import { NodeLabel } from "../../ui/node-mark.tsx";
import { Time } from "../../ui/time.tsx";
import { count } from "../../ui/time-text.ts";

/** What can be touched, built, deployed or owned. */
const asked: ReadonlySet<NodeType> = new Set([
  "Repository",
  "Directory",
  "File",
  "Module",
  "Class",
  "Interface",
  "Function",
  "Method",
  "Package",
  "Service",
]);

/** Only addresses of the web are followed, whatever a vendor says. */
export const webAddress = (value: unknown): string | null =>
  typeof value === "string" && /^https?:\/\/[^\s]+$/.test(value) ? value : null;

export function VendorLink({ url, children }: { url: string; children: string }) {
  return (
    <a
      href={url}
      target="_blank"
      rel="noopener noreferrer"
      className="inline-flex items-center gap-1 rounded-sm break-all text-accent-text hover:underline"
    >
      {children} <ExternalLink size={12} aria-hidden className="shrink-0" />
    </a>
  );
}

/** How a node is shown and opened where this stands: in the explorer's panel, or on a page of its own. */
export type NodeLine = (node: GraphNode, shown: ReactNode) => ReactNode;
type Frame = (title: string, amount: string, children: ReactNode) => ReactNode;

interface Props {
  node: Pick<GraphNode, "id" | "type">;
  line: NodeLine;
  frame: Frame;
}

/** Nothing at all while nothing is known: most graphs are of code alone. */
export function GoingOn({ node, line, frame }: Props) {
  const enabled = asked.has(node.type);
  const { data } = useQuery({ ...graph.delivery(node.id), enabled });
  const { data: merged } = useQuery({ ...graph.mergedPullRequests(node.id), enabled });
  const parts = [
    { title: "Open pull requests", page: data?.pullRequests.page, nodes: data?.pullRequests.pullRequests },
    { title: "Merged pull requests", page: merged?.page, nodes: merged?.pullRequests },
    { title: "Open issues", page: data?.issues.page, nodes: data?.issues.issues },
    { title: "Pipelines", page: data?.pipelines.page, nodes: data?.pipelines.pipelines },
    { title: "Deployed now", page: data?.deployments.page, nodes: data?.deployments.deployments },
    { title: "Owners", page: data?.owners.page, nodes: data?.owners.owners },
  ];
  return (
    <>
      {parts.map(({ title, page, nodes = [] }) =>
        page === undefined || nodes.length === 0
          ? null
          : frame(
              title,
              count(page.total ?? page.returned),
              <ul key={title} className="flex flex-col">
                {[...new Map(nodes.map((each) => [each.node.id, each.node])).values()].map((each) => (
                  <li key={each.id} className="flex items-center gap-2">
                    {line(each, <NodeLabel node={each} place={false} />)}
                    <When node={each} />
                    <Outside url={each.props.url} number={each.props.number} />
                  </li>
                ))}
              </ul>,
            ),
      )}
      {enabled ? <RecentChanges node={node} line={line} frame={frame} /> : null}
    </>
  );
}

/** When a merged one was merged: what is looked for when something broke. */
function When({ node: { props } }: { node: GraphNode }) {
  return typeof props.mergedAt === "string" ? (
    <span className="shrink-0 text-sm text-faint">
      <Time at={props.mergedAt} />
    </span>
  ) : null;
}

function Outside({ url, number }: { url: unknown; number?: unknown }) {
  const address = webAddress(url);
  return address === null ? null : (
    <VendorLink url={address}>{typeof number === "number" ? `#${number}` : "Open"}</VendorLink>
  );
}

const mostChanges = 8;
type Change = { at: string; commit: Commit } | { at: string; delivery: DeliveryChange };

/** Commits of its code, deployments, releases, runs: the newest of all of them. */
function RecentChanges({ node, line, frame }: Props) {
  const { data } = useQuery(graph.changes(node.id));
  const changes: Change[] = [
    ...(data?.commits ?? []).map((commit) => ({ at: commit.committedAt, commit })),
    ...(data?.delivery ?? []).map((delivery) => ({ at: delivery.at, delivery })),
  ]
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .slice(0, mostChanges);
  if (changes.length === 0) return null;
  const title = "Recent changes";
  return frame(
    title,
    "",
    <ul key={title} className="flex flex-col">
      {changes.map((change) => {
        if ("delivery" in change) {
          const { delivery } = change;
          return (
            <li key={`${delivery.what} ${delivery.node.id}`} className="flex items-center gap-2">
              {line(
                delivery.node,
                <span className="flex min-w-0 items-center gap-1.5">
                  <span className="shrink-0 text-sm text-muted">{delivery.what}</span>
                  <NodeLabel node={delivery.node} place={false} />
                </span>,
              )}
              <span className="shrink-0 text-sm text-faint">
                <Time at={delivery.at} />
              </span>
              <Outside url={delivery.url} number={delivery.node.props.number} />
            </li>
          );
        }
        const { sha, subject, author, committedAt } = change.commit;
        return (
          <li key={sha} className="flex min-w-0 items-center gap-1.5 px-1.5 py-1">
            <GitCommitHorizontal size={14} role="img" aria-label="Commit" className="shrink-0 text-faint" />
            <span className="min-w-0 flex-1 truncate" title={`${subject} (${author})`}>
              {subject} <span className="text-sm text-faint">{author}</span>
            </span>
            <span className="shrink-0 font-mono text-sm text-faint">{sha.slice(0, 8)}</span>
            <span className="shrink-0 text-sm text-faint">
              <Time at={committedAt} />
            </span>
          </li>
        );
      })}
    </ul>,
  );
}
