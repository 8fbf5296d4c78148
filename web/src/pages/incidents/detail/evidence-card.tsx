// One piece of evidence: what it says, where it is from, and of a screenshot the picture beside its reading.
import type { Evidence } from "@opentrace/contract/incidents.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Download, Pencil, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { removeEvidence } from "../../../api/incident-actions.ts";
import { incidents } from "../../../api/incident-queries.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button, IconButton } from "../../../ui/button.tsx";
import { classes } from "../../../ui/classes.ts";
import { Confirmation } from "../../../ui/confirmation.tsx";
import { May } from "../../../ui/may.tsx";
import { NodeMark } from "../../../ui/node-mark.tsx";
import { Time } from "../../../ui/time.tsx";
import { bytesText } from "../../../ui/time-text.ts";
import { VendorLink, webAddress } from "../../delivery/going-on.tsx";
import { exploreSearch } from "../../explore/url.ts";
import { evidenceWord } from "../words.ts";
import { EvidenceForm } from "./evidence-form.tsx";
import { Reading } from "./reading.tsx";
import { downloadFile } from "./stored-file.ts";
import { Screenshot } from "./screenshot.tsx";
import { titleOf } from "../../../graph/describe.ts";

export function EvidenceCard({ evidence, shown }: { evidence: Evidence; shown: boolean }) {
  const { title, source, source_url, evidence_type, nodes, services, starts_at, ends_at } = evidence;
  const [open, setOpen] = useState<"change" | "remove" | null>(null);
  const card = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (shown) card.current?.scrollIntoView({ block: "start" });
  }, [shown]);
  const url = webAddress(source_url);
  const known = new Set(nodes.map(({ name }) => name));
  return (
    <li
      ref={card}
      aria-label={title}
      className={classes(
        "flex min-w-0 scroll-mt-4 flex-col gap-3 rounded-lg border bg-surface p-4",
        shown ? "border-accent" : "border-line",
      )}
    >
      <div className="flex flex-wrap items-start gap-x-3 gap-y-1">
        <Badge>{evidenceWord(evidence_type)}</Badge>
        <h2 className="min-w-0 flex-1 basis-48 font-medium wrap-anywhere">{title}</h2>
        <p className="text-sm text-muted">
          {source ?? evidence.created_by_name ?? evidence.created_by}, <Time at={evidence.created_at} />
        </p>
        <May permission="incidents:write">
          <span className="-my-1 flex">
            <IconButton label={`Change “${title}”`} onClick={() => setOpen("change")}>
              <Pencil size={14} aria-hidden />
            </IconButton>
            <IconButton label={`Remove “${title}”`} onClick={() => setOpen("remove")}>
              <Trash2 size={14} aria-hidden />
            </IconButton>
          </span>
        </May>
      </div>
      {open === "change" ? (
        <EvidenceForm incident={evidence.incident_id} evidence={evidence} onDone={() => setOpen(null)} />
      ) : null}
      <RemoveEvidence
        evidence={evidence}
        open={open === "remove"}
        onOpenChange={(next) => setOpen(next ? "remove" : null)}
      />
      {evidence.image || evidence_type === "screenshot" ? (
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <Screenshot evidence={evidence} />
          <Reading evidence={evidence} />
        </div>
      ) : (
        <Content evidence={evidence} />
      )}
      {url || nodes.length > 0 || services.length > 0 || starts_at ? (
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
          {url ? <VendorLink url={url}>{url.length > 80 ? `${url.slice(0, 80)}…` : url}</VendorLink> : null}
          {starts_at ? (
            <span className="text-muted">
              tells of {new Date(starts_at).toLocaleString()}
              {ends_at ? ` to ${new Date(ends_at).toLocaleString()}` : ""}
            </span>
          ) : null}
          {nodes.map((node) => (
            <Link
              key={node.id}
              to="/explore"
              search={exploreSearch({ open: [{ id: node.id, count: 12 }], select: node.id })}
              className="inline-flex min-w-0 items-center gap-1.5 rounded-sm hover:underline"
            >
              <NodeMark type={node.type} size={12} />
              <span className="truncate">{titleOf(node)}</span>
            </Link>
          ))}
          {services
            .filter((service) => !known.has(service))
            .map((service) => (
              <span key={service} className="text-muted">
                {service}
              </span>
            ))}
        </div>
      ) : null}
    </li>
  );
}

interface RemoveProps {
  evidence: Evidence;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

function RemoveEvidence({ evidence, open, onOpenChange }: RemoveProps) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeEvidence(evidence.id),
    onSuccess: async () => {
      onOpenChange(false);
      await client.invalidateQueries({ queryKey: incidents.key });
    },
  });
  return (
    <Confirmation
      open={open}
      onOpenChange={onOpenChange}
      title="Remove this evidence?"
      action="Remove"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
    >
      “{evidence.title}” goes for good: for what should not have been added, a secret for example. That it was there
      stays in the history.
    </Confirmation>
  );
}

const foldedLines = 14;

function Content({ evidence }: { evidence: Evidence }) {
  const { content, content_truncated, content_bytes, content_url, title, evidence_type } = evidence;
  const [all, setAll] = useState(false);
  if (content === null || content === title) return null;
  const lines = content.split("\n");
  const folded = !all && lines.length > foldedLines;
  const text = folded ? lines.slice(0, foldedLines).join("\n") : content;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <pre
        tabIndex={0}
        aria-label={`Text of ${title}`}
        className={classes(
          "max-h-[32rem] overflow-auto rounded-md bg-sunken px-3 py-2 text-sm whitespace-pre-wrap wrap-anywhere",
          evidence_type === "note" ? "font-sans" : "font-mono",
        )}
      >
        {text}
      </pre>
      <div className="flex flex-wrap items-center gap-2 text-sm text-muted">
        {folded ? (
          <Button small onClick={() => setAll(true)}>
            Show all {lines.length} lines
          </Button>
        ) : null}
        {content_truncated && content_url ? (
          <>
            <span>This is the beginning of {bytesText(content_bytes)}.</span>
            <Button small onClick={() => void downloadFile(content_url, `${evidence.id}.txt`)}>
              <Download size={14} aria-hidden /> Download the whole
            </Button>
          </>
        ) : null}
      </div>
    </div>
  );
}
