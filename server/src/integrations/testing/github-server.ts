// A real OpenTrace server beside a fake GitHub with the sample organization: what tests of integrations start from.
import { inspect } from "node:util";
import type { FakeGitHub } from "@opentrace/connectors/github/testing/fake-github.ts";
import { startFakeGitHub } from "@opentrace/connectors/github/testing/fake-github.ts";
import { addSampleOrg } from "@opentrace/connectors/github/testing/sample-org.ts";
import { loadVendorSchema, type VendorSchema } from "@opentrace/connectors/github/testing/vendor-schema.ts";
import { loadWebhookSchema, type WebhookSchema } from "@opentrace/connectors/github/testing/webhook-schema.ts";
import type { Integration, IntegrationTest } from "@opentrace/contract/integrations.ts";
import type { Job } from "@opentrace/contract/repositories.ts";
import type { StoreConfig } from "../../store/store.ts";
import type { Log } from "../../verb.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";

let schemas: { schema: VendorSchema; webhookSchema: WebhookSchema } | null = null;

export interface GitHubServer {
  server: TestServer;
  fake: FakeGitHub;
  sample: ReturnType<typeof addSampleOrg>;
  /** Shifts the fake's clock. */
  later(ms: number): void;
  /** Reads everything, in the name of ada. */
  token(permissions?: Record<string, "read">): string;
  connect(more?: Record<string, unknown>): Promise<{ integration: Integration; test: IntegrationTest }>;
  /** Ends when no job of any integration waits or runs. */
  settled(): Promise<void>;
  integration(id: string): Promise<Integration>;
  /** What the server logged, as text. */
  logged: string[];
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: object): Promise<T>;
  /** Chooses, and waits for what follows from it. */
  choose(id: string, selection: object): Promise<void>;
  /** The whole graph as lines, without what differs from write to write. */
  graph(): Promise<string[]>;
  /** What is stored, each edge once however many claim it. */
  totals(): Promise<{ nodes: number; edges: number }>;
  disconnect(integration: Pick<Integration, "id" | "name">): Promise<Job>;
  close(): Promise<void>;
}

const everyPermission = {
  contents: "read",
  issues: "read",
  pull_requests: "read",
  deployments: "read",
  actions: "read",
  checks: "read",
  members: "read",
} as const;

export async function startGitHubServer(store?: StoreConfig, env: Record<string, string> = {}): Promise<GitHubServer> {
  schemas ??= { schema: loadVendorSchema(), webhookSchema: loadWebhookSchema() };
  let offset = 0;
  const fake = await startFakeGitHub({ now: () => new Date(Date.now() + offset), ...schemas });
  const sample = addSampleOrg(fake);
  const logged: string[] = [];
  const server = await startTestServer({ OPENTRACE_RATE_LIMIT: "1000000", ...env }, store, logTo(logged));
  // What is done by the clock would be done in the midst of a test, on a slow machine.
  await server.application.integrations.rest();
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await server.send(method, `/api/v1${path}`, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const token: GitHubServer["token"] = (permissions = everyPermission) =>
    fake.access.mintFineGrainedToken("ada", permissions).value;
  return {
    server,
    fake,
    sample,
    token,
    later: (ms) => void (offset += ms),
    async connect(more = {}) {
      const answer = await server.send("POST", "/api/v1/integrations", {
        connector: "github",
        auth: "token",
        credential: { token: token() },
        config: { baseUrl: fake.urls.web, detailDays: 0 },
        ...more,
      });
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
      return answer.body;
    },
    settled: () => server.settled("integration."),
    logged,
    get: (path) => call("GET", path),
    post: (path, body = {}) => call("POST", path, body),
    async choose(id, selection) {
      await call("POST", `/integrations/${id}/scopes`, selection);
      await server.settled("integration.");
    },
    graph: () => graphOf(server),
    async totals() {
      const db = server.application.store.graph;
      const nodes = await db.selectFrom("nodes").select("id").execute();
      const edges = await db.selectFrom("edges").select(["src", "type", "dst"]).distinct().execute();
      return { nodes: nodes.length, edges: edges.length };
    },
    async disconnect({ id, name }) {
      const { job } = await call<{ job: Job }>("DELETE", `/integrations/${id}?confirm=${encodeURIComponent(name)}`);
      return await server.waitForJob(job.id);
    },
    integration: async (id) => (await server.send("GET", `/api/v1/integrations/${id}`)).body,
    async close() {
      await server.close();
      await fake.close();
    },
  };
}

async function graphOf({ application }: Pick<TestServer, "application">): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of application.exportGraph("default", new AbortController().signal))
    if (/"kind":"(?:node|edge)"/.test(line)) lines.push(line.replace(/"(?:observedAt|version)":("[^"]*"|\d+),?/g, ""));
  return lines.toSorted();
}

/** As the real log would write it: errors with their messages, stacks and causes. */
function logTo(lines: string[]): Log {
  const write = (fields: object, message: string): void =>
    void lines.push(inspect({ message, ...fields }, { depth: 8, breakLength: Number.POSITIVE_INFINITY }));
  return { debug: write, info: write, warn: write, error: write };
}
