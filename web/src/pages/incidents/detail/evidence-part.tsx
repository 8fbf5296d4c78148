// All evidence of an incident, what can be added to it, and files dropped, pasted or chosen.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { evidenceTypes } from "@opentrace/contract/incidents.ts";
import { FileUp, ImageUp, Plus } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { toast } from "sonner";
import { incidents } from "../../../api/incident-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { ShowMore } from "../../../ui/show-more.tsx";
import { classes } from "../../../ui/classes.ts";
import { May, useMay } from "../../../ui/may.tsx";
import { Card } from "../../../ui/page.tsx";
import { EmptyState, ErrorNote, SkeletonRows } from "../../../ui/states.tsx";
import { Toggles } from "../../../ui/toggles.tsx";
import { evidenceWord } from "../words.ts";
import { EvidenceCard } from "./evidence-card.tsx";
import { EvidenceForm } from "./evidence-form.tsx";
import type { PartProps } from "./incident-page.tsx";
import { UploadList, useUploads } from "./uploads.tsx";

export function EvidencePart({ incident, state, onChange }: PartProps) {
  const query = useInfiniteQuery({
    ...incidents.evidence(incident.id, state.kind),
    // Events tell when a reading ends; this is for a browser that lost them.
    refetchInterval: ({ state: { data: read } }) =>
      read?.pages.some(({ items }) => items.some(({ reading }) => reading === "pending" || reading === "reading"))
        ? 5000
        : false,
  });
  const { data, error, refetch } = query;
  const { data: shown } = useQuery({ ...incidents.oneEvidence(state.show ?? ""), enabled: state.show !== null });
  const [adding, setAdding] = useState(false);
  const uploads = useUploads(incident.id);
  const chooser = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const { may, why } = useMay();
  const add = (files: File[]): void => {
    if (may("incidents:report")) uploads.add(files);
    else toast.error(why("incidents:report"));
  };
  usePastedImages(add);
  const listed = data?.pages.flatMap((page) => page.items) ?? [];
  // What a link leads to is shown whatever page of the list it stands on.
  const items =
    shown && shown.incident_id === incident.id && !listed.some(({ id }) => id === shown.id)
      ? [shown, ...listed]
      : listed;
  return (
    <div
      className={classes(
        "flex flex-col gap-5 rounded-lg",
        over && "outline-2 outline-offset-8 outline-accent outline-dashed",
      )}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget instanceof Node ? event.relatedTarget : null))
          setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        add([...event.dataTransfer.files]);
      }}
    >
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Toggles
          label="Kinds"
          values={state.kind}
          options={[...new Set([...evidenceTypes, ...state.kind])].map((value) => ({
            value,
            label: evidenceWord(value),
          }))}
          onChange={(kind) => onChange({ kind, show: null })}
        />
        <May permission="incidents:report">
          <span className="flex flex-wrap gap-2">
            <Button onClick={() => chooser.current?.click()}>
              <FileUp size={15} aria-hidden /> Upload file
            </Button>
            <Button look="primary" onClick={() => setAdding(true)} disabled={adding}>
              <Plus size={15} aria-hidden /> Add evidence
            </Button>
          </span>
        </May>
        <input
          ref={chooser}
          type="file"
          accept="image/png,image/jpeg,image/webp,text/*,.log,.txt,.json,.ndjson,.csv,.yaml,.yml,.xml,.md,.out,.trace"
          multiple
          tabIndex={-1}
          aria-label="Files to upload"
          className="sr-only"
          onChange={(event) => {
            uploads.add([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
      </div>
      {adding ? <EvidenceForm incident={incident.id} evidence={null} onDone={() => setAdding(false)} /> : null}
      <UploadList uploads={uploads} />
      {error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows rows={4} />
      ) : items.length === 0 ? (
        <Card className="border-dashed">
          {state.kind.length > 0 ? (
            <EmptyState title="No evidence of these kinds">
              <Button onClick={() => onChange({ kind: [] })}>Show all</Button>
            </EmptyState>
          ) : (
            <EmptyState icon={<ImageUp size={28} aria-hidden />} title="Nothing here yet">
              <p>
                Drop a screenshot or a log file here, paste a screenshot, or add a metric, a note or a link. Screenshots
                are read by themselves.
              </p>
            </EmptyState>
          )}
        </Card>
      ) : (
        <ul aria-label="Evidence" className="flex flex-col gap-4">
          {items.map((evidence) => (
            <EvidenceCard key={evidence.id} evidence={evidence} shown={evidence.id === state.show} />
          ))}
        </ul>
      )}
      <ShowMore query={query} />
    </div>
  );
}

/** An image in the clipboard, pasted anywhere on the page. Text goes where the cursor is, as always. */
function usePastedImages(add: (files: File[]) => void): void {
  const current = useRef(add);
  current.current = add;
  useEffect(() => {
    const onPaste = (event: ClipboardEvent): void => {
      const files = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith("image/"));
      if (files.length === 0) return;
      event.preventDefault();
      current.current(files);
    };
    document.addEventListener("paste", onPaste);
    return () => document.removeEventListener("paste", onPaste);
  }, []);
}
