// Nodes of the graph that something is about: searched for, chosen, taken out again.
import type { NodeType } from "@opentrace/contract/graph.ts";
import { X } from "lucide-react";
import { NodeMark } from "../../../ui/node-mark.tsx";
import { NodeSearch } from "../../explore/node-search.tsx";

export interface ChosenNode {
  id: string;
  type: NodeType;
  name: string;
}

export function NodesField({ nodes, onChange }: { nodes: ChosenNode[]; onChange: (nodes: ChosenNode[]) => void }) {
  return (
    <div role="group" aria-label="In the graph" className="flex min-w-0 flex-col gap-1.5">
      <span aria-hidden className="text-sm font-medium">
        In the graph <span className="ml-1 font-normal text-faint">optional</span>
      </span>
      <NodeSearch
        // A new field for the next one: what was typed has been found.
        key={nodes.map(({ id }) => id).join(" ")}
        label="Node that it is about"
        placeholder="A function, a file, a service…"
        value=""
        onPick={({ id, type, name }) => {
          if (!nodes.some((each) => each.id === id)) onChange([...nodes, { id, type, name }]);
        }}
      />
      {nodes.length > 0 ? (
        <ul aria-label="Chosen nodes" className="flex flex-wrap gap-1.5">
          {nodes.map(({ id, type, name }) => (
            <li
              key={id}
              className="inline-flex max-w-full min-w-0 items-center gap-1.5 rounded-sm bg-sunken pl-1.5 text-sm"
            >
              <NodeMark type={type} size={12} />
              <span className="truncate">{name}</span>
              <button
                type="button"
                aria-label={`Take out ${name}`}
                onClick={() => onChange(nodes.filter((each) => each.id !== id))}
                className="inline-grid size-6 shrink-0 place-items-center rounded-sm text-muted hover:text-text"
              >
                <X size={13} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <span className="text-sm text-faint">What it is about, so that it counts when causes are looked for.</span>
      )}
    </div>
  );
}
