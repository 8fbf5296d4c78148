// Adds a log, a metric, a link or anything else that tells what happened; or puts right what was said of it.
import { type Evidence, evidenceTypes, incidentLimits } from "@opentrace/contract/incidents.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addEvidence, changeEvidence } from "../../../api/incident-actions.ts";
import { incidents } from "../../../api/incident-queries.ts";
import { newKey } from "../../../api/new-key.ts";
import { refusedFields } from "../../../api/refused-fields.ts";
import { Field, SelectField, TextArea } from "../../../ui/field.tsx";
import { Form } from "../../../ui/form.tsx";
import { Card } from "../../../ui/page.tsx";
import { localTime, timeZoneName } from "../local-time.ts";
import { ServicesField } from "../services-field.tsx";
import { evidenceWord } from "../words.ts";
import { type ChosenNode, NodesField } from "./nodes-field.tsx";

interface Props {
  incident: string;
  /** What is changed; null: a new one. */
  evidence: Evidence | null;
  onDone: () => void;
}

const orNull = (text: string): string | null => (text.trim() === "" ? null : text.trim());
const timeOrNull = (local: string): string | null => (local === "" ? null : new Date(local).toISOString());
const asLocal = (at: string | null | undefined): string => (at ? localTime(new Date(at)) : "");

export function EvidenceForm({ incident, evidence, onDone }: Props) {
  const client = useQueryClient();
  const [once] = useState(newKey);
  const [type, setType] = useState(evidence?.evidence_type ?? "log");
  const [title, setTitle] = useState(evidence?.title ?? "");
  const [content, setContent] = useState("");
  const [source, setSource] = useState(evidence?.source ?? "");
  const [url, setUrl] = useState(evidence?.source_url ?? "");
  const [from, setFrom] = useState(() => asLocal(evidence?.starts_at));
  const [to, setTo] = useState(() => asLocal(evidence?.ends_at));
  const [services, setServices] = useState<string[]>(evidence?.services ?? []);
  const [nodes, setNodes] = useState<ChosenNode[]>(evidence?.nodes ?? []);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const save = useMutation({
    mutationFn: () => {
      const said = {
        evidence_type: type,
        title: orNull(title),
        source: orNull(source),
        source_url: orNull(url),
        // To the minute in the form: what was recorded to the second stays so unless it is changed.
        ...(from === asLocal(evidence?.starts_at) ? {} : { starts_at: timeOrNull(from) }),
        ...(to === asLocal(evidence?.ends_at) ? {} : { ends_at: timeOrNull(to) }),
        services,
        nodes: nodes.map(({ id }) => id),
      };
      return evidence === null
        ? addEvidence(incident, { ...said, content: content === "" ? null : content }, once)
        : changeEvidence(evidence.id, evidence.version, said);
    },
    onSuccess: async () => {
      onDone();
      await client.invalidateQueries({ queryKey: incidents.key });
    },
  });
  const submit = (): void => {
    const nothing = title.trim() === "" && content.trim() === "";
    const found = {
      ...(nothing ? { title: evidence ? "It needs a title." : "Give it a title, or paste its text." } : {}),
      ...(url.trim() !== "" && !/^https?:\/\/\S+$/.test(url.trim())
        ? { source_url: "An address begins with https://." }
        : {}),
      ...(from !== "" && to !== "" && to < from ? { ends_at: "The end is before the beginning." } : {}),
    };
    setProblems(found);
    if (Object.keys(found).length === 0) save.mutate();
  };
  const refused: Record<string, string> = { ...refusedFields(save.error), ...problems };
  const clear = (): void => {
    setProblems({});
    save.reset();
  };
  // Any other word is somebody's own and stays.
  const types = [...new Set([...evidenceTypes.filter((each) => each !== "screenshot"), type])];
  return (
    <Card className="p-4 sm:p-5">
      <Form
        label={evidence ? "Change evidence" : "Add evidence"}
        action={evidence ? "Save" : "Add"}
        busyAction={evidence ? "Saving…" : "Adding…"}
        busy={save.isPending}
        error={save.error}
        onSubmit={submit}
        onCancel={onDone}
      >
        <div className="grid items-start gap-4 sm:grid-cols-[10rem_minmax(0,1fr)]">
          <SelectField label="Kind" value={type} onChange={(event) => setType(event.target.value)}>
            {types.map((each) => (
              <option key={each} value={each}>
                {evidenceWord(each)}
              </option>
            ))}
          </SelectField>
          <Field
            label="Title"
            value={title}
            onChange={(event) => (setTitle(event.target.value), clear())}
            maxLength={incidentLimits.title}
            error={refused.title ?? null}
            placeholder={evidence ? "" : "The first line of the text, if you leave it empty"}
            autoFocus
            autoComplete="off"
          />
        </div>
        {evidence ? null : (
          <TextArea
            label="Text"
            mono={type === "log" || type === "trace" || type === "metric"}
            rows={8}
            value={content}
            onChange={(event) => (setContent(event.target.value), clear())}
            error={refused.content ?? null}
            placeholder="Log lines, figures, what somebody said…"
            hint="A whole file is better uploaded."
            spellCheck={type === "note"}
          />
        )}
        <div className="grid items-start gap-4 sm:grid-cols-2">
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
            onChange={(event) => (setUrl(event.target.value), clear())}
            error={refused.source_url ?? null}
            placeholder="https://"
            autoComplete="off"
          />
          <Field
            label="From"
            type="datetime-local"
            value={from}
            onChange={(event) => (setFrom(event.target.value), clear())}
            hint={`The time that it tells of, yours (${timeZoneName()}).`}
          />
          <Field
            label="To"
            type="datetime-local"
            value={to}
            onChange={(event) => (setTo(event.target.value), clear())}
            error={refused.ends_at ?? null}
          />
          <ServicesField
            label="Services"
            hint="What it is about. Enter adds one."
            values={services}
            onChange={setServices}
          />
          <NodesField nodes={nodes} onChange={setNodes} />
        </div>
      </Form>
    </Card>
  );
}
