// Commits that came to the branch whose code is indexed: the code is indexed again.
import type { JobQueue } from "../jobs/job-queue.ts";
import { indexJob } from "../repositories/repository-verbs.ts";
import type { IntegrationRow, ScopeRow } from "./integrations.ts";

export function createIndexPushed({ queue }: { queue: JobQueue }) {
  return async ({ workspace }: IntegrationRow, scope: ScopeRow, branch: string): Promise<void> => {
    const indexed = scope.code_branch === "" ? scope.choice.defaultBranch : scope.code_branch;
    if (scope.repository_id === null || branch !== indexed) return;
    await queue.enqueue({ kind: indexJob, resource: scope.repository_id, input: {}, workspace, maxAttempts: 3 });
  };
}
