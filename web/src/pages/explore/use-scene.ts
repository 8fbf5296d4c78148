// Loads every open neighbourhood and the shown path, and makes the scene of them.
import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ApiError } from "../../api/http.ts";
import { graph } from "../../api/queries.ts";
import { buildScene, type Neighborhood, type Scene } from "../../graph/scene.ts";
import type { ExploreState } from "./url.ts";

export interface LoadedScene {
  scene: Scene;
  loading: boolean;
  error: unknown;
  /** Ids in the address that the graph does not know (any more). */
  gone: string[];
  retry: () => void;
}

export function useScene({ open, trail, hide, pin, types, edges, k, direction }: ExploreState): LoadedScene {
  const answers = useQueries({
    queries: open.map(({ id, count }) => graph.neighbors(id, count, types, edges)),
  });
  const path = useQuery({
    ...graph.path(trail?.from ?? "", trail?.to ?? "", Math.max(k, (trail?.index ?? 0) + 1), direction),
    enabled: trail !== null,
  });
  const version = answers.map((answer) => answer.dataUpdatedAt).join(" ");
  const shown = trail ? path.data?.paths[trail.index] : undefined;
  const scene = useMemo(() => {
    const loaded = new Map<string, Neighborhood>();
    for (const { data } of answers)
      if (data) loaded.set(data.node.id, { node: data.node, neighbors: data.neighbors, total: data.page.total });
    return buildScene({
      open,
      loaded,
      trail: shown ? { nodes: shown.nodes, edges: shown.steps.flatMap((step) => step.edges) } : null,
      hide,
      pin,
      types,
      edges,
    });
    // `answers` is new at every render; `version` says whether anything in it is.
  }, [open, version, shown, hide, pin, types, edges]);
  const failed = answers.map((answer) => answer.error).filter((error) => error !== null);
  const isGone = (error: unknown): boolean => error instanceof ApiError && error.status === 404;
  return {
    scene,
    loading: answers.some((answer) => answer.isFetching) || path.isFetching,
    error: failed.find((error) => !isGone(error)) ?? path.error,
    gone: open.filter((_, index) => isGone(answers[index]?.error)).map(({ id }) => id),
    retry: () => {
      for (const answer of answers) if (answer.error) void answer.refetch();
      if (path.error) void path.refetch();
    },
  };
}
