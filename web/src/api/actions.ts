// Every write: add, sync, change and remove repositories, cancel jobs, API keys.
import { ApiKey, type CreateApiKey, CreatedApiKey } from "@opentrace/contract/access.ts";
import { type AddRepository, Job } from "@opentrace/contract/repositories.ts";
import type { z } from "zod";
import { call } from "./http.ts";
import { RepositoryAndJob } from "./shapes.ts";

const at = (id: string): string => `/repositories/${encodeURIComponent(id)}`;
const never = (): AbortSignal => new AbortController().signal;

export const addRepository = (body: AddRepository): Promise<RepositoryAndJob> =>
  call("/repositories", RepositoryAndJob, { method: "POST", body }, never());
export const syncRepository = (id: string): Promise<RepositoryAndJob> =>
  call(`${at(id)}/sync`, RepositoryAndJob, { method: "POST" }, never());
export const changeBranch = (id: string, branch: string): Promise<RepositoryAndJob> =>
  call(at(id), RepositoryAndJob, { method: "PATCH", body: { branch } }, never());
export const removeRepository = (id: string): Promise<RepositoryAndJob> =>
  call(at(id), RepositoryAndJob, { method: "DELETE" }, never());
export const cancelJob = (id: string): Promise<Job> =>
  call(`/jobs/${encodeURIComponent(id)}/cancel`, Job, { method: "POST" }, never());

export const createKey = (body: z.input<typeof CreateApiKey>): Promise<CreatedApiKey> =>
  call("/auth/api-keys", CreatedApiKey, { method: "POST", body }, never());
export const revokeKey = (id: string): Promise<ApiKey> =>
  call(`/auth/api-keys/${encodeURIComponent(id)}`, ApiKey, { method: "DELETE" }, never());
