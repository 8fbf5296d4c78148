// What a change affects: a risk summary, then everything affected by hop, with path, evidence and confidence.
import type { Affected, ImpactAnswer } from "@opentrace/contract/graph-answers.ts";
import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";
import { type Change, graph } from "../../api/queries.ts";
import type { Sort } from "../../app/search-strings.ts";
import { pathOf, placeOf, titleOf } from "../../graph/describe.ts";
import { Button } from "../../ui/button.tsx";
import { classes } from "../../ui/classes.ts";
import { NodeMark } from "../../ui/node-mark.tsx";
import { edgeWord, edgeWordReversed } from "../../ui/node-types.ts";
import { EmptyState, ErrorNote, Stopped, Working } from "../../ui/states.tsx";
import { count } from "../../ui/time-text.ts";
import { type Column, VirtualTable } from "../../ui/virtual-list.tsx";
import { AffectedPanel } from "./affected-panel.tsx";
import { download, impactCsv, namesOf } from "./impact-export.ts";
import { changeOf, ImpactQuestion } from "./impact-question.tsx";
import { ImpactRisk } from "./impact-risk.tsx";
import type { ChangeKind } from "./url.ts";
import type { Explore } from "./use-explore.ts";

const nothingYet: Record<ChangeKind, [title: string, text: string]> = {
  node: ["Choose what changes", "Everything that calls, imports or extends it appears here, hop by hop."],
  lines: [
    "Choose a file and its lines",
    "What uses the functions and classes on those lines appears here, hop by hop.",
  ],
  diff: ["Paste a diff", "What uses the functions and classes that it touches appears here, hop by hop."],
};

export function ImpactView({ explore }: { explore: Explore }) {
  const { state } = explore;
  const change = changeOf(state);
  const [title, text] = nothingYet[state.by];
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {change === null ? (
        <div className="overflow-auto">
          <ImpactQuestion explore={explore} />
          <EmptyState title={title}>{text}</EmptyState>
        </div>
      ) : (
        <Impact explore={explore} change={change} />
      )}
    </div>
  );
}

/** The pages so far as one answer. */
function whole(data: InfiniteData<ImpactAnswer> | undefined): ImpactAnswer | null {
  const [first] = data?.pages ?? [];
  const last = data?.pages.at(-1);
  if (!data || !first || !last) return null;
  const affected = data.pages.flatMap((page) => page.affected);
  return { ...first, affected, page: { ...last.page, returned: affected.length } };
}

function Impact({ explore, change }: { explore: Explore; change: Change }) {
  const { state } = explore;
  const client = useQueryClient();
  const options = graph.impact(change, state.depth);
  const query = useInfiniteQuery(options);
  const { data, error, refetch, isFetching, fetchNextPage, hasNextPage, isFetchingNextPage, isPlaceholderData } = query;
  const answer = useMemo(() => whole(data), [data]);
  const selected = answer?.affected.find((each) => each.node.id === state.select);
  // Sorted, narrowed to a hop, or with something selected that is not in yet, the list is only right when it is whole.
  const all = state.sort !== null || state.hop !== 0 || (state.select !== null && !selected);
  useEffect(() => {
    if (all && hasNextPage && !isFetching && !error) void fetchNextPage();
  }, [all, hasNextPage, isFetching, error, fetchNextPage]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  const save = async (format: "csv" | "json"): Promise<void> => {
    let latest = { data, hasNextPage };
    while (latest.hasNextPage) {
      const next = await fetchNextPage();
      if (next.error) return;
      latest = next;
    }
    const complete = whole(latest.data);
    if (complete) exportImpact(complete, change, format);
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
      <div className="flex min-h-0 min-w-0 flex-1 flex-col overflow-auto">
        <ImpactQuestion explore={explore} />
        {answer ? (
          <div className={classes("contents", isPlaceholderData && "[&>*]:opacity-60")}>
            <ImpactRisk answer={answer} by={change.by} onExport={(format) => void save(format)} busy={isFetching} />
            {answer.affected.length > 0 ? (
              <>
                <HopTabs answer={answer} hop={state.hop} onHop={(hop) => explore.change({ hop })} />
                <AffectedTable answer={answer} explore={explore} onEnd={more} />
                <ListEnd
                  answer={answer}
                  more={hasNextPage}
                  busy={isFetchingNextPage}
                  error={error}
                  onMore={() => void fetchNextPage()}
                />
              </>
            ) : null}
          </div>
        ) : error ? (
          <div className="p-4">
            <ErrorNote error={error} onRetry={() => void refetch()} />
          </div>
        ) : isFetching ? (
          <Working
            label="Looking for what is affected"
            onStop={() => void client.cancelQueries({ queryKey: options.queryKey })}
          />
        ) : (
          <Stopped onAgain={() => void refetch()} />
        )}
      </div>
      {answer && selected ? <AffectedPanel affected={selected} answer={answer} explore={explore} /> : null}
    </div>
  );
}

function exportImpact(answer: ImpactAnswer, change: Change, format: "csv" | "json"): void {
  const what = change.by === "diff" ? "diff" : change.by === "lines" ? change.path : answer.seeds[0]?.node.name;
  const name = `impact-${(what ?? "node").replace(/[^\w.-]+/g, "_")}.${format}`;
  if (format === "csv") download(name, "text/csv;charset=utf-8", impactCsv(answer));
  else download(name, "application/json", JSON.stringify(answer, null, 2));
}

const columnsOf = (names: ReadonlyMap<string, string>): Column<Affected>[] => [
  { key: "hop", title: "Hop", width: "2.75rem", numeric: true, sortable: true, cell: ({ hop }) => hop },
  {
    key: "name",
    title: "Affected",
    width: "minmax(10rem,1.4fr)",
    sortable: true,
    cell: ({ node }) => (
      <span className="flex items-center gap-2">
        <NodeMark type={node.type} />
        <span className="truncate font-medium">{titleOf(node)}</span>
      </span>
    ),
  },
  {
    key: "path",
    title: "Where",
    width: "minmax(8rem,1.4fr)",
    sortable: true,
    cell: ({ node }) => <span className="font-mono text-sm text-muted">{placeOf(node)}</span>,
  },
  {
    key: "edge",
    title: "Because",
    width: "minmax(7rem,1fr)",
    cell: ({ node, edge }) => <span className="text-muted">{becauseOf(node.id, edge, names)}</span>,
  },
  {
    key: "confidence",
    title: "Sure",
    width: "3.75rem",
    numeric: true,
    sortable: true,
    cell: ({ confidence }) => `${Math.round(confidence * 100)}%`,
  },
];

/** The affected node's own edge, read from it: "calls charge"; what it is a part of: "holds charge". */
function becauseOf(id: string, edge: Affected["edge"], names: ReadonlyMap<string, string>): string {
  const other = names.get(edge.from === id ? edge.to : edge.from) ?? "";
  return `${edge.from === id ? edgeWord(edge.type) : edgeWordReversed(edge.type)} ${other}`;
}

const asAnswered: Sort = { key: "hop", descending: false };

function valueOf({ node, hop, confidence }: Affected, key: string): string | number {
  if (key === "hop") return hop;
  if (key === "confidence") return confidence;
  return key === "path" ? (pathOf(node) ?? "") : titleOf(node);
}

const compare = (a: string | number, b: string | number): number =>
  typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));

function AffectedTable({ answer, explore, onEnd }: { answer: ImpactAnswer; explore: Explore; onEnd: () => void }) {
  const { state, change } = explore;
  const { hop, sort } = state;
  const columns = useMemo(() => columnsOf(namesOf(answer)), [answer]);
  const rows = useMemo(() => {
    const shown = answer.affected.filter((each) => hop === 0 || each.hop === hop);
    if (sort === null) return shown;
    const sign = sort.descending ? -1 : 1;
    return shown.sort((a, b) => sign * compare(valueOf(a, sort.key), valueOf(b, sort.key)));
  }, [answer, hop, sort]);
  return (
    <VirtualTable
      label="Affected nodes"
      columns={columns}
      rows={rows}
      rowKey={(row) => row.node.id}
      sort={sort ?? asAnswered}
      onSort={(next) => change({ sort: next.key === "hop" && !next.descending ? null : next })}
      selected={state.select}
      onSelect={(row) => change({ select: row.node.id })}
      onOpen={(row) => change({ view: "graph", open: [{ id: row.node.id, count: 12 }], select: row.node.id })}
      onEnd={onEnd}
      className="min-h-64 flex-1 border-t border-line bg-surface"
    />
  );
}

interface ListEndProps {
  answer: ImpactAnswer;
  more: boolean;
  busy: boolean;
  error: unknown;
  onMore: () => void;
}

/** How much of it is listed, how to see more, and whether the server itself stopped counting. */
function ListEnd({ answer, more, busy, error, onMore }: ListEndProps) {
  const { returned, total } = answer.page;
  const found = total ?? answer.risk.affected;
  return (
    <div className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-t border-line bg-surface px-4 py-1.5 text-sm text-muted">
      <p role="status" className="tabular-nums">
        {more
          ? `${busy ? "Loading… " : ""}${count(returned)} of ${count(found)} loaded`
          : total === null
            ? `The search stopped at ${count(found)} nodes: there are more. Fewer hops make the list complete.`
            : `All ${count(total)} listed`}
      </p>
      {more && !busy ? (
        <Button small onClick={onMore}>
          Show more
        </Button>
      ) : null}
      {error ? <ErrorNote error={error} onRetry={onMore} /> : null}
    </div>
  );
}

function HopTabs({ answer, hop, onHop }: { answer: ImpactAnswer; hop: number; onHop: (hop: number) => void }) {
  const all = [{ hop: 0, count: answer.risk.affected }, ...answer.byHop.filter((each) => each.hop > 0)];
  return (
    <div role="group" aria-label="Hops" className="flex flex-wrap gap-1 px-4 pb-3">
      {all.map((each) => (
        <button
          key={each.hop}
          type="button"
          aria-pressed={hop === each.hop}
          onClick={() => onHop(each.hop)}
          className={classes(
            "inline-flex h-8 items-center gap-2 rounded-md border border-line px-2.5 text-sm text-muted hover:bg-hover",
            "aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:text-accent-text",
          )}
        >
          {each.hop === 0 ? "All" : each.hop === 1 ? "Direct" : `Hop ${each.hop}`}
          <span className="tabular-nums">{count(each.count)}</span>
        </button>
      ))}
    </div>
  );
}
