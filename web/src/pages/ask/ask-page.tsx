// A question in plain words, its answer with the nodes it rests on and the queries it ran.
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { ArrowRight, CircleHelp } from "lucide-react";
import { graph } from "../../api/queries.ts";
import type { AskAnswer, AskQuery } from "@opentrace/contract/ask.ts";
import { Badge } from "../../ui/badge.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Markdown } from "../../ui/markdown.tsx";
import { NodeLink } from "../../ui/node-mark.tsx";
import { Card, PageFrame, Section, usePageTitle } from "../../ui/page.tsx";
import { ErrorNote, SkeletonRows } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { suggestedQuestions } from "../add/suggested-questions.ts";
import { askSearch, parseAsk } from "./url.ts";
import { QuestionBox } from "./question-box.tsx";

const fewNodes = 12;

export function AskPage() {
  const { question } = parseAsk(useSearch({ from: "/ask" }));
  usePageTitle(question === "" ? "Ask" : question);
  const { data, error, refetch } = useQuery(graph.ask(question));
  return (
    <PageFrame
      title="Ask"
      lead="Answered from the graph, without a language model. Every answer names the nodes it rests on."
    >
      <QuestionBox key={question} initial={question} autoFocus={question === ""} />
      {question === "" ? (
        <FirstQuestions />
      ) : error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows rows={4} label="Looking it up" />
      ) : (
        <Answer answer={data} />
      )}
    </PageFrame>
  );
}

function FirstQuestions() {
  const { data } = useQuery(graph.critical(12));
  const { data: stats } = useQuery(graph.stats);
  const critical = data?.critical.map(({ node }) => node) ?? [];
  const questions = suggestedQuestions(stats?.sources[0]?.name ?? "the repository", critical);
  return <Questions title="For example" questions={questions} />;
}

function Questions({ title, questions }: { title: string; questions: readonly string[] }) {
  if (questions.length === 0) return null;
  return (
    <Section title={title}>
      <ul className="flex flex-col gap-1">
        {questions.map((question) => (
          <li key={question}>
            <Link
              to="/ask"
              search={askSearch(question)}
              className="inline-flex max-w-full items-center gap-2 rounded-md px-2 py-1 text-accent-text hover:bg-hover"
            >
              <ArrowRight size={14} aria-hidden className="shrink-0" />
              {question}
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Answer({ answer }: { answer: AskAnswer }) {
  const ambiguous = answer.mentions.filter((mention) => mention.others.length > 0);
  const stale = answer.freshness.filter((source) => source.state !== "fresh");
  return (
    <>
      <Card className="flex flex-col gap-4 p-5">
        {answer.understood ? null : (
          <p className="flex items-center gap-2 font-medium">
            <CircleHelp size={17} aria-hidden className="text-warn" /> Not understood
          </p>
        )}
        <div aria-live="polite">
          <Markdown text={answer.answer} />
        </div>
        {answer.truncated ? (
          <p className="text-sm text-warn">The answer was cut; the queries below give all of it.</p>
        ) : null}
        {stale.map((source) => (
          <p key={source.source} className="flex items-center gap-2 text-sm text-muted">
            <Badge tone="warn" dot>
              {source.state}
            </Badge>
            {source.name}
            {source.observedAt ? (
              <span>
                observed <Time at={source.observedAt} />
              </span>
            ) : null}
          </p>
        ))}
      </Card>
      {ambiguous.map((mention) => (
        <Section key={mention.text} title={`“${mention.text}” could also mean`}>
          <ul className="flex flex-col gap-1">
            {mention.others.slice(0, 8).map((node) => (
              <li key={node.id} className="flex items-center gap-3">
                <NodeLink node={node} className="flex-1" />
                <Link
                  to="/ask"
                  search={askSearch(answer.question.replace(mention.text, node.key))}
                  className="shrink-0 rounded-sm text-sm text-accent-text hover:underline"
                >
                  Ask about this one
                </Link>
              </li>
            ))}
          </ul>
        </Section>
      ))}
      {answer.nodes.length > 0 ? (
        <Section title="Nodes it rests on">
          <ul className="grid gap-x-6 gap-y-1 sm:grid-cols-2">
            {answer.nodes.slice(0, fewNodes).map((node) => (
              <li key={node.id} className="flex min-w-0">
                <NodeLink node={node} />
              </li>
            ))}
          </ul>
          {answer.nodes.length > fewNodes ? (
            <details>
              <summary className="w-fit rounded-sm text-sm text-accent-text">All {answer.nodes.length}</summary>
              <ul className="mt-1 grid gap-x-6 gap-y-1 sm:grid-cols-2">
                {answer.nodes.slice(fewNodes).map((node) => (
                  <li key={node.id} className="flex min-w-0">
                    <NodeLink node={node} />
                  </li>
                ))}
              </ul>
            </details>
          ) : null}
        </Section>
      ) : null}
      {answer.queries.length > 0 ? (
        <Section title={answer.queries.length === 1 ? "The query it ran" : "The queries it ran"}>
          {answer.queries.map((query) => (
            <RanQuery key={`${query.verb} ${query.url}`} query={query} />
          ))}
        </Section>
      ) : null}
      <Questions title={answer.understood ? "Ask on" : "Questions it understands"} questions={answer.examples} />
    </>
  );
}

function RanQuery({ query }: { query: AskQuery }) {
  return (
    <Card className="flex items-center gap-3 px-3 py-1.5">
      <code className="min-w-0 flex-1 font-mono text-sm break-all">
        <span className="text-faint">{query.method}</span> {query.url}
      </code>
      <CopyButton
        label="curl"
        text={
          query.method === "GET"
            ? `curl -s '${location.origin}${query.url}'`
            : `curl -s -X ${query.method} -H 'content-type: application/json' -d '${JSON.stringify(query.input).replaceAll("'", "'\\''")}' '${location.origin}${query.url}'`
        }
      />
    </Card>
  );
}
