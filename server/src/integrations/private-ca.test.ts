// A code host whose certificate is from an authority of the company's own: the API and git itself, over real TLS.
import { join } from "node:path";
import { makeCertificates } from "@opentrace/connectors/gitlab/testing/certificates.ts";
import { type FakeGitLab, startFakeGitLab } from "@opentrace/connectors/gitlab/testing/fake-gitlab.ts";
import { addSampleGroup } from "@opentrace/connectors/gitlab/testing/sample-group.ts";
import type { Integration, ScopeChoices } from "@opentrace/contract/integrations.ts";
import type { Repository } from "@opentrace/contract/repositories.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRepository, startTestServer, type TestRepository, type TestServer } from "../testing/test-server.ts";

const own = makeCertificates();
let fake: FakeGitLab;
let sample: ReturnType<typeof addSampleGroup>;
let server: TestServer;
let git: TestRepository;
beforeAll(async () => {
  fake = await startFakeGitLab({ tls: own.tls });
  sample = addSampleGroup(fake);
  git = createRepository({ "src/pay.py": "def charge(amount):\n    return amount\n" });
  sample.shop.gitFolder = join(git.path, ".git");
  server = await startTestServer({ OPENTRACE_RATE_LIMIT: "1000000" });
});
afterAll(async () => {
  await server.close();
  await fake.close();
  git.remove();
  expect(fake.violations).toEqual([]);
});

const connect = (ca: string) =>
  server.send("POST", "/api/v1/integrations", {
    connector: "gitlab",
    auth: "token",
    credential: { token: sample.token },
    config: { baseUrl: fake.urls.web, ca, detailDays: 0 },
  });

it("is refused without the authority's certificate, or with another's, in words that say what to do", async () => {
  for (const ca of ["", makeCertificates().authority]) {
    const { status, body } = await connect(ca);
    expect([status, (body as { detail: string }).detail]).toEqual([
      502,
      expect.stringMatching(/authority's certificate/) as string,
    ]);
  }
  // Git says it as plainly, for a repository that is added by itself.
  const { status, body } = await server.send("POST", "/api/v1/repositories", {
    source: `${fake.urls.web}/acme/platform/shop.git`,
    token: sample.token,
  });
  expect([status, (body as { detail: string }).detail]).toEqual([
    502,
    expect.stringMatching(/certificate is not trusted here\. Add its CA/) as string,
  ]);
});

it("is synced with it, and its code is read by git over the same authority", async () => {
  const { status, body } = await connect(own.authority);
  expect(status).toBe(201);
  const { integration } = body as { integration: Integration };
  const path = `/api/v1/integrations/${integration.id}`;
  const { scopes } = (await server.send("GET", `${path}/choices?kind=project&search=shop`)).body as ScopeChoices;
  await server.send("POST", `${path}/scopes`, { select: [{ id: scopes[0]?.id }] });
  await server.settled();
  const { repositories } = (await server.send("GET", "/api/v1/repositories")).body as { repositories: Repository[] };
  expect(repositories).toMatchObject([{ state: "ready", hasToken: false }]);
  const { nodes } = (await server.send("GET", "/api/v1/graph/nodes?type=Function")).body as {
    nodes: { name: string }[];
  };
  expect(nodes.map(({ name }) => name)).toContain("charge");
  expect(((await server.send("GET", path)).body as Integration).health).toMatchObject({ state: "ok" });
});
