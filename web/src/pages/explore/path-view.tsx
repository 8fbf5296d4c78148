// How two nodes connect: the shortest path and alternatives, step by step with evidence.
import type { GraphPath } from "@opentrace/contract/graph-answers.ts";
import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowLeftRight, ArrowUp, Network } from "lucide-react";
import { graph } from "../../api/queries.ts";
import { confidenceOf } from "../../graph/describe.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { Select } from "../../ui/field.tsx";
import { NodeLink } from "../../ui/node-mark.tsx";
import { edgeWord } from "../../ui/node-types.ts";
import { Card } from "../../ui/page.tsx";
import { EmptyState, ErrorNote, SkeletonRows } from "../../ui/states.tsx";
import { plural } from "../../ui/time-text.ts";
import { EvidenceLink } from "./evidence.tsx";
import { NodePicker } from "./node-picker.tsx";
import type { Explore } from "./use-explore.ts";

export function PathView({ explore }: { explore: Explore }) {
  const { state, change } = explore;
  const { from, to, k, direction } = state;
  const ready = from !== null && to !== null;
  const { data, error, refetch } = useQuery({ ...graph.path(from ?? "", to ?? "", k, direction), enabled: ready });
  return (
    <div className="mx-auto flex min-h-0 w-full max-w-4xl flex-1 flex-col gap-5 overflow-auto px-4 py-6 sm:px-8">
      <section aria-label="Path between two nodes" className="flex flex-col gap-3">
        <div className="flex flex-col gap-2 sm:flex-row sm:items-end">
          <NodePicker id={from} label="From" onPick={(id) => change({ from: id })} autoFocus={from === null} />
          <IconButton
            label="Swap"
            onClick={() => change({ from: to, to: from })}
            className="self-center sm:mb-0.5 sm:self-end"
          >
            <ArrowLeftRight size={15} aria-hidden />
          </IconButton>
          <NodePicker id={to} label="To" onPick={(id) => change({ to: id })} autoFocus={from !== null && to === null} />
        </div>
        <div className="flex flex-wrap gap-4">
          <Select
            label="Follow edges"
            value={direction}
            onChange={(event) => change({ direction: event.target.value === "outgoing" ? "outgoing" : "any" })}
          >
            <option value="any">both ways</option>
            <option value="outgoing">in their direction only</option>
          </Select>
          <Select
            label="Alternatives"
            value={String(k)}
            onChange={(event) => change({ k: Number(event.target.value) })}
          >
            {[1, 3, 5, 10].map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
        </div>
      </section>
      {!ready ? (
        <EmptyState title="Choose two nodes">
          For example a request handler and a database function: every path shows which calls and imports lead from one
          to the other.
        </EmptyState>
      ) : error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows label="Looking for paths" />
      ) : (
        <section aria-label="Paths" className="flex flex-col gap-4">
          {data.detail ? <p className="text-muted">{data.detail}</p> : null}
          {data.paths.length === 0 && direction === "outgoing" ? (
            <p>
              <Button onClick={() => change({ direction: "any" })}>Look in both directions</Button>
            </p>
          ) : null}
          {data.paths.map((path, index) => (
            <PathCard
              key={path.nodes.map((node) => node.id).join(" ")}
              path={path}
              index={index}
              onShow={() =>
                change({ view: "graph", trail: { from: data.from.id, to: data.to.id, index }, select: null })
              }
            />
          ))}
        </section>
      )}
    </div>
  );
}

function PathCard({ path, index, onShow }: { path: GraphPath; index: number; onShow: () => void }) {
  return (
    <Card>
      <div className="flex items-center gap-3 border-b border-line px-4 py-2">
        <h2 className="font-semibold">{index === 0 ? "Shortest path" : `Alternative ${index}`}</h2>
        <span className="text-sm text-muted">{plural(path.length, "step")}</span>
        {path.confidence < 1 ? (
          <Badge tone={path.confidence >= 0.8 ? "neutral" : "warn"}>{Math.round(path.confidence * 100)}% sure</Badge>
        ) : null}
        <span className="flex-1" />
        <Button small onClick={onShow}>
          <Network size={14} aria-hidden /> Show in graph
        </Button>
      </div>
      <ol className="flex flex-col px-4 py-3">
        {path.nodes.map((node, at) => {
          const step = path.steps[at - 1];
          return (
            <li key={node.id} className="flex min-w-0 flex-col">
              {step ? (
                <div className="my-1 ml-[5px] flex items-start gap-3 border-l-2 border-line py-1 pl-4 text-sm text-muted">
                  {step.forward ? (
                    <ArrowDown size={13} className="mt-1 shrink-0" aria-label="forward" />
                  ) : (
                    <ArrowUp size={13} className="mt-1 shrink-0" aria-label="backward" />
                  )}
                  <div className="min-w-0">
                    {step.edges.map((edge) => (
                      <p key={edge.type}>
                        {edgeWord(edge.type)}
                        {confidenceOf(edge) < 1 ? ` (${Math.round(confidenceOf(edge) * 100)}% sure)` : ""}{" "}
                        {edge.provenance
                          .flatMap((claim) => claim.evidence)
                          .slice(0, 2)
                          .map((evidence) => (
                            <span key={evidence} className="ml-1.5">
                              <EvidenceLink evidence={evidence} near={step.forward ? path.nodes[at - 1] : node} />
                            </span>
                          ))}
                      </p>
                    ))}
                  </div>
                </div>
              ) : null}
              <NodeLink node={node} />
            </li>
          );
        })}
      </ol>
    </Card>
  );
}
