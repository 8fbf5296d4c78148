// The code of connected repositories: a real server, real git over HTTP that wants the token, and a GitHub judged by its own schema.
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { AskAnswer } from "@opentrace/contract/ask.ts";
import type { PullRequestsAnswer } from "@opentrace/contract/delivery.ts";
import type { GraphNode } from "@opentrace/contract/graph.ts";
import type { NodeAnswer } from "@opentrace/contract/graph-answers.ts";
import type { DisconnectPreview, Integration, SelectedScope } from "@opentrace/contract/integrations.ts";
import type { Repository } from "@opentrace/contract/repositories.ts";
import { renameRepository } from "@opentrace/connectors/github/testing/fake-state.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { createRepository, type TestRepository } from "../testing/test-server.ts";
import { startGitHubServer, type GitHubServer } from "./testing/github-server.ts";

const pay = [
  "import math",
  "",
  "def charge(amount):",
  "    return amount",
  "",
  "def refund(amount):",
  "    return charge(-amount)",
  "",
].join("\n");

forEachStore("the code of a connected repository", (test) => {
  let on: GitHubServer;
  let git: TestRepository;
  let repo: string;
  let integration: Integration;
  let token: string;
  beforeAll(async () => {
    on = await startGitHubServer(test.config);
    git = createRepository({ "src/pay.py": pay, "docs/guide.md": "# Guide\n" });
    on.sample.shop.gitFolder = join(git.path, ".git");
    repo = `${new URL(on.fake.urls.web).host}/acme/shop`;
    token = on.token();
    ({ integration } = await on.connect({ credential: { token } }));
  });
  afterAll(async () => {
    await on.close();
    git.remove();
  });

  const get = async <T>(path: string): Promise<T> => {
    const answer = await on.server.send("GET", `/api/v1${path}`);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  const send = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await on.server.send(method, `/api/v1${path}`, body);
    if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  const settled = (): Promise<void> => on.server.settled();
  const shopId = (): string => String(on.sample.shop.id);
  const sync = async (): Promise<void> => {
    await send("POST", `/integrations/${integration.id}/sync`, { mode: "incremental" });
    await settled();
  };
  const repositories = async (): Promise<Repository[]> =>
    (await get<{ repositories: Repository[] }>("/repositories")).repositories;
  const shopScope = async (): Promise<SelectedScope | undefined> =>
    (await get<{ scopes: SelectedScope[] }>(`/integrations/${integration.id}/scopes`)).scopes.find(
      (scope) => scope.id === shopId(),
    );
  const pullsOf = async (key: string): Promise<string[]> =>
    (await get<PullRequestsAnswer>(`/graph/pull-requests?node=${encodeURIComponent(key)}&state=open`)).pullRequests.map(
      (one) => `${one.node.name}: ${one.how}`,
    );
  const nodeOf = async (key: string): Promise<GraphNode | null> => {
    const answer = await on.server.send("GET", `/api/v1/graph/nodes/${encodeURIComponent(key)}`);
    return answer.status === 200 ? (answer.body as NodeAnswer).node : null;
  };

  it("is cloned with the integration's token when the scope is chosen, into one repository node", async () => {
    await send("POST", `/integrations/${integration.id}/scopes`, { select: [{ id: shopId() }] });
    await settled();
    const [row, ...others] = await repositories();
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      key: `repo:${repo}`,
      source: `${on.fake.urls.web}/acme/shop`,
      state: "ready",
      branch: null,
      defaultBranch: "main",
      hasToken: false,
    });
    expect((await shopScope())?.repositoryId).toBe(row?.id);
    // What the vendor says of it and what its code says stand on the same node.
    const node = await nodeOf(`repo:${repo}`);
    expect(node?.props).toMatchObject({ topics: ["payments"], defaultBranch: "main" });
    const files = await get<{ neighbors: NodeAnswer["neighbors"] }>(
      `/graph/nodes/${node?.id}/neighbors?edgeTypes=CONTAINS&limit=100`,
    );
    expect(new Set(files.neighbors.map((one) => one.node.type))).toEqual(
      new Set(["Directory", "Branch", "Issue", "PullRequest", "Release", "Deployment", "Pipeline"]),
    );
    expect(await nodeOf(`symbol:${repo}#src/pay.py#charge`)).toMatchObject({ type: "Function", name: "charge" });
  });

  it("answers which open pull request touches a function, by REST, MCP, plain English and the command line", async () => {
    const charge = `symbol:${repo}#src/pay.py#charge`;
    expect(await pullsOf(charge)).toEqual(["Round fees up: itself"]);
    expect(await pullsOf(`symbol:${repo}#src/pay.py#refund`)).toEqual([]);
    const client = new Client({ name: "test", version: "1" });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${on.server.address}/mcp/v1`)));
    const called = (await client.callTool({ name: "delivery", arguments: { node: charge } })) as unknown as {
      structuredContent: { open_pull_requests: { items: { title: string; url: string }[] } };
    };
    expect(called.structuredContent.open_pull_requests.items).toMatchObject([
      { title: "Round fees up", url: `${on.fake.urls.web}/acme/shop/pull/${on.sample.pull.number}` },
    ]);
    await client.close();
    const told = await send<AskAnswer>("POST", "/ask", { question: "Which open PRs touch charge?" });
    expect(told.answer).toContain(`1 open pull request touches \`charge\`:`);
    expect(told.nodes.map((node) => node.name)).toEqual(["charge", "Round fees up"]);
    const cli = await opentrace(["prs", charge, "--state", "open", "--server", on.server.address]);
    expect(cli).toMatch(new RegExp(`#${on.sample.pull.number} +open +Round fees up`));
  });

  it("leaves the token nowhere on the disk", () => {
    const found: string[] = [];
    let looked = 0;
    for (const path of filesBelow(on.server.folder)) {
      looked++;
      if (readFileSync(path).includes(token)) found.push(path);
    }
    expect(looked).toBeGreaterThan(5);
    expect(found).toEqual([]);
  });

  it("looks the symbols up again when the code moves under an open pull request", async () => {
    git.write({
      "src/pay.py": `import math\n\ndef fee(amount):\n    return 1\n\n${pay.slice("import math\n\n".length)}`,
    });
    git.commit("Put a function in front");
    await sync();
    // Line 4, which the pull request changes, is in another function now.
    expect(await pullsOf(`symbol:${repo}#src/pay.py#fee`)).toEqual(["Round fees up: itself"]);
    expect(await pullsOf(`symbol:${repo}#src/pay.py#charge`)).toEqual([]);
  });

  it("goes to another branch when one is chosen", async () => {
    git.git("checkout", "-q", "-b", "next");
    git.write({ "src/next.py": "def later():\n    return 0\n" });
    git.commit("Next");
    git.git("checkout", "-q", "main");
    await send("PATCH", `/integrations/${integration.id}/scopes/${shopId()}`, {
      codeBranch: "next",
      confirm: "acme/shop",
    });
    await settled();
    expect((await repositories())[0]).toMatchObject({ branch: "next", state: "ready" });
    expect(await nodeOf(`symbol:${repo}#src/next.py#later`)).not.toBeNull();
  });

  it("follows a rename: the code stands under the new name, and nothing under the old one", async () => {
    renameRepository(on.fake.state, on.sample.shop, "acme/store");
    await sync();
    const renamed = repo.replace("acme/shop", "acme/store");
    expect((await repositories()).map((row) => row.key)).toEqual([`repo:${renamed}`]);
    expect(await nodeOf(`symbol:${renamed}#src/next.py#later`)).not.toBeNull();
    expect(await nodeOf(`symbol:${repo}#src/next.py#later`)).toBeNull();
    expect(await nodeOf(`pr:${repo}#${on.sample.pull.number}`)).toBeNull();
    expect(await pullsOf(`file:${renamed}#src/pay.py`)).toEqual(["Round fees up: itself"]);
    renameRepository(on.fake.state, on.sample.shop, "acme/shop");
    await sync();
    expect((await repositories()).map((row) => row.key)).toEqual([`repo:${repo}`]);
  });

  it("keeps what there is when the repository is archived, or may not be read any more, and says so", async () => {
    on.sample.shop.archived = true;
    await sync();
    expect((await repositories())[0]).toMatchObject({ state: "ready" });
    on.fake.access.revoke(token);
    await send("POST", `/repositories/${(await repositories())[0]?.id}/sync`);
    await settled();
    const [row] = await repositories();
    expect(row?.state).toBe("failing");
    expect(row?.error).toMatch(/GitHub|token|credential/i);
    expect(await nodeOf(`symbol:${repo}#src/next.py#later`)).not.toBeNull();
    token = on.token();
    await send("POST", `/integrations/${integration.id}/rotate`, { credential: { token } });
    await sync();
    expect((await repositories())[0]).toMatchObject({ state: "ready", error: null });
  });

  it("goes when its scope is taken out, and comes back with it", async () => {
    await send("POST", `/integrations/${integration.id}/scopes`, { deselect: [shopId()] });
    await settled();
    expect(await repositories()).toEqual([]);
    expect(await nodeOf(`symbol:${repo}#src/pay.py#charge`)).toBeNull();
    expect(existsSync(join(on.server.folder, "repositories"))).toBe(true);
    expect(readdirSync(join(on.server.folder, "repositories")).filter((name) => name.endsWith(".git"))).toEqual([]);
    await send("POST", `/integrations/${integration.id}/scopes`, { select: [{ id: shopId(), codeBranch: "main" }] });
    await settled();
    expect((await repositories())[0]).toMatchObject({ branch: "main", state: "ready" });
  });

  describe("when the integration is disconnected", () => {
    const disconnect = async (one: Integration): Promise<void> => {
      await send("DELETE", `/integrations/${one.id}?confirm=${encodeURIComponent(one.name)}`);
      await settled();
    };

    it("goes with it, but for one that another integration has chosen too", async () => {
      const { integration: other } = await on.connect({ name: "second", credential: { token: on.token() } });
      await send("POST", `/integrations/${other.id}/scopes`, { select: [{ id: shopId() }] });
      await settled();
      expect(await repositories()).toHaveLength(1);
      const inherits = await get<DisconnectPreview>(`/integrations/${integration.id}/disconnect`);
      expect(inherits.repositories).toMatchObject([{ name: "acme/shop", removed: false }]);
      await disconnect(integration);
      expect(await repositories()).toHaveLength(1);
      expect(await nodeOf(`symbol:${repo}#src/pay.py#charge`)).not.toBeNull();
      const last = await get<DisconnectPreview>(`/integrations/${other.id}/disconnect`);
      expect(last.repositories).toMatchObject([{ name: "acme/shop", removed: true }]);
      const held = await on.totals();
      await disconnect(other);
      const left = await on.totals();
      // With its code: exactly what it said.
      expect(last).toMatchObject({ nodes: held.nodes - left.nodes, edges: held.edges - left.edges, exact: true });
      expect(await repositories()).toEqual([]);
      expect(await nodeOf(`symbol:${repo}#src/pay.py#charge`)).toBeNull();
    });

    it("stays when the user had added it himself", async () => {
      await on.server.index(`${on.fake.urls.web}/acme/shop`, { token: on.token() });
      ({ integration } = await on.connect({ name: "third", credential: { token: on.token() } }));
      await send("POST", `/integrations/${integration.id}/scopes`, { select: [{ id: shopId() }] });
      await settled();
      const preview = await get<DisconnectPreview>(`/integrations/${integration.id}/disconnect`);
      expect(preview.repositories).toMatchObject([{ name: "acme/shop", removed: false }]);
      await disconnect(integration);
      expect(await repositories()).toHaveLength(1);
      expect(await nodeOf(`symbol:${repo}#src/pay.py#charge`)).not.toBeNull();
      expect(await nodeOf(`pr:${repo}#${on.sample.pull.number}`)).toBeNull();
    });
  });

  it("was asked for as GitHub has it", () => {
    expect(on.fake.violations).toEqual([]);
  });
});

const bin = join(import.meta.dirname, "..", "..", "..", "cli", "bin", "opentrace.mjs");

function opentrace(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [bin, ...args], (error, out, err) => {
      if (error === null) resolve(out);
      else reject(new Error(err));
    });
  });
}

function* filesBelow(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() === true) yield* filesBelow(path);
    else if (found?.isFile() === true) yield path;
  }
}
