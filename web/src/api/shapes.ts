// Shapes of answers that are lists or small records around the contract's own types.
import { GraphNode, Page, SourceFreshness } from "@opentrace/contract/graph.ts";
import { Job, Repository, SkippedPath, SkipReason } from "@opentrace/contract/repositories.ts";
import { z } from "zod";

export const RepositoryList = z.object({ repositories: z.array(Repository) });
export const RepositoryAndJob = z.object({ repository: Repository, job: Job.nullable() });
export type RepositoryAndJob = z.infer<typeof RepositoryAndJob>;
export const BranchList = z.object({
  branches: z.array(z.object({ name: z.string(), commit: z.string() })),
  defaultBranch: z.string().nullable(),
  indexed: z.string().nullable(),
});
export const JobList = z.object({ jobs: z.array(Job), page: Page });
export const SkippedList = z.object({
  skipped: z.array(SkippedPath),
  byReason: z.partialRecord(SkipReason, z.int()),
  page: Page,
});

export const permissions = [
  "graph:read",
  "source:read",
  "repositories:read",
  "repositories:write",
  "jobs:read",
  "jobs:write",
  "keys:manage",
  "system:read",
] as const;
export const Permission = z.enum(permissions);
export type Permission = z.infer<typeof Permission>;

/** Sets of permissions that a key can be given by name. */
export const roles = {
  reader: ["graph:read", "source:read", "repositories:read", "jobs:read"],
  editor: ["graph:read", "source:read", "repositories:read", "jobs:read", "repositories:write", "jobs:write"],
  admin: permissions,
} as const satisfies Record<string, readonly Permission[]>;

export const Scope = z.union([Permission, z.enum(["reader", "editor", "admin"])]);
export type Scope = z.infer<typeof Scope>;

export const ApiKey = z.object({
  id: z.string(),
  name: z.string(),
  /** The first characters of the key, to recognise it by. */
  prefix: z.string(),
  scopes: z.array(Scope),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
  state: z.enum(["active", "expired", "revoked"]),
});
export type ApiKey = z.infer<typeof ApiKey>;

export const CreateApiKey = z.strictObject({
  name: z.string().trim().min(1).max(100).describe("What the key is for"),
  scopes: z.array(Scope).min(1).max(20).default(["reader"]).describe("Permissions, or the roles reader, editor, admin"),
  expiresInDays: z.int().min(1).max(3650).optional().describe("Days until it expires; never if absent"),
});
export type CreateApiKey = z.infer<typeof CreateApiKey>;

/** `key` is the secret, `otk_` and 43 URL-safe characters; it cannot be shown again. */
export const CreatedApiKey = ApiKey.extend({ key: z.string() });
export type CreatedApiKey = z.infer<typeof CreatedApiKey>;
export const ApiKeyList = z.object({ keys: z.array(ApiKey) });

/** A name in the question: which node it was taken for, and what else it could mean. */
export const AskMention = z.object({
  text: z.string(),
  took: GraphNode.nullable(),
  others: z.array(GraphNode).describe("Other nodes that the name could mean, best first"),
});

/** A query that was run for the answer: ask it again, refine it, or link to it. */
export const AskQuery = z.object({
  verb: z.string(),
  input: z.record(z.string(), z.json()),
  method: z.enum(["GET", "POST", "PATCH", "DELETE"]),
  /** REST path with query string. */
  url: z.string(),
});
export type AskQuery = z.infer<typeof AskQuery>;

export const AskAnswer = z.object({
  question: z.string(),
  /** False when the question has no known form, or names something that is not in the graph: `answer` then says which. */
  understood: z.boolean(),
  /** What was understood: find, describe, dependencies, dependents, impact, path, similar, critical … */
  intent: z.string().nullable(),
  /** Markdown. */
  answer: z.string(),
  /** Nodes that the answer rests on, in the order of their mention. */
  nodes: z.array(GraphNode),
  queries: z.array(AskQuery),
  mentions: z.array(AskMention),
  /** Questions that are understood, when this one was not. */
  examples: z.array(z.string()),
  truncated: z.boolean(),
  freshness: z.array(SourceFreshness),
});
export type AskAnswer = z.infer<typeof AskAnswer>;
