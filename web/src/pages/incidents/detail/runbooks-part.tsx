// Runbooks that fit the incident, each with why, read where one is; and one written when there is none.
import type { RunbookSuggestions } from "@opentrace/contract/investigation.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { BookOpen, ChevronRight, Plus } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { incidents } from "../../../api/incident-queries.ts";
import { addRunbook } from "../../../api/investigation-actions.ts";
import { investigation } from "../../../api/investigation-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { Field, TextArea } from "../../../ui/field.tsx";
import { Markdown } from "../../../ui/markdown.tsx";
import { Card } from "../../../ui/page.tsx";
import { EmptyState, ErrorNote, SkeletonRows } from "../../../ui/states.tsx";
import { TokenField } from "../../../ui/token-field.tsx";
import type { PartProps } from "./incident-page.tsx";

export function RunbooksPart({ incident, state, onChange }: PartProps) {
  const { data, error, refetch } = useQuery(investigation.runbooks(incident.id));
  const [writing, setWriting] = useState(false);
  return (
    <div className="flex flex-col gap-5">
      <div className="flex justify-end">
        <Button onClick={() => setWriting(true)} disabled={writing}>
          <Plus size={15} aria-hidden /> Write a runbook
        </Button>
      </div>
      {writing ? (
        <WriteRunbook incident={incident.id} services={incident.affected_services} onDone={() => setWriting(false)} />
      ) : null}
      {error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows rows={4} />
      ) : data.items.length === 0 ? (
        <Card className="border-dashed">
          <EmptyState icon={<BookOpen size={28} aria-hidden />} title="No runbook fits">
            <p>{data.detail ?? "Write one, or keep them as docs/runbooks/*.md in a repository that is indexed."}</p>
          </EmptyState>
        </Card>
      ) : (
        <ul aria-label="Runbooks" className="flex flex-col gap-3">
          {data.items.map((suggestion) => (
            <Suggested
              key={suggestion.runbook.id}
              suggestion={suggestion}
              open={state.show === suggestion.runbook.id}
              onToggle={(open) => onChange({ show: open ? suggestion.runbook.id : null })}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

interface SuggestedProps {
  suggestion: RunbookSuggestions["items"][number];
  open: boolean;
  onToggle: (open: boolean) => void;
}

function Suggested({ suggestion: { runbook, why }, open, onToggle }: SuggestedProps) {
  const id = useId();
  const { data, error } = useQuery({ ...investigation.runbook(runbook.id), enabled: open });
  return (
    <li className="flex min-w-0 flex-col gap-2 rounded-lg border border-line bg-surface p-4">
      <h2 className="font-medium">
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => onToggle(!open)}
          className="flex w-full items-start gap-1.5 rounded-sm text-left"
        >
          <ChevronRight size={15} aria-hidden className={`mt-1 shrink-0 text-faint ${open ? "rotate-90" : ""}`} />
          <span className="min-w-0 wrap-anywhere">{runbook.title}</span>
        </button>
      </h2>
      <p className="text-sm text-muted">{why.join(" · ")}</p>
      <div id={id}>
        {open ? (
          error ? (
            <ErrorNote error={error} />
          ) : data ? (
            <div className="border-t border-line pt-3">
              <Markdown text={data.body} />
            </div>
          ) : (
            <SkeletonRows rows={4} />
          )
        ) : (
          <p className="line-clamp-2 text-sm text-faint">{runbook.excerpt}</p>
        )}
      </div>
    </li>
  );
}

function WriteRunbook({
  incident,
  services: affected,
  onDone,
}: {
  incident: string;
  services: readonly string[];
  onDone: () => void;
}) {
  const client = useQueryClient();
  const [title, setTitle] = useState("");
  const [body, setBody] = useState("");
  const [services, setServices] = useState<string[]>([...affected]);
  const [tags, setTags] = useState<string[]>([]);
  const [missing, setMissing] = useState(false);
  const add = useMutation({
    mutationFn: () => addRunbook({ title: title.trim(), body, services, tags }),
    onSuccess: async () => {
      onDone();
      await client.invalidateQueries({ queryKey: incidents.keyOf(incident) });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const lacks = title.trim() === "" || body.trim() === "";
    setMissing(lacks);
    if (!lacks) add.mutate();
  };
  return (
    <Card className="p-4">
      <form aria-label="Write a runbook" onSubmit={submit} noValidate className="flex flex-col gap-4">
        <Field
          label="Title"
          value={title}
          onChange={(event) => (setTitle(event.target.value), setMissing(false))}
          error={missing && title.trim() === "" ? "It needs a title." : null}
          maxLength={200}
          autoFocus
          autoComplete="off"
        />
        <TextArea
          label="Steps"
          mono
          rows={10}
          value={body}
          onChange={(event) => (setBody(event.target.value), setMissing(false))}
          error={missing && body.trim() === "" ? "Say what to do." : null}
          hint="Markdown."
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <TokenField label="Services" noun="service" values={services} onChange={setServices} />
          <TokenField label="Tags" noun="tag" values={tags} onChange={setTags} />
        </div>
        {add.error ? <ErrorNote error={add.error} /> : null}
        <div className="flex gap-2">
          <Button type="submit" look="primary" disabled={add.isPending}>
            {add.isPending ? "Saving…" : "Save"}
          </Button>
          <Button look="quiet" onClick={onDone}>
            Cancel
          </Button>
        </div>
      </form>
    </Card>
  );
}
