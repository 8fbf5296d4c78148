// What is to be done: suggested or added by hand, taken up, and ended with how it went.
import { ActionKind, type ActionStatus, type IncidentAction } from "@opentrace/contract/investigation.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { incidents } from "../../../api/incident-queries.ts";
import { addAction, changeAction } from "../../../api/investigation-actions.ts";
import { investigation } from "../../../api/investigation-queries.ts";
import { Badge, type Tone } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { Field, SelectField, TextArea } from "../../../ui/field.tsx";
import { May, useMay } from "../../../ui/may.tsx";
import { Card } from "../../../ui/page.tsx";
import { EmptyState, ErrorNote, SkeletonRows } from "../../../ui/states.tsx";
import { Time } from "../../../ui/time.tsx";
import { VendorLink, webAddress } from "../../delivery/going-on.tsx";
import type { PartProps } from "./incident-page.tsx";
import { TitledForm } from "./titled-form.tsx";

const statusWords: Record<ActionStatus, [string, Tone]> = {
  pending: ["To do", "neutral"],
  in_progress: ["In progress", "accent"],
  completed: ["Done", "ok"],
  skipped: ["Skipped", "neutral"],
};
const stepWords: Record<ActionStatus, string> = {
  pending: "Back to do",
  in_progress: "Start",
  completed: "Done…",
  skipped: "Skip…",
};
const kindWords: Record<ActionKind, string> = {
  query: "Look up",
  page: "Page somebody",
  rollback: "Roll back",
  notify: "Tell somebody",
  other: "Other",
};

export function ActionsPart({ incident }: PartProps) {
  const { data, error, refetch } = useQuery(investigation.actions(incident.id));
  const [adding, setAdding] = useState(false);
  const items = data?.items ?? [];
  return (
    <div className="flex flex-col gap-5">
      <May permission="incidents:write">
        <div className="flex justify-end">
          <Button look="primary" onClick={() => setAdding(true)} disabled={adding}>
            <Plus size={15} aria-hidden /> Add action
          </Button>
        </div>
      </May>
      {adding ? <AddAction incident={incident.id} onDone={() => setAdding(false)} /> : null}
      {error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows rows={4} />
      ) : items.length === 0 ? (
        <Card className="border-dashed">
          <EmptyState title="Nothing to do is written down">
            <p>Looking for causes suggests actions; add others by hand. Nothing is ever done by itself.</p>
          </EmptyState>
        </Card>
      ) : (
        <ul aria-label="Actions" className="flex flex-col gap-3">
          {items.map((action) => (
            <ActionRow key={action.id} action={action} />
          ))}
        </ul>
      )}
    </div>
  );
}

function ActionRow({ action }: { action: IncidentAction }) {
  const { title, detail, status, possible, result, why, kind, assignee, origin, version } = action;
  const client = useQueryClient();
  const { may } = useMay();
  /** Ends with a word on how it went, or why it is left. */
  const [ending, setEnding] = useState<"completed" | "skipped" | null>(null);
  const [words, setWords] = useState("");
  const change = useMutation({
    mutationFn: (next: { status: ActionStatus; result?: string }) => changeAction(action.id, { ...next, version }),
    onSuccess: () => {
      setEnding(null);
      return client.invalidateQueries({ queryKey: incidents.keyOf(action.incident_id) });
    },
  });
  const [word, tone] = statusWords[status];
  const url = webAddress(action.source_url);
  return (
    <li aria-label={title} className="flex min-w-0 flex-col gap-2 rounded-lg border border-line bg-surface p-4">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-1">
        <span className="text-sm text-muted">{kindWords[kind]}</span>
        <h2 className="min-w-0 flex-1 basis-48 font-medium wrap-anywhere">{title}</h2>
        <Badge tone={tone}>{word}</Badge>
      </div>
      {detail ? <p className="text-sm whitespace-pre-line wrap-anywhere">{detail}</p> : null}
      <p className="flex flex-wrap gap-x-2 text-sm text-muted">
        {why ? <span>Suggested: {why}</span> : origin === "suggested" ? <span>Suggested</span> : null}
        {assignee ? <span>for {assignee}</span> : null}
        {url ? <VendorLink url={url}>Source</VendorLink> : null}
        {action.finished_at ? (
          <span>
            ended <Time at={action.finished_at} />
          </span>
        ) : null}
      </p>
      {result ? (
        <p className="rounded-md bg-sunken px-3 py-2 text-sm whitespace-pre-line wrap-anywhere">{result}</p>
      ) : null}
      {change.error ? <ErrorNote error={change.error} /> : null}
      {ending ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            change.mutate({ status: ending, ...(words.trim() === "" ? {} : { result: words.trim() }) });
          }}
          className="flex flex-wrap items-end gap-2"
        >
          <Field
            label={ending === "completed" ? "How did it go?" : "Why is it left?"}
            value={words}
            onChange={(event) => setWords(event.target.value)}
            autoFocus
            autoComplete="off"
            className="min-w-0 flex-1 basis-60"
          />
          <Button type="submit" look="primary" disabled={change.isPending}>
            {ending === "completed" ? "Done" : "Skip"}
          </Button>
          <Button look="quiet" onClick={() => setEnding(null)}>
            Cancel
          </Button>
        </form>
      ) : possible.length > 0 && may("incidents:write") ? (
        <div role="group" aria-label={`What becomes of ${title}`} className="flex flex-wrap gap-2">
          {possible.map((next) => (
            <Button
              key={next}
              small
              disabled={change.isPending}
              onClick={() =>
                next === "completed" || next === "skipped" ? setEnding(next) : change.mutate({ status: next })
              }
            >
              {stepWords[next]}
            </Button>
          ))}
        </div>
      ) : null}
    </li>
  );
}

function AddAction({ incident, onDone }: { incident: string; onDone: () => void }) {
  const [kind, setKind] = useState<ActionKind>("other");
  const [detail, setDetail] = useState("");
  const [assignee, setAssignee] = useState("");
  return (
    <TitledForm
      incident={incident}
      label="Add an action"
      question="What is to be done?"
      missing="Say in a line what is to be done."
      save={(title) =>
        addAction(incident, {
          kind,
          title,
          detail: detail.trim() === "" ? null : detail,
          assignee: assignee.trim() === "" ? null : assignee.trim(),
        })
      }
      onDone={onDone}
      beside={
        <SelectField
          label="Kind"
          value={kind}
          onChange={(event) => setKind(ActionKind.options.find((each) => each === event.target.value) ?? "other")}
        >
          {ActionKind.options.map((each) => (
            <option key={each} value={each}>
              {kindWords[each]}
            </option>
          ))}
        </SelectField>
      }
    >
      <TextArea label="How" rows={3} value={detail} onChange={(event) => setDetail(event.target.value)} />
      <Field
        label="By whom"
        value={assignee}
        onChange={(event) => setAssignee(event.target.value)}
        maxLength={200}
        autoComplete="off"
      />
    </TitledForm>
  );
}
