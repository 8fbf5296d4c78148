// Which types of nodes and edges are shown. It is also the legend: the marks are those of the canvas.
import { type EdgeType, edgeTypes, type NodeType } from "@opentrace/contract/graph.ts";
import { useQuery } from "@tanstack/react-query";
import { SlidersHorizontal } from "lucide-react";
import type { ReactNode } from "react";
import { graph } from "../../api/queries.ts";
import { type Scene, sceneTypes } from "../../graph/scene.ts";
import { Button } from "../../ui/button.tsx";
import { NodeMark } from "../../ui/node-mark.tsx";
import { edgeWord, typePlural } from "../../ui/node-types.ts";
import { entriesOf } from "../home/entries.ts";
import type { Explore } from "./use-explore.ts";

interface Props {
  explore: Explore;
  scene: Scene;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function Filters({ explore, scene, open, onOpenChange }: Props) {
  const { state, change } = explore;
  const { data: stats } = useQuery(graph.stats);
  const shown = sceneTypes(scene);
  const shownNodes = new Map(shown.nodes);
  const shownEdges = new Map(shown.edges);
  const nodeTypes = entriesOf(stats?.nodes_by_type ?? {}).map(([type]) => type);
  const presentEdges = new Set<string>(entriesOf(stats?.edges_by_type ?? {}).map(([type]) => type));
  const active = state.types.length + state.edges.length;
  return (
    <div className="absolute top-3 left-3 z-10 flex max-h-[calc(100%-5rem)] flex-col items-start gap-2">
      <Button small aria-expanded={open} onClick={() => onOpenChange(!open)}>
        <SlidersHorizontal size={14} aria-hidden />
        Filters{active > 0 ? ` (${active})` : ""}
      </Button>
      {open ? (
        <div className="flex w-52 flex-col gap-3 overflow-auto rounded-lg border border-line bg-surface p-2.5">
          <Group
            title="Nodes"
            all={state.types.length === 0}
            onAll={() => change({ types: [] })}
            items={nodeTypes.map((type) => ({
              key: type,
              label: typePlural(type),
              amount: shownNodes.get(type) ?? 0,
              on: state.types.length === 0 || state.types.includes(type),
              mark: <NodeMark type={type} size={12} />,
              toggle: () => change({ types: toggled<NodeType>(state.types, type, nodeTypes) }),
            }))}
          />
          <Group
            title="Edges"
            all={state.edges.length === 0}
            onAll={() => change({ edges: [] })}
            items={edgeTypes
              .filter((type) => presentEdges.has(type))
              .map((type) => ({
                key: type,
                label: edgeWord(type),
                amount: shownEdges.get(type) ?? 0,
                on: state.edges.length === 0 || state.edges.includes(type),
                mark: null,
                toggle: () =>
                  change({
                    edges: toggled<EdgeType>(
                      state.edges,
                      type,
                      edgeTypes.filter((each) => presentEdges.has(each)),
                    ),
                  }),
              }))}
          />
        </div>
      ) : null}
    </div>
  );
}

/** From "all", a click leaves all but one; with every one chosen again it is "all". */
function toggled<T extends string>(chosen: readonly T[], type: T, all: readonly T[]): T[] {
  const now = chosen.length === 0 ? all : chosen;
  const next = now.includes(type) ? now.filter((each) => each !== type) : [...now, type];
  return next.length === all.length || next.length === 0 ? [] : [...next];
}

interface Item {
  key: string;
  label: string;
  amount: number;
  on: boolean;
  mark: ReactNode;
  toggle: () => void;
}

function Group({ title, all, onAll, items }: { title: string; all: boolean; onAll: () => void; items: Item[] }) {
  return (
    <fieldset>
      <legend className="sr-only">{title}</legend>
      <div className="mb-1 flex h-5 items-center justify-between text-xs text-faint">
        <span aria-hidden>{title}</span>
        {all ? null : (
          <button type="button" onClick={onAll} className="rounded-sm text-accent-text hover:underline">
            Show all
          </button>
        )}
      </div>
      {items.map(({ key, label, amount, on, mark, toggle }) => (
        <label key={key} className="flex h-7 cursor-pointer items-center gap-2 rounded-sm px-1 hover:bg-hover">
          <input type="checkbox" checked={on} onChange={toggle} className="size-3.5 accent-(--accent)" />
          {mark}
          <span className="flex-1 truncate text-sm">{label}</span>
          <span className="text-xs text-faint tabular-nums">{amount > 0 ? amount : ""}</span>
        </label>
      ))}
    </fieldset>
  );
}
