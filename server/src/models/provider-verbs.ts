// The verbs on providers of models: list, add, change, remove, test.
import { z } from "zod";
import {
  ModelProvider,
  ModelProviderChanges,
  modelRoles,
  NewModelProvider,
  ProviderTest,
} from "@opentrace/contract/models.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import { defineVerb, type Verb } from "../verb.ts";
import type { Models } from "./models.ts";
import type { Providers } from "./providers.ts";

export interface ProviderVerbsDeps {
  modelProviders: Providers;
  models: Models;
}

const id = z.string().min(1).max(100).describe("Id of a model provider");
const TestAnswer = z.object({ ok: z.boolean(), text: z.string().max(2_000) });

export function providerVerbs({ modelProviders: providers, models }: ProviderVerbsDeps): Verb[] {
  return [
    defineVerb({
      name: "models.list",
      summary: "List model providers",
      description:
        "Every provider of models, in the order in which they are asked: those of the environment, then those set up here. Keys are not shown.",
      permission: "settings:manage",
      input: z.strictObject({}),
      output: z.object({ items: z.array(ModelProvider), next_cursor: z.null() }),
      http: { method: "GET", path: "/model-providers" },
      run: async ({ workspace }) => ({ items: await providers.list(workspace), next_cursor: null }),
    }),
    defineVerb({
      name: "models.add",
      summary: "Add a model provider",
      description:
        "Any OpenAI-compatible endpoint (vLLM, Ollama, LM Studio), OpenAI, Anthropic, Google or the Hugging Face router. From then on screenshots and " +
        "texts of incidents go to it. The key is stored sealed and never shown again.",
      permission: "settings:manage",
      input: NewModelProvider,
      output: ModelProvider,
      http: { method: "POST", path: "/model-providers", status: 201 },
      writes: true,
      run: ({ workspace, actor }, input) => providers.add(workspace, input, actor.id),
    }),
    defineVerb({
      name: "models.change",
      summary: "Change a model provider",
      description: "Its name, address, key, models, or whether it is asked. A new address needs the key again.",
      permission: "settings:manage",
      input: ModelProviderChanges.extend({ id }),
      output: ModelProvider,
      http: { method: "PATCH", path: "/model-providers/{id}" },
      writes: true,
      run: ({ workspace }, { id: which, ...changes }) => providers.change(workspace, which, changes),
    }),
    defineVerb({
      name: "models.remove",
      summary: "Remove a model provider",
      description: "It and its key are forgotten.",
      permission: "settings:manage",
      input: z.strictObject({ id }),
      output: z.undefined(),
      http: { method: "DELETE", path: "/model-providers/{id}", status: 204 },
      writes: true,
      run: ({ workspace }, { id: which }) => providers.remove(workspace, which).then(() => undefined),
    }),
    defineVerb({
      name: "models.test",
      summary: "Test a model provider",
      description: "Asks each of its models a short question and says what came of it. Costs a few tokens.",
      permission: "settings:manage",
      input: z.strictObject({ id }),
      output: ProviderTest,
      http: { method: "POST", path: "/model-providers/{id}/test" },
      writes: true,
      async run({ workspace, signal, now }, { id: which }) {
        const provider = await providers.find(workspace, which);
        const tried: z.infer<typeof ProviderTest>["tried"] = [];
        for (const role of modelRoles) {
          if (provider.models[role] === null) continue;
          if (role === "embedding") {
            const started = now();
            const failure = await models.tryEmbedding(provider, signal).then(
              () => null,
              (error: unknown) => {
                if (error instanceof AppError) return error.message;
                throw error;
              },
            );
            tried.push({
              role,
              provider: provider.name,
              model: provider.models.embedding,
              at: started.toISOString(),
              milliseconds: Math.max(0, now().getTime() - started.getTime()),
              outcome: failure === null ? "read" : "failed",
              reason: failure,
            });
            continue;
          }
          const { attempts } = await models.tryProvider(
            provider,
            role,
            {
              instructions: "This is a test of the connection.",
              data: 'Answer {"ok": true, "text": "hello"}.',
              schema: TestAnswer,
            },
            signal,
          );
          tried.push(...attempts.map((attempt) => ({ ...attempt, role })));
        }
        const reached = new Set(tried.filter(({ outcome }) => outcome === "read").map(({ role }) => role));
        return { ok: modelRoles.every((role) => provider.models[role] === null || reached.has(role)), tried };
      },
    }),
  ];
}
