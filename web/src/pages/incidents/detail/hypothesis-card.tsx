// One hypothesis: what it says, why it stands where it stands, and what a person decided about it.
import type { Contribution, Hypothesis, HypothesisStatus } from "@opentrace/contract/investigation.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Pencil } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { incidents } from "../../../api/incident-queries.ts";
import { changeHypothesis } from "../../../api/investigation-actions.ts";
import { Badge, type Tone } from "../../../ui/badge.tsx";
import { Button, IconButton } from "../../../ui/button.tsx";
import { classes } from "../../../ui/classes.ts";
import { Field } from "../../../ui/field.tsx";
import { May } from "../../../ui/may.tsx";
import { ErrorNote } from "../../../ui/states.tsx";
import { Time } from "../../../ui/time.tsx";
import { VendorLink, webAddress } from "../../delivery/going-on.tsx";
import { detailSearch } from "../url.ts";
import { HypothesisForm } from "./hypothesis-form.tsx";
import { PathText } from "./path-text.tsx";

const statusWords: Record<HypothesisStatus, [string, Tone]> = {
  pending: ["Proposed", "neutral"],
  investigating: ["Being checked", "accent"],
  confirmed: ["Confirmed", "ok"],
  rejected: ["Rejected", "bad"],
};
const factorWords: Record<Contribution["factor"], string> = {
  kind: "Kind of change",
  time: "Time",
  distance: "Distance",
  evidence: "Evidence",
  contradiction: "Contradiction",
  outcome: "Outcome",
  judgement: "Judgement",
};

interface Props {
  hypothesis: Hypothesis;
  /** Of its incident, for links to evidence. */
  reference: string;
  shown: boolean;
}

export function HypothesisCard({ hypothesis, reference, shown }: Props) {
  const { title, description, status, status_reason, rank, confidence, cause, narration, path } = hypothesis;
  const card = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (shown) card.current?.scrollIntoView({ block: "start" });
  }, [shown]);
  const [editing, setEditing] = useState(false);
  const [word, tone] = statusWords[status];
  const url = webAddress(cause?.url);
  if (editing)
    return (
      <li>
        <HypothesisForm incident={hypothesis.incident_id} hypothesis={hypothesis} onDone={() => setEditing(false)} />
      </li>
    );
  return (
    <li
      ref={card}
      aria-label={title}
      className={classes(
        "flex min-w-0 scroll-mt-4 flex-col gap-3 rounded-lg border bg-surface p-4",
        status === "confirmed" ? "border-ok" : shown ? "border-accent" : "border-line",
      )}
    >
      <div className="flex flex-wrap items-start gap-x-3 gap-y-1">
        {rank === null ? null : (
          <span className="font-semibold tabular-nums">
            <span className="sr-only">Rank </span>
            {rank}
          </span>
        )}
        <h3 className="min-w-0 flex-1 basis-60 font-medium wrap-anywhere">{title}</h3>
        {confidence === null ? null : (
          <span className="text-sm text-muted tabular-nums">{Math.round(confidence * 100)} % likely</span>
        )}
        <Badge tone={tone}>{word}</Badge>
        {hypothesis.origin === "manual" ? (
          <May permission="incidents:write">
            <IconButton label={`Change “${title}”`} className="size-6" onClick={() => setEditing(true)}>
              <Pencil size={13} aria-hidden />
            </IconButton>
          </May>
        ) : null}
      </div>
      {cause ? (
        <p className="flex flex-wrap gap-x-2 text-sm text-muted">
          <span>
            {cause.author ? `${cause.author}, ` : ""}
            <Time at={cause.effective_at} />
          </span>
          {cause.deployed_by ? <span>deployed by {cause.deployed_by.name}</span> : null}
          {url ? <VendorLink url={url}>Look at the change</VendorLink> : null}
        </p>
      ) : null}
      {description ? <p className="whitespace-pre-line wrap-anywhere">{description}</p> : null}
      {hypothesis.contributions.length > 0 ? (
        <Reasons contributions={hypothesis.contributions} score={hypothesis.score} reference={reference} />
      ) : null}
      <PathText path={path} label="Way through the graph" />
      <EvidenceLinks label="Speaks for it" ids={hypothesis.supporting_evidence} reference={reference} />
      <EvidenceLinks label="Speaks against it" ids={hypothesis.contradicting_evidence} reference={reference} />
      {narration ? (
        <div className="flex flex-col gap-1 rounded-md bg-sunken px-3 py-2 text-sm">
          {narration.claims.map((claim) => (
            <p key={claim.text} className="wrap-anywhere">
              {claim.text} <EvidenceNumbers ids={claim.evidence_ids} reference={reference} />
            </p>
          ))}
          <p className="text-faint">
            Written by {narration.model}
            {narration.dropped > 0 ? `; ${narration.dropped} claims without evidence were left out` : ""}.
          </p>
        </div>
      ) : null}
      {status_reason ? (
        <p className="text-sm text-muted wrap-anywhere">
          {word} by {hypothesis.status_by ?? "somebody"}: {status_reason}
        </p>
      ) : null}
      <May permission="incidents:write">
        <Decide hypothesis={hypothesis} />
      </May>
    </li>
  );
}

/** Each reason with its weight; the bars of all can be compared. */
function Reasons({
  contributions,
  score,
  reference,
}: {
  contributions: readonly Contribution[];
  score: number | null;
  reference: string;
}) {
  const most = Math.max(1, ...contributions.map(({ points }) => Math.abs(points)));
  return (
    <table className="w-full text-sm">
      <caption className="pb-1 text-left text-faint">
        Why it stands here: one point doubles the odds{score === null ? "" : `; ${signed(score)} in all`}
      </caption>
      <tbody>
        {contributions.map((one) => (
          <tr key={`${one.factor} ${one.words}`} className="align-baseline">
            <th scope="row" className="w-28 py-0.5 pr-3 text-left font-normal text-muted">
              {factorWords[one.factor]}
            </th>
            <td className="w-12 py-0.5 pr-2 text-right tabular-nums">{signed(one.points)}</td>
            <td aria-hidden className="hidden w-24 py-0.5 pr-3 sm:table-cell">
              <span
                className={classes("block h-1.5 rounded-full", one.points < 0 ? "bg-bad" : "bg-accent")}
                style={{ width: `${Math.max(4, (Math.abs(one.points) / most) * 100)}%` }}
              />
            </td>
            <td className="py-0.5 wrap-anywhere">
              {one.words} <EvidenceNumbers ids={one.evidence_ids} reference={reference} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const signed = (points: number): string => `${points > 0 ? "+" : points < 0 ? "−" : ""}${Math.abs(points).toFixed(1)}`;

function EvidenceNumbers({ ids, reference }: { ids: readonly string[]; reference: string }) {
  return ids.map((id, index) => (
    <Link
      key={id}
      to="/incidents/$id"
      params={{ id: reference }}
      search={detailSearch({ part: "evidence", show: id })}
      aria-label={`Evidence ${index + 1} of this reason`}
      className="mr-1 rounded-sm text-accent-text underline underline-offset-2"
    >
      [{index + 1}]
    </Link>
  ));
}

function EvidenceLinks({ label, ids, reference }: { label: string; ids: readonly string[]; reference: string }) {
  if (ids.length === 0) return null;
  return (
    <p className="flex flex-wrap gap-x-2 text-sm">
      <span className="text-muted">{label}:</span>
      {ids.map((id, index) => (
        <Link
          key={id}
          to="/incidents/$id"
          params={{ id: reference }}
          search={detailSearch({ part: "evidence", show: id })}
          className="rounded-sm text-accent-text underline underline-offset-2"
        >
          evidence {index + 1}
        </Link>
      ))}
    </p>
  );
}

function Decide({ hypothesis }: { hypothesis: Hypothesis }) {
  const { id, status, version, incident_id, title } = hypothesis;
  const client = useQueryClient();
  const [rejecting, setRejecting] = useState(false);
  const [reason, setReason] = useState("");
  const decide = useMutation({
    mutationFn: (next: { status: HypothesisStatus; reason?: string | null }) =>
      changeHypothesis(id, { ...next, version }),
    onSuccess: () => {
      setRejecting(false);
      setReason("");
      return client.invalidateQueries({ queryKey: incidents.keyOf(incident_id) });
    },
  });
  return (
    <div className="flex flex-col gap-2">
      {decide.error ? <ErrorNote error={decide.error} /> : null}
      {rejecting ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            decide.mutate({ status: "rejected", reason: reason.trim() === "" ? null : reason.trim() });
          }}
          className="flex flex-wrap items-end gap-2"
        >
          <Field
            label="Why not?"
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            maxLength={2000}
            autoFocus
            autoComplete="off"
            className="min-w-0 flex-1 basis-60"
          />
          <Button type="submit" look="danger" disabled={decide.isPending}>
            Reject
          </Button>
          <Button look="quiet" onClick={() => setRejecting(false)}>
            Cancel
          </Button>
        </form>
      ) : (
        <div role="group" aria-label={`Decide about ${title}`} className="flex flex-wrap gap-2">
          {status === "confirmed" || status === "rejected" ? (
            <Button small onClick={() => decide.mutate({ status: "investigating" })} disabled={decide.isPending}>
              Open it again
            </Button>
          ) : (
            <>
              {status === "pending" ? (
                <Button small onClick={() => decide.mutate({ status: "investigating" })} disabled={decide.isPending}>
                  Check it
                </Button>
              ) : null}
              <Button small onClick={() => decide.mutate({ status: "confirmed" })} disabled={decide.isPending}>
                Confirm
              </Button>
              <Button small onClick={() => setRejecting(true)} disabled={decide.isPending}>
                Reject…
              </Button>
            </>
          )}
        </div>
      )}
    </div>
  );
}
