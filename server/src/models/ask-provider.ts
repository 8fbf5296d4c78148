// One request to one provider through the `ai` SDK, and what a failure of it means. The SDK is loaded with the first request.
import type { EmbeddingModel, LanguageModel, ModelMessage } from "ai";
import { AppError } from "@opentrace/contract/errors.ts";
import { excerptOf, scrub } from "@opentrace/connectors/scrub.ts";
import type { ProviderKind } from "@opentrace/contract/models.ts";
import type { Provider } from "./providers.ts";

/** Where each kind is when no address is given. */
const usualAddress: Readonly<Record<ProviderKind, string | null>> = {
  "openai-compatible": null,
  openai: null,
  anthropic: null,
  google: null,
  huggingface: "https://router.huggingface.co/v1",
};

const mostOutputTokens = 4_000;

async function languageModel(provider: Provider, model: string, fetch_: typeof fetch): Promise<LanguageModel> {
  const apiKey = provider.apiKey?.reveal();
  const baseURL = provider.baseUrl ?? usualAddress[provider.kind] ?? undefined;
  const common = { fetch: fetch_, ...(baseURL === undefined ? {} : { baseURL }), apiKey: apiKey ?? "none" };
  switch (provider.kind) {
    case "openai":
      return (await import("@ai-sdk/openai")).createOpenAI(common).chat(model);
    case "anthropic":
      return (await import("@ai-sdk/anthropic")).createAnthropic(common)(model);
    case "google":
      return (await import("@ai-sdk/google")).createGoogle(common)(model);
    default:
      return (await import("@ai-sdk/openai-compatible"))
        .createOpenAICompatible({
          name: provider.kind,
          baseURL: baseURL ?? "",
          fetch: fetch_,
          ...(apiKey === undefined ? {} : { apiKey }),
        })
        .chatModel(model);
  }
}

async function embeddingModel(provider: Provider, model: string, fetch_: typeof fetch): Promise<EmbeddingModel> {
  const apiKey = provider.apiKey?.reveal() ?? "none";
  const baseURL = provider.baseUrl ?? usualAddress[provider.kind] ?? undefined;
  const common = { fetch: fetch_, ...(baseURL === undefined ? {} : { baseURL }), apiKey };
  switch (provider.kind) {
    case "openai":
      return (await import("@ai-sdk/openai")).createOpenAI(common).embedding(model);
    case "google":
      return (await import("@ai-sdk/google")).createGoogle(common).embedding(model);
    case "anthropic":
      throw new AppError("not_supported", "Anthropic offers no embedding models.");
    default:
      return (await import("@ai-sdk/openai-compatible"))
        .createOpenAICompatible({ name: provider.kind, baseURL: baseURL ?? "", fetch: fetch_, apiKey })
        .embeddingModel(model);
  }
}

export interface Question {
  instructions: string;
  data: string;
  image?: { bytes: Uint8Array; mediaType: string } | undefined;
}

/** What the model wrote. Throws whatever the SDK throws: `meaningOf` tells what that means. */
export async function askProvider(
  provider: Provider,
  model: string,
  { instructions, data, image }: Question,
  fetch_: typeof fetch,
  signal: AbortSignal,
): Promise<string> {
  const { generateText } = await import("ai");
  const messages: ModelMessage[] = [
    {
      role: "user",
      content: [
        { type: "text", text: data },
        ...(image === undefined ? [] : [{ type: "file" as const, data: image.bytes, mediaType: image.mediaType }]),
      ],
    },
  ];
  const { text } = await generateText({
    model: await languageModel(provider, model, fetch_),
    instructions,
    messages,
    // Tries again are ours: each is to be seen.
    maxRetries: 0,
    maxOutputTokens: mostOutputTokens,
    // Anthropic's interface has no such field any more, and its newer models refuse it.
    ...(provider.kind === "anthropic" ? {} : { temperature: 0 }),
    abortSignal: signal,
  });
  return text;
}

export async function embedWith(
  provider: Provider,
  model: string,
  texts: readonly string[],
  fetch_: typeof fetch,
  signal: AbortSignal,
): Promise<number[][]> {
  const { embedMany } = await import("ai");
  const { embeddings } = await embedMany({
    model: await embeddingModel(provider, model, fetch_),
    values: [...texts],
    maxRetries: 0,
    abortSignal: signal,
  });
  return embeddings;
}

interface Meaning {
  /** For people; holds no secret and at most a short excerpt of what the provider said. */
  reason: string;
  again: boolean;
  /** Milliseconds that the provider asks to wait. */
  wait: number | null;
}

interface CallError {
  statusCode?: number;
  responseHeaders?: Record<string, string>;
  responseBody?: string;
}

const causes = (error: unknown): unknown[] => {
  const found: unknown[] = [];
  for (let one = error; one !== undefined && one !== null && found.length < 6; one = (one as { cause?: unknown }).cause)
    found.push(one);
  return found;
};

export function meaningOf(error: unknown, { name, apiKey }: Provider): Meaning {
  const secrets = apiKey === null ? [] : [apiKey.reveal()];
  const chain = causes(error);
  const own = chain.find((one) => one instanceof AppError);
  if (own instanceof AppError)
    return {
      reason: scrub(own.message, secrets),
      again: own.code === "timeout" || own.code === "upstream_failed" || own.code === "unavailable",
      wait: null,
    };
  const call = chain.find((one) => typeof (one as CallError).statusCode === "number") as CallError | undefined;
  if (call?.statusCode === undefined || call.statusCode < 400) {
    const late = chain.some((one) => one instanceof Error && /timeout|abort/i.test(one.name));
    return late
      ? { reason: `${name} did not answer in time.`, again: true, wait: null }
      : { reason: `${name} answered in a shape that is not known.`, again: true, wait: null };
  }
  const said = call.responseBody === undefined ? "" : excerptOf(Buffer.from(call.responseBody), secrets);
  const after = said === "" ? "." : `: ${said}`;
  const status = call.statusCode;
  if (status === 401 || status === 403)
    return { reason: `${name} refused the key (${status})${after}`, again: false, wait: null };
  if (status === 429) {
    const seconds = Number(call.responseHeaders?.["retry-after"]);
    return {
      reason: `${name} asks to slow down (429)${after}`,
      again: true,
      wait: Number.isFinite(seconds) ? seconds * 1_000 : null,
    };
  }
  return {
    reason: `${name} answered ${status}${after}`,
    again: status >= 500 || status === 408 || status === 409,
    wait: null,
  };
}
