// All runbooks: searched by words, narrowed to a service or a tag, and read from the repositories that hold some.
import type { RunbookSummary, RunbooksImported } from "@opentrace/contract/investigation.ts";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { BookOpen, FolderGit2, Plus, X } from "lucide-react";
import { useDeferredValue, useRef } from "react";
import { readRepositories, type RunbookFilter, runbooks } from "../../api/runbooks.ts";
import { useShortcuts } from "../../app/shortcuts.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button, buttonClasses } from "../../ui/button.tsx";
import { classes } from "../../ui/classes.ts";
import { Field } from "../../ui/field.tsx";
import { ReadOnlyNote, useMay } from "../../ui/may.tsx";
import { Card, PageFrame, usePageTitle } from "../../ui/page.tsx";
import { EmptyState, ErrorNote, Notice, SkeletonRows } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { plural } from "../../ui/time-text.ts";
import { Labels } from "./labels.tsx";
import { parseRunbooks, runbooksSearch } from "./url.ts";

export function RunbooksPage() {
  usePageTitle("Runbooks");
  const filter = parseRunbooks(useSearch({ from: "/runbooks" }));
  const navigate = useNavigate();
  const go = (next: Partial<RunbookFilter>): void =>
    void navigate({ to: "/runbooks", search: runbooksSearch({ ...filter, ...next }), replace: true });
  const asked = useDeferredValue(filter);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage, isPlaceholderData } = useInfiniteQuery(
    runbooks.list(asked),
  );
  const client = useQueryClient();
  const read = useMutation({
    mutationFn: readRepositories,
    onSuccess: () => client.invalidateQueries({ queryKey: runbooks.key }),
  });
  const { may } = useMay();
  const searchField = useRef<HTMLInputElement>(null);
  useShortcuts({ "/": () => searchField.current?.focus() });
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const total = data?.pages[0]?.total;
  const narrowed = filter.q.trim() !== "" || filter.service !== "" || filter.tag !== "";
  return (
    <PageFrame
      title="Runbooks"
      lead="What to do when something breaks. On an incident those that fit are suggested by service, tags and words."
      actions={
        may("incidents:write") ? (
          <>
            <Button disabled={read.isPending} onClick={() => read.mutate()}>
              <FolderGit2 size={15} aria-hidden /> {read.isPending ? "Reading…" : "Read from repositories"}
            </Button>
            <Link to="/runbooks/new" className={buttonClasses("primary")}>
              <Plus size={15} aria-hidden /> New runbook
            </Link>
          </>
        ) : null
      }
    >
      <ReadOnlyNote permission="incidents:write" what="runbooks" />
      {read.error ? <ErrorNote error={read.error} /> : read.data ? <Imported imported={read.data} /> : null}
      <div className="flex flex-col gap-3">
        <div className="flex flex-wrap items-end gap-3">
          <Field
            ref={searchField}
            label="Search runbooks"
            hideLabel
            type="search"
            value={filter.q}
            onChange={(event) => go({ q: event.target.value })}
            placeholder={'Words, or "words that stand together"'}
            maxLength={500}
            autoComplete="off"
            className="min-w-0 flex-1 basis-64"
          />
          {(["service", "tag"] as const).map((by) =>
            filter[by] === "" ? null : (
              <Button key={by} onClick={() => go({ [by]: "" })} aria-label={`${by} ${filter[by]}: show all again`}>
                <span className="text-muted">{by}</span> <span className="max-w-48 truncate">{filter[by]}</span>
                <X size={14} aria-hidden />
              </Button>
            ),
          )}
          <p role="status" className="flex h-9 items-center text-sm text-muted tabular-nums">
            {total === undefined ? "" : plural(total, "runbook")}
          </p>
        </div>
        {error ? (
          <ErrorNote error={error} onRetry={() => void refetch()} />
        ) : !data ? (
          <SkeletonRows rows={6} />
        ) : items.length === 0 ? (
          <Card className="border-dashed">
            {narrowed ? (
              <EmptyState title="No runbook is like that">
                <Button onClick={() => go({ q: "", service: "", tag: "" })}>Show all</Button>
              </EmptyState>
            ) : (
              <EmptyState icon={<BookOpen size={28} aria-hidden />} title="No runbooks yet">
                <p>
                  Write one, hand in a Markdown file, or keep them in your repositories: files below a folder{" "}
                  <code className="font-mono text-sm">runbooks</code> are read from there.
                </p>
              </EmptyState>
            )}
          </Card>
        ) : (
          <ul
            aria-label="Runbooks"
            className={classes(
              "divide-y divide-line rounded-lg border border-line bg-surface",
              isPlaceholderData && "opacity-60",
            )}
          >
            {items.map((runbook) => (
              <Row key={runbook.id} runbook={runbook} />
            ))}
          </ul>
        )}
        {hasNextPage ? (
          <Button className="self-center" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {isFetchingNextPage ? "Loading…" : "Show more"}
          </Button>
        ) : null}
      </div>
    </PageFrame>
  );
}

function Row({ runbook: { id, title, excerpt, services, tags, origin, updated_at } }: { runbook: RunbookSummary }) {
  return (
    <li className="flex min-w-0 flex-col gap-1.5 px-4 py-3">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h2 className="min-w-0 flex-1 basis-56 font-medium wrap-anywhere">
          <Link to="/runbooks/$id" params={{ id }} className="rounded-sm hover:underline">
            {title}
          </Link>
        </h2>
        {origin === "repository" ? <Badge>from a repository</Badge> : null}
        <span className="text-sm text-muted">
          changed <Time at={updated_at} />
        </span>
      </div>
      <p className="line-clamp-2 text-sm wrap-anywhere text-muted">{excerpt}</p>
      <Labels services={services} tags={tags} />
    </li>
  );
}

function Imported({ imported: { added, changed, removed, unchanged, skipped } }: { imported: RunbooksImported }) {
  const found = added + changed + removed + unchanged > 0;
  return (
    <div role="status">
      <Notice tone={skipped.length > 0 ? "warn" : "neutral"}>
        {found
          ? `Read from repositories: ${added} new, ${changed} changed, ${removed} gone, ${unchanged} as they were.`
          : "No indexed repository has Markdown files below a folder named runbooks."}
        {skipped.length > 0 ? (
          <ul className="mt-1 list-disc pl-5">
            {skipped.map((each) => (
              <li key={each} className="wrap-anywhere">
                {each}
              </li>
            ))}
          </ul>
        ) : null}
      </Notice>
    </div>
  );
}
