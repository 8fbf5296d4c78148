// A stateful fake of the ways to ask a model over HTTP: OpenAI-compatible chat and embeddings, Anthropic messages, Google
// generateContent. It refuses requests that the vendors would refuse, and fails as it is told to.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

type Failure =
  | { is: "status"; status: number; headers?: Record<string, string> }
  | { is: "text"; text: string }
  | { is: "garbage" }
  | { is: "slow"; ms: number };

export interface FakeModels {
  url: string;
  /** Every request that came, with its body as it was sent. */
  requests: { path: string; body: string; headers: IncomingMessage["headers"] }[];
  /** What the next requests get, one each; after that `answer`. */
  failures: Failure[];
  /** What the model writes. */
  answer: string;
  key: string;
  close(): Promise<void>;
}

const part = z.union([
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("image_url"), image_url: z.object({ url: z.string().startsWith("data:image/") }) }),
]);
/** As in the reference of POST /chat/completions. */
const ChatRequest = z.object({
  model: z.string().min(1),
  messages: z
    .array(
      z.union([
        z.object({ role: z.enum(["system", "developer"]), content: z.string() }),
        z.object({ role: z.literal("user"), content: z.union([z.string(), z.array(part).min(1)]) }),
      ]),
    )
    .min(1),
});
/** As in the reference of POST /v1/messages: max_tokens is required, images are base64 sources. */
const MessagesRequest = z.object({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  messages: z
    .array(
      z.object({
        role: z.enum(["user", "assistant"]),
        content: z.array(
          z.union([
            z.object({ type: z.literal("text"), text: z.string() }),
            z.object({
              type: z.literal("image"),
              source: z.object({ type: z.literal("base64"), media_type: z.string(), data: z.base64() }),
            }),
          ]),
        ),
      }),
    )
    .min(1),
});
/** As in the reference of models.generateContent. */
const GenerateRequest = z.object({
  contents: z
    .array(
      z.object({
        role: z.enum(["user", "model"]),
        parts: z.array(
          z.union([
            z.object({ text: z.string() }),
            z.object({ inlineData: z.object({ mimeType: z.string(), data: z.base64() }) }),
          ]),
        ),
      }),
    )
    .min(1),
});
const EmbeddingsRequest = z.object({ model: z.string().min(1), input: z.array(z.string()).min(1) });

function reply(path: string, body: unknown, answer: string): object {
  if (path.endsWith("/chat/completions")) {
    const { model } = ChatRequest.parse(body);
    return {
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1_780_000_000,
      model,
      choices: [{ index: 0, message: { role: "assistant", content: answer }, finish_reason: "stop" }],
      usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 },
    };
  }
  if (path.endsWith("/embeddings")) {
    const { model, input } = EmbeddingsRequest.parse(body);
    return {
      object: "list",
      model,
      data: input.map((text, index) => ({ object: "embedding", index, embedding: [text.length, index, 1] })),
      usage: { prompt_tokens: 1, total_tokens: 1 },
    };
  }
  if (path.endsWith("/messages")) {
    const { model } = MessagesRequest.parse(body);
    return {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model,
      content: [{ type: "text", text: answer }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 10, output_tokens: 10 },
    };
  }
  GenerateRequest.parse(body);
  return {
    candidates: [{ content: { role: "model", parts: [{ text: answer }] }, finishReason: "STOP", index: 0 }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 10, totalTokenCount: 20 },
  };
}

export async function startFakeModels(): Promise<FakeModels> {
  const fake: Omit<FakeModels, "url" | "close"> = { requests: [], failures: [], answer: "{}", key: "canary-key-1234" };
  const server = createServer((request, response) => {
    const send = (status: number, what: string, headers: Record<string, string> = {}): void =>
      void response.writeHead(status, { "content-type": "application/json", ...headers }).end(what);
    const answer = async (): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      const path = (request.url ?? "").split("?")[0] ?? "";
      fake.requests.push({ path, body, headers: request.headers });
      const { authorization } = request.headers;
      const given =
        authorization?.replace(/^Bearer /, "") ?? request.headers["x-api-key"] ?? request.headers["x-goog-api-key"];
      if (given !== fake.key)
        return send(401, JSON.stringify({ error: { message: `Incorrect API key provided: ${String(given)}` } }));
      const failure = fake.failures.shift();
      if (failure?.is === "status")
        return send(failure.status, JSON.stringify({ error: { message: "no" } }), failure.headers);
      if (failure?.is === "garbage") return send(200, "<html>a proxy</html>", { "content-type": "text/html" });
      if (failure?.is === "slow") await sleep(failure.ms);
      const text = failure?.is === "text" ? failure.text : fake.answer;
      send(200, JSON.stringify(reply(path, JSON.parse(body), text)));
    };
    answer().catch((error: unknown) => send(400, JSON.stringify({ error: { message: String(error) } })));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(fake, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
