// An entry of the timeline written by hand.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { incidents } from "../../../api/incident-queries.ts";
import { addEntry } from "../../../api/investigation-actions.ts";
import { Button } from "../../../ui/button.tsx";
import { Field } from "../../../ui/field.tsx";
import { Card } from "../../../ui/page.tsx";
import { ErrorNote } from "../../../ui/states.tsx";
import { TextArea } from "../../../ui/text-area.tsx";
import { localTime } from "../local-time.ts";

export function AddEntry({ incident, onDone }: { incident: string; onDone: () => void }) {
  const client = useQueryClient();
  const [title, setTitle] = useState("");
  const [detail, setDetail] = useState("");
  const [at, setAt] = useState(() => localTime(new Date()));
  const [missing, setMissing] = useState(false);
  const add = useMutation({
    mutationFn: () =>
      addEntry(incident, {
        at: new Date(at).toISOString(),
        title: title.trim(),
        detail: detail.trim() === "" ? null : detail,
      }),
    onSuccess: async () => {
      onDone();
      await client.invalidateQueries({ queryKey: incidents.keyOf(incident) });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setMissing(title.trim() === "");
    if (title.trim() !== "" && at !== "") add.mutate();
  };
  return (
    <Card className="p-4">
      <form aria-label="Add entry" onSubmit={submit} noValidate className="flex flex-col gap-4">
        <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_14rem]">
          <Field
            label="What happened"
            value={title}
            onChange={(event) => (setTitle(event.target.value), setMissing(false))}
            error={missing ? "Say in a line what happened." : null}
            maxLength={300}
            autoFocus
            autoComplete="off"
          />
          <Field
            label="When"
            type="datetime-local"
            step={1}
            value={at}
            onChange={(event) => setAt(event.target.value)}
          />
        </div>
        <TextArea label="More about it" rows={3} value={detail} onChange={(event) => setDetail(event.target.value)} />
        {add.error ? <ErrorNote error={add.error} /> : null}
        <div className="flex gap-2">
          <Button type="submit" look="primary" disabled={add.isPending}>
            {add.isPending ? "Adding…" : "Add"}
          </Button>
          <Button look="quiet" onClick={onDone}>
            Cancel
          </Button>
        </div>
      </form>
    </Card>
  );
}
