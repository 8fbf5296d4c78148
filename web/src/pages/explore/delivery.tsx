// What is going on around a node: open pull requests, issues, pipelines, what is deployed and owners; and a vendor's own words and runs.
import type { GraphNode, NodeType } from "@opentrace/contract/graph.ts";
import { useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { graph } from "../../api/queries.ts";
import { openNode } from "../../graph/arrange.ts";
import { NodeLabel } from "../../ui/node-mark.tsx";
import { count } from "../../ui/time-text.ts";
import type { Explore } from "./use-explore.ts";

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

/** Nothing at all while nothing is known: most graphs are of code alone. */
export function GoingOn({ node, explore }: { node: GraphNode; explore: Explore }) {
  const { data } = useQuery({ ...graph.delivery(node.id), enabled: asked.has(node.type) });
  if (!data) return null;
  const parts = [
    { title: "Open pull requests", page: data.pullRequests.page, nodes: data.pullRequests.pullRequests },
    { title: "Open issues", page: data.issues.page, nodes: data.issues.issues },
    { title: "Pipelines", page: data.pipelines.page, nodes: data.pipelines.pipelines },
    { title: "Deployed now", page: data.deployments.page, nodes: data.deployments.deployments },
    { title: "Owners", page: data.owners.page, nodes: data.owners.owners },
  ].filter((part) => part.nodes.length > 0);
  return parts.map(({ title, page, nodes }) => (
    <section key={title} aria-label={title} className="flex flex-col gap-1.5">
      <h3 className="text-sm text-faint">
        {title} ({count(page.total ?? page.returned)})
      </h3>
      <ul className="flex flex-col">
        {[...new Map(nodes.map((each) => [each.node.id, each.node])).values()].map((each) => {
          const url = webAddress(each.props.url);
          return (
            <li key={each.id} className="flex items-center gap-2">
              <button
                type="button"
                onClick={() => explore.change(openNode(explore.state, each.id))}
                className="min-w-0 flex-1 rounded-md px-1.5 py-1 text-left hover:bg-hover"
              >
                <NodeLabel node={each} />
              </button>
              {url ? (
                <VendorLink url={url}>
                  {typeof each.props.number === "number" ? `#${each.props.number}` : "Open"}
                </VendorLink>
              ) : null}
            </li>
          );
        })}
      </ul>
    </section>
  ));
}
