// Repositories and the jobs that index them, as REST, CLI, MCP and the UI see them.
import { z } from "zod";

export const AddRepository = z.strictObject({
  /** An absolute path on the server's machine, or a Git URL (https, ssh, file where the operator allows it). */
  source: z.string().trim().min(1).max(2048).describe("Absolute path or Git URL"),
  branch: z.string().trim().min(1).max(255).optional().describe("Branch to index; the default branch if absent"),
  token: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe("Access token of a private repository; sealed at rest, never returned"),
});
export type AddRepository = z.infer<typeof AddRepository>;

export const JobPhase = z.enum([
  "queued",
  "fetching",
  "listing",
  "reading",
  "resolving",
  "writing",
  "history",
  "finishing",
  "done",
]);
export type JobPhase = z.infer<typeof JobPhase>;

/** Counts are determinate as soon as the files are listed. `etaSeconds` is null until it can be estimated. */
export const JobProgress = z.object({
  phase: JobPhase,
  filesDone: z.int(),
  filesTotal: z.int(),
  nodes: z.int(),
  edges: z.int(),
  etaSeconds: z.number().nullable(),
});
export type JobProgress = z.infer<typeof JobProgress>;

export const JobState = z.enum(["queued", "running", "succeeded", "failed", "cancelled"]);
export type JobState = z.infer<typeof JobState>;

export const Job = z.object({
  id: z.string(),
  kind: z.string(),
  /** What the job works on, e.g. a repository's id. One job runs at a time for each resource. */
  resource: z.string(),
  state: JobState,
  progress: JobProgress,
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** What an index job did; null until it succeeded. */
  result: z.record(z.string(), z.json()).nullable(),
  attempts: z.int(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
});
export type Job = z.infer<typeof Job>;

export const Repository = z.object({
  id: z.string(),
  /** The graph key, e.g. `repo:github.com/acme/shop`. */
  key: z.string(),
  nodeId: z.string(),
  name: z.string(),
  source: z.string(),
  branch: z.string().nullable(),
  defaultBranch: z.string().nullable(),
  hasToken: z.boolean(),
  commit: z.string().nullable(),
  indexedAt: z.iso.datetime().nullable(),
  state: z.enum(["new", "syncing", "ready", "failing"]),
  error: z.string().nullable(),
  counts: z.object({ files: z.int(), skipped: z.int(), nodes: z.int(), edges: z.int() }),
  job: Job.nullable(),
  createdAt: z.iso.datetime(),
});
export type Repository = z.infer<typeof Repository>;

export const SkipReason = z.enum([
  "excluded",
  "ignored",
  "binary",
  "too_large",
  "parse_failed",
  "symlink",
  "submodule",
  "encoding",
  "nested_too_deeply",
  "timed_out",
  "unsupported",
]);
export type SkipReason = z.infer<typeof SkipReason>;

/** A path that was not read (or only in part), and why. A skipped directory stands for all below it. */
export const SkippedPath = z.object({ path: z.string(), reason: SkipReason, detail: z.string() });
export type SkippedPath = z.infer<typeof SkippedPath>;

/** How much of a repository is in one language; `language` is null for files that are listed without being read as source. */
export const LanguageShare = z.object({ language: z.string().nullable(), files: z.int(), bytes: z.int() });
export type LanguageShare = z.infer<typeof LanguageShare>;
