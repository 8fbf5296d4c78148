// The explorer: search first; a node's neighbourhood grows by click; path finder, impact and the table show the same graph.
import { useIsFetching } from "@tanstack/react-query";
import { Network, Route, Table2, Zap } from "lucide-react";
import { lazy, Suspense, useCallback, useRef, useState } from "react";
import { useShortcuts } from "../../app/shortcuts.ts";
import { useIsDark } from "../../app/theme.ts";
import { hideNode, openNode, togglePin } from "../../graph/arrange.ts";
import type { CanvasHandle } from "../../graph/canvas.tsx";
import { usePageTitle } from "../../ui/page.tsx";
import { Segments } from "../../ui/segments.tsx";
import { classes } from "../../ui/classes.ts";
import { ErrorNote, Notice } from "../../ui/states.tsx";
import { CanvasTools } from "./canvas-tools.tsx";
import { EdgePanel } from "./edge-panel.tsx";
import { EmptyExplore } from "./empty-explore.tsx";
import { Filters } from "./filters.tsx";
import { ImpactView } from "./impact-view.tsx";
import { ListView } from "./list-view.tsx";
import { NodePanel } from "./node-panel.tsx";
import { NodeSearch } from "./node-search.tsx";
import { PathView } from "./path-view.tsx";
import { SceneTable } from "./scene-table.tsx";
import { type ExploreView, selectedEdge } from "./url.ts";
import { useExplore } from "./use-explore.ts";
import { useScene } from "./use-scene.ts";

const GraphCanvas = lazy(() => import("../../graph/canvas.tsx").then((module) => ({ default: module.GraphCanvas })));

const views = [
  { value: "graph", label: "Graph", icon: Network },
  { value: "table", label: "Table", icon: Table2 },
  { value: "path", label: "Path", icon: Route },
  { value: "impact", label: "Impact", icon: Zap },
] as const satisfies readonly { value: ExploreView; label: string; icon: typeof Network }[];

const searchId = "explore-search";
const wide = matchMedia("(min-width: 1024px)").matches;

export function ExplorePage() {
  usePageTitle("Explore");
  const explore = useExplore();
  const { state, change } = explore;
  const loaded = useScene(state);
  const { scene } = loaded;
  const dark = useIsDark();
  const canvas = useRef<CanvasHandle>(null);
  const [noCanvas, setNoCanvas] = useState(false);
  const [filtersOpen, setFiltersOpen] = useState(wide && state.view === "graph");
  const open = useCallback((id: string) => change(openNode(explore.state, id)), [change, explore.state]);
  const chosen = state.select !== null && scene.nodes.has(state.select) ? state.select : null;
  const edge = selectedEdge(state.select);
  const busy = useIsFetching({ queryKey: ["graph"] }) > 0;

  useShortcuts({
    "/": () => document.getElementById(searchId)?.focus(),
    e: () => chosen && open(chosen),
    x: () => chosen && change(hideNode(state, chosen)),
    p: () => chosen && change(togglePin(state, chosen)),
    u: () => explore.undo?.(),
    U: () => explore.redo?.(),
    "mod+z": () => explore.undo?.(),
    "mod+shift+z": () => explore.redo?.(),
    f: () => canvas.current?.fit(),
    t: () => change(viewChange(state.view === "table" ? "graph" : "table", null)),
    Escape: () => change({ select: null }),
  });

  const tabular = state.view === "table" || (state.view === "graph" && noCanvas);
  const onCanvas = state.view === "graph" || state.view === "table";
  const started = state.open.length > 0 || state.trail !== null;
  // The filters lie over the top left corner.
  const besideFilters = classes("z-10 p-3", filtersOpen && wide ? "pl-58" : "pl-28");
  return (
    <div className="flex h-full flex-col">
      <h1 className="sr-only">Explore the graph</h1>
      <header className="flex flex-wrap items-center gap-2 border-b border-line bg-surface px-3 py-2 sm:flex-nowrap">
        <div className="flex min-w-0 flex-1 basis-full sm:basis-0">
          <NodeSearch
            inputId={searchId}
            label="Search the graph"
            placeholder="Search functions, classes, files, packages…"
            value={state.q}
            types={state.among}
            onTypes={(among) => change({ among })}
            onType={(q) => change({ q })}
            autoFocus={!started && onCanvas}
            onPick={(node) =>
              change({ ...openNode(state, node.id), select: node.id, q: "", view: onCanvas ? state.view : "graph" })
            }
          />
        </div>
        <Segments
          label="View"
          value={state.view}
          options={views}
          onChange={(view) => change(viewChange(view, chosen))}
        />
      </header>
      {state.view === "path" ? <PathView explore={explore} /> : null}
      {state.view === "impact" ? <ImpactView explore={explore} /> : null}
      {state.view === "list" ? <ListView explore={explore} /> : null}
      {onCanvas && !started ? <EmptyExplore explore={explore} /> : null}
      {onCanvas && started ? (
        <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
          <section
            aria-label={tabular ? "Table of what is shown" : "Graph"}
            className="relative flex min-h-72 min-w-0 flex-1 flex-col"
          >
            {noCanvas && state.view === "graph" ? (
              <div className={besideFilters}>
                <Notice tone="warn">This browser has no WebGL, so the same nodes are shown as a table.</Notice>
              </div>
            ) : null}
            {loaded.error ? (
              <div className={besideFilters}>
                <ErrorNote error={loaded.error} onRetry={loaded.retry} />
              </div>
            ) : null}
            {loaded.gone.length > 0 ? (
              <div className={besideFilters}>
                <Notice tone="warn">
                  {loaded.gone.length === 1
                    ? "One node of this link is"
                    : `${loaded.gone.length} nodes of this link are`}{" "}
                  no longer in the graph.{" "}
                  <button
                    type="button"
                    className="underline underline-offset-2"
                    onClick={() => change({ open: state.open.filter(({ id }) => !loaded.gone.includes(id)) })}
                  >
                    Drop {loaded.gone.length === 1 ? "it" : "them"}
                  </button>
                </Notice>
              </div>
            ) : null}
            {tabular ? (
              <SceneTable explore={explore} scene={scene} beside={filtersOpen && wide} />
            ) : (
              <div className="relative min-h-0 flex-1">
                <Suspense fallback={null}>
                  <GraphCanvas
                    scene={scene}
                    select={state.select}
                    dark={dark}
                    handle={canvas}
                    covered={filtersOpen && wide ? 224 : 0}
                    onSelect={(select) => change({ select })}
                    onOpen={open}
                    onMoved={(id) => state.pin.includes(id) || change({ pin: [...state.pin, id] })}
                    onUnavailable={() => setNoCanvas(true)}
                  />
                </Suspense>
              </div>
            )}
            <Filters explore={explore} scene={scene} open={filtersOpen} onOpenChange={setFiltersOpen} />
            {tabular ? null : (
              <CanvasTools explore={explore} canvas={canvas} scene={scene} busy={busy && loaded.loading} />
            )}
          </section>
          {chosen ? (
            <NodePanel key={chosen} id={chosen} explore={explore} shown={scene.nodes.get(chosen)} scene={scene} />
          ) : null}
          {edge ? <EdgePanel from={edge.from} to={edge.to} scene={scene} explore={explore} /> : null}
        </div>
      ) : null}
    </div>
  );
}

/** Path and impact start from the selected node. */
function viewChange(view: ExploreView, chosen: string | null) {
  const next = { view, sort: null, hop: 0 };
  if (view === "path" && chosen !== null) return { ...next, from: chosen };
  if (view === "impact" && chosen !== null) return { ...next, by: "node" as const, of: chosen };
  return next;
}
