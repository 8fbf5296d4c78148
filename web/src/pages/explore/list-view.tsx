// All nodes of one type.
import { useInfiniteQuery } from "@tanstack/react-query";
import type { GraphNode } from "@opentrace/contract/graph.ts";
import { useCallback } from "react";
import { graph } from "../../api/queries.ts";
import { placeOf, titleOf } from "../../graph/describe.ts";
import { NodeMark } from "../../ui/node-mark.tsx";
import { typePlural } from "../../ui/node-types.ts";
import { EmptyState, ErrorNote, SkeletonRows } from "../../ui/states.tsx";
import { count } from "../../ui/time-text.ts";
import { type Column, VirtualTable } from "../../ui/virtual-list.tsx";
import type { Explore } from "./use-explore.ts";

const columns: Column<GraphNode>[] = [
  {
    key: "name",
    title: "Name",
    width: "minmax(10rem,1fr)",
    cell: (node) => (
      <span className="flex items-center gap-2">
        <NodeMark type={node.type} />
        <span className="truncate font-medium">{titleOf(node)}</span>
      </span>
    ),
  },
  {
    key: "place",
    title: "Where",
    width: "minmax(10rem,1.5fr)",
    cell: (node) => <span className="font-mono text-sm text-muted">{placeOf(node)}</span>,
  },
];

export function ListView({ explore }: { explore: Explore }) {
  const { state, change } = explore;
  const type = state.type ?? "Repository";
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(graph.list(type));
  const rows = data?.pages.flatMap((page) => page.nodes) ?? [];
  const total = data?.pages[0]?.page.total ?? null;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const open = (node: GraphNode): void =>
    change({ view: "graph", open: [{ id: node.id, count: 12 }], select: node.id, hide: [] });
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-baseline gap-3 px-4 py-3">
        <h2 className="text-lg font-semibold">{typePlural(type)}</h2>
        <span className="text-sm text-muted tabular-nums">
          {total === null ? (data ? `${count(rows.length)} loaded` : "") : count(total)}
        </span>
      </div>
      {error ? (
        <div className="px-4">
          <ErrorNote error={error} onRetry={() => void refetch()} />
        </div>
      ) : !data ? (
        <SkeletonRows rows={10} />
      ) : rows.length === 0 ? (
        <EmptyState title={`There are no ${typePlural(type).toLowerCase()} in the graph`} />
      ) : (
        <VirtualTable
          label={typePlural(type)}
          columns={columns}
          rows={rows}
          rowKey={(node) => node.id}
          selected={state.select}
          onSelect={open}
          onEnd={more}
          className="flex-1 border-t border-line bg-surface"
        />
      )}
    </div>
  );
}
