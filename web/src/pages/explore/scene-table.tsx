// The table twin of the canvas: the same nodes, sortable; everything the canvas does can be done from here.
import { useMemo } from "react";
import type { Sort } from "../../app/search-strings.ts";
import { openNode } from "../../graph/arrange.ts";
import { pathOf, titleOf } from "../../graph/describe.ts";
import { type Scene, type SceneRow, sceneRows } from "../../graph/scene.ts";
import { classes } from "../../ui/classes.ts";
import { NodeMark } from "../../ui/node-mark.tsx";
import { edgeWord, typeWord } from "../../ui/node-types.ts";
import { EmptyState } from "../../ui/states.tsx";
import { type Column, VirtualTable } from "../../ui/virtual-list.tsx";
import type { Explore } from "./use-explore.ts";

const columns: Column<SceneRow>[] = [
  {
    key: "name",
    title: "Name",
    width: "minmax(12rem,2fr)",
    sortable: true,
    cell: ({ node, open }) => (
      <span className="flex items-center gap-2">
        <NodeMark type={node.type} />
        <span className="truncate font-medium">{titleOf(node)}</span>
        {open ? <span className="text-xs text-faint">open</span> : null}
      </span>
    ),
  },
  { key: "type", title: "Type", width: "7rem", sortable: true, cell: ({ node }) => typeWord(node.type) },
  {
    key: "path",
    title: "Path",
    width: "minmax(10rem,2fr)",
    sortable: true,
    cell: ({ node }) => <span className="font-mono text-sm text-muted">{pathOf(node) ?? ""}</span>,
  },
  { key: "degree", title: "Links", width: "4rem", sortable: true, numeric: true, cell: ({ degree }) => degree },
  {
    key: "edges",
    title: "By",
    width: "minmax(8rem,1fr)",
    cell: ({ edgeTypes }) => <span className="text-sm text-muted">{edgeTypes.map(edgeWord).join(", ")}</span>,
  },
];

const valueOf = ({ node, degree }: SceneRow, key: string): string | number =>
  key === "degree" ? degree : key === "type" ? node.type : key === "path" ? (pathOf(node) ?? "") : titleOf(node);

const mostLinks: Sort = { key: "degree", descending: true };

interface Props {
  explore: Explore;
  scene: Scene;
  /** The filters are open at the left. */
  beside: boolean;
}

export function SceneTable({ explore, scene, beside }: Props) {
  const asked = explore.state.sort;
  const sort = asked !== null && columns.some(({ key, sortable }) => sortable && key === asked.key) ? asked : mostLinks;
  const rows = useMemo(() => {
    const sign = sort.descending ? -1 : 1;
    return sceneRows(scene).sort((a, b) => {
      const [one, two] = [valueOf(a, sort.key), valueOf(b, sort.key)];
      const order =
        typeof one === "number" && typeof two === "number" ? one - two : String(one).localeCompare(String(two));
      return order * sign || a.node.name.localeCompare(b.node.name);
    });
  }, [scene, sort]);
  if (rows.length === 0) return <EmptyState title="Nothing is shown">Open a node, or take a filter off.</EmptyState>;
  return (
    <VirtualTable
      label="Nodes that are shown"
      columns={columns}
      rows={rows}
      rowKey={(row) => row.node.id}
      sort={sort}
      onSort={(next) =>
        explore.change({ sort: next.key === mostLinks.key && next.descending === mostLinks.descending ? null : next })
      }
      selected={explore.state.select}
      onSelect={(row) => explore.change({ select: row.node.id })}
      onOpen={(row) => explore.change(openNode(explore.state, row.node.id))}
      className={classes("flex-1 border-t border-line bg-surface", beside ? "ml-58 border-l" : "mt-12")}
    />
  );
}
