// Reads and writes about providers of models, and about how screenshots are read.
import {
  ModelProvider,
  type ModelProviderChanges,
  type NewModelProvider,
  ProviderTest,
  VlmStatus,
  VlmTest,
} from "@opentrace/contract/models.ts";
import { queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { call } from "./http.ts";

const never = (): AbortSignal => new AbortController().signal;
const at = (id: string): string => `/model-providers/${encodeURIComponent(id)}`;

export const models = {
  key: ["models"] as const,
  providers: queryOptions({
    queryKey: ["models", "providers"],
    queryFn: ({ signal }) => call("/model-providers", z.object({ items: z.array(ModelProvider) }), {}, signal),
  }),
  reading: queryOptions({
    queryKey: ["models", "reading"],
    queryFn: ({ signal }) => call("/test/vlm/status", VlmStatus, {}, signal),
  }),
};

export const addProvider = (body: z.input<typeof NewModelProvider>): Promise<ModelProvider> =>
  call("/model-providers", ModelProvider, { method: "POST", body }, never());
export const changeProvider = (id: string, body: ModelProviderChanges): Promise<ModelProvider> =>
  call(at(id), ModelProvider, { method: "PATCH", body }, never());
export const removeProvider = (id: string): Promise<undefined> =>
  call(at(id), z.undefined(), { method: "DELETE" }, never());
/** Asks each of its models; takes as long as they do. */
export const testProvider = (id: string, signal: AbortSignal): Promise<z.infer<typeof ProviderTest>> =>
  call(`${at(id)}/test`, ProviderTest, { method: "POST", body: {} }, signal);
/** Reads a picture (base64; null: the one that comes with the server) as a screenshot of an incident is read. It is not kept. */
export const tryReading = (image: string | null, signal: AbortSignal): Promise<z.infer<typeof VlmTest>> =>
  call("/test/vlm", VlmTest, { method: "POST", body: image === null ? {} : { image } }, signal);
