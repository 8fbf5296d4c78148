// The small toolbar on the canvas: undo, redo, zoom, fit, what is hidden, and how much is shown.
import { Maximize, Minus, Plus, Redo2, Trash2, Undo2 } from "lucide-react";
import type { RefObject } from "react";
import type { CanvasHandle } from "../../graph/canvas.tsx";
import type { Scene } from "../../graph/scene.ts";
import { IconButton } from "../../ui/button.tsx";
import { plural } from "../../ui/time-text.ts";
import type { Explore } from "./use-explore.ts";

interface Props {
  explore: Explore;
  scene: Scene;
  canvas: RefObject<CanvasHandle | null>;
  busy: boolean;
}

export function CanvasTools({ explore, scene, canvas, busy }: Props) {
  const { state, change } = explore;
  return (
    <div className="pointer-events-none absolute right-3 bottom-3 left-3 z-10 flex items-end justify-between gap-3">
      <div className="pointer-events-auto flex flex-wrap items-center gap-x-3 rounded-md bg-bg/85 px-2 py-1 text-sm text-muted">
        <span role="status" className="tabular-nums">
          {busy ? "Loading… " : ""}
          {plural(scene.nodes.size, "node")}, {plural(scene.links.size, "link")}
        </span>
        {state.hide.length > 0 ? (
          <button
            type="button"
            className="rounded-sm underline underline-offset-2"
            onClick={() => change({ hide: [] })}
          >
            Show {plural(state.hide.length, "hidden node")}
          </button>
        ) : null}
      </div>
      <div
        role="toolbar"
        aria-label="Canvas"
        className="pointer-events-auto flex rounded-md border border-line bg-surface p-0.5"
      >
        <IconButton label="Undo" keys="u" disabled={!explore.undo} onClick={() => explore.undo?.()}>
          <Undo2 size={15} aria-hidden />
        </IconButton>
        <IconButton label="Redo" keys="shift u" disabled={!explore.redo} onClick={() => explore.redo?.()}>
          <Redo2 size={15} aria-hidden />
        </IconButton>
        <span className="mx-0.5 my-1.5 w-px bg-line" aria-hidden />
        <IconButton label="Zoom in" onClick={() => canvas.current?.zoom(0.7)}>
          <Plus size={15} aria-hidden />
        </IconButton>
        <IconButton label="Zoom out" onClick={() => canvas.current?.zoom(1.4)}>
          <Minus size={15} aria-hidden />
        </IconButton>
        <IconButton label="Fit to screen" keys="f" onClick={() => canvas.current?.fit()}>
          <Maximize size={15} aria-hidden />
        </IconButton>
        <span className="mx-0.5 my-1.5 w-px bg-line" aria-hidden />
        <IconButton
          label="Clear the canvas"
          onClick={() => change({ open: [], trail: null, hide: [], pin: [], select: null, types: [], edges: [] })}
        >
          <Trash2 size={15} aria-hidden />
        </IconButton>
      </div>
    </div>
  );
}
