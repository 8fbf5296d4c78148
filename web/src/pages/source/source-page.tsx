// A file's text with line numbers, the marked lines, and the symbols in it as outline.
import type { GraphNode } from "@opentrace/contract/graph.ts";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ListTree, Waypoints, Zap } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { graph } from "../../api/queries.ts";
import { type Lines, linesOf } from "../../graph/describe.ts";
import { buttonClasses, IconButton } from "../../ui/button.tsx";
import { classes } from "../../ui/classes.ts";
import { CodeTokens } from "../../ui/code-lines.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { highlight } from "../../ui/highlight.ts";
import { NodeMark } from "../../ui/node-mark.tsx";
import { usePageTitle } from "../../ui/page.tsx";
import { EmptyState, ErrorNote, Notice, SkeletonRows } from "../../ui/states.tsx";
import { plural } from "../../ui/time-text.ts";
import { exploreSearch } from "../explore/url.ts";
import { outlineOf } from "./outline.ts";
import { parseSource, sourceSearch, type SourceState } from "./url.ts";

const rowHeight = 20;

export function SourcePage() {
  const state = parseSource(useSearch({ from: "/source" }));
  usePageTitle(state.path.split("/").at(-1) || "Source");
  if (!state.repository || !state.path)
    return (
      <EmptyState heading title="No file is named in this address">
        <Link to="/explore" className={buttonClasses()}>
          Search for one
        </Link>
      </EmptyState>
    );
  return <SourceFile key={`${state.repository} ${state.path}`} {...state} />;
}

function SourceFile(state: SourceState) {
  const { repository, path, lines } = state;
  const { data, error, refetch } = useQuery(graph.source({ repository, path }));
  const { data: symbols } = useQuery(graph.symbolsOf(repository, path));
  const [outlineOpen, setOutlineOpen] = useState(() => matchMedia("(min-width: 1024px)").matches);
  const outline = useMemo(() => outlineOf(symbols ?? []), [symbols]);
  const text = useMemo(() => (data ? data.text.replace(/\n$/, "").split("\n") : []), [data]);
  const folders = path.split("/");
  const file = folders.pop() ?? path;
  return (
    <div className="flex h-full flex-col">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-surface px-4 py-2.5">
        <div className="min-w-0 flex-1 basis-full sm:basis-0">
          <h1 className="truncate font-mono text-base font-semibold">
            <span className="font-normal text-muted">{folders.map((folder) => `${folder}/`).join("")}</span>
            {file}
          </h1>
          <p className="truncate text-sm text-muted">
            {repository.replace(/^repo:/, "")}
            {data ? (
              <>
                {" "}
                at <span className="font-mono">{data.commit.slice(0, 8)}</span> · {plural(data.totalLines, "line")}
                {data.language ? ` · ${data.language}` : ""}
              </>
            ) : null}
          </p>
        </div>
        {lines ? (
          <CopyButton
            label={`Copy ${lines.end > lines.start ? "lines" : "line"}`}
            text={text.slice(lines.start - 1, lines.end).join("\n")}
          />
        ) : null}
        {data?.node ? (
          <Link
            to="/explore"
            search={exploreSearch({ view: "impact", by: "lines", repository, path, lines })}
            className={buttonClasses("plain", true)}
          >
            <Zap size={14} aria-hidden /> Impact{lines ? (lines.end > lines.start ? " of lines" : " of line") : ""}
          </Link>
        ) : null}
        {data?.node ? (
          <Link
            to="/explore"
            search={exploreSearch({ open: [{ id: data.node.id, count: 12 }], select: data.node.id })}
            className={buttonClasses("plain", true)}
          >
            <Waypoints size={14} aria-hidden /> Show in graph
          </Link>
        ) : null}
        <IconButton label="Outline" pressed={outlineOpen} onClick={() => setOutlineOpen(!outlineOpen)}>
          <ListTree size={16} aria-hidden />
        </IconButton>
      </header>
      <div className="flex min-h-0 flex-1 flex-col-reverse lg:flex-row">
        {error ? (
          <div className="flex-1 p-4">
            <ErrorNote error={error} onRetry={() => void refetch()} />
          </div>
        ) : !data ? (
          <div className="flex-1">
            <SkeletonRows rows={16} label="Loading source" />
          </div>
        ) : (
          <Text text={text} first={data.startLine} language={data.language} truncated={data.truncated} state={state} />
        )}
        {outlineOpen ? (
          <nav
            aria-label="Outline"
            className="max-h-48 shrink-0 overflow-auto border-b border-line bg-surface p-2 lg:max-h-none lg:w-72 lg:border-b-0 lg:border-l"
          >
            {outline.length === 0 ? (
              <p className="px-2 py-1 text-sm text-faint">{symbols ? "No symbols in this file" : "…"}</p>
            ) : null}
            <ul>
              {outline.map(({ node, depth }) => (
                <li key={node.id}>
                  <OutlineLink node={node} depth={depth} state={state} current={contains(linesOf(node), lines)} />
                </li>
              ))}
            </ul>
          </nav>
        ) : null}
      </div>
    </div>
  );
}

const contains = (outer: Lines | null, inner: Lines | null): boolean =>
  outer !== null && inner !== null && outer.start <= inner.start && inner.end <= outer.end;

function OutlineLink({
  node,
  depth,
  state,
  current,
}: {
  node: GraphNode;
  depth: number;
  state: SourceState;
  current: boolean;
}) {
  const lines = linesOf(node);
  return (
    <Link
      to="/source"
      search={sourceSearch({ ...state, lines })}
      {...(current ? { "aria-current": "location" as const } : {})}
      className="flex h-7 items-center gap-2 rounded-sm pr-2 hover:bg-hover aria-[current]:bg-accent-soft"
      style={{ paddingLeft: 8 + depth * 14 }}
    >
      <NodeMark type={node.type} size={11} />
      <span className="flex-1 truncate text-sm">{node.name}</span>
      <span className="text-xs text-faint tabular-nums">{lines?.start}</span>
    </Link>
  );
}

interface TextProps {
  text: string[];
  first: number;
  language: string | null;
  truncated: boolean;
  state: SourceState;
}

function Text({ text, first, language, truncated, state }: TextProps) {
  const navigate = useNavigate();
  const scroller = useRef<HTMLDivElement>(null);
  const coloured = useMemo(() => highlight(text, language), [text, language]);
  const { lines } = state;
  const virtual = useVirtualizer({
    count: text.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 40,
    initialOffset: lines ? Math.max(0, (lines.start - first - 6) * rowHeight) : 0,
  });
  const shown = useRef("");
  useEffect(() => {
    const wanted = lines ? `${lines.start}-${lines.end}` : "";
    if (lines && shown.current !== wanted)
      virtual.scrollToIndex(Math.max(0, lines.start - first - 6), { align: "start" });
    shown.current = wanted;
  }, [lines, first, virtual]);
  const choose = (line: number, extend: boolean): void => {
    const range =
      extend && lines
        ? { start: Math.min(lines.start, line), end: Math.max(lines.end, line) }
        : { start: line, end: line };
    shown.current = `${range.start}-${range.end}`;
    void navigate({
      to: "/source",
      search: sourceSearch({ ...state, lines: range }),
      replace: true,
      resetScroll: false,
    });
  };
  const width = text.reduce((most, line) => Math.max(most, line.length), 0);
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      {truncated ? (
        <div className="p-3">
          <Notice tone="warn">The file is longer than what is shown.</Notice>
        </div>
      ) : null}
      <div
        ref={scroller}
        tabIndex={0}
        role="region"
        aria-label="Source text"
        data-focus-inset
        className="min-h-0 flex-1 overflow-auto bg-surface py-2"
      >
        <div
          className="relative font-mono text-sm"
          style={{ height: virtual.getTotalSize(), minWidth: `calc(${Math.min(width, 4000)}ch + 5rem)`, tabSize: 4 }}
        >
          {virtual.getVirtualItems().map((item) => {
            const line = first + item.index;
            const marked = lines !== null && line >= lines.start && line <= lines.end;
            return (
              <div
                key={item.key}
                data-line={line}
                {...(marked ? { "data-marked": true } : {})}
                className={classes(
                  "absolute left-0 flex w-full",
                  marked && "bg-accent-soft shadow-[inset_2px_0_var(--accent)]",
                )}
                style={{ height: rowHeight, transform: `translateY(${item.start}px)`, lineHeight: `${rowHeight}px` }}
              >
                <button
                  type="button"
                  tabIndex={-1}
                  aria-label={`Line ${line}`}
                  onClick={(event) => choose(line, event.shiftKey)}
                  className="w-14 shrink-0 pr-4 text-right text-faint tabular-nums select-none hover:text-text"
                >
                  {line}
                </button>
                <code className="whitespace-pre">
                  <CodeTokens tokens={coloured[item.index] ?? []} />
                </code>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
