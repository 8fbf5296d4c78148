// The links of a node that are on the canvas: the way to an edge's evidence without pointing at a line.
import { useState } from "react";
import { linkKey, type Scene, type SceneLink } from "../../graph/scene.ts";
import { NodeLabel } from "../../ui/node-mark.tsx";
import { edgeWord, edgeWordReversed } from "../../ui/node-types.ts";
import { count } from "../../ui/time-text.ts";
import type { Explore } from "./use-explore.ts";

const few = 12;

export function ShownLinks({ id, scene, explore }: { id: string; scene: Scene; explore: Explore }) {
  const [all, setAll] = useState(false);
  const links = [...scene.links.values()].filter(({ from, to }) => from === id || to === id);
  if (links.length === 0) return null;
  const shown = all ? links : links.slice(0, few);
  return (
    <section aria-label="Links shown" className="flex flex-col gap-1.5">
      <h3 className="text-sm text-faint">Links shown</h3>
      <ul>
        {shown.map((link) => (
          <LinkRow key={linkKey(link.from, link.to)} id={id} link={link} scene={scene} explore={explore} />
        ))}
      </ul>
      {links.length > shown.length ? (
        <button
          type="button"
          onClick={() => setAll(true)}
          className="w-fit rounded-sm text-sm text-accent-text hover:underline"
        >
          All {count(links.length)}
        </button>
      ) : null}
    </section>
  );
}

function LinkRow({ id, link, scene, explore }: { id: string; link: SceneLink; scene: Scene; explore: Explore }) {
  const outgoing = link.from === id;
  const other = scene.nodes.get(outgoing ? link.to : link.from);
  if (!other) return null;
  const words = link.edges.map(({ type }) => (outgoing ? edgeWord(type) : edgeWordReversed(type)));
  return (
    <li>
      <button
        type="button"
        onClick={() => explore.change({ select: linkKey(link.from, link.to) })}
        className="flex w-full items-center gap-2 rounded-md px-1.5 py-1 text-left hover:bg-hover"
      >
        <span className="shrink-0 text-sm text-muted">{words.join(", ")}</span>
        <NodeLabel node={other.node} place={false} />
      </button>
    </li>
  );
}
