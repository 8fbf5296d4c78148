// What was not read, and why: by reason, with a filter, however many there are.
import type { Repository, SkippedPath, SkipReason } from "@opentrace/contract/repositories.ts";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useDeferredValue, useMemo } from "react";
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

/** What the reason means, and how such a file is read all the same. */
const whatToDo: Record<SkipReason, string> = {
  excluded: "Left out in every repository. A line like !vendor/ in a committed .otignore takes one back.",
  ignored: "A pattern in .otignore or .opentraceignore leaves it out; the detail names file and line.",
  binary: "It is no text, so there is nothing to read.",
  too_large: "Source and manifests above 1 MiB are not read; such files are mostly generated.",
  parse_failed: "It could not be read as source. Its text can still be searched when Git has it.",
  symlink: "Links are never followed. What they lead to is read where it is.",
  submodule: "Another repository: add it by itself.",
  encoding: "Its text cannot be decoded. Saved as UTF-8 it is read at the next sync.",
  nested_too_deeply: "Its code is nested deeper than the parser goes. What was read before that is in the graph.",
  timed_out: "Parsing took too long and was ended.",
  unsupported: "A path or kind of entry that cannot be read.",
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
    repositories.skipped(repository.id, reason, useDeferredValue(filter.trim())),
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
  const rows = useMemo(() => data?.pages.flatMap((page) => page.skipped) ?? [], [data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const reasons = entriesOf(first?.byReason ?? {});
  const total = reasons.reduce((sum, [, amount]) => sum + amount, 0);
  const searching = filter.trim() !== "";
  const found = first?.page.total ?? total;
  return (
    <Section
      title="Skipped"
      aside={<span className="text-sm text-faint tabular-nums">{count(repository.counts.skipped)}</span>}
    >
      {error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : null}
      <Card>
        {!data && !error ? <SkeletonRows rows={3} /> : null}
        {data && total === 0 && !searching ? (
          <EmptyState title={repository.indexedAt ? "Every file was read" : "Nothing was read yet"} />
        ) : null}
        {total > 0 || searching ? (
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
                aria-label="Search path or detail"
                value={filter}
                onChange={(event) => go({ reason, filter: event.target.value })}
                placeholder="Search path or detail"
                className={`${controlClasses} h-8 flex-1 basis-40 text-sm`}
              />
            </div>
            {reason === null ? null : (
              <p className="border-b border-line bg-bg px-4 py-2 text-sm text-muted">{whatToDo[reason]}</p>
            )}
            {rows.length > 0 ? (
              <>
                <VirtualTable
                  label="Skipped files"
                  columns={columns}
                  rows={rows}
                  rowKey={(row) => `${row.path} ${row.reason}`}
                  onEnd={more}
                  className={rows.length > 8 ? "h-80" : ""}
                />
                <p role="status" className="border-t border-line px-4 py-2 text-sm text-faint tabular-nums">
                  {hasNextPage
                    ? `${count(rows.length)} of ${count(found)} loaded, more on scrolling`
                    : `All ${count(found)} listed`}
                </p>
              </>
            ) : data ? (
              <EmptyState title={`No skipped path has “${filter.trim()}” in it`} />
            ) : null}
          </>
        ) : null}
      </Card>
    </Section>
  );
}
