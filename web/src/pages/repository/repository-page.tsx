// One repository: its state, what was read and what was not, its jobs, and what can be done with it.
import type { Repository } from "@opentrace/contract/repositories.ts";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { GitBranch, RefreshCw, Trash2, Waypoints } from "lucide-react";
import { type ReactNode, useState } from "react";
import { toast } from "sonner";
import { syncRepository } from "../../api/actions.ts";
import { graph, repositories } from "../../api/queries.ts";
import { Button, buttonClasses } from "../../ui/button.tsx";
import { NodeLink } from "../../ui/node-mark.tsx";
import { May, ReadOnlyNote } from "../../ui/may.tsx";
import { Card, PageFrame, Section, usePageTitle } from "../../ui/page.tsx";
import { EmptyState, ErrorNote, errorMessage, Notice, SkeletonRows } from "../../ui/states.tsx";
import { FullTime } from "../../ui/time.tsx";
import { count } from "../../ui/time-text.ts";
import { isActive, JobProgress } from "../add/job-progress.tsx";
import { GoingOn, type NodeLine } from "../delivery/going-on.tsx";
import { exploreSearch } from "../explore/url.ts";
import { RepositoryState } from "../home/repository-state.tsx";
import { ChangeBranch } from "./change-branch.tsx";
import { Freshness } from "./freshness.tsx";
import { JobHistory } from "./job-history.tsx";
import { Languages } from "./languages.tsx";
import { RemoveRepository } from "./remove-repository.tsx";
import { SkippedFiles } from "./skipped-files.tsx";
import { useTakeAnswer } from "./take-answer.ts";

export function RepositoryPage() {
  const { id } = useParams({ from: "/repositories/$id" });
  const { data: repository, error, refetch } = useQuery({ ...repositories.one(id), refetchInterval: 15_000 });
  usePageTitle(repository?.name ?? "Repository");
  if (error && !repository)
    return (
      <PageFrame title="Repository">
        <ErrorNote error={error} onRetry={() => void refetch()} />
        <p>
          <Link to="/" className={buttonClasses()}>
            All repositories
          </Link>
        </p>
      </PageFrame>
    );
  if (!repository)
    return (
      <PageFrame title="Repository">
        <SkeletonRows rows={8} />
      </PageFrame>
    );
  return <Loaded repository={repository} />;
}

function Loaded({ repository }: { repository: Repository }) {
  const navigate = useNavigate();
  const take = useTakeAnswer();
  const [changing, setChanging] = useState(false);
  const [removing, setRemoving] = useState(false);
  const sync = useMutation({
    mutationFn: () => syncRepository(repository.id),
    onSuccess: take,
    onError: (error) => toast.error(errorMessage(error)),
  });
  const active = isActive(repository.job);
  const branch = repository.branch ?? repository.defaultBranch;
  return (
    <PageFrame
      title={repository.name}
      lead={<span className="font-mono text-sm break-all">{repository.source}</span>}
      actions={
        <>
          {repository.indexedAt ? (
            <Link
              to="/explore"
              search={exploreSearch({ open: [{ id: repository.nodeId, count: 12 }], select: repository.nodeId })}
              className={buttonClasses()}
            >
              <Waypoints size={15} aria-hidden /> Explore
            </Link>
          ) : null}
          <May permission="repositories:write">
            <Button onClick={() => sync.mutate()} disabled={active || sync.isPending}>
              <RefreshCw size={15} aria-hidden className={active ? "animate-spin" : ""} />{" "}
              {active ? "Working…" : "Sync"}
            </Button>
            <Button onClick={() => setChanging(true)} disabled={active}>
              <GitBranch size={15} aria-hidden /> Change branch
            </Button>
            <Button look="danger" onClick={() => setRemoving(true)}>
              <Trash2 size={15} aria-hidden /> Remove
            </Button>
          </May>
        </>
      }
    >
      <ReadOnlyNote permission="repositories:write" what="repositories" />
      {active && repository.job ? (
        <Card className="p-4">
          <JobProgress job={repository.job} what={repository.name} />
        </Card>
      ) : repository.error ? (
        <div className="flex flex-col gap-2">
          <div role="alert" className="rounded-md bg-bad-soft px-3 py-2.5 text-bad">
            {repository.error}
          </div>
          {repository.indexedAt ? <Notice tone="neutral">The graph still holds what was read before.</Notice> : null}
        </div>
      ) : null}
      <Section title="State" aside={<RepositoryState repository={repository} />}>
        <Card>
          <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg bg-line lg:grid-cols-4">
            <Fact name="Branch">
              {branch ?? "default"}{" "}
              {repository.branch === null ? <span className="text-sm text-faint">default</span> : null}
            </Fact>
            <Fact name="Commit">
              <span className="font-mono">{repository.commit?.slice(0, 12) ?? "none yet"}</span>
            </Fact>
            <Fact name="Files">{count(repository.counts.files)}</Fact>
            <Fact name="Skipped, or read in part">{count(repository.counts.skipped)}</Fact>
            <Fact name="Nodes">{count(repository.counts.nodes)}</Fact>
            <Fact name="Edges">{count(repository.counts.edges)}</Fact>
            <Fact name="Indexed" wide>
              {repository.indexedAt ? <FullTime at={repository.indexedAt} /> : "never"}
            </Fact>
          </dl>
        </Card>
      </Section>
      {repository.indexedAt ? (
        <>
          <div className="grid gap-8 empty:hidden lg:grid-cols-2">
            <GoingOn node={{ id: repository.nodeId, type: "Repository" }} line={linkTo} frame={sectionOf} />
          </div>
          <Languages repository={repository} />
          <Freshness repository={repository} />
          <Packages repository={repository} />
        </>
      ) : null}
      <SkippedFiles repository={repository} />
      <JobHistory repositoryId={repository.id} />
      <ChangeBranch repository={repository} open={changing} onOpenChange={setChanging} />
      <RemoveRepository
        repository={repository}
        open={removing}
        onOpenChange={setRemoving}
        onRemoved={() => {
          toast(`${repository.name} is being removed from the graph.`);
          void navigate({ to: "/" });
        }}
      />
    </PageFrame>
  );
}

const linkTo: NodeLine = (node, shown) => (
  <NodeLink node={node} className="min-w-0 flex-1 px-1.5 py-1">
    {shown}
  </NodeLink>
);

const sectionOf = (title: string, amount: string, children: ReactNode): ReactNode => (
  <Section key={title} title={title} aside={<span className="text-sm text-faint">{amount}</span>}>
    <Card className="p-2">{children}</Card>
  </Section>
);

function Fact({ name, children, wide = false }: { name: string; children: ReactNode; wide?: boolean }) {
  return (
    <div className={`min-w-0 bg-surface px-4 py-3 ${wide ? "col-span-2" : ""}`}>
      <dt className="text-sm text-faint">{name}</dt>
      <dd className="truncate tabular-nums">{children}</dd>
    </div>
  );
}

/** The rest of the page should not be below a long manifest. */
const fewPackages = 12;

function Packages({ repository }: { repository: Repository }) {
  const { data, error } = useQuery(graph.packagesOf(repository.nodeId));
  const [all, setAll] = useState(false);
  const packages = data?.neighbors ?? [];
  const shown = all ? packages : packages.slice(0, fewPackages);
  return (
    <Section
      title="Packages in its manifests"
      aside={<span className="text-sm text-faint">{data ? count(data.page.total ?? packages.length) : ""}</span>}
    >
      {error ? <ErrorNote error={error} /> : null}
      {data && packages.length === 0 ? (
        <Card>
          <EmptyState title="No manifest names a package" />
        </Card>
      ) : null}
      {packages.length > 0 ? (
        <ul className="grid gap-x-6 gap-y-1 sm:grid-cols-2 lg:grid-cols-3">
          {shown.map(({ node, edges }) => {
            const constraint = edges
              .map((edge) => edge.props.constraint ?? edge.props.version)
              .find((each) => typeof each === "string");
            return (
              <li key={node.id} className="flex min-w-0 items-center justify-between gap-2">
                <NodeLink node={node} />
                <span className="shrink-0 font-mono text-sm text-faint">
                  {typeof constraint === "string" ? constraint : ""}
                </span>
              </li>
            );
          })}
        </ul>
      ) : null}
      {packages.length > shown.length ? (
        <Button small className="w-fit" onClick={() => setAll(true)}>
          All {count(packages.length)}
        </Button>
      ) : null}
    </Section>
  );
}
