// Writes a runbook, or changes one: Markdown with a look at how it will read, and what it is for.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { incidents } from "../../api/incident-queries.ts";
import { runbooks } from "../../api/runbooks.ts";
import { Field, TextArea } from "../../ui/field.tsx";
import { Form } from "../../ui/form.tsx";
import { Markdown } from "../../ui/markdown.tsx";
import { Segments } from "../../ui/segments.tsx";
import { TokenField } from "../../ui/token-field.tsx";

export interface RunbookText {
  title: string;
  body: string;
  services: string[];
  tags: string[];
}

interface Props {
  label: string;
  start: RunbookText;
  save: (text: RunbookText) => Promise<{ id: string }>;
  onSaved: (id: string) => void;
  onCancel: () => void;
}

export function RunbookForm({ label, start, save, onSaved, onCancel }: Props) {
  const client = useQueryClient();
  const [text, setText] = useState(start);
  const [look, setLook] = useState<"write" | "preview">("write");
  const [lacks, setLacks] = useState(false);
  const keep = useMutation({
    mutationFn: save,
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: runbooks.key });
      void client.invalidateQueries({ queryKey: incidents.key });
      onSaved(id);
    },
  });
  const set = (change: Partial<RunbookText>): void => {
    setText({ ...text, ...change });
    setLacks(false);
  };
  const title = text.title.trim();
  const submit = (): void => {
    const missing = title === "" || text.body.trim() === "";
    setLacks(missing);
    if (missing) setLook("write");
    else keep.mutate({ ...text, title });
  };
  return (
    <Form label={label} action="Save" busy={keep.isPending} error={keep.error} onSubmit={submit} onCancel={onCancel}>
      <Field
        label="Title"
        value={text.title}
        onChange={(event) => set({ title: event.target.value })}
        error={lacks && title === "" ? "It needs a title." : null}
        maxLength={200}
        autoFocus
        autoComplete="off"
      />
      <Segments
        label="Text as"
        value={look}
        options={[
          { value: "write", label: "Write" },
          { value: "preview", label: "Preview" },
        ]}
        onChange={setLook}
      />
      {look === "write" ? (
        <TextArea
          label="Steps"
          mono
          rows={16}
          value={text.body}
          onChange={(event) => set({ body: event.target.value })}
          error={lacks && text.body.trim() === "" ? "Say what to do." : null}
          hint="Markdown."
          maxLength={200_000}
        />
      ) : (
        <section aria-label="Preview" className="min-h-40 rounded-md border border-line p-4">
          {text.body.trim() === "" ? (
            <p className="text-muted">Nothing is written yet.</p>
          ) : (
            <Markdown text={text.body} />
          )}
        </section>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <TokenField
          label="Services"
          noun="service"
          values={text.services}
          onChange={(services) => set({ services })}
          hint="It is suggested on incidents that affect them."
        />
        <TokenField label="Tags" noun="tag" values={text.tags} onChange={(tags) => set({ tags })} />
      </div>
    </Form>
  );
}
