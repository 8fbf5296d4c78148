// Search in source text: a text or a regular expression, every match with its file, line and the symbol that holds it.
import type { SourceSearchAnswer } from "@opentrace/contract/graph-answers.ts";
import { type InfiniteData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { TextSearch } from "lucide-react";
import { useMemo, useRef } from "react";
import { ApiError } from "../../api/http.ts";
import { graph, repositories, type SourceQuestion } from "../../api/queries.ts";
import { useShortcuts } from "../../app/shortcuts.ts";
import { Button } from "../../ui/button.tsx";
import { PageFrame, usePageTitle } from "../../ui/page.tsx";
import { EmptyState, ErrorNote, Notice, Stopped, Working } from "../../ui/states.tsx";
import { count, plural } from "../../ui/time-text.ts";
import { byFile } from "./by-file.ts";
import { Matches } from "./matches.tsx";
import { SearchForm } from "./search-form.tsx";
import { parseSearch, searchSearch } from "./url.ts";

const fieldId = "source-search";

export function SearchPage() {
  const question = parseSearch(useSearch({ from: "/search" }));
  const navigate = useNavigate();
  usePageTitle(question.q === "" ? "Search code" : `${question.q} · code`);
  useShortcuts({ "/": () => document.getElementById(fieldId)?.focus() });
  const ask = (next: SourceQuestion): void => void navigate({ to: "/search", search: searchSearch(next) });
  return (
    <PageFrame title="Search code">
      <SearchForm key={JSON.stringify(question)} id={fieldId} question={question} onAsk={ask} />
      {question.q === "" ? (
        <EmptyState title="Find a text in every indexed file" icon={<TextSearch size={20} aria-hidden />}>
          <p>
            A part of a line, as it is written: a log message, a setting’s name, a TODO. Or a regular expression, such
            as <code className="font-mono text-sm">def \w+_request</code>. What is read is what the last sync committed.
          </p>
        </EmptyState>
      ) : (
        <Results question={question} onAsk={ask} />
      )}
    </PageFrame>
  );
}

function Results({ question, onAsk }: { question: SourceQuestion; onAsk: (question: SourceQuestion) => void }) {
  const client = useQueryClient();
  const options = graph.searchSource(question);
  const { data, error, refetch, isFetching, isFetchingNextPage, hasNextPage, fetchNextPage } =
    useInfiniteQuery(options);
  const { data: known } = useQuery(repositories.all);
  const files = useMemo(() => byFile(data?.pages.flatMap((page) => page.matches) ?? []), [data]);
  const list = useRef<HTMLDivElement>(null);
  const stop = (): void => void client.cancelQueries({ queryKey: options.queryKey });
  if (!data) {
    if (error) return <ErrorNote error={error} {...(canMend(error) ? { onRetry: () => void refetch() } : {})} />;
    if (isFetching) return <Working label="Searching" onStop={stop} />;
    return <Stopped onAgain={() => void refetch()} />;
  }
  const last = data.pages.at(-1);
  return (
    <section aria-label="Matches" ref={list} className="flex min-w-0 flex-col gap-4">
      <p role="status" className="text-muted tabular-nums">
        {summary(data, files.length, hasNextPage)}
      </p>
      {files.length === 0 && !hasNextPage ? (
        <Nothing question={question} onAsk={onAsk} />
      ) : (
        <Matches files={files} names={new Map(known?.repositories.map(({ key, name }) => [key, name]))} />
      )}
      {last?.detail ? <Notice tone="warn">{last.detail.replace("; go on with nextCursor", "")}</Notice> : null}
      {error ? <ErrorNote error={error} onRetry={() => void fetchNextPage()} /> : null}
      {isFetchingNextPage ? (
        <Working label="Searching on" onStop={stop} rows={2} />
      ) : hasNextPage ? (
        <Button className="w-fit" onClick={() => void fetchNextPage()}>
          {last?.detail ? "Search on" : "Show more"}
        </Button>
      ) : null}
    </section>
  );
}

/** An expression that is none stays none. */
const canMend = (error: unknown): boolean => !(error instanceof ApiError) || error.status !== 400;

function summary({ pages }: InfiniteData<SourceSearchAnswer>, files: number, more: boolean): string {
  const matches = pages.reduce((sum, page) => sum + page.matches.length, 0);
  const total = pages[0]?.filesTotal ?? 0;
  if (more) return `The first ${plural(matches, "match", "matches")}, in ${plural(files, "file")}. There may be more.`;
  return `${plural(matches, "match", "matches")} in ${plural(files, "file")}, all ${count(total)} searched`;
}

function Nothing({ question, onAsk }: { question: SourceQuestion; onAsk: (question: SourceQuestion) => void }) {
  const narrowed = question.repository !== null || question.path !== "" || question.language !== "";
  return (
    <EmptyState title={`No line has “${question.q}” in it`}>
      {question.caseSensitive ? (
        <Button onClick={() => onAsk({ ...question, caseSensitive: false })}>Search without minding case</Button>
      ) : null}
      {narrowed ? (
        <Button onClick={() => onAsk({ ...question, repository: null, path: "", language: "" })}>
          Search in all files
        </Button>
      ) : null}
      {!question.regex && /[\\[\](){}*+?|^$]/.test(question.q) ? (
        <Button onClick={() => onAsk({ ...question, regex: true })}>Search for it as a regular expression</Button>
      ) : null}
    </EmptyState>
  );
}
