// The real client SDK against the real server: both protocol eras, over HTTP and over stdio.
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Permission } from "@opentrace/contract/access.ts";
import { localActor } from "../../access/actors.ts";
import { describeVerbs } from "../../all-verbs.ts";
import {
  createRepository,
  shopFiles,
  startTestServer,
  type TestRepository,
  type TestServer,
} from "../../testing/test-server.ts";
import { describeTool, listedTools, toolVerbs } from "./mcp-server.ts";
import { countTokens, fitTokens } from "./token-budget.ts";

let server: TestServer;
let repository: TestRepository;
beforeAll(async () => {
  server = await startTestServer();
  repository = createRepository(shopFiles);
  await server.index(repository.path);
});
afterAll(async () => {
  await server.close();
  repository.remove();
});

const eras = { legacy: "2025-11-25", modern: "2026-07-28" } as const;
const bin = join(import.meta.dirname, "..", "..", "..", "..", "cli", "bin", "opentrace.mjs");

async function connect(
  era: keyof typeof eras,
  over: "http" | "stdio",
  headers: Record<string, string> = {},
  url = `${server.address}/mcp/v1`,
): Promise<Client> {
  const client = new Client(
    { name: "test", version: "1" },
    { versionNegotiation: { mode: era === "modern" ? { pin: eras.modern } : "legacy" } },
  );
  const transport =
    over === "http"
      ? new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } })
      : new StdioClientTransport({
          command: process.execPath,
          args: [bin, "mcp", "--data", server.folder],
          env: { ...process.env } as Record<string, string>,
          stderr: "inherit",
        });
  await client.connect(transport);
  return client;
}

it("is also found at /mcp, where several clients look", async () => {
  const client = await connect("legacy", "http", {}, `${server.address}/mcp`);
  expect((await client.listTools()).tools.length).toBeGreaterThan(0);
  await client.close();
});

interface Result {
  isError?: boolean;
  content: { type: string; text: string }[];
  structuredContent?: Record<string, unknown>;
}
const call = async (client: Client, name: string, args: Record<string, unknown>): Promise<Result> =>
  (await client.callTool({ name, arguments: args })) as unknown as Result;

for (const over of ["http", "stdio"] as const)
  for (const era of ["legacy", "modern"] as const)
    describe(`an assistant over ${over} in the ${era} protocol`, () => {
      let client: Client;
      beforeAll(async () => {
        client = await connect(era, over);
      });
      afterAll(() => client.close());

      it("finds the tools, the same and in the same order every time, with hints on each", async () => {
        const { tools } = await client.listTools();
        expect((await client.listTools()).tools).toEqual(tools);
        expect(tools.map((tool) => tool.name)).toEqual(
          expect.arrayContaining([
            "search_graph",
            "list_nodes",
            "get_node",
            "traverse_graph",
            "get_stats",
            "find_path",
            "impact",
            "ask",
          ]),
        );
        const writing = tools.filter((tool) => tool.annotations?.readOnlyHint !== true).map((tool) => tool.name);
        expect(writing).toEqual(["create_incident", "add_evidence"]);
        for (const tool of tools) {
          const reads = !writing.includes(tool.name);
          expect(tool).toMatchObject({
            inputSchema: { type: "object" },
            annotations: { readOnlyHint: reads, destructiveHint: false, idempotentHint: reads, openWorldHint: false },
          });
        }
      });

      it("searches, looks at a node, follows it, and asks in English", async () => {
        const found = await call(client, "search_graph", { query: "charge", limit: 5 });
        const hits = found.structuredContent?.["results"] as { id: string; name: string }[];
        expect(hits[0]?.name).toBe("charge");
        expect(JSON.parse(found.content[0]?.text ?? "")).toEqual(found.structuredContent);
        const node = await call(client, "get_node", { nodeId: hits[0]?.id });
        expect(node.structuredContent).toMatchObject({ node: { name: "charge" }, neighbors: expect.any(Array) });
        const walked = JSON.parse(
          (await call(client, "traverse_graph", { nodeId: hits[0]?.id, direction: "incoming", depth: 3 })).content[0]
            ?.text ?? "",
        ) as unknown;
        expect(JSON.stringify(walked)).toContain("checkout");
        const answer = await call(client, "ask", { question: "what calls charge?" });
        expect(answer.structuredContent?.["answer"]).toContain("Cart.checkout");
      });

      it("serves the names of older clients without listing them", async () => {
        expect((await call(client, "search_nodes", { query: "Cart" })).isError).toBeFalsy();
        expect((await client.listTools()).tools.map((tool) => tool.name)).not.toContain("search_nodes");
      });

      it("says what a model can mend", async () => {
        const wrong = await call(client, "get_node", { nodeId: "symbol:nowhere#pay.ts#charge" });
        expect(wrong.isError).toBe(true);
        expect(wrong.content[0]?.text).toMatch(/There is no node.*(charge|Search)/);
        const field = await call(client, "search_graph", { query: "x", limitt: 3 });
        expect(field.content[0]?.text).toContain('Did you mean \\"limit\\"?');
        await expect(client.callTool({ name: "serch_graph", arguments: {} })).rejects.toThrow(/search_graph/);
      });

      it("keeps to the budget it is given, says what it cut, and stays whole JSON", async () => {
        const small = await call(client, "list_nodes", { type: "File", max_tokens: 200 });
        const text = small.content[0]?.text ?? "";
        expect(countTokens(text)).toBeLessThanOrEqual(260);
        expect(JSON.parse(text)).toMatchObject({ truncated: true });
        const tooMuch = await call(client, "list_nodes", { type: "File", max_tokens: 30_000 });
        expect(tooMuch.isError).toBe(true);
      });

      it("offers the prompts", async () => {
        expect((await client.listPrompts()).prompts.map((prompt) => prompt.name)).toEqual([
          "discover_architecture",
          "impact_analysis",
          "dependency_analysis",
        ]);
        const prompt = await client.getPrompt({ name: "impact_analysis", arguments: { target: "PayService" } });
        expect(JSON.stringify(prompt.messages)).toContain("PayService");
        await expect(client.getPrompt({ name: "impact_analysis", arguments: {} })).rejects.toThrow(/target/);
      });
    });

describe("the list of tools", () => {
  it("costs an assistant little", () => {
    const all = listedTools(toolVerbs(describeVerbs()));
    const cost = (of: (permission: string) => boolean): [tokens: number, tools: number] => {
      const tools = all.filter((verb) => of(verb.permission)).map(describeTool);
      return [Math.ceil(JSON.stringify(tools).length / 4), tools.length];
    };
    // A key is shown what it may use: the code's tools alone, with those that read incidents, with those that report them.
    const [graph, graphTools] = cost((permission) => !permission.startsWith("incidents:"));
    const [reading, readingTools] = cost((permission) => permission !== "incidents:report");
    const [everything] = cost(() => true);
    expect(graph).toBeLessThanOrEqual(4500);
    expect(graphTools).toBeLessThanOrEqual(15);
    expect(reading).toBeLessThanOrEqual(5500);
    expect(readingTools).toBeLessThanOrEqual(21);
    expect(everything).toBeLessThanOrEqual(6200);
  });
});

describe("MCP with authentication", () => {
  it("shows and serves only what the key may", async () => {
    const guarded = await startTestServer({ ENABLE_AUTH: "true" });
    const { key } = await guarded.application.keys.create(
      { name: "k", scopes: ["source:read"] },
      localActor,
      "default",
    );
    await expect(connect("legacy", "http", {}, `${guarded.address}/mcp/v1`)).rejects.toThrow();
    const client = await connect("modern", "http", { authorization: `Bearer ${key}` }, `${guarded.address}/mcp/v1`);
    expect((await client.listTools()).tools.map((tool) => tool.name)).not.toContain("search_graph");
    expect(await call(client, "search_graph", { query: "x" })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining("graph:read") }],
    });
    await client.close();
    await guarded.close();
  });
});

describe("incidents over MCP", () => {
  let guarded: TestServer;
  beforeAll(async () => void (guarded = await startTestServer({ ENABLE_AUTH: "true" })));
  afterAll(() => guarded.close());
  const connectWith = async (...scopes: Permission[]): Promise<Client> => {
    const { key } = await guarded.application.keys.create({ name: scopes.join(), scopes }, localActor, "default");
    return await connect("modern", "http", { authorization: `Bearer ${key}` }, `${guarded.address}/mcp/v1`);
  };
  const given = async <T>(client: Client, tool: string, args: Record<string, unknown>): Promise<T> => {
    const result = await call(client, tool, args);
    expect(result.isError, JSON.stringify(result.content)).toBeFalsy();
    return result.structuredContent as T;
  };

  it("are declared, documented and read by an assistant whose key may", async () => {
    const client = await connectWith("incidents:read", "incidents:report");
    const { id } = await given<{ id: string }>(client, "create_incident", {
      title: "Checkout is down",
      severity: "critical",
      affected_services: ["checkout"],
    });
    const { id: evidence } = await given<{ id: string }>(client, "add_evidence", {
      incident_id: id,
      evidence_type: "log",
      title: "payments log",
      content: "connection refused\n".repeat(3_000),
      services: ["payments"],
    });
    const { incidents } = await given<{ incidents: object[] }>(client, "list_incidents", { q: "refused" });
    expect(incidents).toMatchObject([{ id, title: "Checkout is down", severity: "critical" }]);
    expect(await given(client, "get_incident", { id })).toMatchObject({ evidence_count: 1 });
    const listed = await given<{ evidence: { content: string }[] }>(client, "list_evidence", { incident_id: id });
    expect(listed.evidence).toMatchObject([{ id: evidence, services: ["payments"], content_bytes: 57_000 }]);
    expect(listed.evidence[0]?.content.length).toBeLessThan(1_000);
    for (const max_tokens of [300, 2_000]) {
      const one = await call(client, "get_evidence", { id: evidence, max_tokens });
      expect(countTokens(one.content[0]?.text ?? "")).toBeLessThanOrEqual(max_tokens);
      expect(one.structuredContent).toMatchObject({ id: evidence, content_truncated: true });
    }
    expect(await given(client, "get_timeline", { id })).toMatchObject({ entries: expect.any(Array) });
    expect(await given(client, "list_hypotheses", { id })).toMatchObject({ hypotheses: [] });
    await client.close();
  });

  it("are kept from a key that may not", async () => {
    const reader = await connectWith("graph:read", "incidents:read");
    const names = (await reader.listTools()).tools.map((tool) => tool.name);
    expect(names).toEqual(expect.arrayContaining(["list_incidents", "list_evidence", "get_timeline"]));
    expect(names).not.toContain("create_incident");
    expect(await call(reader, "create_incident", { title: "x" })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining("incidents:report") }],
    });
    await reader.close();
    const code = await connectWith("graph:read");
    expect((await code.listTools()).tools.filter((tool) => /incident|evidence|timeline/.test(tool.name))).toEqual([]);
    expect(await call(code, "list_evidence", { incident_id: "INC-1" })).toMatchObject({ isError: true });
    await code.close();
  });
});

describe("fitting a result into a budget", () => {
  it("leaves alone what fits and never exceeds otherwise", () => {
    const items = Array.from({ length: 500 }, (_, index) => ({ id: index, text: "lorem ipsum ".repeat(index % 7) }));
    expect(fitTokens({ items }, 100_000)).toEqual({ value: { items }, cut: {} });
    for (const tokens of [200, 500, 2000, 5000]) {
      const { value, cut } = fitTokens({ items, note: "kept" }, tokens);
      expect(countTokens(JSON.stringify(value))).toBeLessThanOrEqual(tokens);
      expect(cut["items"]?.of).toBe(500);
      expect(value).toMatchObject({ note: "kept" });
    }
  });

  it("shortens one long text, and gives up on what can't be cut", () => {
    const { value } = fitTokens({ source: "x".repeat(50_000) }, 300);
    expect(countTokens(JSON.stringify(value))).toBeLessThanOrEqual(300);
    const wide = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`field${index}`, index]));
    expect(fitTokens(wide, 300).value).toBeNull();
  });
});
