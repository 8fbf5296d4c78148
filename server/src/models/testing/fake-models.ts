// A stateful fake of the ways to ask a model over HTTP: OpenAI-compatible chat and embeddings, Anthropic messages, Google
// generateContent. It refuses requests that the vendors would refuse, and fails as it is told to.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

type Failure =
  | { is: "status"; status: number; headers?: Record<string, string> }
  | { is: "text"; text: string }
  | { is: "garbage" }
  /** Never answers. */
  | { is: "silent" };

export interface FakeModels {
  url: string;
  /** Every request that came, with its body as it was sent. */
  requests: { path: string; body: string; headers: IncomingMessage["headers"] }[];
  /** Every answer that was meant to be good or an error of the vendor's, as it was sent. */
  answers: { path: string; status: number; body: string }[];
  /** What the next requests get, one each; after that `answer`. */
  failures: Failure[];
  /** What the model writes. */
  answer: string;
  /** The vector of a text. */
  vectorOf(this: void, text: string, index: number): number[];
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

/** As in the reference of models.batchEmbedContents. */
const BatchEmbedRequest = z.object({
  requests: z.array(z.object({ content: z.object({ parts: z.array(z.object({ text: z.string() })) }) })).min(1),
});
const EmbedRequest = z.object({ content: z.object({ parts: z.array(z.object({ text: z.string() })) }) });

function reply(path: string, body: unknown, answer: string, vectorOf: FakeModels["vectorOf"]): object {
  if (path.endsWith("/chat/completions")) {
    const { model } = ChatRequest.parse(body);
    return {
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1_780_000_000,
      model,
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: answer, refusal: null },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 },
    };
  }
  if (path.endsWith("/embeddings")) {
    const { model, input } = EmbeddingsRequest.parse(body);
    return {
      object: "list",
      model,
      data: input.map((text, index) => ({ object: "embedding", index, embedding: vectorOf(text, index) })),
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
      content: [{ type: "text", text: answer, citations: null }],
      stop_reason: "end_turn",
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: {
        input_tokens: 10,
        output_tokens: 10,
        output_tokens_details: null,
        cache_creation: null,
        cache_creation_input_tokens: null,
        cache_read_input_tokens: null,
        inference_geo: null,
        server_tool_use: null,
        service_tier: "standard",
        speed: null,
      },
    };
  }
  if (path.endsWith(":batchEmbedContents")) {
    const { requests } = BatchEmbedRequest.parse(body);
    const texts = requests.map(({ content }) => content.parts.map(({ text }) => text).join(""));
    return { embeddings: texts.map((text, index) => ({ values: vectorOf(text, index) })) };
  }
  if (path.endsWith(":embedContent")) {
    const { content } = EmbedRequest.parse(body);
    return { embedding: { values: vectorOf(content.parts.map(({ text }) => text).join(""), 0) } };
  }
  GenerateRequest.parse(body);
  return {
    candidates: [{ content: { role: "model", parts: [{ text: answer }] }, finishReason: "STOP", index: 0 }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 10, totalTokenCount: 20 },
  };
}

/** As each vendor writes what went wrong. */
const failureBody = (path: string, status: number, message: string): object =>
  path.endsWith("/messages")
    ? { type: "error", error: { type: anthropicErrors[status] ?? "api_error", message }, request_id: "req_1" }
    : path.includes(":")
      ? { error: { code: status, message, status: status === 429 ? "RESOURCE_EXHAUSTED" : "INTERNAL" } }
      : { error: { message, type: "invalid_request_error", param: null, code: null } };
const anthropicErrors: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  429: "rate_limit_error",
};

export async function startFakeModels(): Promise<FakeModels> {
  const fake: Omit<FakeModels, "url" | "close"> = {
    requests: [],
    answers: [],
    failures: [],
    answer: "{}",
    key: "canary-key-1234",
    vectorOf: (text, index) => [text.length, index, 1],
  };
  const server = createServer((request, response) => {
    const send = (status: number, what: string, headers: Record<string, string> = {}): void =>
      void response.writeHead(status, { "content-type": "application/json", ...headers }).end(what);
    const path = (request.url ?? "").split("?")[0] ?? "";
    const fail = (status: number, message: string, headers?: Record<string, string>): void => {
      const body = JSON.stringify(failureBody(path, status, message));
      fake.answers.push({ path, status, body });
      send(status, body, headers);
    };
    const answer = async (): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      fake.requests.push({ path, body, headers: request.headers });
      const { authorization } = request.headers;
      const given =
        authorization?.replace(/^Bearer /, "") ?? request.headers["x-api-key"] ?? request.headers["x-goog-api-key"];
      if (given !== fake.key) return fail(401, `Incorrect API key provided: ${String(given)}`);
      const failure = fake.failures.shift();
      if (failure?.is === "status") return fail(failure.status, "no", failure.headers);
      if (failure?.is === "garbage") return send(200, "<html>a proxy</html>", { "content-type": "text/html" });
      if (failure?.is === "silent") return;
      const text = failure?.is === "text" ? failure.text : fake.answer;
      const good = JSON.stringify(reply(path, JSON.parse(body), text, fake.vectorOf));
      fake.answers.push({ path, status: 200, body: good });
      send(200, good);
    };
    answer().catch((error: unknown) => fail(400, String(error)));
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
