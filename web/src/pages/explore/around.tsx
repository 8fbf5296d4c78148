// What a node depends on, or what depends on it: one hop, each with its edge.
import { useQuery } from "@tanstack/react-query";
import { graph } from "../../api/queries.ts";
import { confidenceOf } from "../../graph/describe.ts";
import { NodeLabel } from "../../ui/node-mark.tsx";
import { edgeWord, edgeWordReversed } from "../../ui/node-types.ts";
import { EmptyState, ErrorNote, SkeletonRows } from "../../ui/states.tsx";
import { plural } from "../../ui/time-text.ts";
import { openNode } from "../../graph/arrange.ts";
import type { Explore } from "./use-explore.ts";

export function Around({
  id,
  direction,
  explore,
}: {
  id: string;
  direction: "dependencies" | "dependents";
  explore: Explore;
}) {
  const { data, error, refetch } = useQuery(graph.around(id, direction, 1));
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={5} />;
  if (data.reached.length === 0)
    return (
      <EmptyState
        title={
          direction === "dependencies" ? "It depends on nothing in the graph" : "Nothing in the graph depends on it"
        }
      >
        {direction === "dependents"
          ? "It may still be used from outside: an entry point, a public API, or through reflection."
          : null}
      </EmptyState>
    );
  const { state, change } = explore;
  return (
    <>
      <ul className="flex flex-col">
        {data.reached.map(({ node, edge }) => (
          <li key={node.id}>
            <button
              type="button"
              onClick={() => change(openNode(state, node.id))}
              className="grid w-full grid-cols-[minmax(0,1fr)_auto] items-center gap-2 rounded-md px-1.5 py-1 text-left hover:bg-hover"
            >
              <NodeLabel node={node} />
              <span className="text-xs text-faint">
                {direction === "dependencies" ? edgeWord(edge.type) : edgeWordReversed(edge.type)}
                {confidenceOf(edge) < 1 ? ` · ${Math.round(confidenceOf(edge) * 100)}%` : ""}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {data.page.truncated ? (
        <p className="mt-2 text-sm text-muted">
          The first {plural(data.page.returned, "node")}
          {data.page.total === null ? "" : ` of ${data.page.total}`}.{" "}
          {direction === "dependents" ? (
            <button
              type="button"
              className="text-accent-text underline underline-offset-2"
              onClick={() => change({ view: "impact", by: "node", of: id })}
            >
              All are in the impact view
            </button>
          ) : null}
        </p>
      ) : null}
    </>
  );
}
