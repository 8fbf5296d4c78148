// Adds a log, a metric, a link or anything else that tells what happened.
import { evidenceTypes, incidentLimits } from "@opentrace/contract/incidents.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { addEvidence } from "../../../api/incident-actions.ts";
import { incidents } from "../../../api/incident-queries.ts";
import { newKey } from "../../../api/new-key.ts";
import { Button } from "../../../ui/button.tsx";
import { classes } from "../../../ui/classes.ts";
import { controlClasses, Field, TextArea } from "../../../ui/field.tsx";
import { Card } from "../../../ui/page.tsx";
import { ErrorNote } from "../../../ui/states.tsx";
import { evidenceWord } from "../words.ts";

export function AddEvidence({ incident, onDone }: { incident: string; onDone: () => void }) {
  const client = useQueryClient();
  const id = useId();
  const [once] = useState(newKey);
  const [type, setType] = useState("log");
  const [title, setTitle] = useState("");
  const [content, setContent] = useState("");
  const [source, setSource] = useState("");
  const [url, setUrl] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [problems, setProblems] = useState<{ title?: string; url?: string; to?: string }>({});
  const add = useMutation({
    mutationFn: () =>
      addEvidence(
        incident,
        {
          evidence_type: type,
          title: title.trim() === "" ? null : title.trim(),
          content: content === "" ? null : content,
          source: source.trim() === "" ? null : source.trim(),
          source_url: url.trim() === "" ? null : url.trim(),
          starts_at: from === "" ? null : new Date(from).toISOString(),
          ends_at: to === "" ? null : new Date(to).toISOString(),
        },
        once,
      ),
    onSuccess: async () => {
      onDone();
      await client.invalidateQueries({ queryKey: incidents.key });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const found = {
      ...(title.trim() === "" && content.trim() === "" ? { title: "Give it a title, or paste its text." } : {}),
      ...(url.trim() !== "" && !/^https?:\/\/\S+$/.test(url.trim()) ? { url: "An address begins with https://." } : {}),
      ...(from !== "" && to !== "" && to < from ? { to: "The end is before the beginning." } : {}),
    };
    setProblems(found);
    if (Object.keys(found).length === 0) add.mutate();
  };
  return (
    <Card className="p-5">
      <form aria-label="Add evidence" onSubmit={submit} noValidate className="flex flex-col gap-4">
        <div className="grid gap-4 sm:grid-cols-[10rem_minmax(0,1fr)]">
          <div className="flex flex-col gap-1.5">
            <label htmlFor={id} className="text-sm font-medium">
              Kind
            </label>
            <select
              id={id}
              value={type}
              onChange={(event) => setType(event.target.value)}
              className={classes(controlClasses, "h-9 px-2")}
            >
              {evidenceTypes
                .filter((each) => each !== "screenshot")
                .map((each) => (
                  <option key={each} value={each}>
                    {evidenceWord(each)}
                  </option>
                ))}
            </select>
          </div>
          <Field
            label="Title"
            value={title}
            onChange={(event) => (setTitle(event.target.value), setProblems({}))}
            maxLength={incidentLimits.title}
            error={problems.title ?? null}
            placeholder="The first line of the text, if you leave it empty"
            autoFocus
            autoComplete="off"
          />
        </div>
        <TextArea
          label="Text"
          mono={type === "log" || type === "trace" || type === "metric"}
          rows={8}
          value={content}
          onChange={(event) => (setContent(event.target.value), setProblems({}))}
          placeholder="Log lines, figures, what somebody said…"
          spellCheck={type === "note"}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label="Source"
            value={source}
            onChange={(event) => setSource(event.target.value)}
            maxLength={incidentLimits.name}
            placeholder="datadog, grafana, a person"
            autoComplete="off"
          />
          <Field
            label="Link to it"
            type="url"
            value={url}
            onChange={(event) => setUrl(event.target.value)}
            error={problems.url ?? null}
            placeholder="https://"
            autoComplete="off"
          />
          <Field
            label="From"
            type="datetime-local"
            value={from}
            onChange={(event) => setFrom(event.target.value)}
            hint="The time that it tells of."
          />
          <Field
            label="To"
            type="datetime-local"
            value={to}
            onChange={(event) => setTo(event.target.value)}
            error={problems.to ?? null}
          />
        </div>
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
