// A way through the graph in a line, from what is affected to what happened; each node leads into the explorer.
import type { PathStep } from "@opentrace/contract/investigation.ts";
import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { NodeMark } from "../../../ui/node-mark.tsx";
import { exploreSearch } from "../../explore/url.ts";
import { titleOf } from "../../../graph/describe.ts";

export function PathText({ path, label }: { path: readonly PathStep[]; label: string }) {
  if (path.length === 0) return null;
  return (
    <p aria-label={label} role="group" className="flex flex-wrap items-center gap-x-1.5 gap-y-1 text-sm">
      {path.map(({ node, edge }, index) => (
        <Fragment key={`${node.id} ${index}`}>
          <Link
            to="/explore"
            search={exploreSearch({
              open: path.slice(0, 8).map((step) => ({ id: step.node.id, count: 0 })),
              select: node.id,
            })}
            className="inline-flex min-w-0 items-center gap-1 rounded-sm hover:underline"
          >
            <NodeMark type={node.type} size={12} />
            <span className="max-w-60 truncate">{titleOf(node)}</span>
          </Link>
          {index < path.length - 1 ? (
            <span className="text-faint">
              {edge ? edge.toLowerCase().replaceAll("_", " ") : ""} <span aria-hidden>→</span>
            </span>
          ) : null}
        </Fragment>
      ))}
    </p>
  );
}
