// What was read in a screenshot, by whom, how sure of it, and which tries failed before.
import type { Evidence } from "@opentrace/contract/incidents.ts";
import { ScreenshotAnalysis } from "@opentrace/contract/screenshots.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { LoaderCircle, RefreshCw } from "lucide-react";
import { toast } from "sonner";
import { readAgain } from "../../../api/incident-actions.ts";
import { incidents } from "../../../api/incident-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { useMay } from "../../../ui/may.tsx";
import { errorMessage, Notice } from "../../../ui/states.tsx";
import { Attempts, Findings } from "./findings.tsx";

export function Reading({ evidence }: { evidence: Evidence }) {
  const { reading, content, analysis, id, incident_id } = evidence;
  const client = useQueryClient();
  const { may } = useMay();
  const again = useMutation({
    mutationFn: () => readAgain(id),
    onSuccess: () => client.invalidateQueries({ queryKey: incidents.keyOf(incident_id).slice(0, 2) }),
    onError: (error) => toast.error(errorMessage(error)),
  });
  const busy = reading === "pending" || reading === "reading";
  const found = ScreenshotAnalysis.safeParse(analysis);
  return (
    <section aria-label="Reading" className="flex min-w-0 flex-col gap-3">
      {busy ? (
        <p role="status" className="flex items-center gap-2 text-muted">
          <LoaderCircle size={15} aria-hidden className="animate-spin text-faint" />
          {reading === "pending" ? "Waiting to be read…" : "Being read…"}
        </p>
      ) : null}
      {reading === "failed" ? (
        <Notice tone="warn">{content ?? "This picture could not be read. It is kept as evidence."}</Notice>
      ) : found.success ? (
        <Findings analysis={found.data} />
      ) : content === null && !busy ? (
        <p className="text-muted">Nothing was read in it.</p>
      ) : null}
      {content !== null && reading !== "failed" ? (
        <details open={!found.success}>
          <summary className="text-sm text-muted">All of the text</summary>
          <pre
            tabIndex={0}
            aria-label="Text that was read"
            className="mt-2 max-h-72 overflow-auto rounded-md bg-sunken px-3 py-2 font-sans text-sm whitespace-pre-wrap wrap-anywhere"
          >
            {content}
          </pre>
        </details>
      ) : null}
      {found.success ? <Attempts attempts={found.data.attempts} /> : null}
      {evidence.image && !busy && may("incidents:write") ? (
        <Button small className="w-fit" disabled={again.isPending} onClick={() => again.mutate()}>
          <RefreshCw size={14} aria-hidden /> Read it again
        </Button>
      ) : null}
    </section>
  );
}
