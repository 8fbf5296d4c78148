// Which commits the graph has shown of a repository, and for how long: read off its index jobs.
import type { Job } from "@opentrace/contract/repositories.ts";

export interface CommitShown {
  commit: string;
  branch: string | null;
  /** When the graph first showed it. */
  since: string;
  /** When another commit took its place; null for the one that it shows now. */
  until: string | null;
  /** Syncs that found it unchanged after the first. */
  checks: number;
  /** The last sync that found it. */
  lastSeen: string;
}

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** Jobs newest first in, commits newest first out. */
export function commitsShown(jobs: readonly Job[]): CommitShown[] {
  const shown: CommitShown[] = [];
  for (const { kind, state, result, finishedAt } of jobs.toReversed()) {
    const commit = text(result?.commit);
    if (kind !== "repository.index" || state !== "succeeded" || commit === null || finishedAt === null) continue;
    const branch = text(result?.branch);
    const last = shown.at(-1);
    if (last && last.commit === commit && last.branch === branch) {
      last.checks += 1;
      last.lastSeen = finishedAt;
      continue;
    }
    if (last) last.until = finishedAt;
    shown.push({ commit, branch, since: finishedAt, until: null, checks: 0, lastSeen: finishedAt });
  }
  return shown.toReversed();
}
