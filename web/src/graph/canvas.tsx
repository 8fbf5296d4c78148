// The canvas: a sigma renderer kept in step with the scene. Layout happens in a worker; this file only draws and listens.
import Graph from "graphology";
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import Sigma from "sigma";
import { createEdgeArrowProgram } from "sigma/rendering";
import { animateNodes } from "sigma/utils";
import { edgeWord, nodeLook, typeWord } from "../ui/node-types.ts";
import { count } from "../ui/time-text.ts";
import { drawHover, drawLabel, edgeColor, inks, mix } from "./canvas-style.ts";
import { confidenceOf, titleOf } from "./describe.ts";
import { createLayouts } from "./layouts.ts";
import { nearestTowards } from "./nearest.ts";
import { NodeShapesProgram } from "./node-shapes-program.ts";
import { linkKey, type Scene } from "./scene.ts";
import { selectedEdge } from "../pages/explore/url.ts";

export interface CanvasHandle {
  fit: () => void;
  zoom: (factor: number) => void;
}

export interface CanvasProps {
  scene: Scene;
  select: string | null;
  dark: boolean;
  onSelect: (select: string | null) => void;
  onOpen: (id: string) => void;
  onMoved: (id: string) => void;
  /** Pixels at the left that something lies over. */
  covered: number;
  /** No WebGL here. */
  onUnavailable: () => void;
  handle: Ref<CanvasHandle>;
}

const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

export function GraphCanvas({
  scene,
  select,
  dark,
  onSelect,
  onOpen,
  onMoved,
  onUnavailable,
  covered,
  handle,
}: CanvasProps) {
  const box = useRef<HTMLDivElement>(null);
  const [sigma, setSigma] = useState<Sigma | null>(null);
  const events = useRef({ onSelect, onOpen, onMoved });
  events.current = { onSelect, onOpen, onMoved };
  const hovered = useRef<string | null>(null);
  const drawn = useRef({ scene, select, dark });
  drawn.current = { scene, select, dark };
  const inset = useRef(covered);
  inset.current = covered;

  useEffect(() => {
    if (!box.current) return;
    let renderer: Sigma;
    try {
      renderer = createRenderer(box.current);
    } catch {
      onUnavailable();
      return;
    }
    renderer.setSetting("nodeReducer", (id, data) => {
      const near = neighborsOf(renderer.getGraph(), hovered.current, drawn.current.select);
      const { dark: isDark, select: chosen } = drawn.current;
      const ink = inks(isDark);
      if (near === null || near.has(id))
        return {
          ...data,
          ...(chosen === id ? { rim: ink.text, forceLabel: true, zIndex: 2 } : {}),
          ...(hovered.current === id || near?.has(id) ? { forceLabel: near !== null && near.size < 40 } : {}),
        };
      return {
        ...data,
        color: mix(data.color, ink.bg, 0.75),
        rim: mix(data.rim, ink.bg, 0.75),
        label: null,
        zIndex: 0,
      };
    });
    renderer.setSetting("edgeReducer", (key, data) => {
      const { select: chosen, dark: isDark } = drawn.current;
      const ink = inks(isDark);
      const [from, to] = renderer.getGraph().extremities(key);
      const center = hovered.current ?? (selectedEdge(chosen) ? null : chosen);
      if (key === chosen) return { ...data, color: ink.accent, size: 3, zIndex: 2, forceLabel: true };
      if (center !== null && (from === center || to === center)) {
        const few = renderer.getGraph().degree(center) <= 30;
        return {
          ...data,
          color: ink.accent,
          size: few ? Math.max(1.6, data.size) : 1,
          zIndex: 1,
          forceLabel: few,
          label: few ? data.label : null,
        };
      }
      const fade = center !== null && renderer.getGraph().hasNode(center);
      return { ...data, label: null, ...(fade ? { color: mix(data.color, ink.bg, 0.6) } : {}) };
    });
    const stop = listen(renderer, hovered, events);
    setSigma(renderer);
    return () => {
      stop();
      renderer.kill();
      setSigma(null);
    };
  }, []);

  useEffect(() => {
    if (!sigma) return;
    const ink = inks(dark);
    sigma.setSettings({ labelColor: { color: ink.text }, edgeLabelColor: { color: ink.muted } });
    sigma.setSetting("defaultDrawNodeLabel", drawLabel(ink));
    sigma.setSetting("defaultDrawNodeHover", drawHover(ink));
    // Many nodes: fewer names, so that those which are shown can be read; the others appear on zooming in or pointing.
    sigma.setSettings({
      labelGridCellSize: scene.nodes.size > 50 ? 190 : 90,
      labelDensity: scene.nodes.size > 50 ? 0.8 : 1.2,
    });
    draw(sigma, scene, dark);
  }, [sigma, dark, scene]);

  useEffect(() => {
    sigma?.refresh({ skipIndexation: true });
  }, [sigma, select]);

  useLayout(sigma, scene, inset);

  useImperativeHandle(handle, () => ({
    fit: () => sigma && fit(sigma, inset.current),
    zoom: (factor) => {
      const camera = sigma?.getCamera();
      if (camera)
        void camera.animate({ ratio: camera.getBoundedRatio(camera.ratio * factor) }, { duration: calm() ? 0 : 150 });
    },
  }));

  const onKeyDown = (event: KeyboardEvent): void => {
    if (!sigma) return;
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] as
      | [number, number]
      | undefined;
    if (direction) {
      event.preventDefault();
      const points = sigma.getGraph().mapNodes((id, data) => ({ id, x: Number(data.x), y: Number(data.y) }));
      const next = nearestTowards(points, select, direction);
      if (next) onSelect(next);
    } else if (event.key === "Enter" && select !== null && scene.nodes.has(select)) {
      event.preventDefault();
      onOpen(select);
    }
  };
  return (
    <div
      ref={box}
      role="application"
      tabIndex={0}
      data-focus-inset
      aria-label={`Graph of ${scene.nodes.size} nodes and ${scene.links.size} links. Arrow keys select a node, Enter opens its neighbours. The table view lists the same nodes.`}
      aria-keyshortcuts="ArrowUp ArrowDown ArrowLeft ArrowRight Enter"
      onKeyDown={onKeyDown}
      data-testid="canvas"
      className="absolute inset-0 overflow-hidden"
    />
  );
}

function createRenderer(box: HTMLElement): Sigma {
  const renderer = new Sigma(new Graph({ type: "directed", multi: false }), box, {
    allowInvalidContainer: true,
    nodeProgramClasses: { shape: NodeShapesProgram },
    edgeProgramClasses: { arrow: createEdgeArrowProgram({ lengthToThicknessRatio: 5, widenessToThicknessRatio: 4 }) },
    defaultNodeType: "shape",
    defaultEdgeType: "arrow",
    enableEdgeEvents: true,
    renderEdgeLabels: true,
    labelFont: "Inter, ui-sans-serif, system-ui, sans-serif",
    labelSize: 12,
    labelWeight: "500",
    labelRenderedSizeThreshold: 0,
    labelDensity: 1.2,
    labelGridCellSize: 90,
    edgeLabelSize: 10,
    edgeLabelFont: "Inter, ui-sans-serif, system-ui, sans-serif",
    minEdgeThickness: 1.2,
    stagePadding: 0,
    zIndex: true,
    doubleClickZoomingRatio: 1,
    minCameraRatio: 0.1,
    maxCameraRatio: 12,
    zoomToSizeRatioFunction: (ratio) => Math.sqrt(Math.max(0.35, ratio)),
  });
  return renderer;
}

/** Makes sigma's graph equal to the scene; positions of nodes that stay are kept. */
function draw(sigma: Sigma, scene: Scene, dark: boolean): void {
  const graph = sigma.getGraph();
  const ink = inks(dark);
  graph.forEachEdge((key) => void (scene.links.has(key) || graph.dropEdge(key)));
  graph.forEachNode((id) => void (scene.nodes.has(id) || graph.dropNode(id)));
  const trail = new Set(scene.trail.slice(1).map((id, index) => pairKey(scene.trail[index] ?? "", id)));
  for (const [id, { node, open, degree, pinned, more, parent }] of scene.nodes) {
    const look = nodeLook(node.type);
    const color = dark ? look.dark : look.light;
    const start = parent !== null && graph.hasNode(parent) ? graph.getNodeAttributes(parent) : { x: 0, y: 0 };
    graph.mergeNode(id, {
      ...(graph.hasNode(id) ? {} : { x: start.x, y: start.y, placed: false }),
      label: `${titleOf(node)}${more > 0 ? `  +${count(more)}` : ""}${pinned ? " 📌" : ""}`,
      kind: typeWord(node.type),
      shape: look.shape,
      color: open ? color : mix(color, ink.bg, 0.35),
      rim: color,
      size: (open ? 9 : 6.5) + Math.min(6, Math.sqrt(degree)),
      zIndex: 1,
    });
  }
  for (const [key, { from, to, edges }] of scene.links) {
    if (from === to) continue;
    const confidence = Math.max(...edges.map(confidenceOf));
    const onTrail = trail.has(pairKey(from, to));
    graph.mergeEdgeWithKey(key, from, to, {
      label: edges.map((edge) => edgeWord(edge.type)).join(", "),
      color: onTrail ? ink.accent : edgeColor(ink, confidence),
      size: onTrail ? 3 : 1.6,
      zIndex: onTrail ? 1 : 0,
    });
  }
}

const pairKey = (a: string, b: string): string => (a < b ? linkKey(a, b) : linkKey(b, a));

/** The node pointed at or chosen and what it touches; null when there is none and nothing fades. */
function neighborsOf(graph: Graph, hovered: string | null, select: string | null): Set<string> | null {
  const edge = selectedEdge(select);
  if (hovered === null && edge && graph.hasNode(edge.from) && graph.hasNode(edge.to))
    return new Set([edge.from, edge.to]);
  const center = hovered ?? select;
  if (center === null || !graph.hasNode(center)) return null;
  return new Set([center, ...graph.neighbors(center)]);
}

function listen(
  sigma: Sigma,
  hovered: { current: string | null },
  events: { current: Pick<CanvasProps, "onSelect" | "onOpen" | "onMoved"> },
): () => void {
  const container = sigma.getContainer();
  let dragged: string | null = null;
  let moved = false;
  const hover = (id: string | null): void => {
    hovered.current = id;
    container.style.cursor = id === null ? "" : "pointer";
    sigma.refresh({ skipIndexation: true });
  };
  sigma.on("enterNode", ({ node }) => hover(node));
  sigma.on("leaveNode", () => hover(null));
  sigma.on("enterEdge", () => void (container.style.cursor = "pointer"));
  sigma.on("leaveEdge", () => void (container.style.cursor = ""));
  sigma.on("clickNode", ({ node }) => !moved && events.current.onSelect(node));
  sigma.on("clickEdge", ({ edge }) => events.current.onSelect(edge));
  sigma.on("clickStage", () => events.current.onSelect(null));
  sigma.on("doubleClickNode", (event) => {
    event.preventSigmaDefault();
    events.current.onOpen(event.node);
  });
  sigma.on("doubleClickStage", (event) => event.preventSigmaDefault());
  sigma.on("downNode", ({ node }) => {
    dragged = node;
    moved = false;
  });
  sigma.on("moveBody", ({ event }) => {
    if (dragged === null) return;
    moved = true;
    const at = sigma.viewportToGraph(event);
    sigma.getGraph().mergeNodeAttributes(dragged, { x: at.x, y: at.y });
    event.preventSigmaDefault();
    event.original.preventDefault();
  });
  const drop = (): void => {
    if (dragged !== null && moved) events.current.onMoved(dragged);
    dragged = null;
    setTimeout(() => (moved = false));
  };
  sigma.on("upNode", drop);
  sigma.on("upStage", drop);
  // One graph unit is one pixel at zoom 1, whatever is shown: opening a node never rescales the picture.
  const frame = (): void => {
    const { width, height } = sigma.getDimensions();
    sigma.setCustomBBox({ x: [-width / 2, width / 2], y: [-height / 2, height / 2] });
    sigma.refresh({ skipIndexation: false });
  };
  frame();
  const observer = new ResizeObserver(() => {
    sigma.resize();
    frame();
  });
  observer.observe(container);
  return () => observer.disconnect();
}

function useLayout(sigma: Sigma | null, scene: Scene, inset: { current: number }): void {
  const layouts = useRef<ReturnType<typeof createLayouts> | null>(null);
  useEffect(() => {
    const current = createLayouts();
    layouts.current = current;
    return () => current.stop();
  }, []);
  const shape = [...scene.nodes.keys(), "|", ...scene.links.keys()].join(" ");
  useEffect(() => {
    if (!sigma || scene.nodes.size === 0) return;
    const graph = sigma.getGraph();
    const request = {
      nodes: [...scene.nodes.values()].map(({ node, parent, pinned }) => {
        const at = graph.hasNode(node.id) ? graph.getNodeAttributes(node.id) : null;
        return {
          id: node.id,
          parent,
          fixed: pinned,
          radius: 16,
          ...(at?.placed === true ? { x: Number(at.x), y: Number(at.y) } : {}),
        };
      }),
      links: [...scene.links.values()].map(({ from, to }) => ({ from, to })),
    };
    const first = request.nodes.every((node) => !("x" in node));
    let cancelled = false;
    void layouts.current?.place(request).then((positions) => {
      if (cancelled) return;
      const target: Record<string, { x: number; y: number }> = {};
      for (const [id, at] of Object.entries(positions))
        if (graph.hasNode(id)) {
          graph.setNodeAttribute(id, "placed", true);
          target[id] = at;
        }
      const done = (): void => {
        if (cancelled) return;
        sigma.getContainer().dataset.settled = String(scene.nodes.size);
        if (first || isOutOfView(sigma, inset.current)) fit(sigma, inset.current);
      };
      if (calm()) {
        for (const [id, at] of Object.entries(target)) graph.mergeNodeAttributes(id, at);
        done();
      } else animateNodes(graph, target, { duration: 320, easing: "quadraticOut" }, done);
    });
    return () => {
      cancelled = true;
    };
    // The layout depends on which nodes and links there are, not on their looks.
  }, [sigma, shape]);
}

function extent(sigma: Sigma): { x: [number, number]; y: [number, number] } | null {
  const xs = sigma.getGraph().mapNodes((_, data) => Number(data.x));
  const ys = sigma.getGraph().mapNodes((_, data) => Number(data.y));
  if (xs.length === 0) return null;
  return { x: [Math.min(...xs), Math.max(...xs)], y: [Math.min(...ys), Math.max(...ys)] };
}

function isOutOfView(sigma: Sigma, left: number): boolean {
  const { width, height } = sigma.getDimensions();
  return sigma.getGraph().someNode((_, data) => {
    const at = sigma.graphToViewport({ x: Number(data.x), y: Number(data.y) });
    return at.x < left + 12 || at.y < 12 || at.x > width - 12 || at.y > height - toolbar;
  });
}

/** Pixels at the bottom under the toolbar. */
const toolbar = 48;

function fit(sigma: Sigma, left: number): void {
  const bounds = extent(sigma);
  if (!bounds) return;
  const { width, height } = sigma.getDimensions();
  const free = Math.max(200, width - left);
  const margin = 150;
  const ratio = Math.max(
    0.55,
    (bounds.x[1] - bounds.x[0] + margin) / free,
    (bounds.y[1] - bounds.y[0] + margin) / (height - toolbar),
  );
  // The middle of what is shown goes to the middle of what is free.
  const middle = {
    x: (bounds.x[0] + bounds.x[1]) / 2 - ((width - free) / 2) * ratio,
    y: (bounds.y[0] + bounds.y[1]) / 2 - (toolbar / 2) * ratio,
  };
  const { x, y } = sigma.viewportToFramedGraph(sigma.graphToViewport(middle));
  void sigma.getCamera().animate({ x, y, ratio, angle: 0 }, { duration: calm() ? 0 : 250 });
}
