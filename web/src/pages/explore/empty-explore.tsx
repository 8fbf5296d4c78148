// The explorer before anything is open: what matters most, what there is, what was looked at last.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { recentNodes } from "../../app/recent.ts";
import { graph } from "../../api/queries.ts";
import { openNode } from "../../graph/arrange.ts";
import { buttonClasses } from "../../ui/button.tsx";
import { NodeLabel, NodeMark } from "../../ui/node-mark.tsx";
import { typePlural } from "../../ui/node-types.ts";
import { EmptyState, ErrorNote, Skeleton } from "../../ui/states.tsx";
import { count } from "../../ui/time-text.ts";
import { entriesOf } from "../home/entries.ts";
import type { Explore } from "./use-explore.ts";

export function EmptyExplore({ explore }: { explore: Explore }) {
  const { state, change } = explore;
  const { data: stats, error } = useQuery(graph.stats);
  const { data: critical } = useQuery(graph.critical(8));
  const [recent] = useState(recentNodes);
  const types = entriesOf(stats?.nodes_by_type ?? {});
  if (stats && stats.total_nodes === 0)
    return (
      <EmptyState title="The graph is empty">
        <p>Add a repository, and its code, packages and history appear here.</p>
        <Link to="/add" className={buttonClasses("primary")}>
          Add a repository
        </Link>
      </EmptyState>
    );
  const lists = [
    { title: "Most critical", nodes: critical?.critical.map((each) => each.node) },
    ...(recent.length > 0 ? [{ title: "Looked at last", nodes: recent }] : []),
  ];
  return (
    <div className="mx-auto flex w-full max-w-3xl flex-col gap-8 overflow-auto px-4 py-8 sm:px-8">
      <p className="text-lg text-muted">
        Search for something you know, or start here. A node’s neighbours open by double-click, a few at a time.
      </p>
      {error ? <ErrorNote error={error} /> : null}
      <div className="grid grid-cols-1 gap-8 sm:grid-cols-2">
        {lists.map(({ title, nodes }) => (
          <section key={title} aria-label={title}>
            <h2 className="mb-2 font-semibold">{title}</h2>
            <ul>
              {nodes
                ? nodes.map((node) => (
                    <li key={node.id}>
                      <button
                        type="button"
                        onClick={() => change(openNode(state, node.id))}
                        className="flex h-9 w-full items-center rounded-md px-2 text-left hover:bg-hover"
                      >
                        <NodeLabel node={node} />
                      </button>
                    </li>
                  ))
                : Array.from({ length: 8 }, (_, index) => <Skeleton key={index} className="mb-2 h-7" />)}
            </ul>
          </section>
        ))}
        <section aria-label="By type">
          <h2 className="mb-2 font-semibold">By type</h2>
          <ul>
            {types.map(([type, amount]) => (
              <li key={type}>
                <button
                  type="button"
                  onClick={() => change({ view: "list", type })}
                  className="flex h-9 w-full items-center gap-2 rounded-md px-2 text-left hover:bg-hover"
                >
                  <NodeMark type={type} />
                  <span className="flex-1">{typePlural(type)}</span>
                  <span className="text-sm text-faint tabular-nums">{count(amount)}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </div>
  );
}
