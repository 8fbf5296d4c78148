// An entry of the timeline written by hand: a new one, or one that is there.
import type { TimelineEntry } from "@opentrace/contract/investigation.ts";
import { useState } from "react";
import { addEntry, changeEntry } from "../../../api/investigation-actions.ts";
import { Field, TextArea } from "../../../ui/field.tsx";
import { localTime, timeZoneName } from "../local-time.ts";
import { TitledForm } from "./titled-form.tsx";

interface Props {
  incident: string;
  /** Absent: a new one. */
  entry?: TimelineEntry;
  onDone: () => void;
}

export function EntryForm({ incident, entry, onDone }: Props) {
  // What one began with: a change by somebody else meanwhile is not overwritten.
  const [version] = useState(entry?.version);
  const [first] = useState(() => localTime(entry === undefined ? new Date() : new Date(entry.at)));
  const [detail, setDetail] = useState(entry?.detail ?? "");
  const [at, setAt] = useState(first);
  const more = detail.trim() === "" ? null : detail;
  const when = (at === "" ? new Date() : new Date(at)).toISOString();
  return (
    <TitledForm
      incident={incident}
      label={entry === undefined ? "Add entry" : "Change entry"}
      question="What happened"
      missing="Say in a line what happened."
      {...(entry === undefined ? {} : { title: entry.title })}
      save={(title) =>
        entry === undefined
          ? addEntry(incident, { at: when, title, detail: more })
          : changeEntry(incident, entry.id, {
              title,
              detail: more,
              // The field shows minutes: who leaves it keeps the seconds.
              ...(at === first || at === "" ? {} : { at: when }),
              version,
            })
      }
      onDone={onDone}
      beside={
        <Field
          label="When"
          type="datetime-local"
          step={1}
          value={at}
          onChange={(event) => setAt(event.target.value)}
          hint={`Your time (${timeZoneName()}).`}
        />
      }
    >
      <TextArea label="More about it" rows={3} value={detail} onChange={(event) => setDetail(event.target.value)} />
    </TitledForm>
  );
}
