// What could be done next, from the likely causes: each suggestion says why. Nothing is ever carried out by the server.
import type { ActionKind } from "@opentrace/contract/investigation.ts";
import type { IncidentFacts } from "./incident-facts.ts";
import type { Ranked } from "./ranking.ts";

export interface SuggestedAction {
  /** What it stands for, unique in its incident: it is suggested once. */
  suggestion: string;
  hypothesis: string | null;
  kind: ActionKind;
  title: string;
  detail: string | null;
  why: string;
  sourceUrl: string | null;
}

const rollbackFrom = 0.4;

export function suggestActions(
  { incident }: IncidentFacts,
  likely: readonly Ranked[],
  hypotheses: ReadonlyMap<string, string>,
): SuggestedAction[] {
  const suggested: SuggestedAction[] = [];
  const owners = new Set<string>();
  for (const { change, confidence, rank } of likely) {
    const hypothesis = hypotheses.get(change.key) ?? null;
    const percent = `${Math.round(confidence * 100)} %`;
    const brought = change.kind === "deployment" ? { key: change.key, title: change.title } : change.deployedBy;
    if (brought !== null && confidence >= rollbackFrom && rank === 1)
      suggested.push({
        suggestion: `rollback:${brought.key}`,
        hypothesis,
        kind: "rollback",
        title: `Roll back ${brought.title}`,
        detail:
          change.kind === "deployment"
            ? "Deploy again what ran before it, and watch whether the errors end."
            : `It brought "${change.title}". Deploy again what ran before it, or revert the change, and watch whether the errors end.`,
        why: `It is the likeliest cause (${percent}).`,
        sourceUrl: change.url,
      });
    else if (change.kind !== "deployment" && confidence >= rollbackFrom && rank === 1)
      suggested.push({
        suggestion: `revert:${change.key}`,
        hypothesis,
        kind: "rollback",
        title: `Revert "${change.title}"`,
        detail: "Which deployment brought it is not known here.",
        why: `It is the likeliest cause (${percent}).`,
        sourceUrl: change.url,
      });
    suggested.push({
      suggestion: `review:${change.key}`,
      hypothesis,
      kind: "query",
      title: `Look at "${change.title}" beside the evidence`,
      detail:
        change.places.length === 0
          ? null
          : `It changes ${[...new Set(change.places.map((place) => place.path ?? place.name))].slice(0, 5).join(", ")}.`,
      why: `It has a confidence of ${percent}.`,
      sourceUrl: change.url,
    });
    if (change.author !== null && rank === 1 && !owners.has(change.author)) {
      owners.add(change.author);
      suggested.push({
        suggestion: `page:${change.author}`,
        hypothesis,
        kind: "page",
        title: `Ask ${change.author}, who made the likeliest cause`,
        detail: null,
        why: `${change.author} made "${change.title}".`,
        sourceUrl: change.url,
      });
    }
  }
  if (suggested.length > 0 && (incident.severity === "critical" || incident.severity === "high"))
    suggested.push({
      suggestion: "notify:status",
      hypothesis: null,
      kind: "notify",
      title: "Tell those who are affected what is known",
      detail: incident.services.length === 0 ? null : `Affected: ${incident.services.join(", ")}.`,
      why: `The severity is ${incident.severity}.`,
      sourceUrl: null,
    });
  return suggested;
}
