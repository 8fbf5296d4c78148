// A node's source in the side panel.
import type { GraphNode } from "@opentrace/contract/graph.ts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowUpRight } from "lucide-react";
import { graph } from "../../api/queries.ts";
import { pathOf, repositoryKeyOf } from "../../graph/describe.ts";
import { CodeLines } from "../../ui/code-lines.tsx";
import { buttonClasses } from "../../ui/button.tsx";
import { EmptyState, ErrorNote, SkeletonRows } from "../../ui/states.tsx";
import { sourceSearch } from "../source/url.ts";

const most = 80;

export function SourceSnippet({ node }: { node: GraphNode }) {
  const path = pathOf(node);
  const repository = repositoryKeyOf(node);
  const readable = path !== null && repository !== null && node.type !== "Directory";
  const { data, error, refetch } = useQuery({ ...graph.source({ id: node.id }), enabled: readable });
  if (!readable) return <EmptyState title={`A ${node.type.toLowerCase()} has no source of its own`} />;
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={8} />;
  const lines = data.text.split("\n").slice(0, most);
  return (
    <div className="flex flex-col gap-2">
      <div
        className="overflow-x-auto rounded-md border border-line bg-bg py-2"
        tabIndex={0}
        role="region"
        aria-label="Source"
      >
        <CodeLines lines={lines} first={data.startLine} language={data.language} />
      </div>
      <Link
        to="/source"
        search={sourceSearch({ repository, path, lines: { start: data.startLine, end: data.endLine } })}
        className={buttonClasses("quiet", true)}
      >
        Open in the source view <ArrowUpRight size={14} aria-hidden />
      </Link>
    </div>
  );
}
