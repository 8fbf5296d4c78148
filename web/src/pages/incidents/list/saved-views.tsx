// Lists under a name, for everybody: chosen by a click, saved from what is shown, taken away again.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Bookmark, X } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { removeView, saveView } from "../../../api/incident-actions.ts";
import { incidents } from "../../../api/incident-queries.ts";
import { Button, IconButton } from "../../../ui/button.tsx";
import { classes } from "../../../ui/classes.ts";
import { Dialog } from "../../../ui/dialog.tsx";
import { Field } from "../../../ui/field.tsx";
import { useMay } from "../../../ui/may.tsx";
import { ErrorNote, errorMessage } from "../../../ui/states.tsx";
import { emptyList, filterOf, type ListState, listSearch, stateOf } from "../url.ts";

interface Props {
  state: ListState;
  onChoose: (view: ListState) => void;
}

const addressOf = (state: ListState): string => JSON.stringify(listSearch({ ...state, at: null }));

export function SavedViews({ state, onChoose }: Props) {
  const client = useQueryClient();
  const { data } = useQuery(incidents.views);
  const { may } = useMay();
  const [saving, setSaving] = useState(false);
  const renew = () => client.invalidateQueries({ queryKey: incidents.views.queryKey });
  const remove = useMutation({
    mutationFn: removeView,
    onSuccess: renew,
    onError: (error) => toast.error(errorMessage(error)),
  });
  const views = (data?.items ?? []).map((view) => ({ ...view, state: stateOf(view.query) }));
  const here = addressOf(state);
  const own = [{ id: "active", name: "Active", state: emptyList }, ...views];
  const isSaved = own.some((view) => addressOf(view.state) === here);
  return (
    <div role="group" aria-label="Views" className="flex flex-wrap items-center gap-1 px-4 pb-3 sm:px-6">
      {own.map((view) => {
        const on = addressOf(view.state) === here;
        return (
          <span key={view.id} className={classes("inline-flex items-center rounded-md", on && "bg-sunken")}>
            <button
              type="button"
              aria-pressed={on}
              onClick={() => onChoose(view.state)}
              className={classes(
                "h-7 max-w-60 truncate rounded-md px-2 text-sm hover:text-text",
                on ? "font-medium text-text" : "text-muted",
              )}
            >
              {view.name}
            </button>
            {on && view.id !== "active" && may("incidents:write") ? (
              <IconButton
                label={`Remove the view ${view.name}`}
                onClick={() => remove.mutate(view.id)}
                className="size-7"
              >
                <X size={13} aria-hidden />
              </IconButton>
            ) : null}
          </span>
        );
      })}
      {isSaved || !may("incidents:write") ? null : (
        <Button small look="quiet" onClick={() => setSaving(true)}>
          <Bookmark size={14} aria-hidden /> Save this view
        </Button>
      )}
      <Dialog
        open={saving}
        onOpenChange={setSaving}
        title="Save this view"
        description="The filters, words and order, under a name that everybody sees."
      >
        <Save state={state} onDone={() => (setSaving(false), void renew())} />
      </Dialog>
    </div>
  );
}

function Save({ state, onDone }: { state: ListState; onDone: () => void }) {
  const [name, setName] = useState("");
  const save = useMutation({ mutationFn: () => saveView(name.trim(), filterOf(state)), onSuccess: onDone });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "") save.mutate();
      }}
      className="flex flex-col gap-4"
    >
      <Field
        label="Name"
        value={name}
        onChange={(event) => (setName(event.target.value), save.reset())}
        maxLength={200}
        autoComplete="off"
        autoFocus
      />
      {save.error ? <ErrorNote error={save.error} /> : null}
      <Button type="submit" look="primary" className="self-end" disabled={save.isPending || name.trim() === ""}>
        {save.isPending ? "Saving…" : "Save"}
      </Button>
    </form>
  );
}
