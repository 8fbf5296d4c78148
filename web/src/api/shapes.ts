// Shapes of answers that are lists or small records around the contract's own types.
import { ApiKey } from "@opentrace/contract/access.ts";
import { Page } from "@opentrace/contract/graph.ts";
import {
  AvailableIntegration,
  Integration,
  IntegrationLogLine,
  SelectedScope,
  SyncRun,
  WebhookDelivery,
} from "@opentrace/contract/integrations.ts";
import { Job, LanguageShare, Repository, SkippedPath, SkipReason } from "@opentrace/contract/repositories.ts";
import { z } from "zod";

export const RepositoryList = z.object({ repositories: z.array(Repository) });
export const RepositoryAndJob = z.object({ repository: Repository, job: Job.nullable() });
export type RepositoryAndJob = z.infer<typeof RepositoryAndJob>;
export const BranchList = z.object({
  branches: z.array(z.object({ name: z.string(), commit: z.string() })),
  defaultBranch: z.string().nullable(),
  indexed: z.string().nullable(),
});
export const LanguageList = z.object({ languages: z.array(LanguageShare), files: z.int(), bytes: z.int() });
export const JobList = z.object({ jobs: z.array(Job), page: Page });
export const SkippedList = z.object({
  skipped: z.array(SkippedPath),
  byReason: z.partialRecord(SkipReason, z.int()),
  page: Page,
});

export const ApiKeyList = z.object({ keys: z.array(ApiKey) });

export const AvailableList = z.object({ integrations: z.array(AvailableIntegration) });
export const IntegrationList = z.object({ integrations: z.array(Integration) });
export const SelectedScopeList = z.object({ scopes: z.array(SelectedScope), page: Page });
export const RunList = z.object({ runs: z.array(SyncRun), page: Page });
export const LogLines = z.object({ lines: z.array(IntegrationLogLine), page: Page });
export const DeliveryList = z.object({ deliveries: z.array(WebhookDelivery), page: Page });
export const SignInState = z.object({
  state: z.enum(["none", "waiting", "done", "failed", "expired"]),
  message: z.string().nullable(),
  at: z.iso.datetime().nullable(),
});
