// Adding a repository: the form, then its first index live, then where to go from there.
import type { Repository } from "@opentrace/contract/repositories.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { ArrowRight, CircleCheck } from "lucide-react";
import { syncRepository } from "../../api/actions.ts";
import { graph, repositories } from "../../api/queries.ts";
import { Button, buttonClasses } from "../../ui/button.tsx";
import { NotAllowed, useMay } from "../../ui/may.tsx";
import { Card, PageFrame, Section, usePageTitle } from "../../ui/page.tsx";
import { ErrorNote, SkeletonRows } from "../../ui/states.tsx";
import { count } from "../../ui/time-text.ts";
import { exploreSearch } from "../explore/url.ts";
import { AddForm } from "./add-form.tsx";
import { isActive, JobProgress } from "./job-progress.tsx";
import { suggestedQuestions } from "./suggested-questions.ts";
import { parseAdd } from "./url.ts";

export function AddPage() {
  const { repository } = parseAdd(useSearch({ from: "/add" }));
  usePageTitle("Add a repository");
  const { may } = useMay();
  if (repository === null && !may("repositories:write"))
    return (
      <PageFrame title="Add a repository">
        <NotAllowed permission="repositories:write" title="You may not add repositories" />
      </PageFrame>
    );
  return repository === null ? (
    <PageFrame title="Add a repository" lead="Its code, packages and history become part of the graph.">
      <Card className="p-5">
        <AddForm />
      </Card>
      <p className="text-muted">
        Many repositories, or their issues and pull requests too?{" "}
        <Link to="/integrations" className="text-accent-text underline underline-offset-2">
          Connect an integration
        </Link>
        .
      </p>
    </PageFrame>
  ) : (
    <FirstIndex id={repository} />
  );
}

function FirstIndex({ id }: { id: string }) {
  const { data: repository, error, refetch } = useQuery({ ...repositories.one(id), refetchInterval: 5000 });
  if (error && !repository)
    return (
      <PageFrame title="Add a repository">
        <ErrorNote error={error} onRetry={() => void refetch()} />
      </PageFrame>
    );
  if (!repository)
    return (
      <PageFrame title="Add a repository">
        <SkeletonRows rows={4} />
      </PageFrame>
    );
  return (
    <PageFrame title={repository.name} lead={<span className="font-mono text-sm break-all">{repository.source}</span>}>
      <Card className="p-5">
        <Outcome repository={repository} />
      </Card>
      {repository.state === "ready" && !isActive(repository.job) ? <NextSteps repository={repository} /> : null}
    </PageFrame>
  );
}

function Outcome({ repository }: { repository: Repository }) {
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: () => syncRepository(repository.id),
    onSuccess: () => client.invalidateQueries({ queryKey: ["repositories"] }),
  });
  const { job } = repository;
  if (job && isActive(job)) return <JobProgress job={job} what={repository.name} />;
  if (repository.state === "ready")
    return (
      <div className="flex flex-wrap items-center justify-between gap-4">
        <p role="status" className="flex items-center gap-2.5">
          <CircleCheck size={18} aria-hidden className="text-ok" />
          <span>
            <strong className="font-semibold">Indexed.</strong> {count(repository.counts.files)} files,{" "}
            {count(repository.counts.nodes)} nodes, {count(repository.counts.edges)} edges.
          </span>
        </p>
        <Link
          to="/explore"
          search={exploreSearch({ open: [{ id: repository.nodeId, count: 12 }], select: repository.nodeId })}
          className={buttonClasses("primary")}
        >
          Explore the graph <ArrowRight size={15} aria-hidden />
        </Link>
      </div>
    );
  const stopped =
    job?.state === "cancelled" ? "Indexing was cancelled. Nothing of it is lost: start again to go on." : null;
  return (
    <div className="flex flex-col gap-4">
      <p role="alert" className={stopped ? "" : "text-bad"}>
        {stopped ?? repository.error ?? job?.error?.message ?? "Not indexed yet."}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button look="primary" onClick={() => again.mutate()} disabled={again.isPending}>
          Start again
        </Button>
        <Link to="/repositories/$id" params={{ id: repository.id }} className={buttonClasses()}>
          Open its page
        </Link>
      </div>
      {again.error ? <ErrorNote error={again.error} /> : null}
    </div>
  );
}

function NextSteps({ repository }: { repository: Repository }) {
  const { data } = useQuery(graph.critical(12, repository.key));
  const questions = suggestedQuestions(repository.name, data?.critical.map(({ node }) => node) ?? []);
  return (
    <Section title="Ask it something">
      <ul className="grid gap-2 sm:grid-cols-2">
        {questions.map((question) => (
          <li key={question}>
            <Link
              to="/ask"
              search={{ q: question }}
              className="flex h-full items-center justify-between gap-3 rounded-md border border-line bg-surface px-3.5 py-2.5 hover:bg-sunken"
            >
              {question}
              <ArrowRight size={14} aria-hidden className="shrink-0 text-faint" />
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
