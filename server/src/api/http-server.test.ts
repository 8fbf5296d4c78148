import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createRepository,
  shopFiles,
  startTestServer,
  type TestRepository,
  type TestServer,
} from "../testing/test-server.ts";

let server: TestServer;
let repository: TestRepository;
const logged: { level: "warn" | "error"; fields: object; message: string }[] = [];
beforeAll(async () => {
  server = await startTestServer({}, undefined, {
    debug() {},
    info() {},
    warn: (fields, message) => logged.push({ level: "warn", fields, message }),
    error: (fields, message) => logged.push({ level: "error", fields, message }),
  });
  repository = createRepository(shopFiles);
});
afterAll(async () => {
  await server.close();
  repository.remove();
});

/** fetch sets Host itself; node:http lets a test lie. */
function raw(path: string, headers: Record<string, string>, method = "GET"): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(server.address);
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, path, method, headers }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    call.on("error", reject);
    call.end();
  });
}

describe("the HTTP server", () => {
  it("tells that it is alive, ready, and what it is", async () => {
    expect((await server.send("GET", "/healthz")).status).toBe(200);
    expect((await server.send("GET", "/readyz")).body).toEqual({ status: "ready" });
    expect((await server.send("GET", "/info")).body).toMatchObject({ name: "OpenTrace", auth: { required: false } });
  });

  it("serves each integration's README as its page", async () => {
    const list = await server.send("GET", "/docs/integrations");
    expect(list.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(list.body).toContain('<a href="/docs/integrations/github">GitHub</a>');
    const page = await server.send("GET", "/docs/integrations/github");
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.body).toContain("<h2>Permissions Required</h2>");
    expect(page.body).toContain("<td>Issues: read</td>");
    expect((await server.send("GET", "/docs/integrations/..%2f..%2fpackage")).status).toBe(404);
  });

  it("answers errors as problem details with a code, a sentence and the request's id", async () => {
    const { status, headers, body } = await server.send("GET", "/api/v1/jobs/job_none");
    expect(status).toBe(404);
    expect(headers.get("content-type")).toContain("application/problem+json");
    expect(body).toMatchObject({
      title: "Not Found",
      status: 404,
      code: "not_found",
      detail: "There is no job job_none.",
      requestId: headers.get("x-request-id"),
    });
  });

  it("refuses unknown body fields by name, and says which was probably meant", async () => {
    const { status, body } = await server.send("POST", "/api/v1/repositories", { source: "/x", brnch: "main" });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      detail: 'Unknown field "brnch". Did you mean "branch"?',
      errors: [{ field: "brnch" }],
    });
  });

  it("refuses unknown query parameters by name", async () => {
    const { status, body } = await server.send("GET", "/api/v1/jobs?limt=3");
    expect(status).toBe(400);
    expect(body).toMatchObject({ detail: 'Unknown field "limt". Did you mean "limit"?' });
    expect((await server.send("POST", "/api/v1/repositories?x=1", { source: "/x" })).status).toBe(400);
  });

  it("says what a wrong field should be", async () => {
    const { body } = await server.send("GET", "/api/v1/jobs?limit=0");
    expect(body).toMatchObject({ code: "bad_request", errors: [{ field: "limit" }] });
    expect((await server.send("POST", "/api/v1/repositories", {})).body).toMatchObject({
      detail: "source is missing.",
    });
  });

  it("logs an address that does not answer as a warning of one line, since nothing is broken here", async () => {
    const source = "http://127.0.0.1:9/shop.git";
    expect((await server.send("POST", "/api/v1/repositories", { source })).status).toBe(502);
    const about = logged.filter(({ fields }) => JSON.stringify(fields).includes(source));
    expect(about).toEqual([
      {
        level: "warn",
        message: "upstream failed",
        fields: {
          code: "upstream_failed",
          reason: expect.stringContaining("nothing answers there"),
          requestId: expect.any(String),
          route: "/api/v1/repositories",
        },
      },
    ]);
  });

  it("says so when a body is no JSON, no object, too large, or of another type", async () => {
    expect(await server.send("POST", "/api/v1/ask", "{oops")).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/^The request body is not JSON(: (?!Body is not valid JSON).*)?\.?$/) },
    });
    expect((await server.send("POST", "/api/v1/ask", "[1]")).body).toMatchObject({
      detail: "The request body should be a JSON object.",
    });
    expect((await server.send("POST", "/api/v1/ask", { question: "x".repeat(1_100_000) })).status).toBe(413);
    expect(
      (await server.send("POST", "/api/v1/ask", "a=b", { "content-type": "application/x-www-form-urlencoded" })).status,
    ).toBe(400);
  });

  it("accepts a trailing slash, answers HEAD, and lists the methods when one is wrong", async () => {
    expect((await server.send("GET", "/api/v1/jobs/")).status).toBe(200);
    expect((await server.send("HEAD", "/api/v1/jobs")).status).toBe(200);
    const wrong = await server.send("PUT", "/api/v1/repositories");
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get("allow")).toBe("GET, HEAD, POST");
  });

  it("answers 304 while nothing has changed", async () => {
    const first = await server.send("GET", "/api/v1/repositories");
    const etag = first.headers.get("etag") ?? "";
    expect(etag).toMatch(/^W\//);
    expect((await server.send("GET", "/api/v1/repositories", undefined, { "if-none-match": etag })).status).toBe(304);
  });

  it("compresses JSON for those who accept it", async () => {
    const plain = await fetch(`${server.address}/api/v1/openapi.json`, { headers: { "accept-encoding": "identity" } });
    const packed = await fetch(`${server.address}/api/v1/openapi.json`, { headers: { "accept-encoding": "br" } });
    expect(plain.headers.get("content-encoding")).toBeNull();
    expect(packed.headers.get("content-encoding")).toBe("br");
    expect(await packed.text()).toBe(await plain.text());
  });

  it("describes every verb with a path in OpenAPI 3.1", async () => {
    const document = (await server.send("GET", "/api/v1/openapi.json")).body as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    expect(document.openapi).toBe("3.1.0");
    const described = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map((operation) => operation.operationId),
    );
    for (const verb of server.application.verbs) if (verb.http !== undefined) expect(described).toContain(verb.name);
    expect((await server.send("GET", "/docs/")).status).toBe(200);
  });

  it("answers only to this machine's names while it is bound to this machine", async () => {
    expect((await raw("/api/v1/repositories", { host: "evil.example" })).status).toBe(403);
    expect((await raw("/api/v1/repositories", { host: "127.0.0.1.evil.example" })).status).toBe(403);
    expect((await raw("/api/v1/repositories", { host: "localhost:9" })).status).toBe(200);
  });

  it("refuses requests from foreign web pages, and takes its own page's", async () => {
    const post = (headers: Record<string, string>) => server.send("POST", "/api/v1/ask", { question: "help" }, headers);
    expect((await post({ origin: "https://evil.example" })).status).toBe(403);
    expect((await post({ origin: "null" })).status).toBe(403);
    expect((await post({ origin: server.address })).status).toBe(200);
    expect(
      (
        await raw(
          "/api/v1/repositories",
          { host: new URL(server.address).host, "sec-fetch-site": "cross-site" },
          "POST",
        )
      ).status,
    ).toBe(403);
  });

  it("sends a policy that allows scripts of its own only", async () => {
    const policy = (await server.send("GET", "/healthz")).headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  });

  it("gives pages to browsers at every path of the UI, and errors to programs", async () => {
    const page = await server.send("GET", "/graph/some/place", undefined, { accept: "text/html" });
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toContain("text/html");
    expect((await server.send("GET", "/api/v1/nothing", undefined, { accept: "text/html" })).status).toBe(404);
    expect((await server.send("GET", "/assets/nothing.js", undefined, { accept: "text/html" })).status).toBe(404);
  });
});

describe("repositories over REST", () => {
  it("indexes one, tells of it as it goes, syncs it for nothing, and removes it", async () => {
    const events: string[] = [];
    const stop = new AbortController();
    const stream = await fetch(`${server.address}/api/v1/events`, { signal: stop.signal });
    const reading = (async () => {
      for await (const chunk of stream.body ?? []) events.push(Buffer.from(chunk as Uint8Array).toString());
    })().catch(() => undefined);

    const indexed = await server.index(repository.path);
    expect(indexed).toMatchObject({
      state: "ready",
      branch: null,
      defaultBranch: "main",
      error: null,
      hasToken: false,
    });
    expect(indexed.counts.files).toBe(6);
    expect(indexed.counts.nodes).toBeGreaterThan(10);

    const again = await server.send("POST", "/api/v1/repositories", { source: repository.path });
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({ repositoryId: indexed.id });

    const sync = (await server.send("POST", `/api/v1/repositories/${indexed.id}/sync`)).body as { job: { id: string } };
    expect((await server.waitForJob(sync.job.id)).result).toMatchObject({ changed: 0 });

    const removal = (await server.send("DELETE", `/api/v1/repositories/${indexed.id}`)).body as { job: { id: string } };
    expect((await server.waitForJob(removal.job.id)).state).toBe("succeeded");
    expect((await server.send("GET", `/api/v1/repositories/${indexed.id}`)).status).toBe(404);
    expect((await server.send("GET", "/api/v1/graph/stats")).body).toMatchObject({ total_nodes: 0, total_edges: 0 });

    for (const type of ["job.updated", "repository.changed", "graph.changed", "repository.removed"])
      await expect.poll(() => events.join("")).toContain(`event: ${type}\n`);
    stop.abort();
    await reading;
    const text = events.join("");

    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    const replay = await fetch(`${server.address}/api/v1/events`, { headers: { "last-event-id": String(ids[2]) } });
    let replayed = "";
    for await (const chunk of replay.body ?? []) {
      replayed += Buffer.from(chunk as Uint8Array).toString();
      if (/^id: .*\n/m.test(replayed)) break;
    }
    expect(/^id: (.*)\n/m.exec(replayed)?.[1]).toBe(String(ids[3]));
  });

  it("says at once what is wrong with a source, a branch or a token, and with which field", async () => {
    const empty = createRepository({});
    empty.git("checkout", "-q", "--orphan", "void");
    const cases: [Record<string, unknown>, number, string, RegExp][] = [
      [{ source: server.folder }, 422, "source", /is not a Git repository/],
      [{ source: "/no/such/place" }, 422, "source", /does not exist/],
      [{ source: "not a place" }, 422, "source", /neither an absolute path nor a Git URL/],
      [{ source: repository.path, branch: "mian" }, 422, "branch", /no branch "mian".*main/],
      [{ source: `https://127.0.0.1:1/x/y.git` }, 502, "source", /127\.0\.0\.1/],
      [{ source: "ftp://example.org/x.git" }, 422, "source", /not a Git address/],
      [{ source: "https://user:secret@example.org/x.git" }, 422, "source", /login/],
    ];
    for (const [body, status, field, detail] of cases) {
      const answer = await server.send("POST", "/api/v1/repositories", body);
      expect({ body, status: answer.status }).toEqual({ body, status });
      expect(answer.body).toMatchObject({ detail: expect.stringMatching(detail), errors: [{ field }] });
      expect(JSON.stringify(answer.body)).not.toContain("secret");
    }
    empty.remove();
    expect((await server.send("GET", "/api/v1/repositories")).body).toEqual({ repositories: [] });
  });

  it("moves to another branch and keeps nothing of the old one", async () => {
    const own = createRepository({ "a.ts": "export function onMain(): void {}\n" });
    own.git("checkout", "-q", "-b", "next");
    own.write({ "a.ts": "export function onNext(): void {}\n" });
    own.commit("Next");
    own.git("checkout", "-q", "main");
    const { id } = await server.index(own.path);
    expect((await server.send("GET", `/api/v1/repositories/${id}/branches`)).body).toMatchObject({
      defaultBranch: "main",
      indexed: "main",
    });
    const change = (await server.send("PATCH", `/api/v1/repositories/${id}`, { branch: "next" })).body as {
      job: { id: string };
    };
    await server.waitForJob(change.job.id);
    const names = async (q: string) =>
      (
        (await server.send("GET", `/api/v1/graph/search?q=${q}&types=Function`)).body as {
          hits: { node: { name: string } }[];
        }
      ).hits.map((hit) => hit.node.name);
    expect(await names("onNext")).toContain("onNext");
    expect(await names("onMain")).not.toContain("onMain");
    const removal = (await server.send("DELETE", `/api/v1/repositories/${id}`)).body as { job: { id: string } };
    await server.waitForJob(removal.job.id);
    own.remove();
  });

  it("lists what was skipped by reason, a page at a time", async () => {
    const own = createRepository({
      "a.ts": "\u0000\u0001\u0002",
      "b.ts": "\u0000\u0001",
      "c.ts": "\u0000",
      "ok.ts": "export const ok = 1;\n",
    });
    const { id } = await server.index(own.path);
    const first = (await server.send("GET", `/api/v1/repositories/${id}/skipped?limit=2`)).body as {
      skipped: { path: string }[];
      byReason: Record<string, number>;
      page: { nextCursor: string; total: number };
    };
    expect(first.skipped.map((one) => one.path)).toEqual(["a.ts", "b.ts"]);
    expect(first.byReason).toEqual({ binary: 3 });
    const second = (
      await server.send("GET", `/api/v1/repositories/${id}/skipped?limit=2&cursor=${first.page.nextCursor}`)
    ).body as typeof first;
    expect(second.skipped.map((one) => one.path)).toEqual(["c.ts"]);
    own.remove();
  });

  it("calls a local repository stale as soon as its branch has moved", async () => {
    const own = createRepository({ "a.ts": "export const a = 1;\n" });
    // It looks by itself, too: in the midst of the one below, perhaps.
    await server.application.watch.stop();
    const { id, key } = await server.index(own.path);
    const state = async () =>
      (
        (await server.send("GET", "/api/v1/graph/stats")).body as {
          freshness: { source: string; state: string; detail?: string }[];
        }
      ).freshness.find((one) => one.source === key);
    expect((await state())?.state).toBe("fresh");
    own.write({ "a.ts": "export const a = 2;\n" });
    own.commit("Second");
    await server.application.watch.look(new AbortController().signal);
    expect(await state()).toMatchObject({ state: "stale", detail: expect.stringContaining("Sync to catch up") });
    const sync = (await server.send("POST", `/api/v1/repositories/${id}/sync`)).body as { job: { id: string } };
    await server.waitForJob(sync.job.id);
    expect((await state())?.state).toBe("fresh");
    own.remove();
  });
});
