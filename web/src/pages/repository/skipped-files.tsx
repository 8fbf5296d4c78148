// What was not read, and why: by reason, with a filter, however many there are.
import type { Repository, SkippedPath, SkipReason } from "@opentrace/contract/repositories.ts";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { repositories } from "../../api/queries.ts";
import { classes } from "../../ui/classes.ts";
import { controlClasses } from "../../ui/field.tsx";
import { Card, Section } from "../../ui/page.tsx";
import { EmptyState, ErrorNote, SkeletonRows } from "../../ui/states.tsx";
import { count } from "../../ui/time-text.ts";
import { type Column, VirtualTable } from "../../ui/virtual-list.tsx";
import { entriesOf } from "../home/entries.ts";
import { parseRepository, repositorySearch } from "./url.ts";

const words: Record<SkipReason, string> = {
  excluded: "Excluded by default",
  ignored: "Ignored by file",
  binary: "Binary",
  too_large: "Too large",
  parse_failed: "Not parsed",
  symlink: "Symbolic link",
  submodule: "Submodule",
  encoding: "Encoding",
  nested_too_deeply: "Nested too deeply",
  timed_out: "Timed out",
  unsupported: "Not supported",
};

const columns: Column<SkippedPath>[] = [
  {
    key: "path",
    title: "Path",
    width: "minmax(12rem,2fr)",
    cell: ({ path }) => <span className="font-mono text-sm">{path}</span>,
  },
  { key: "reason", title: "Reason", width: "10rem", cell: ({ reason }) => words[reason] },
  {
    key: "detail",
    title: "Detail",
    width: "minmax(10rem,1.5fr)",
    cell: ({ detail }) => (
      <span className="text-muted" title={detail}>
        {detail}
      </span>
    ),
  },
];

export function SkippedFiles({ repository }: { repository: Repository }) {
  const { reason, filter } = parseRepository(useSearch({ from: "/repositories/$id" }));
  const navigate = useNavigate();
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(
    repositories.skipped(repository.id, reason),
  );
  const go = (next: { reason: SkipReason | null; filter: string }): void =>
    void navigate({
      to: "/repositories/$id",
      params: { id: repository.id },
      search: repositorySearch(next),
      replace: true,
      resetScroll: false,
    });
  const first = data?.pages[0];
  const loaded = useMemo(() => data?.pages.flatMap((page) => page.skipped) ?? [], [data]);
  const rows = useMemo(() => {
    const part = filter.toLowerCase();
    return part === "" ? loaded : loaded.filter(({ path, detail }) => `${path} ${detail}`.toLowerCase().includes(part));
  }, [loaded, filter]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const reasons = entriesOf(first?.byReason ?? {});
  const total = reasons.reduce((sum, [, amount]) => sum + amount, 0);
  return (
    <Section
      title="Skipped"
      aside={<span className="text-sm text-faint tabular-nums">{first ? count(total) : ""}</span>}
    >
      {error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : null}
      <Card>
        {!data && !error ? <SkeletonRows rows={3} /> : null}
        {data && total === 0 ? (
          <EmptyState title={repository.indexedAt ? "Every file was read" : "Nothing was read yet"} />
        ) : null}
        {total > 0 ? (
          <>
            <div className="flex flex-wrap items-center gap-2 border-b border-line p-2">
              <div role="group" aria-label="Reason" className="flex flex-wrap gap-1">
                {[null, ...reasons.map(([each]) => each)].map((each) => (
                  <button
                    key={each ?? "all"}
                    type="button"
                    aria-pressed={reason === each}
                    onClick={() => go({ reason: each, filter })}
                    className={classes(
                      "inline-flex h-7 items-center gap-1.5 rounded-sm px-2 text-sm text-muted hover:bg-hover",
                      "aria-pressed:bg-accent-soft aria-pressed:text-accent-text",
                    )}
                  >
                    {each === null ? "All" : words[each]}
                    <span className="tabular-nums">{count(each === null ? total : (first?.byReason[each] ?? 0))}</span>
                  </button>
                ))}
              </div>
              <input
                aria-label="Filter by path"
                value={filter}
                onChange={(event) => go({ reason, filter: event.target.value })}
                placeholder="Filter by path"
                className={`${controlClasses} h-8 flex-1 basis-40 text-sm`}
              />
            </div>
            {rows.length > 0 ? (
              <VirtualTable
                label="Skipped files"
                columns={columns}
                rows={rows}
                rowKey={(row) => `${row.path} ${row.reason}`}
                onEnd={more}
                className={rows.length > 8 ? "h-80" : ""}
              />
            ) : (
              <EmptyState title={`No path has “${filter}” in it${hasNextPage ? " so far" : ""}`}>
                {hasNextPage ? (
                  <button type="button" className="text-accent-text underline underline-offset-2" onClick={more}>
                    Look in more ({count(loaded.length)} of {count(total)} loaded)
                  </button>
                ) : null}
              </EmptyState>
            )}
          </>
        ) : null}
      </Card>
    </Section>
  );
}
