// The tools, prompts and resources that the protocol's own conformance suite calls by name, on the server class that ours is built on.
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  inputRequired,
  MissingRequiredClientCapabilityError,
  ResourceNotFoundError,
  Server,
  type CallToolResult,
  type ContentBlock,
  type GetPromptResult,
  type InputRequests,
  type InputRequiredResult,
  type McpServerFactory,
  type PromptMessage,
  type ReadResourceResult,
  type ServerContext,
  type Tool,
} from "@modelcontextprotocol/server";

const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=";

type Answer = CallToolResult | InputRequiredResult;

interface FixtureTool {
  input?: Tool["inputSchema"];
  run(ctx: ServerContext, args: Record<string, unknown>): Answer | Promise<Answer>;
}

const says = (text: string): CallToolResult => ({ content: [{ type: "text", text }] });
const gives = (...content: ContentBlock[]): CallToolResult => ({ content });
/** The client's capabilities come with each request of the modern protocol. */
const declaredBy = ({ envelope }: ServerContext["mcpReq"]): object | undefined => {
  const declared = (envelope as Record<string, unknown> | undefined)?.[CLIENT_CAPABILITIES_META_KEY];
  return typeof declared === "object" && declared !== null ? declared : undefined;
};
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

const askFor = (message: string, field: string, type: "string" | "boolean" = "string") =>
  inputRequired.elicit({
    message,
    requestedSchema: {
      type: "object",
      properties: { [field]: type === "string" ? { type } : { type } },
      required: [field],
    },
  });
const askModel = (text: string, maxTokens: number) =>
  inputRequired.createMessage({ messages: [{ role: "user", content: { type: "text", text } }], maxTokens });

/** Asks again for what is still missing of several inputs; then `done`. */
async function afterInputs(
  ctx: ServerContext,
  wanted: InputRequests,
  done: (responses: Record<string, unknown>) => Answer,
  state?: () => Promise<string>,
): Promise<Answer> {
  const responses = ctx.mcpReq.inputResponses ?? {};
  const missing = Object.entries(wanted).filter(([key, { method }]) =>
    method === "elicitation/create"
      ? acceptedContent(responses, key) === undefined
      : typeof responses[key] !== "object" || responses[key] === null,
  );
  if (missing.length === 0) return done(responses);
  return inputRequired({
    inputRequests: Object.fromEntries(missing),
    ...(state === undefined ? {} : { requestState: await state() }),
  });
}

export function createConformanceFixture(): McpServerFactory {
  const codec = createRequestStateCodec<{ round: number }>({ key: new Uint8Array(32).fill(7) });
  const confirm: FixtureTool = {
    run: (ctx) =>
      afterInputs(
        ctx,
        { confirm: askFor("Please confirm", "ok", "boolean") },
        () => {
          if (ctx.mcpReq.requestState<{ round: number }>()?.round !== 1) throw new Error("the state did not come back");
          return says("state-ok");
        },
        () => codec.mint({ round: 1 }),
      ),
  };
  const tools: Record<string, FixtureTool> = {
    test_simple_text: { run: () => says("This is a simple text response for testing.") },
    test_image_content: { run: () => gives({ type: "image", data: png, mimeType: "image/png" }) },
    test_audio_content: { run: () => gives({ type: "audio", data: wav, mimeType: "audio/wav" }) },
    test_embedded_resource: {
      run: () =>
        gives({
          type: "resource",
          resource: {
            uri: "test://embedded-resource",
            mimeType: "text/plain",
            text: "This is an embedded resource content.",
          },
        }),
    },
    test_multiple_content_types: {
      run: () =>
        gives(
          { type: "text", text: "Multiple content types test:" },
          { type: "image", data: png, mimeType: "image/png" },
          {
            type: "resource",
            resource: {
              uri: "test://mixed-content-resource",
              mimeType: "application/json",
              text: '{"test":"data","value":123}',
            },
          },
        ),
    },
    test_tool_with_logging: {
      async run({ mcpReq }) {
        for (const line of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
          await mcpReq.log("info", line);
          await pause();
        }
        return says("Logged three lines.");
      },
    },
    test_logging_tool: {
      async run({ mcpReq }) {
        await mcpReq.log("info", "only for who asked for it");
        return says("Logged.");
      },
    },
    test_error_handling: {
      run: () => ({ isError: true, ...says("This tool intentionally returns an error for testing") }),
    },
    test_tool_with_progress: {
      async run({ mcpReq }) {
        const progressToken = mcpReq._meta?.progressToken;
        for (const progress of [0, 50, 100]) {
          if (progressToken !== undefined)
            await mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress, total: 100 } });
          await pause();
        }
        return says("Done.");
      },
    },
    test_missing_capability: {
      run({ mcpReq }) {
        const declared = declaredBy(mcpReq);
        if (declared !== undefined && !("sampling" in declared))
          throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } });
        return says("The client has it.");
      },
    },
    test_streaming_elicitation: {
      run: (ctx) => afterInputs(ctx, { name: askFor("What is your name?", "name") }, () => says("Thank you.")),
    },
    test_headers: {
      input: {
        type: "object",
        properties: { region: { type: "string", "x-mcp-header": "Region" } },
      },
      run: () => says("Headers and body agree."),
    },
    test_input_required_result_elicitation: {
      run: (ctx) =>
        afterInputs(ctx, { user_name: askFor("What is your name?", "name") }, (responses) =>
          says(`Hello, ${String(acceptedContent(responses, "user_name")?.["name"])}!`),
        ),
    },
    test_input_required_result_sampling: {
      run: (ctx) =>
        afterInputs(ctx, { capital_question: askModel("What is the capital of France?", 100) }, (responses) =>
          says(JSON.stringify(responses["capital_question"])),
        ),
    },
    test_input_required_result_list_roots: {
      run: (ctx) =>
        afterInputs(ctx, { client_roots: inputRequired.listRoots() }, (responses) =>
          says(JSON.stringify(responses["client_roots"])),
        ),
    },
    test_input_required_result_request_state: confirm,
    test_input_required_result_tampered_state: confirm,
    test_input_required_result_multiple_inputs: {
      run: (ctx) =>
        afterInputs(
          ctx,
          {
            user_name: askFor("What is your name?", "name"),
            greeting: askModel("Generate a greeting", 50),
            client_roots: inputRequired.listRoots(),
          },
          (responses) => says(`Got ${Object.keys(responses).join(", ")}.`),
          () => codec.mint({ round: 1 }),
        ),
    },
    test_input_required_result_multi_round: {
      run: (ctx) => {
        const { round = 1 } = ctx.mcpReq.requestState<{ round: number }>() ?? {};
        if (round === 1 && acceptedContent(ctx.mcpReq.inputResponses, "step1") === undefined)
          return afterInputs(
            ctx,
            { step1: askFor("Step 1: What is your name?", "name") },
            () => says(""),
            () => codec.mint({ round: 1 }),
          );
        return afterInputs(
          ctx,
          { step2: askFor("Step 2: What is your favorite color?", "color") },
          (responses) => says(`The colour is ${String(acceptedContent(responses, "step2")?.["color"])}.`),
          () => codec.mint({ round: 2 }),
        );
      },
    },
    test_input_required_result_capabilities: {
      run(ctx) {
        const declared = declaredBy(ctx.mcpReq) ?? {};
        const wanted: InputRequests = {
          ...("elicitation" in declared ? { user_name: askFor("What is your name?", "name") } : {}),
          ...("sampling" in declared ? { greeting: askModel("Generate a greeting", 50) } : {}),
        };
        return afterInputs(ctx, wanted, () => says("Done."));
      },
    },
  };
  const prompts: Record<
    string,
    { args: string[]; run(ctx: ServerContext, args: Record<string, string>): PromptMessage[] | InputRequiredResult }
  > = {
    test_simple_prompt: { args: [], run: () => [user({ type: "text", text: "This is a simple prompt for testing." })] },
    test_prompt_with_arguments: {
      args: ["arg1", "arg2"],
      run: (_, { arg1, arg2 }) => [
        user({ type: "text", text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` }),
      ],
    },
    test_prompt_with_embedded_resource: {
      args: ["resourceUri"],
      run: (_, { resourceUri = "" }) => [
        user({
          type: "resource",
          resource: { uri: resourceUri, mimeType: "text/plain", text: "Embedded resource content for testing." },
        }),
        user({ type: "text", text: "Please process the embedded resource above." }),
      ],
    },
    test_prompt_with_image: {
      args: [],
      run: () => [
        user({ type: "image", data: png, mimeType: "image/png" }),
        user({ type: "text", text: "Please analyze the image above." }),
      ],
    },
    test_input_required_result_prompt: {
      args: [],
      run({ mcpReq }) {
        const given = acceptedContent(mcpReq.inputResponses, "user_context");
        return given === undefined
          ? inputRequired({
              inputRequests: { user_context: askFor("What context should the prompt use?", "context") },
            })
          : [user({ type: "text", text: `In the context of ${String(given["context"])}.` })];
      },
    },
  };

  return () => {
    const server = new Server(
      { name: "conformance-fixture", version: "1.0.0" },
      {
        capabilities: { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {}, logging: {} },
        requestState: { verify: codec.verify },
        cacheHints: { "tools/list": { ttlMs: 1000, cacheScope: "private" } },
      },
    );
    server.setRequestHandler("tools/list", () => ({
      tools: Object.entries(tools).map(([name, { input }]) => ({
        name,
        description: `What the conformance suite calls as ${name}`,
        inputSchema: input ?? { type: "object" },
      })),
    }));
    server.setRequestHandler("tools/call", async ({ params }, ctx) => {
      const tool = tools[params.name];
      if (tool === undefined) return { isError: true, ...says(`There is no tool ${params.name}.`) };
      return tool.run(ctx, params.arguments ?? {});
    });
    server.setRequestHandler("prompts/list", () => ({
      prompts: Object.entries(prompts).map(([name, { args }]) => ({
        name,
        description: `What the conformance suite gets as ${name}`,
        arguments: args.map((argument) => ({ name: argument, required: true })),
      })),
    }));
    server.setRequestHandler("prompts/get", ({ params }, ctx): GetPromptResult | InputRequiredResult => {
      const messages = prompts[params.name]?.run(ctx, params.arguments ?? {}) ?? [];
      return Array.isArray(messages) ? { messages } : messages;
    });
    server.setRequestHandler("resources/list", () => ({
      resources: ["test://static-text", "test://static-binary", "test://watched-resource"].map((uri) => ({
        uri,
        name: uri.slice("test://".length),
        description: `What the conformance suite reads at ${uri}`,
      })),
    }));
    server.setRequestHandler("resources/templates/list", () => ({
      resourceTemplates: [{ uriTemplate: "test://template/{id}/data", name: "template" }],
    }));
    server.setRequestHandler("resources/read", ({ params: { uri } }) => readResource(uri));
    server.setRequestHandler("resources/subscribe", () => ({}));
    server.setRequestHandler("resources/unsubscribe", () => ({}));
    server.setRequestHandler("completion/complete", () => ({
      completion: { values: ["paris", "park"], total: 2, hasMore: false },
    }));
    return server;
  };
}

const user = (content: PromptMessage["content"]): PromptMessage => ({ role: "user", content });

function readResource(uri: string): ReadResourceResult {
  if (uri === "test://static-text")
    return { contents: [{ uri, mimeType: "text/plain", text: "This is the content of the static text resource." }] };
  if (uri === "test://static-binary") return { contents: [{ uri, mimeType: "image/png", blob: png }] };
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id === undefined) throw new ResourceNotFoundError(uri);
  const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
  return { contents: [{ uri, mimeType: "application/json", text }] };
}
