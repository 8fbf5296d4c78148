// What the incident is, and its status, severity and owner, each changed where it stands.
import {
  type IncidentDetail,
  incidentLimits,
  incidentSeverities,
  incidentStatuses,
} from "@opentrace/contract/incidents.ts";
import { Link } from "@tanstack/react-router";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { unmerge } from "../../../api/incident-actions.ts";
import { incidents } from "../../../api/incident-queries.ts";
import { Pencil } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button, IconButton } from "../../../ui/button.tsx";
import { classes } from "../../../ui/classes.ts";
import { controlClasses, Field } from "../../../ui/field.tsx";
import { May, ReadOnlyNote, useMay } from "../../../ui/may.tsx";
import { errorMessage, Notice } from "../../../ui/states.tsx";
import { Duration, Time } from "../../../ui/time.tsx";
import { SeverityBadge, StatusBadge, Trail } from "../marks.tsx";
import { severityWords, statusWords } from "../words.ts";
import { LineEditor } from "./line-editor.tsx";
import type { Change } from "./use-change.ts";

export function Header({ incident, change }: { incident: IncidentDetail; change: Change }) {
  const { may } = useMay();
  const ended = incident.closed_at ?? incident.resolved_at;
  return (
    <header className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <Trail>{incident.reference}</Trail>
        <SeverityBadge severity={incident.severity} />
        <StatusBadge status={incident.status} />
      </div>
      <Title incident={incident} change={change} />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        {may("incidents:write") ? (
          <>
            <Choice
              label="Status"
              value={incident.status}
              options={incidentStatuses.map((value) => [value, statusWords[value][0]])}
              onChange={(status) => void change.make({ status }, incident)}
            />
            <Choice
              label="Severity"
              value={incident.severity}
              options={incidentSeverities.toReversed().map((value) => [value, severityWords[value][0]])}
              onChange={(severity) => void change.make({ severity }, incident)}
            />
            <LineEditor
              label="Owner"
              value={incident.owner ?? ""}
              nothing="Nobody"
              maxLength={incidentLimits.name}
              onSave={(owner) => change.make({ owner: owner === "" ? null : owner }, incident)}
            />
          </>
        ) : (
          <p className="text-sm text-muted">Owner {incident.owner ?? "nobody"}</p>
        )}
        <p className="text-sm text-muted">
          Began <Time at={incident.started_at} />
          {ended ? (
            <>
              , ended after <Duration from={incident.started_at} to={ended} />
            </>
          ) : null}
        </p>
      </div>
      {incident.merged_into ? (
        <Notice tone="neutral">
          This is a duplicate; its evidence is in{" "}
          <Link to="/incidents/$id" params={{ id: incident.merged_into }} className="underline underline-offset-2">
            the incident that it was merged into
          </Link>
          . {may("incidents:write") ? <Unmerge incident={incident} /> : null}
        </Notice>
      ) : null}
      <ReadOnlyNote permission="incidents:write" what="incidents" />
    </header>
  );
}

function Unmerge({ incident }: { incident: IncidentDetail }) {
  const client = useQueryClient();
  const apart = useMutation({
    mutationFn: () => unmerge(incident.id),
    onSuccess: () => client.invalidateQueries({ queryKey: incidents.key }),
    onError: (error) => toast.error(errorMessage(error)),
  });
  return (
    <Button small disabled={apart.isPending} onClick={() => apart.mutate()}>
      Take it apart again
    </Button>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly (readonly [Value, string])[];
  onChange: (value: Value) => void;
}

function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>) {
  return (
    <label className="inline-flex items-center gap-2 text-sm text-muted">
      {label}
      <select
        value={value}
        onChange={(event) => {
          const next = options.find(([each]) => each === event.target.value)?.[0];
          if (next !== undefined && next !== value) onChange(next);
        }}
        className={classes(controlClasses, "h-8 w-auto px-2 text-base font-medium text-text")}
      >
        {options.map(([each, word]) => (
          <option key={each} value={each}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
}

function Title({ incident, change }: { incident: IncidentDetail; change: Change }) {
  /** As it was when the pencil was pressed: what others do meanwhile must not be overwritten unseen. */
  const [base, setBase] = useState<IncidentDetail | null>(null);
  const [typed, setTyped] = useState("");
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (base === null || typed.trim() === "") return;
    const title = typed.trim();
    setBase(null);
    if (title !== base.title) await change.make({ title }, base);
  };
  if (base !== null)
    return (
      <form onSubmit={(event) => void save(event)} className="flex max-w-3xl flex-wrap items-end gap-2">
        <h1 className="sr-only">{base.title}</h1>
        <Field
          label="Title"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") setBase(null);
          }}
          maxLength={incidentLimits.title}
          autoFocus
          autoComplete="off"
          className="min-w-0 flex-1 basis-64"
        />
        <Button type="submit" look="primary" disabled={typed.trim() === ""}>
          Save
        </Button>
        <Button look="quiet" onClick={() => setBase(null)}>
          Cancel
        </Button>
      </form>
    );
  return (
    <div className="flex items-start gap-1">
      <h1 className="min-w-0 text-xl font-semibold tracking-tight wrap-anywhere">{incident.title}</h1>
      <May permission="incidents:write">
        <IconButton label="Change the title" onClick={() => (setBase(incident), setTyped(incident.title))}>
          <Pencil size={14} aria-hidden />
        </IconButton>
      </May>
    </div>
  );
}
