// The small mark of a node's type, the same shape and hue as on the canvas; and the node's name beside it.
import type { GraphNode, NodeType } from "@opentrace/contract/graph.ts";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { exploreSearch } from "../pages/explore/url.ts";
import { placeOf, titleOf } from "../graph/describe.ts";
import { classes } from "./classes.ts";
import { nodeLook, typeWord, type Shape } from "./node-types.ts";

const paths: Record<Shape, string> = {
  circle: "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11z",
  square: "M3.5 3.5h9v9h-9z",
  diamond: "M8 1.5 14.5 8 8 14.5 1.5 8z",
  hexagon: "M8 1.5l5.7 3.25v6.5L8 14.5l-5.7-3.25v-6.5z",
  triangle: "M8 2.5 14 13H2z",
};

export function NodeMark({ type, size = 14 }: { type: NodeType; size?: number }) {
  const look = nodeLook(type);
  return (
    <svg viewBox="0 0 16 16" width={size} height={size} className="shrink-0" role="img" aria-label={typeWord(type)}>
      <path d={paths[look.shape]} style={{ fill: `light-dark(${look.light}, ${look.dark})` }} />
    </svg>
  );
}

/** A node in a line of text or a list: mark, name, and (when there is room) where it lives. */
export function NodeLabel({ node, place = true }: { node: GraphNode; place?: boolean }) {
  const where = place ? placeOf(node) : null;
  return (
    <span className="inline-flex min-w-0 max-w-full items-center gap-2 align-bottom">
      <NodeMark type={node.type} />
      <span className="truncate font-medium">{titleOf(node)}</span>
      {where ? <span className="min-w-0 flex-1 truncate text-sm text-faint">{where}</span> : null}
    </span>
  );
}

/** A link to the node in the explorer. */
export function NodeLink({
  node,
  place = true,
  className,
  children,
}: {
  node: GraphNode;
  place?: boolean;
  className?: string;
  children?: ReactNode;
}) {
  return (
    <Link
      to="/explore"
      search={exploreSearch({ open: [{ id: node.id, count: 12 }], select: node.id })}
      className={classes("min-w-0 max-w-full rounded-sm hover:underline", className)}
    >
      {children ?? <NodeLabel node={node} place={place} />}
    </Link>
  );
}
