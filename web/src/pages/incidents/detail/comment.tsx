// A comment in the history: its words, changed or taken away by who wrote it.
import { type IncidentComment, incidentLimits } from "@opentrace/contract/incidents.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { identity } from "../../../api/identity.ts";
import { changeComment, removeComment } from "../../../api/incident-actions.ts";
import { incidents } from "../../../api/incident-queries.ts";
import { IconButton } from "../../../ui/button.tsx";
import { Confirmation } from "../../../ui/confirmation.tsx";
import { TextArea } from "../../../ui/field.tsx";
import { Form } from "../../../ui/form.tsx";
import { useMay } from "../../../ui/may.tsx";

/** Undefined: it was taken away, or is not here yet. */
export function Comment({ incident, comment }: { incident: string; comment: IncidentComment | undefined }) {
  const client = useQueryClient();
  const { data: me } = useQuery(identity);
  const { may } = useMay();
  const [typed, setTyped] = useState<string | null>(null);
  const [removing, setRemoving] = useState(false);
  const renew = () => client.invalidateQueries({ queryKey: incidents.keyOf(incident).slice(0, 2) });
  const change = useMutation({
    mutationFn: (body: string) => changeComment(incident, comment?.id ?? "", body),
    onSuccess: () => (setTyped(null), renew()),
  });
  const remove = useMutation({
    mutationFn: () => removeComment(incident, comment?.id ?? ""),
    onSuccess: () => (setRemoving(false), renew()),
  });
  if (comment === undefined) return "Commented";
  if (typed !== null)
    return (
      <Form
        label="Change the comment"
        action="Save"
        busy={change.isPending}
        error={change.error}
        onSubmit={() => {
          if (typed.trim() !== "") change.mutate(typed.trim());
        }}
        onCancel={() => setTyped(null)}
      >
        <TextArea
          label="Comment"
          hideLabel
          rows={3}
          value={typed}
          maxLength={incidentLimits.comment}
          autoFocus
          onChange={(event) => setTyped(event.target.value)}
        />
      </Form>
    );
  const own = may("incidents:write") && me?.id === comment.author;
  return (
    <>
      <span className="whitespace-pre-line">{comment.body}</span>
      {comment.edited_at ? <span className="text-sm text-faint"> (changed)</span> : null}
      {own ? (
        <span className="inline-flex align-middle">
          <IconButton label="Change this comment" className="size-6" onClick={() => setTyped(comment.body)}>
            <Pencil size={13} aria-hidden />
          </IconButton>
          <IconButton label="Remove this comment" className="size-6" onClick={() => setRemoving(true)}>
            <Trash2 size={13} aria-hidden />
          </IconButton>
        </span>
      ) : null}
      <Confirmation
        open={removing}
        onOpenChange={setRemoving}
        title="Remove this comment?"
        action="Remove"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        That something was said stays in the history, its words don’t.
      </Confirmation>
    </>
  );
}
