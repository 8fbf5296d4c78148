// Providers of models as REST and the UI see them. A key is never shown: only whether there is one.
import { z } from "zod";
import { ReadingAttempt, ScreenshotAnalysis } from "./screenshots.ts";

export const providerKinds = ["openai-compatible", "openai", "anthropic", "google", "huggingface"] as const;
export const ProviderKind = z.enum(providerKinds);
export type ProviderKind = z.infer<typeof ProviderKind>;

/** What a model is used for: reading pictures, putting into words, finding what is alike. */
export const modelRoles = ["vision", "text", "embedding"] as const;
export type ModelRole = (typeof modelRoles)[number];

const ModelName = z.string().trim().min(1).max(200);
const BaseUrl = z
  .url({ protocol: /^https?$/ })
  .max(1_000)
  .refine((url) => !/\/\/[^/]*@/.test(url), "must not hold a user name or password");

export const ModelProvider = z.object({
  id: z.string(),
  name: z.string(),
  kind: ProviderKind,
  /** `environment`: from secrets.env; it is changed there. */
  source: z.enum(["environment", "settings"]),
  base_url: z.string().nullable(),
  has_key: z.boolean(),
  vision_model: z.string().nullable(),
  text_model: z.string().nullable(),
  embedding_model: z.string().nullable(),
  enabled: z.boolean(),
  created_at: z.iso.datetime().nullable(),
  updated_at: z.iso.datetime().nullable(),
});
export type ModelProvider = z.infer<typeof ModelProvider>;

export const NewModelProvider = z.strictObject({
  name: z.string().trim().min(1).max(100),
  kind: ProviderKind,
  base_url: BaseUrl.nullish().describe("Needed for openai-compatible, such as http://localhost:11434/v1"),
  api_key: z.string().min(1).max(4_000).nullish(),
  vision_model: ModelName.nullish().describe("Reads screenshots"),
  text_model: ModelName.nullish().describe("Puts hypotheses and postmortems into words"),
  embedding_model: ModelName.nullish().describe("Finds runbooks that are alike"),
  enabled: z.boolean().default(true),
});
export type NewModelProvider = z.infer<typeof NewModelProvider>;

export const ModelProviderChanges = z.strictObject({
  name: z.string().trim().min(1).max(100).optional(),
  base_url: BaseUrl.nullish(),
  api_key: z.string().min(1).max(4_000).nullish().describe("A new key; null takes the one away"),
  vision_model: ModelName.nullish(),
  text_model: ModelName.nullish(),
  embedding_model: ModelName.nullish(),
  enabled: z.boolean().optional(),
});
export type ModelProviderChanges = z.infer<typeof ModelProviderChanges>;

export const VlmStatus = z.object({
  /** Screenshots are read, one way or the other. */
  available: z.boolean(),
  reader: z.enum(["model", "offline"]),
  /** The models that are asked, in this order. */
  models: z.array(z.object({ provider: z.string(), kind: ProviderKind, model: z.string() })),
  offline: z.object({ available: z.boolean(), engine: z.string() }),
  /** True when OPENTRACE_MODELS=off: nothing is sent to any model. */
  switched_off: z.boolean(),
  message: z.string(),
});
export type VlmStatus = z.infer<typeof VlmStatus>;

export const VlmTest = z.object({
  content: z.string(),
  analysis: ScreenshotAnalysis,
  milliseconds: z.int(),
});

export const ProviderTest = z.object({
  ok: z.boolean(),
  /** One for each model that the provider is given. */
  tried: z.array(ReadingAttempt.extend({ role: z.enum(modelRoles) })),
});
