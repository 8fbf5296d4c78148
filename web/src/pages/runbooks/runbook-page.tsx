// One runbook: read, changed where it was written here, removed after a second look.
import type { Runbook } from "@opentrace/contract/investigation.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { changeRunbook, removeRunbook, runbooks } from "../../api/runbooks.ts";
import { Button } from "../../ui/button.tsx";
import { Confirmation } from "../../ui/confirmation.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Markdown } from "../../ui/markdown.tsx";
import { ReadOnlyNote, useMay } from "../../ui/may.tsx";
import { PageOfOne } from "../../ui/page-of-one.tsx";
import { Card, PageFrame } from "../../ui/page.tsx";
import { Time } from "../../ui/time.tsx";
import { Trail } from "../../ui/trail.tsx";
import { Labels } from "./labels.tsx";
import { RunbookForm } from "./runbook-form.tsx";

const above = <Trail steps={[{ label: "Runbooks", link: { to: "/runbooks" } }]} />;

export function RunbookPage() {
  const { id } = useParams({ from: "/runbooks/$id" });
  return (
    <PageOfOne
      query={useQuery(runbooks.one(id))}
      kind="Runbook"
      titleOf={({ title }) => title}
      above={above}
      gone={{
        title: "There is no such runbook",
        why: "It was removed, or the link is mistyped.",
        link: { to: "/runbooks" },
        linkLabel: "All runbooks",
      }}
    >
      {(runbook) => <Loaded key={runbook.id} runbook={runbook} />}
    </PageOfOne>
  );
}

function Loaded({ runbook }: { runbook: Runbook }) {
  /** As it was when the editing began: what others save meanwhile is not overwritten. */
  const [base, setBase] = useState<Runbook | null>(null);
  const [removing, setRemoving] = useState(false);
  const navigate = useNavigate();
  const client = useQueryClient();
  const { may } = useMay();
  const remove = useMutation({
    mutationFn: () => removeRunbook(runbook.id),
    onSuccess: async () => {
      await navigate({ to: "/runbooks" });
      client.removeQueries({ queryKey: runbooks.one(runbook.id).queryKey });
      await client.invalidateQueries({ queryKey: runbooks.key });
    },
  });
  const { title, body, services, tags, origin, source, updated_at } = runbook;
  if (base !== null)
    return (
      <PageFrame title={base.title} above={above}>
        <Card className="p-4 sm:p-5">
          <RunbookForm
            label="Change the runbook"
            start={base}
            save={(text) =>
              changeRunbook(base.id, {
                title: text.title,
                body: text.body,
                services: text.services,
                tags: text.tags,
                version: base.version,
              })
            }
            onSaved={() => setBase(null)}
            onCancel={() => setBase(null)}
          />
        </Card>
      </PageFrame>
    );
  return (
    <PageFrame
      title={title}
      above={above}
      lead={
        <span className="flex flex-wrap items-center gap-x-2 text-sm">
          <span>
            changed <Time at={updated_at} />
          </span>
          {source ? <span className="font-mono wrap-anywhere">{source.replace(/^file:/, "")}</span> : null}
        </span>
      }
      actions={
        <>
          <CopyButton label="Copy as Markdown" text={body} />
          {may("incidents:write") ? (
            <>
              {origin === "written" ? (
                <Button onClick={() => setBase(runbook)}>
                  <Pencil size={15} aria-hidden /> Edit
                </Button>
              ) : null}
              <Button look="danger" onClick={() => setRemoving(true)}>
                <Trash2 size={15} aria-hidden /> Remove
              </Button>
            </>
          ) : null}
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <ReadOnlyNote permission="incidents:write" what="runbooks" />
        {origin === "repository" ? (
          <p className="text-sm text-muted">
            It is read from a file of an indexed repository: change it there, then read the repositories again.
          </p>
        ) : null}
        <Labels services={services} tags={tags} />
        <Card className="p-4 sm:p-6">
          <Markdown text={withoutTitle(body, title)} />
        </Card>
      </div>
      <Confirmation
        open={removing}
        onOpenChange={setRemoving}
        title="Remove this runbook?"
        action="Remove"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        {origin === "repository"
          ? "It comes back when the repositories are read again, as long as its file is there."
          : "Its text is gone for good."}
      </Confirmation>
    </PageFrame>
  );
}

/** The page has it as its heading already. */
const withoutTitle = (body: string, title: string): string => {
  const [, first, rest] = /^#\s+(.+?)\s*#*\s*(?:\n([\s\S]*))?$/.exec(body.trimStart()) ?? [];
  return first === title ? (rest ?? "") : body;
};
