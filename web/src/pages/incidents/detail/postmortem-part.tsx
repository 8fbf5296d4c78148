// The postmortem: drafted from what is recorded, edited in Markdown, every version kept, taken out as Markdown or PDF.
import type { Postmortem } from "@opentrace/contract/investigation.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, FileText, History, Pencil, Sparkles } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { apiUrl, ApiError } from "../../../api/http.ts";
import { atIncident, incidents } from "../../../api/incident-queries.ts";
import { changePostmortem, draftPostmortem, restorePostmortem } from "../../../api/investigation-actions.ts";
import { investigation } from "../../../api/investigation-queries.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Field, TextArea } from "../../../ui/field.tsx";
import { Markdown } from "../../../ui/markdown.tsx";
import { May } from "../../../ui/may.tsx";
import { Card } from "../../../ui/page.tsx";
import { EmptyState, ErrorNote, errorMessage, Notice, SkeletonRows } from "../../../ui/states.tsx";
import { Time } from "../../../ui/time.tsx";
import type { PartProps } from "./incident-page.tsx";
import { downloadFile } from "./stored-file.ts";

const originWords: Record<Postmortem["origin"], string> = {
  generated: "drafted",
  edited: "edited",
  restored: "brought back",
};

export function PostmortemPart({ incident }: PartProps) {
  const client = useQueryClient();
  const query = investigation.postmortem(incident.id);
  const { data, error, refetch } = useQuery(query);
  /** As it was when editing began. */
  const [base, setBase] = useState<Postmortem | null>(null);
  const [versions, setVersions] = useState(false);
  const take = (next: Postmortem): void => {
    client.setQueryData(query.queryKey, next);
    void client.invalidateQueries({ queryKey: incidents.keyOf(incident.id) });
  };
  const draft = useMutation({
    mutationFn: () => draftPostmortem(incident.id),
    onSuccess: take,
    onError: (failure) => toast.error(errorMessage(failure)),
  });
  const none = error instanceof ApiError && error.status === 404;
  if (base !== null)
    return (
      <Editor
        incident={incident.id}
        base={base}
        onSaved={(next) => (take(next), setBase(null))}
        onCancel={() => setBase(null)}
      />
    );
  if (none)
    return (
      <Card className="border-dashed">
        <EmptyState icon={<FileText size={28} aria-hidden />} title="There is no postmortem yet">
          <p>
            It is drafted from the timeline, the evidence and the hypotheses that were confirmed. What is not known is
            said.
          </p>
          <May permission="incidents:write">
            <Button look="primary" disabled={draft.isPending} onClick={() => draft.mutate()}>
              <Sparkles size={15} aria-hidden /> {draft.isPending ? "Drafting…" : "Draft it"}
            </Button>
          </May>
        </EmptyState>
      </Card>
    );
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={8} />;
  const takeOut = (format: "markdown" | "pdf"): void =>
    void downloadFile(
      apiUrl(`${atIncident(incident.id)}/postmortem/export`, { format }),
      `${incident.reference}-postmortem.${format === "pdf" ? "pdf" : "md"}`,
    );
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-sm text-muted">
          Version {data.version}, {originWords[data.origin]} <Time at={data.updated_at} />
        </p>
        <span className="flex flex-wrap gap-2">
          <Button small onClick={() => setVersions(true)}>
            <History size={14} aria-hidden /> Versions
          </Button>
          <Button small onClick={() => takeOut("markdown")}>
            <Download size={14} aria-hidden /> Markdown
          </Button>
          <Button small onClick={() => takeOut("pdf")}>
            <Download size={14} aria-hidden /> PDF
          </Button>
          <May permission="incidents:write">
            <Button small disabled={draft.isPending} onClick={() => draft.mutate()}>
              <Sparkles size={14} aria-hidden /> {draft.isPending ? "Drafting…" : "Draft anew"}
            </Button>
            <Button small look="primary" onClick={() => setBase(data)}>
              <Pencil size={14} aria-hidden /> Edit
            </Button>
          </May>
        </span>
      </div>
      {data.unknown.length > 0 ? (
        <Notice tone="neutral">
          <details>
            <summary>What the records do not say ({data.unknown.length})</summary>
            <ul className="mt-1 list-disc pl-5">
              {data.unknown.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>
          </details>
        </Notice>
      ) : null}
      <Card className="flex max-w-3xl flex-col gap-4 p-6">
        <h2 className="text-lg font-semibold wrap-anywhere">{data.title}</h2>
        <Markdown text={data.body} />
      </Card>
      <Dialog open={versions} onOpenChange={setVersions} title="Versions of the postmortem" wide>
        <Versions
          incident={incident.id}
          current={data.version}
          onRestored={(next) => (take(next), setVersions(false))}
        />
      </Dialog>
    </div>
  );
}

interface EditorProps {
  incident: string;
  base: Postmortem;
  onSaved: (next: Postmortem) => void;
  onCancel: () => void;
}

function Editor({ incident, base, onSaved, onCancel }: EditorProps) {
  const [title, setTitle] = useState(base.title);
  const [body, setBody] = useState(base.body);
  const [note, setNote] = useState("");
  const save = useMutation({
    mutationFn: () =>
      changePostmortem(incident, {
        version: base.version,
        title: title.trim(),
        body,
        note: note.trim() === "" ? null : note.trim(),
      }),
    onSuccess: onSaved,
  });
  const stale = save.error instanceof ApiError && (save.error.status === 412 || save.error.status === 409);
  return (
    <form
      aria-label="Edit the postmortem"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
      className="flex flex-col gap-4"
    >
      <Field label="Title" value={title} onChange={(event) => setTitle(event.target.value)} maxLength={300} required />
      <div className="grid gap-4 lg:grid-cols-2">
        <TextArea
          label="Text"
          mono
          rows={26}
          value={body}
          onChange={(event) => setBody(event.target.value)}
          hint="Markdown."
          autoFocus
        />
        <section aria-label="Preview" className="flex min-w-0 flex-col gap-1.5">
          <h2 className="text-sm font-medium">Preview</h2>
          <Card className="max-h-[38rem] overflow-auto p-4">
            <div tabIndex={0} role="group" aria-label="Preview">
              <Markdown text={body} />
            </div>
          </Card>
        </section>
      </div>
      <Field
        label="What you changed"
        value={note}
        onChange={(event) => setNote(event.target.value)}
        maxLength={300}
        hint="For the list of versions."
        autoComplete="off"
      />
      {stale ? (
        <Notice tone="warn">
          Somebody saved another version meanwhile. Copy your text, cancel, and look at the versions: nothing of theirs
          is overwritten.
        </Notice>
      ) : save.error ? (
        <ErrorNote error={save.error} />
      ) : null}
      <div className="flex gap-2">
        <Button type="submit" look="primary" disabled={save.isPending || title.trim() === "" || body.trim() === ""}>
          {save.isPending ? "Saving…" : "Save a version"}
        </Button>
        <Button look="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

interface VersionsProps {
  incident: string;
  current: number;
  onRestored: (next: Postmortem) => void;
}

function Versions({ incident, current, onRestored }: VersionsProps) {
  const { data, error } = useQuery(investigation.postmortemVersions(incident));
  const restore = useMutation({
    mutationFn: (version: number) => restorePostmortem(incident, version),
    onSuccess: onRestored,
  });
  if (error) return <ErrorNote error={error} />;
  if (!data) return <SkeletonRows rows={4} />;
  return (
    <div className="flex flex-col gap-3">
      {restore.error ? <ErrorNote error={restore.error} /> : null}
      <ol className="divide-y divide-line">
        {data.items.map(({ version, origin, note, characters, created_at }) => (
          <li key={version} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
            <span className="font-medium tabular-nums">Version {version}</span>
            <span className="text-sm text-muted">
              {originWords[origin]} <Time at={created_at} />, {characters} characters
            </span>
            <span className="min-w-0 flex-1 text-sm wrap-anywhere">{note}</span>
            {version === current ? (
              <Badge tone="ok">current</Badge>
            ) : (
              <May permission="incidents:write">
                <Button small disabled={restore.isPending} onClick={() => restore.mutate(version)}>
                  Bring back<span className="sr-only"> version {version}</span>
                </Button>
              </May>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}
