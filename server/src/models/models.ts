// Asking models: the providers of a role in turn, each tried again with a growing pause, its answer held to a schema; every try is told.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import type { ModelRole } from "@opentrace/contract/models.ts";
import type { ReadingAttempt } from "@opentrace/contract/screenshots.ts";
import { scrub } from "@opentrace/connectors/scrub.ts";
import { askProvider, embedWith, meaningOf, type Question } from "./ask-provider.ts";
import type { Provider, Providers } from "./providers.ts";

interface ObjectRequest<T> extends Question {
  /** What the answer must be. Its JSON schema is shown to the model. */
  schema: z.ZodType<T>;
}

interface Asked<T> {
  /** Null: no provider gave an answer that fits; the attempts say why. */
  answer: T | null;
  model: string | null;
  attempts: ReadingAttempt[];
}

/** What investigation/narrate.ts takes. */
interface Narrator {
  model: string;
  generate(request: { instructions: string; data: string; schema: z.ZodType }, signal: AbortSignal): Promise<unknown>;
}

export interface Models {
  /** Whether a model is set up for this, and which one is asked first. */
  first(workspace: string, role: ModelRole): Promise<{ provider: string; model: string } | null>;
  /** Throws only the abort's reason. Secrets are taken out of `data` before it leaves. */
  generateObject<T>(
    workspace: string,
    role: "vision" | "text",
    request: ObjectRequest<T>,
    signal: AbortSignal,
  ): Promise<Asked<T>>;
  /** As generateObject with one provider, for testing it. */
  tryProvider<T>(
    provider: Provider,
    role: "vision" | "text",
    request: ObjectRequest<T>,
    signal: AbortSignal,
  ): Promise<Asked<T>>;
  /** Null: no provider embeds, or none answered. One vector for each text. */
  embed(
    workspace: string,
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<{ model: string; vectors: number[][] } | null>;
  /** Throws AppError("upstream_failed"). */
  tryEmbedding(provider: Provider, signal: AbortSignal): Promise<void>;
  /** Null: no text model is set up. */
  narrator(workspace: string): Promise<Narrator | null>;
}

export interface ModelsDeps {
  providers: Pick<Providers, "forRole">;
  fetch: typeof fetch;
  /** OPENTRACE_MODELS=off: nothing leaves, not even a test. */
  off?: boolean;
  now(this: void): Date;
  /** Pauses between tries. */
  pausesMs?: readonly number[];
  timeoutMs?: number;
  sleep?(this: void, ms: number, signal: AbortSignal): Promise<void>;
}

const usualPauses = [1_000, 4_000];
/** A provider that asks for more is left for the next one. */
const longestWaitMs = 20_000;
const usualTimeoutMs = 60_000;
const mostData = 60_000;

/** The JSON object in what a model wrote, fenced or with words around it. Throws when there is none that is whole. */
export function jsonIn(text: string): unknown {
  const [start, end] = [text.indexOf("{"), text.lastIndexOf("}")];
  if (start < 0 || end < start) throw new SyntaxError("no JSON object");
  return JSON.parse(text.slice(start, end + 1));
}

function parseAnswer<T>(text: string, schema: z.ZodType<T>): { is: "good"; answer: T } | { is: "bad"; reason: string } {
  let value: unknown;
  try {
    value = jsonIn(text);
  } catch {
    return { is: "bad", reason: "The model's answer is not JSON, or ends in the middle of it." };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { is: "good", answer: parsed.data };
  const issue = parsed.error.issues[0];
  return {
    is: "bad",
    reason: `The model's answer does not fit: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.slice(0, 300),
  };
}

export function createModels(deps: ModelsDeps): Models {
  const { providers, now, pausesMs = usualPauses, timeoutMs = usualTimeoutMs } = deps;
  const pause = deps.sleep ?? ((ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }));

  function refuseIfOff(): void {
    if (deps.off === true)
      throw new AppError("conflict", "Models are switched off: OPENTRACE_MODELS is off. Nothing was sent.");
  }

  async function tryProvider<T>(
    provider: Provider,
    role: "vision" | "text",
    { schema, instructions, data, image }: ObjectRequest<T>,
    signal: AbortSignal,
  ): Promise<Asked<T>> {
    refuseIfOff();
    const model = provider.models[role];
    const attempts: ReadingAttempt[] = [];
    if (model === null) return { answer: null, model, attempts };
    const question: Question = {
      instructions: `${instructions}\nAnswer with one JSON object and nothing else. It must fit this JSON schema: ${JSON.stringify(z.toJSONSchema(schema, { unrepresentable: "any" }))}`,
      data: scrub(data).slice(0, mostData),
      image,
    };
    for (let tries = 0; ; tries++) {
      const started = now();
      const note = (outcome: ReadingAttempt["outcome"], reason: string | null): void =>
        void attempts.push({
          provider: provider.name,
          model,
          at: started.toISOString(),
          milliseconds: Math.max(0, now().getTime() - started.getTime()),
          outcome,
          reason,
        });
      let wait = (pausesMs[tries] ?? 0) * (0.75 + Math.random() / 2);
      try {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
        const parsed = parseAnswer(await askProvider(provider, model, question, deps.fetch, limit), schema);
        if (parsed.is === "good") {
          note("read", null);
          return { answer: parsed.answer, model, attempts };
        }
        note("failed", parsed.reason);
      } catch (error) {
        signal.throwIfAborted();
        const meaning = meaningOf(error, provider);
        note("failed", meaning.reason);
        if (!meaning.again || (meaning.wait ?? 0) > longestWaitMs) return { answer: null, model, attempts };
        wait = Math.max(wait, meaning.wait ?? 0);
      }
      if (tries >= pausesMs.length) return { answer: null, model, attempts };
      await pause(wait, signal);
    }
  }

  async function generateObject<T>(
    workspace: string,
    role: "vision" | "text",
    request: ObjectRequest<T>,
    signal: AbortSignal,
  ): Promise<Asked<T>> {
    const attempts: ReadingAttempt[] = [];
    for (const provider of await providers.forRole(workspace, role)) {
      const asked = await tryProvider(provider, role, request, signal);
      attempts.push(...asked.attempts);
      if (asked.answer !== null) return { ...asked, attempts };
    }
    return { answer: null, model: null, attempts };
  }

  async function embedBy(provider: Provider, texts: readonly string[], signal: AbortSignal): Promise<number[][]> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const clean = texts.map((text) => scrub(text).slice(0, mostData));
    return embedWith(provider, provider.models.embedding ?? "", clean, deps.fetch, limit);
  }

  const first: Models["first"] = async (workspace, role) => {
    const [provider] = await providers.forRole(workspace, role);
    const model = provider?.models[role];
    return provider === undefined || model === null || model === undefined ? null : { provider: provider.name, model };
  };

  return {
    first,
    generateObject,
    tryProvider,
    async embed(workspace, texts, signal) {
      if (texts.length === 0) return null;
      for (const provider of await providers.forRole(workspace, "embedding")) {
        const model = provider.models.embedding ?? "";
        for (let tries = 0; tries <= pausesMs.length; tries++)
          try {
            return { model, vectors: await embedBy(provider, texts, signal) };
          } catch (error) {
            signal.throwIfAborted();
            if (!meaningOf(error, provider).again || tries === pausesMs.length) break;
            await pause(pausesMs[tries] ?? 0, signal);
          }
      }
      return null;
    },
    async tryEmbedding(provider, signal) {
      refuseIfOff();
      try {
        await embedBy(provider, ["checkout is slow"], signal);
      } catch (error) {
        signal.throwIfAborted();
        throw new AppError("upstream_failed", meaningOf(error, provider).reason, { cause: error });
      }
    },
    async narrator(workspace) {
      const named = await first(workspace, "text");
      if (named === null) return null;
      return {
        model: named.model,
        async generate({ instructions, data, schema }, signal) {
          const { answer, attempts } = await generateObject(workspace, "text", { instructions, data, schema }, signal);
          if (answer !== null) return answer;
          throw new AppError(
            "upstream_failed",
            `No model answered: ${attempts.map(({ provider, reason }) => `${provider}: ${reason ?? ""}`).join("; ")}`,
            { details: { attempts } },
          );
        },
      };
    },
  };
}
