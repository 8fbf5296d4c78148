// What was read in a screenshot, by whom, and how sure of it.
import type { Evidence } from "@opentrace/contract/incidents.ts";
import { LoaderCircle } from "lucide-react";

export function Reading({ evidence: { reading, content } }: { evidence: Evidence }) {
  if (reading === "pending" || reading === "reading")
    return (
      <p role="status" className="flex items-center gap-2 text-muted">
        <LoaderCircle size={15} aria-hidden className="animate-spin text-faint" />
        {reading === "pending" ? "Waiting to be read…" : "Being read…"}
      </p>
    );
  if (content === null) return <p className="text-muted">Nothing was read in it.</p>;
  return (
    <pre className="max-h-96 overflow-auto rounded-md bg-sunken px-3 py-2 font-sans text-sm whitespace-pre-wrap wrap-anywhere">
      {content}
    </pre>
  );
}
