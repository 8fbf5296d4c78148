// What changing a node affects: a risk summary, then everything affected by hop, with path, evidence and confidence.
import type { Affected, ImpactAnswer, ImpactRisk } from "@opentrace/contract/graph-answers.ts";
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { graph } from "../../api/queries.ts";
import { placeOf } from "../../graph/describe.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { classes } from "../../ui/classes.ts";
import { Select } from "../../ui/field.tsx";
import { NodeLabel, NodeLink, NodeMark } from "../../ui/node-mark.tsx";
import { edgeWord, edgeWordReversed, typePlural, typeWord } from "../../ui/node-types.ts";
import { EmptyState, ErrorNote, SkeletonRows } from "../../ui/states.tsx";
import { count, plural } from "../../ui/time-text.ts";
import { type Column, VirtualTable } from "../../ui/virtual-list.tsx";
import { entriesOf } from "../home/entries.ts";
import { EdgeDetails } from "./evidence.tsx";
import { download, impactCsv, namesOf } from "./impact-export.ts";
import { NodePicker } from "./node-picker.tsx";
import { Panel } from "./panel.tsx";
import type { Explore } from "./use-explore.ts";

const riskTones: Record<ImpactRisk["level"], Tone> = {
  none: "ok",
  low: "ok",
  medium: "warn",
  high: "bad",
  critical: "bad",
};

export function ImpactView({ explore }: { explore: Explore }) {
  const { state, change } = explore;
  const { data, error, refetch, isFetching } = useQuery({
    ...graph.impact(state.of ?? "", state.depth),
    enabled: state.of !== null,
  });
  const [hop, setHop] = useState(0);
  const rows = data?.affected.filter((each) => hop === 0 || each.hop === hop) ?? [];
  const selected = data?.affected.find((each) => each.node.id === state.select);
  return (
    <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
      <div className="flex min-h-0 min-w-0 flex-1 flex-col overflow-auto">
        <section aria-label="Impact of" className="flex flex-col gap-3 px-4 pt-4 sm:flex-row sm:items-end">
          <NodePicker
            id={state.of}
            label="If this changes"
            onPick={(of) => change({ of, select: null })}
            autoFocus={state.of === null}
          />
          <Select
            label="Hops"
            value={String(state.depth)}
            onChange={(event) => change({ depth: Number(event.target.value) })}
          >
            {[1, 2, 3, 4, 5, 6, 8].map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
        </section>
        {state.of === null ? (
          <EmptyState title="Choose what changes">
            Everything that calls, imports or extends it appears here, hop by hop.
          </EmptyState>
        ) : error ? (
          <div className="p-4">
            <ErrorNote error={error} onRetry={() => void refetch()} />
          </div>
        ) : !data ? (
          <SkeletonRows label="Looking for what is affected" />
        ) : (
          <>
            <Risk answer={data} onExport={(format) => exportImpact(data, format)} busy={isFetching} />
            {data.affected.length > 0 ? (
              <>
                <HopTabs answer={data} hop={hop} onHop={setHop} />
                <VirtualTable
                  label="Affected nodes"
                  columns={columnsOf(namesOf(data))}
                  rows={rows}
                  rowKey={(row) => row.node.id}
                  selected={state.select}
                  onSelect={(row) => change({ select: row.node.id })}
                  onOpen={(row) =>
                    change({ view: "graph", open: [{ id: row.node.id, count: 12 }], select: row.node.id })
                  }
                  className="min-h-64 flex-1 border-t border-line bg-surface"
                />
              </>
            ) : null}
          </>
        )}
      </div>
      {data && selected ? <AffectedPanel affected={selected} answer={data} explore={explore} /> : null}
    </div>
  );
}

const columnsOf = (names: ReadonlyMap<string, string>): Column<Affected>[] => [
  { key: "hop", title: "Hop", width: "2.5rem", numeric: true, cell: ({ hop }) => hop },
  {
    key: "name",
    title: "Affected",
    width: "minmax(10rem,1.4fr)",
    cell: ({ node }) => (
      <span className="flex items-center gap-2">
        <NodeMark type={node.type} />
        <span className="truncate font-medium">{node.name}</span>
      </span>
    ),
  },
  {
    key: "place",
    title: "Where",
    width: "minmax(8rem,1.4fr)",
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
    width: "3.5rem",
    numeric: true,
    cell: ({ confidence }) => `${Math.round(confidence * 100)}%`,
  },
];

/** The affected node's own edge, read from it: "calls charge"; what it is a part of: "holds charge". */
function becauseOf(id: string, edge: Affected["edge"], names: ReadonlyMap<string, string>): string {
  const other = names.get(edge.from === id ? edge.to : edge.from) ?? "";
  return `${edge.from === id ? edgeWord(edge.type) : edgeWordReversed(edge.type)} ${other}`;
}

function exportImpact(answer: ImpactAnswer, format: "csv" | "json"): void {
  const name = `impact-${(answer.seeds[0]?.node.name ?? "node").replace(/[^\w.-]+/g, "_")}.${format}`;
  if (format === "csv") download(name, "text/csv;charset=utf-8", impactCsv(answer));
  else download(name, "application/json", JSON.stringify(answer, null, 2));
}

function Risk({
  answer,
  onExport,
  busy,
}: {
  answer: ImpactAnswer;
  onExport: (format: "csv" | "json") => void;
  busy: boolean;
}) {
  const { risk, seeds, seedsTotal } = answer;
  const facts = [
    risk.affected > 0
      ? `${count(risk.certain)} of ${plural(risk.affected, "affected node")} with at least 80% confidence`
      : null,
    risk.files > 0 ? plural(risk.files, "file") : null,
    risk.repositories > 1 ? plural(risk.repositories, "repository", "repositories") : null,
    risk.packages > 0 ? plural(risk.packages, "package") : null,
    risk.tests > 0 ? plural(risk.tests, "test") : null,
    risk.publicApi > 0 ? `${count(risk.publicApi)} of the public API` : null,
  ].filter((fact) => fact !== null);
  return (
    <section aria-label="Risk" aria-busy={busy} className="flex flex-col gap-2 px-4 py-4">
      <div className="flex flex-wrap items-center gap-3">
        <h2 className="text-lg font-semibold">
          {risk.affected === 0 ? "Nothing else is affected" : `${plural(risk.affected, "node")} affected`}
        </h2>
        <Badge tone={riskTones[risk.level]}>{risk.level === "none" ? "No risk found" : `${risk.level} risk`}</Badge>
        <span className="flex-1" />
        {risk.affected > 0 ? (
          <>
            <Button small onClick={() => onExport("csv")}>
              <Download size={14} aria-hidden /> CSV
            </Button>
            <Button small onClick={() => onExport("json")}>
              <Download size={14} aria-hidden /> JSON
            </Button>
          </>
        ) : null}
      </div>
      {facts.length > 0 ? <p className="text-muted">{facts.join(" · ")}</p> : null}
      {risk.reasons.length > 0 ? (
        <ul className="list-disc pl-5 text-muted">
          {risk.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      ) : null}
      {risk.affected > 0 ? (
        <p className="flex flex-wrap gap-x-3 gap-y-1 text-sm text-muted">
          {entriesOf(risk.byType).map(([type, amount]) => (
            <span key={type} className="inline-flex items-center gap-1.5">
              <NodeMark type={type} size={11} /> {count(amount)}{" "}
              {(amount === 1 ? typeWord(type) : typePlural(type)).toLowerCase()}
            </span>
          ))}
        </p>
      ) : null}
      {seedsTotal > 1 ? (
        <details className="text-sm text-muted">
          <summary className="w-fit rounded-sm">{plural(seedsTotal, "node")} taken as changed</summary>
          <ul className="mt-1 flex flex-col gap-0.5 pl-4">
            {seeds.map(({ node, why, detail }) => (
              <li key={node.id} className="flex gap-2">
                <NodeLabel node={node} place={false} /> <span className="text-faint">{detail ?? why}</span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
      {risk.untested.length > 0 ? (
        <p className="flex flex-wrap gap-x-2 text-sm text-warn">
          No test reaches:
          {risk.untested.slice(0, 5).map((node) => (
            <NodeLink key={node.id} node={node} place={false}>
              <span className="underline underline-offset-2">{node.name}</span>
            </NodeLink>
          ))}
          {risk.untested.length > 5 ? `and ${risk.untested.length - 5} more` : null}
        </p>
      ) : null}
      {answer.page.truncated ? (
        <p className="text-sm text-warn">
          The list holds the first {count(answer.page.returned)}
          {answer.page.total === null ? "" : ` of ${count(answer.page.total)}`}; fewer hops make it complete.
        </p>
      ) : null}
    </section>
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

function AffectedPanel({ affected, answer, explore }: { affected: Affected; answer: ImpactAnswer; explore: Explore }) {
  const names = namesOf(answer);
  const { node, path, hop, confidence, edge } = affected;
  const near = edge.from === node.id ? node : answer.affected.find((each) => each.node.id === edge.from)?.node;
  const seed = path[0];
  return (
    <Panel
      label="Why it is affected"
      onClose={() => explore.change({ select: null })}
      title={
        <div className="pt-1">
          <h2 className="text-lg leading-6 font-semibold break-words">{node.name}</h2>
          <p className="text-sm text-muted">
            {typeWord(node.type)}, hop {hop}, {Math.round(confidence * 100)}% sure
          </p>
        </div>
      }
    >
      <h3 className="mb-1.5 text-sm text-faint">The change reaches it through</h3>
      <ol className="mb-5 flex flex-col gap-1">
        {path.map((id, index) => (
          <li key={id} className="flex items-center gap-2">
            <span className="w-5 text-right text-sm text-faint tabular-nums">{index}</span>
            <span className={index === path.length - 1 ? "font-medium" : ""}>{names.get(id) ?? id}</span>
          </li>
        ))}
      </ol>
      <h3 className="mb-1.5 text-sm text-faint">Last step</h3>
      <EdgeDetails edge={edge} near={near} />
      <div className="mt-5 flex flex-wrap gap-2">
        <Button
          small
          onClick={() => explore.change({ view: "graph", open: [{ id: node.id, count: 12 }], select: node.id })}
        >
          Open in graph
        </Button>
        {seed && seed !== node.id ? (
          <Button small onClick={() => explore.change({ view: "path", from: node.id, to: seed })}>
            All paths
          </Button>
        ) : null}
      </div>
    </Panel>
  );
}
