// Providers of models as the environment or secrets.env names them.
import type { ModelRole, ProviderKind } from "@opentrace/contract/models.ts";
import type { Secret } from "../access/secret.ts";

export interface ProviderSetting {
  name: string;
  kind: ProviderKind;
  baseUrl: string | null;
  apiKey: Secret | null;
  models: Readonly<Record<ModelRole, string | null>>;
}

export interface ModelSettings {
  url: string | null;
  key: Secret | null;
  models: Readonly<Record<ModelRole, string | null>>;
  openai: Secret | null;
  openaiUrl: string | null;
  anthropic: Secret | null;
  google: Secret | null;
  huggingface: Secret | null;
}

type Names = Readonly<Record<ModelRole, string | null>>;

/** Used where OPENTRACE_MODEL_VISION and the like name none. */
const usual = {
  openai: { vision: "gpt-4.1-mini", text: "gpt-4.1-mini", embedding: "text-embedding-3-small" },
  anthropic: { vision: "claude-sonnet-4-5", text: "claude-sonnet-4-5", embedding: null },
  google: { vision: "gemini-2.5-flash", text: "gemini-2.5-flash", embedding: "gemini-embedding-001" },
  huggingface: { vision: "Qwen/Qwen2.5-VL-7B-Instruct", text: "Qwen/Qwen2.5-VL-7B-Instruct", embedding: null },
} as const satisfies Record<string, Names>;

/** The endpoint that is named itself comes first; the names of models are its own, else those of the first that has a key. */
export function environmentProviders(given: ModelSettings): ProviderSetting[] {
  const providers: ProviderSetting[] = [];
  if (given.url !== null)
    providers.push({
      name: "Models",
      kind: "openai-compatible",
      baseUrl: given.url,
      apiKey: given.key,
      models: given.models,
    });
  const add = (
    name: string,
    kind: ProviderKind,
    apiKey: Secret | null,
    models: Names,
    baseUrl: string | null = null,
  ): void => {
    if (apiKey === null) return;
    const named = providers.length === 0 ? given.models : { vision: null, text: null, embedding: null };
    providers.push({
      name,
      kind,
      baseUrl,
      apiKey,
      models: {
        vision: named.vision ?? models.vision,
        text: named.text ?? models.text,
        embedding: named.embedding ?? models.embedding,
      },
    });
  };
  add("Hugging Face", "huggingface", given.huggingface, usual.huggingface);
  add("OpenAI", "openai", given.openai, usual.openai, given.openaiUrl);
  add("Anthropic", "anthropic", given.anthropic, usual.anthropic);
  add("Google", "google", given.google, usual.google);
  return providers;
}
