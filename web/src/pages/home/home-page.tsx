// Overview: the first screen while there is no repository, then repositories, what runs, and where to start.
import type { CriticalAnswer } from "@opentrace/contract/graph-answers.ts";
import type { Repository } from "@opentrace/contract/repositories.ts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { graph, repositories } from "../../api/queries.ts";
import { buttonClasses } from "../../ui/button.tsx";
import { NodeLink, NodeMark } from "../../ui/node-mark.tsx";
import { edgeWord, typePlural } from "../../ui/node-types.ts";
import { May } from "../../ui/may.tsx";
import { Card, PageFrame, Section, usePageTitle } from "../../ui/page.tsx";
import { EmptyState, ErrorNote, Skeleton, SkeletonRows } from "../../ui/states.tsx";
import { WhenLoaded } from "../../ui/when-loaded.tsx";
import { Time } from "../../ui/time.tsx";
import { count, plural } from "../../ui/time-text.ts";
import { AddForm } from "../add/add-form.tsx";
import { isActive, JobProgress, phaseWords } from "../add/job-progress.tsx";
import { QuestionBox } from "../ask/question-box.tsx";
import { exploreSearch } from "../explore/url.ts";
import { ActiveIncidents } from "./active-incidents.tsx";
import { entriesOf } from "./entries.ts";
import { RepositoryState } from "./repository-state.tsx";

export function HomePage() {
  usePageTitle("Overview");
  const { data, error, refetch } = useQuery(repositories.all);
  if (error && !data)
    return (
      <PageFrame title="Overview">
        <ErrorNote error={error} onRetry={() => void refetch()} />
      </PageFrame>
    );
  if (!data)
    return (
      <PageFrame title="Overview">
        <SkeletonRows />
      </PageFrame>
    );
  return data.repositories.length === 0 ? <FirstScreen /> : <Overview list={data.repositories} />;
}

function FirstScreen() {
  return (
    <div className="mx-auto flex min-h-full w-full max-w-xl flex-col justify-center gap-8 px-4 py-10">
      <header className="flex flex-col gap-2">
        <h1 className="text-2xl font-semibold tracking-tight">See how your software hangs together</h1>
        <p className="text-lg text-muted">
          Give OpenTrace a repository. It reads the code, packages and history into one graph that you and your AI
          assistants can explore and ask.
        </p>
      </header>
      <ActiveIncidents />
      <Card className="p-5">
        <AddForm />
      </Card>
      <p>
        Or{" "}
        <Link to="/integrations" className="text-accent-text underline underline-offset-2">
          connect GitHub or GitLab
        </Link>
        : many repositories at once, with their issues, pull requests and pipelines.
      </p>
      <p className="text-sm text-faint">
        Everything stays on this server. Code is read, never run. Also here:{" "}
        <a className="underline underline-offset-2" href="/docs">
          REST API
        </a>{" "}
        and MCP at <code className="font-mono">/mcp/v1</code>.
      </p>
    </div>
  );
}

function Overview({ list }: { list: Repository[] }) {
  const active = list.filter((repository) => isActive(repository.job));
  return (
    <PageFrame
      title="Overview"
      actions={
        <May permission="repositories:write">
          <Link to="/add" className={buttonClasses()}>
            <Plus size={15} aria-hidden /> Add repository
          </Link>
        </May>
      }
    >
      <QuestionBox initial="" />
      <ActiveIncidents />
      {active.length > 0 ? (
        <Section title="Running now">
          {active.map((repository) =>
            repository.job ? (
              <Card key={repository.id} className="p-4">
                <Link to="/repositories/$id" params={{ id: repository.id }} className="font-medium hover:underline">
                  {repository.name}
                </Link>
                <div className="mt-1">
                  <JobProgress job={repository.job} what={repository.name} />
                </div>
              </Card>
            ) : null,
          )}
        </Section>
      ) : null}
      <Section title="Repositories" aside={<span className="text-sm text-faint">{count(list.length)}</span>}>
        <Card className="divide-y divide-line">
          {list.map((repository) => (
            <RepositoryRow key={repository.id} repository={repository} />
          ))}
        </Card>
      </Section>
      <div className="grid gap-8 lg:grid-cols-2">
        <Critical />
        <Stats />
      </div>
    </PageFrame>
  );
}

function RepositoryRow({ repository }: { repository: Repository }) {
  return (
    <Link
      to="/repositories/$id"
      params={{ id: repository.id }}
      data-focus-inset
      className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-0.5 px-4 py-3 first:rounded-t-lg last:rounded-b-lg hover:bg-sunken sm:grid-cols-[minmax(0,1fr)_11rem_7rem_6rem]"
    >
      <span className="flex min-w-0 flex-col">
        <span className="truncate font-medium">{repository.name}</span>
        <span className="truncate text-sm text-faint">
          {repository.branch ?? repository.defaultBranch ?? "default branch"}
          {repository.commit ? <span className="font-mono"> · {repository.commit.slice(0, 8)}</span> : null}
        </span>
      </span>
      <span className="hidden text-sm text-muted tabular-nums sm:block">
        {repository.job && isActive(repository.job)
          ? phaseWords[repository.job.progress.phase]
          : repository.indexedAt === null
            ? ""
            : `${plural(repository.counts.files, "file")}, ${plural(repository.counts.nodes, "node")}`}
      </span>
      <span className="hidden text-sm text-muted sm:block">
        {repository.indexedAt ? <Time at={repository.indexedAt} /> : "never indexed"}
      </span>
      <span className="justify-self-end">
        <RepositoryState repository={repository} />
      </span>
      {repository.error && !isActive(repository.job) ? (
        <span className="col-span-full text-sm text-bad">{repository.error}</span>
      ) : null}
    </Link>
  );
}

function Critical() {
  const query = useQuery(graph.critical(8));
  return (
    <Section title="Most critical" aside={<span className="text-sm text-faint">what most depends on</span>}>
      <Card>
        <WhenLoaded query={query} rows={8}>
          {(data) =>
            data.critical.length + data.external.length === 0 ? (
              <EmptyState title="Nothing yet">Nodes that others depend on appear here.</EmptyState>
            ) : (
              <>
                <Ranked nodes={data.critical} />
                {data.external.length > 0 ? (
                  <section aria-labelledby="from-outside" className="border-t border-line">
                    <h3 id="from-outside" className="px-4 pt-3 pb-1 text-sm text-muted">
                      Used from outside: standard libraries and packages
                    </h3>
                    <Ranked nodes={data.external.slice(0, 4)} />
                  </section>
                ) : null}
              </>
            )
          }
        </WhenLoaded>
      </Card>
    </Section>
  );
}

function Ranked({ nodes }: { nodes: CriticalAnswer["critical"] }) {
  return (
    <ol className="divide-y divide-line">
      {nodes.map(({ node, dependents, reasons }) => (
        <li key={node.id} className="flex h-11 items-center justify-between gap-3 px-4">
          <NodeLink node={node} className="flex-1" />
          <span className="shrink-0 text-sm text-muted tabular-nums" title={reasons.join("\n")}>
            {plural(dependents, "dependent")}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Stats() {
  const { data, error } = useQuery(graph.stats);
  const types = entriesOf(data?.nodes_by_type ?? {});
  const edges = entriesOf(data?.edges_by_type ?? {});
  return (
    <Section
      title="In the graph"
      aside={
        data ? (
          <span className="text-sm text-faint tabular-nums">
            {plural(data.total_nodes, "node")}, {plural(data.total_edges, "edge")}
          </span>
        ) : null
      }
    >
      <Card className="p-4">
        {error ? <ErrorNote error={error} /> : null}
        {!data && !error ? <Skeleton className="h-64" /> : null}
        {data ? (
          <>
            <ul className="flex flex-col">
              {types.map(([type, amount]) => (
                <li key={type}>
                  <Link
                    to="/explore"
                    search={exploreSearch({ view: "list", type })}
                    className="grid grid-cols-[1rem_7.5rem_1fr_4rem] items-center gap-2 rounded-sm py-1 hover:bg-sunken"
                  >
                    <NodeMark type={type} />
                    <span>{typePlural(type)}</span>
                    <span aria-hidden className="h-1.5 overflow-hidden rounded-full bg-sunken">
                      <span
                        className="block h-full rounded-full bg-line-strong"
                        style={{ width: `${Math.max(1.5, (amount / (types[0]?.[1] ?? 1)) * 100)}%` }}
                      />
                    </span>
                    <span className="text-right text-muted tabular-nums">{count(amount)}</span>
                  </Link>
                </li>
              ))}
            </ul>
            {edges.length > 0 ? (
              <p className="mt-3 border-t border-line pt-3 text-sm text-muted">
                {edges.map(([type, amount]) => `${count(amount)} ${edgeWord(type)}`).join(" · ")}
              </p>
            ) : null}
          </>
        ) : null}
      </Card>
    </Section>
  );
}
