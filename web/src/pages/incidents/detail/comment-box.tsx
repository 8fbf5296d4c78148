// A word on the incident, kept in its history and its timeline.
import { incidentLimits } from "@opentrace/contract/incidents.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addComment } from "../../../api/incident-actions.ts";
import { incidents } from "../../../api/incident-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { TextArea } from "../../../ui/field.tsx";
import { ErrorNote } from "../../../ui/states.tsx";

export function CommentBox({ incident }: { incident: string }) {
  const client = useQueryClient();
  const [typed, setTyped] = useState("");
  const add = useMutation({
    mutationFn: () => addComment(incident, typed.trim()),
    onSuccess: () => {
      setTyped("");
      return client.invalidateQueries({ queryKey: incidents.keyOf(incident).slice(0, 2) });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim() !== "") add.mutate();
      }}
      className="flex flex-col gap-2"
    >
      <TextArea
        label="Comment"
        hideLabel
        rows={2}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) event.currentTarget.form?.requestSubmit();
        }}
        maxLength={incidentLimits.comment}
        placeholder="Write what you see or do; it goes into the history."
      />
      {add.error ? <ErrorNote error={add.error} /> : null}
      {typed.trim() === "" ? null : (
        <Button type="submit" small look="primary" className="w-fit" disabled={add.isPending}>
          {add.isPending ? "Adding…" : "Comment"}
        </Button>
      )}
    </form>
  );
}
