// What can be done with the marked incidents at once: status, severity, owner, tags, or taken together as one.
import {
  type BulkChanges,
  type Incident,
  incidentSeverities,
  incidentsAtOnce,
  incidentStatuses,
} from "@opentrace/contract/incidents.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { changeMany, mergeInto } from "../../../api/incident-actions.ts";
import { incidents as queries } from "../../../api/incident-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Field, Select } from "../../../ui/field.tsx";
import { ErrorNote, errorMessage } from "../../../ui/states.tsx";
import { plural } from "../../../ui/time-text.ts";
import { severityWords, statusWords } from "../words.ts";

interface Props {
  incidents: readonly Incident[];
  /** How many are loaded. */
  all: number;
  onAll: () => void;
  onDone: () => void;
}

export function BulkBar({ incidents, all, onAll, onDone }: Props) {
  const client = useQueryClient();
  const [asking, setAsking] = useState<"owner" | "tag" | "merge" | null>(null);
  const change = useMutation({
    mutationFn: async (changes: BulkChanges) => {
      const ids = incidents.map(({ id }) => id);
      const failed: string[] = [];
      let changed = 0;
      for (let from = 0; from < ids.length; from += incidentsAtOnce) {
        const result = await changeMany(ids.slice(from, from + incidentsAtOnce), changes);
        changed += result.changed;
        failed.push(...result.results.flatMap(({ error }) => (error === null ? [] : [error.detail])));
      }
      return { changed, failed };
    },
    onSuccess: ({ changed, failed }) => {
      if (failed.length === 0) toast(`${plural(changed, "incident")} changed.`);
      else toast.error(`${plural(changed, "incident")} changed, ${failed.length} not: ${failed[0]}`);
      setAsking(null);
      onDone();
      return client.invalidateQueries({ queryKey: queries.key });
    },
    onError: (error) => toast.error(errorMessage(error)),
  });
  return (
    <div
      role="region"
      aria-label="Marked incidents"
      className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-t border-line bg-surface px-4 py-2.5 shadow-float sm:px-6"
    >
      <p role="status" className="font-medium tabular-nums">
        {incidents.length} marked
      </p>
      {incidents.length < all ? (
        <Button small look="quiet" onClick={onAll}>
          Mark all {all}
        </Button>
      ) : null}
      <Select
        label="Set status"
        hideLabel
        value=""
        disabled={change.isPending}
        onChange={(event) => {
          const status = incidentStatuses.find((each) => each === event.target.value);
          if (status) change.mutate({ status });
        }}
      >
        <option value="">Set status…</option>
        {incidentStatuses.map((each) => (
          <option key={each} value={each}>
            {statusWords[each][0]}
          </option>
        ))}
      </Select>
      <Select
        label="Set severity"
        hideLabel
        value=""
        disabled={change.isPending}
        onChange={(event) => {
          const severity = incidentSeverities.find((each) => each === event.target.value);
          if (severity) change.mutate({ severity });
        }}
      >
        <option value="">Set severity…</option>
        {incidentSeverities.toReversed().map((each) => (
          <option key={each} value={each}>
            {severityWords[each][0]}
          </option>
        ))}
      </Select>
      <Button small onClick={() => setAsking("owner")}>
        Set owner…
      </Button>
      <Button small onClick={() => setAsking("tag")}>
        Add tag…
      </Button>
      {incidents.length > 1 ? (
        <Button small onClick={() => setAsking("merge")}>
          Merge…
        </Button>
      ) : null}
      <span className="flex-1" />
      <Button small look="quiet" onClick={onDone}>
        Clear marks
      </Button>
      <Dialog
        open={asking === "owner" || asking === "tag"}
        onOpenChange={(open) => (open ? undefined : setAsking(null))}
        title={asking === "tag" ? "Add a tag" : "Set the owner"}
        description={`Of ${plural(incidents.length, "incident")}.`}
      >
        <OneWord
          label={asking === "tag" ? "Tag" : "Owner"}
          hint={asking === "tag" ? undefined : "Empty: nobody."}
          busy={change.isPending}
          onSave={(word) =>
            asking === "tag"
              ? word === ""
                ? undefined
                : change.mutate({ add_tags: [word] })
              : change.mutate({ owner: word === "" ? null : word })
          }
        />
      </Dialog>
      <Dialog
        open={asking === "merge"}
        onOpenChange={(open) => (open ? undefined : setAsking(null))}
        title="Merge duplicates"
        description="The evidence of the others goes to the one that stays. It can be taken apart again."
      >
        <Merge incidents={incidents} onDone={() => (setAsking(null), onDone())} />
      </Dialog>
    </div>
  );
}

function OneWord({
  label,
  hint,
  busy,
  onSave,
}: {
  label: string;
  hint: string | undefined;
  busy: boolean;
  onSave: (word: string) => void;
}) {
  const [typed, setTyped] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSave(typed.trim());
      }}
      className="flex flex-col gap-4"
    >
      <Field
        label={label}
        hint={hint}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        maxLength={200}
        autoComplete="off"
        autoFocus
      />
      <Button type="submit" look="primary" className="self-end" disabled={busy}>
        {busy ? "Saving…" : "Save"}
      </Button>
    </form>
  );
}

function Merge({ incidents, onDone }: { incidents: readonly Incident[]; onDone: () => void }) {
  const client = useQueryClient();
  // The oldest is the one that people already talk about.
  const [kept, setKept] = useState(() => incidents.toSorted((a, b) => (a.created_at < b.created_at ? -1 : 1))[0]?.id);
  const merge = useMutation({
    mutationFn: (id: string) =>
      mergeInto(
        id,
        incidents.map((one) => one.id).filter((one) => one !== id),
      ),
    onSuccess: ({ reference }) => {
      toast(`Merged into ${reference}.`);
      onDone();
      return client.invalidateQueries({ queryKey: queries.key });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (kept !== undefined) merge.mutate(kept);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-2 text-sm font-medium">Which one stays?</legend>
        {incidents.map(({ id, reference, title }) => (
          <label key={id} className="flex items-baseline gap-2">
            <input
              type="radio"
              name="kept"
              checked={kept === id}
              onChange={() => setKept(id)}
              className="accent-[var(--accent)]"
            />
            <span className="min-w-0 wrap-anywhere">
              <span className="text-muted">{reference}</span> {title}
            </span>
          </label>
        ))}
      </fieldset>
      {merge.error ? <ErrorNote error={merge.error} /> : null}
      <Button type="submit" look="primary" className="self-end" disabled={merge.isPending || kept === undefined}>
        {merge.isPending ? "Merging…" : "Merge"}
      </Button>
    </form>
  );
}
