// Why a node is affected: the way a change takes to it, and the evidence of the last step.
import type { Affected, ImpactAnswer } from "@opentrace/contract/graph-answers.ts";
import { useQuery } from "@tanstack/react-query";
import { graph } from "../../api/queries.ts";
import { Button } from "../../ui/button.tsx";
import { NodeMark } from "../../ui/node-mark.tsx";
import { typeWord } from "../../ui/node-types.ts";
import { EdgeDetails } from "./evidence.tsx";
import { namesOf } from "./impact-export.ts";
import { Panel } from "./panel.tsx";
import type { Explore } from "./use-explore.ts";
import { titleOf } from "../../graph/describe.ts";

interface Props {
  affected: Affected;
  answer: ImpactAnswer;
  explore: Explore;
}

export function AffectedPanel({ affected, answer, explore }: Props) {
  const names = namesOf(answer);
  const { node, path, hop, confidence, edge } = affected;
  const near = edge.from === node.id ? node : answer.affected.find((each) => each.node.id === edge.from)?.node;
  const seed = path[0];
  return (
    <Panel
      label="Why it is affected"
      onClose={() => explore.change({ select: null })}
      title={
        <div className="flex flex-col gap-1">
          <p className="flex items-center gap-1.5 text-sm text-muted">
            <NodeMark type={node.type} size={12} /> {typeWord(node.type)}, hop {hop}, {Math.round(confidence * 100)}%
            sure
          </p>
          <h2 className="text-lg leading-6 font-semibold break-words">{titleOf(node)}</h2>
        </div>
      }
    >
      <h3 className="mb-1.5 text-sm text-faint">The change reaches it through</h3>
      <ol className="mb-5 flex flex-col gap-1">
        {path.map((id, index) => (
          <li key={id} className="flex items-center gap-2">
            <span className="w-5 shrink-0 text-right text-sm text-faint tabular-nums">{index}</span>
            <span className={index === path.length - 1 ? "font-medium break-all" : "break-all"}>
              {names.get(id) ?? <NodeName id={id} />}
            </span>
          </li>
        ))}
      </ol>
      <h3 className="mb-1.5 text-sm text-faint">Last step</h3>
      <EdgeDetails edge={edge} near={near} />
      <div className="mt-5 flex flex-wrap gap-2">
        <Button
          small
          onClick={() => explore.change({ view: "graph", open: [{ id: node.id, count: 12 }], select: node.id })}
        >
          Open in graph
        </Button>
        {seed && seed !== node.id ? (
          <Button small onClick={() => explore.change({ view: "path", from: node.id, to: seed })}>
            All paths
          </Button>
        ) : null}
      </div>
    </Panel>
  );
}

/** Of a large change the answer names the first nodes only. */
function NodeName({ id }: { id: string }) {
  const { data } = useQuery(graph.node(id));
  return data ? titleOf(data.node) : "…";
}
