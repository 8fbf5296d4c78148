// A real OpenTrace server beside a fake GitHub with the sample organization: what tests of integrations start from.
import { setTimeout as sleep } from "node:timers/promises";
import type { FakeGitHub } from "@opentrace/connectors/github/testing/fake-github.ts";
import { startFakeGitHub } from "@opentrace/connectors/github/testing/fake-github.ts";
import { addSampleOrg } from "@opentrace/connectors/github/testing/sample-org.ts";
import { loadVendorSchema, type VendorSchema } from "@opentrace/connectors/github/testing/vendor-schema.ts";
import { loadWebhookSchema, type WebhookSchema } from "@opentrace/connectors/github/testing/webhook-schema.ts";
import type { Integration, IntegrationTest } from "@opentrace/contract/integrations.ts";
import type { Job } from "@opentrace/contract/repositories.ts";
import type { StoreConfig } from "../../store/store.ts";
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
  settled(seconds?: number): Promise<void>;
  integration(id: string): Promise<Integration>;
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
  const server = await startTestServer({ OPENTRACE_RATE_LIMIT: "1000000", ...env }, store);
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
    settled: (seconds = 60) => settled(server, seconds),
    integration: async (id) => (await server.send("GET", `/api/v1/integrations/${id}`)).body,
    async close() {
      await server.close();
      await fake.close();
    },
  };
}

async function settled(server: TestServer, seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const left: Job[] = [];
    for (const state of ["queued", "running"]) {
      const { jobs } = (await server.send("GET", `/api/v1/jobs?state=${state}&limit=200`)).body as { jobs: Job[] };
      left.push(...jobs.filter((job) => job.kind.startsWith("integration.")));
    }
    if (left.length === 0) return;
    if (Date.now() > deadline) throw new Error(`jobs are left: ${JSON.stringify(left.slice(0, 5))}`);
    await sleep(50);
  }
}
