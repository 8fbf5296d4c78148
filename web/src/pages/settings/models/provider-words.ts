// What providers of models are called, and what each purpose sends where, in plain words.
import type { ModelProvider, ModelRole, ProviderKind } from "@opentrace/contract/models.ts";

export const kindWords: Record<ProviderKind, string> = {
  "openai-compatible": "OpenAI-compatible (Ollama, vLLM, LM Studio)",
  openai: "OpenAI",
  anthropic: "Anthropic",
  google: "Google",
  huggingface: "Hugging Face",
};

interface Purpose {
  role: ModelRole;
  /** The field of a provider that names its model. */
  field: "vision_model" | "text_model" | "embedding_model";
  name: string;
  does: string;
  sends: string;
  /** What happens where nobody is asked. */
  without: string;
}

export const purposes: readonly Purpose[] = [
  {
    role: "vision",
    field: "vision_model",
    name: "Screenshots",
    does: "reads screenshots of incidents",
    sends:
      "The picture, and the text that was recognised on it. Secrets are taken out of the text, not out of the picture.",
    without: "Text recognition on this server. Nothing leaves it.",
  },
  {
    role: "text",
    field: "text_model",
    name: "Texts",
    does: "puts likely causes into words",
    sends:
      "Title and description of the incident, the beginning of its evidence, and the changes that may have caused it. Secrets are taken out.",
    without: "The reasons that the ranking itself gives. Nothing leaves this server.",
  },
  {
    role: "embedding",
    field: "embedding_model",
    name: "Likeness",
    does: "finds runbooks that mean the same",
    sends: "Runbooks, and the words of the incident that they are compared with. Secrets are taken out.",
    without: "Runbooks are found by services, tags and words. Nothing leaves this server.",
  },
];

/** Who is asked first for a purpose; others follow when it fails. */
export const asked = (providers: readonly ModelProvider[], { field }: Purpose): ModelProvider[] =>
  providers.filter((each) => each.enabled && each[field] !== null);

/** Where requests go: its own address, or the vendor's. */
export const addressOf = ({ base_url, kind }: ModelProvider): string =>
  base_url ?? `${kindWords[kind]} at its own address`;
