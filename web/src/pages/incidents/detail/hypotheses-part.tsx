// What may have caused it: ranked, each with its reasons; what was rejected stays, with why.
import type { Hypothesis, HypothesisVerdict } from "@opentrace/contract/investigation.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Sparkles } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { incidents } from "../../../api/incident-queries.ts";
import { findHypotheses } from "../../../api/investigation-actions.ts";
import { investigation } from "../../../api/investigation-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { May } from "../../../ui/may.tsx";
import { Card, Section } from "../../../ui/page.tsx";
import { EmptyState, ErrorNote, errorMessage, SkeletonRows } from "../../../ui/states.tsx";
import { Time } from "../../../ui/time.tsx";
import { plural } from "../../../ui/time-text.ts";
import { HypothesisCard } from "./hypothesis-card.tsx";
import { HypothesisForm } from "./hypothesis-form.tsx";
import type { PartProps } from "./incident-page.tsx";

export function HypothesesPart({ incident, state }: PartProps) {
  const client = useQueryClient();
  const query = investigation.hypotheses(incident.id);
  const { data, error, refetch } = useQuery(query);
  const [adding, setAdding] = useState(false);
  const find = useMutation({
    mutationFn: () => findHypotheses(incident.id),
    onSuccess: (found) => {
      client.setQueryData(query.queryKey, found);
      void client.invalidateQueries({ queryKey: incidents.keyOf(incident.id) });
    },
    onError: (failure) => toast.error(errorMessage(failure)),
  });
  const all = data?.items ?? [];
  const groups: [title: string, items: Hypothesis[]][] = [
    ["Proposed", all.filter(({ status, rank }) => status !== "rejected" && (rank !== null || status !== "pending"))],
    ["No longer proposed", all.filter(({ status, rank }) => status === "pending" && rank === null)],
    ["Rejected", all.filter(({ status }) => status === "rejected")],
  ];
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-wrap items-start justify-between gap-3">
        {data?.verdict ? <Verdict verdict={data.verdict} /> : <span />}
        <May permission="incidents:write">
          <span className="flex flex-wrap gap-2">
            <Button onClick={() => setAdding(true)} disabled={adding}>
              <Plus size={15} aria-hidden /> Add my own
            </Button>
            <Button look="primary" onClick={() => find.mutate()} disabled={find.isPending}>
              <Sparkles size={15} aria-hidden />
              {find.isPending ? "Looking…" : data?.verdict ? "Look again" : "Look for causes"}
            </Button>
          </span>
        </May>
      </div>
      {adding ? <HypothesisForm incident={incident.id} onDone={() => setAdding(false)} /> : null}
      {error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows rows={5} />
      ) : all.length === 0 ? (
        <Card className="border-dashed">
          <EmptyState title={data.verdict ? "No likely cause found" : "Nobody has looked for causes yet"}>
            <p>
              {data.verdict
                ? "Name the affected services, add evidence, or write down what you suspect."
                : "Recent changes near the affected services are compared with the time it began and with the evidence."}
            </p>
          </EmptyState>
        </Card>
      ) : (
        groups.map(([title, items]) =>
          items.length === 0 ? null : (
            <Section
              key={title}
              title={title}
              aside={<span className="text-sm text-faint tabular-nums">{items.length}</span>}
            >
              <ol className="flex flex-col gap-3">
                {items.map((hypothesis) => (
                  <HypothesisCard
                    key={hypothesis.id}
                    hypothesis={hypothesis}
                    reference={incident.reference}
                    shown={state.show === hypothesis.id}
                  />
                ))}
              </ol>
            </Section>
          ),
        )
      )}
    </div>
  );
}

function Verdict({ verdict }: { verdict: HypothesisVerdict }) {
  return (
    <section aria-label="Verdict" className="flex max-w-2xl min-w-0 flex-1 basis-80 flex-col gap-1">
      <p className="text-lg font-medium wrap-anywhere">{verdict.summary}</p>
      <p className="text-sm text-muted">
        {plural(verdict.considered, "change")} looked at <Time at={verdict.generated_at} />. It is taken to have begun
        at {new Date(verdict.onset).toLocaleString()} ({verdict.onset_from}).
      </p>
      {verdict.unknown.length > 0 ? (
        <details className="text-sm text-muted">
          <summary>What could not be taken into account ({verdict.unknown.length})</summary>
          <ul className="mt-1 list-disc pl-5">
            {verdict.unknown.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </details>
      ) : null}
    </section>
  );
}
