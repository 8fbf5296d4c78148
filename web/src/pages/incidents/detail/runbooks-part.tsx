// Runbooks that fit the incident, each with why, read where one is; and one written when there is none.
import type { RunbookSuggestions } from "@opentrace/contract/investigation.ts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BookOpen, ChevronRight, Plus } from "lucide-react";
import { useId, useState } from "react";
import { investigation } from "../../../api/investigation-queries.ts";
import { addRunbook, runbooks } from "../../../api/runbooks.ts";
import { Button } from "../../../ui/button.tsx";
import { Markdown } from "../../../ui/markdown.tsx";
import { May } from "../../../ui/may.tsx";
import { Card } from "../../../ui/page.tsx";
import { EmptyState, ErrorNote, SkeletonRows } from "../../../ui/states.tsx";
import { RunbookForm } from "../../runbooks/runbook-form.tsx";
import type { PartProps } from "./incident-page.tsx";

export function RunbooksPart({ incident, state, onChange }: PartProps) {
  const { data, error, refetch } = useQuery(investigation.runbooks(incident.id));
  const [writing, setWriting] = useState(false);
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Link to="/runbooks" className="rounded-sm text-sm text-accent-text underline underline-offset-2">
          All runbooks
        </Link>
        <May permission="incidents:write">
          <Button onClick={() => setWriting(true)} disabled={writing}>
            <Plus size={15} aria-hidden /> Write a runbook
          </Button>
        </May>
      </div>
      {writing ? (
        <Card className="p-4">
          <RunbookForm
            label="Write a runbook"
            start={{ title: "", body: "", services: incident.affected_services, tags: [] }}
            save={addRunbook}
            onSaved={() => setWriting(false)}
            onCancel={() => setWriting(false)}
          />
        </Card>
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
  const { data, error } = useQuery({ ...runbooks.one(runbook.id), enabled: open });
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
      <p className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 text-sm text-muted">
        <span className="min-w-0 wrap-anywhere">{why.join(" · ")}</span>
        <Link
          to="/runbooks/$id"
          params={{ id: runbook.id }}
          className="shrink-0 rounded-sm text-accent-text underline underline-offset-2"
        >
          Open on its own page
        </Link>
      </p>
      <div id={id}>
        {open ? (
          error ? (
            <ErrorNote error={error} />
          ) : data ? (
            <div className="border-t border-line pt-3">
              <Markdown text={data.body} top={3} />
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
