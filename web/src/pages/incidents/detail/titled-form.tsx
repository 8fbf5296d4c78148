// Something that is written into an incident by hand: a line that says what it is, and whatever else belongs to it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { incidents } from "../../../api/incident-queries.ts";
import { Field } from "../../../ui/field.tsx";
import { Form } from "../../../ui/form.tsx";
import { Card } from "../../../ui/page.tsx";

interface Props {
  incident: string;
  label: string;
  /** What the line answers. */
  question: string;
  /** What is said when it is left empty. */
  missing: string;
  /** As it is now, when it is changed and not added. */
  title?: string;
  save: (title: string) => Promise<unknown>;
  onDone: () => void;
  /** On the same row as the line. */
  beside?: ReactNode;
  children?: ReactNode;
}

export function TitledForm({
  incident,
  label,
  question,
  missing,
  title: before,
  save,
  onDone,
  beside,
  children,
}: Props) {
  const client = useQueryClient();
  const [title, setTitle] = useState(before ?? "");
  const [lacks, setLacks] = useState(false);
  const add = useMutation({
    mutationFn: save,
    onSuccess: async () => {
      onDone();
      await client.invalidateQueries({ queryKey: incidents.keyOf(incident) });
    },
  });
  const submit = (): void => {
    const words = title.trim();
    setLacks(words === "");
    if (words !== "") add.mutate(words);
  };
  const line = (
    <Field
      label={question}
      value={title}
      onChange={(event) => (setTitle(event.target.value), setLacks(false))}
      error={lacks ? missing : null}
      maxLength={300}
      autoFocus
      autoComplete="off"
    />
  );
  return (
    <Card className="p-4">
      <Form
        label={label}
        action={before === undefined ? "Add" : "Save"}
        busyAction={before === undefined ? "Adding…" : "Saving…"}
        busy={add.isPending}
        error={add.error}
        onSubmit={submit}
        onCancel={onDone}
      >
        {beside ? (
          <div className="grid items-start gap-4 sm:grid-cols-[minmax(0,1fr)_14rem]">
            {line}
            {beside}
          </div>
        ) : (
          line
        )}
        {children}
      </Form>
    </Card>
  );
}
