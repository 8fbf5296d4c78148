// The impact list as a file.
import type { Affected, ImpactAnswer } from "@opentrace/contract/graph-answers.ts";
import { pathOf, titleOf } from "../../graph/describe.ts";

const csvHeader = ["hop", "type", "name", "path", "key", "edge", "confidence", "evidence", "via"] as const;

/** RFC 4180. A value that a spreadsheet would take for a formula gets a leading apostrophe (OWASP, "CSV injection"). */
export function csvField(value: string | number): string {
  const text = typeof value === "number" ? String(value) : value;
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function impactCsv(answer: ImpactAnswer): string {
  const names = namesOf(answer);
  const row = ({ node, hop, confidence, edge, path }: Affected): string =>
    [
      hop,
      node.type,
      node.name,
      pathOf(node) ?? "",
      node.key,
      edge.type,
      Math.round(confidence * 1000) / 1000,
      edge.provenance.flatMap((claim) => claim.evidence).join(" "),
      path.map((id) => names.get(id) ?? id).join(" > "),
    ]
      .map(csvField)
      .join(",");
  return [csvHeader.join(","), ...answer.affected.map(row), ""].join("\r\n");
}

/** Names of every node that a path of the answer can go through. */
export const namesOf = (answer: ImpactAnswer): Map<string, string> =>
  new Map([...answer.seeds, ...answer.affected].map(({ node }) => [node.id, titleOf(node)]));

export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
