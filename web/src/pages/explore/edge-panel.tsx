// The side panel of an edge: its two ends, and for each type of it the evidence.
import { ArrowDown } from "lucide-react";
import { linkKey, type Scene } from "../../graph/scene.ts";
import { NodeLabel } from "../../ui/node-mark.tsx";
import { edgeWord } from "../../ui/node-types.ts";
import { EdgeDetails } from "./evidence.tsx";
import { Panel } from "./panel.tsx";
import type { Explore } from "./use-explore.ts";

export function EdgePanel({ from, to, scene, explore }: { from: string; to: string; scene: Scene; explore: Explore }) {
  const link = scene.links.get(linkKey(from, to));
  const [source, target] = [scene.nodes.get(from)?.node, scene.nodes.get(to)?.node];
  if (!link || !source || !target) return null;
  const back = scene.links.get(linkKey(to, from));
  return (
    <Panel
      label="Edge"
      onClose={() => explore.change({ select: null })}
      title={<h2 className="pt-1 text-lg font-semibold">{link.edges.map((edge) => edgeWord(edge.type)).join(", ")}</h2>}
    >
      <div className="mb-4 flex flex-col gap-1">
        {[source, target].map((node, index) => (
          <div key={node.id}>
            {index === 1 ? <ArrowDown size={14} aria-label="to" className="my-1 ml-2 text-faint" /> : null}
            <button
              type="button"
              onClick={() => explore.change({ select: node.id })}
              className="flex w-full rounded-md border border-line px-2.5 py-1.5 text-left hover:bg-hover"
            >
              <NodeLabel node={node} />
            </button>
          </div>
        ))}
      </div>
      <h3 className="mb-2 text-sm text-faint">Evidence</h3>
      <div className="flex flex-col gap-4">
        {link.edges.map((edge) => (
          <EdgeDetails key={edge.type} edge={edge} near={source} />
        ))}
      </div>
      {back && from !== to ? (
        <>
          <h3 className="mt-5 mb-2 text-sm text-faint">In the other direction</h3>
          <div className="flex flex-col gap-4">
            {back.edges.map((edge) => (
              <EdgeDetails key={edge.type} edge={edge} near={target} />
            ))}
          </div>
        </>
      ) : null}
    </Panel>
  );
}
