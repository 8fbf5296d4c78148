// An entry of the timeline written by hand.
import { useState } from "react";
import { addEntry } from "../../../api/investigation-actions.ts";
import { Field, TextArea } from "../../../ui/field.tsx";
import { localTime, timeZoneName } from "../local-time.ts";
import { TitledForm } from "./titled-form.tsx";

export function AddEntry({ incident, onDone }: { incident: string; onDone: () => void }) {
  const [detail, setDetail] = useState("");
  const [at, setAt] = useState(() => localTime(new Date()));
  return (
    <TitledForm
      incident={incident}
      label="Add entry"
      question="What happened"
      missing="Say in a line what happened."
      save={(title) =>
        addEntry(incident, {
          at: (at === "" ? new Date() : new Date(at)).toISOString(),
          title,
          detail: detail.trim() === "" ? null : detail,
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
