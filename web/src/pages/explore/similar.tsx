// Nodes like this one, the most similar first, each with what the two have in common.
import type { SimilarNode } from "@opentrace/contract/graph-answers.ts";
import { edgeTypes } from "@opentrace/contract/graph.ts";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { graph } from "../../api/queries.ts";
import { openNode } from "../../graph/arrange.ts";
import { Button } from "../../ui/button.tsx";
import { NodeLabel } from "../../ui/node-mark.tsx";
import { edgeWord } from "../../ui/node-types.ts";
import { EmptyState, ErrorNote, SkeletonRows } from "../../ui/states.tsx";
import { count } from "../../ui/time-text.ts";
import type { Explore } from "./use-explore.ts";

const first = 10;
/** As many as the server gives. */
const most = 50;

export function Similar({ id, explore }: { id: string; explore: Explore }) {
  const [limit, setLimit] = useState(first);
  const { data, error, refetch, isPlaceholderData } = useQuery(graph.similar(id, limit));
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={5} label="Looking for similar nodes" />;
  if (data.similar.length === 0)
    return (
      <EmptyState title="Nothing is like it">
        No other {data.node.type.toLowerCase()} shares a neighbour or a word of its name.
      </EmptyState>
    );
  const { returned, total, truncated } = data.page;
  return (
    <div className="flex flex-col gap-3">
      <ol className="flex flex-col">
        {data.similar.map((each) => (
          <li key={each.node.id}>
            <button
              type="button"
              onClick={() => explore.change(openNode(explore.state, each.node.id))}
              className="flex w-full flex-col gap-0.5 rounded-md px-1.5 py-1.5 text-left hover:bg-hover"
            >
              <span className="flex w-full items-center gap-2">
                <span className="min-w-0 flex-1">
                  <NodeLabel node={each.node} />
                </span>
                <span className="shrink-0 text-sm text-muted tabular-nums">{Math.round(each.score * 100)}%</span>
              </span>
              <Reasons reasons={each.reasons} />
            </button>
          </li>
        ))}
      </ol>
      {truncated ? (
        limit < most ? (
          <Button small className="w-fit" disabled={isPlaceholderData} onClick={() => setLimit(most)}>
            {count(Math.min(most, total ?? most) - returned)} more of {count((total ?? most) - returned)}
          </Button>
        ) : (
          <p className="text-sm text-faint">
            The {returned} most similar of {count(total ?? returned)}.
          </p>
        )
      ) : null}
    </div>
  );
}

/** That both are of the same type goes without saying: only such are listed. */
function Reasons({ reasons }: Pick<SimilarNode, "reasons">) {
  return reasons
    .filter(({ kind }) => kind !== "type")
    .map(({ kind, detail }) => (
      <span key={kind} className="pl-[22px] text-sm break-words text-faint">
        {inWords(detail)}
      </span>
    ));
}

const edgeName = new RegExp(`\\b(${edgeTypes.join("|")})\\b`, "g");
const inWords = (detail: string): string => detail.replace(edgeName, (type) => edgeWord(type));
