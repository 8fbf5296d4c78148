// Evidence: large contents, files, nodes of the graph, changes and removal.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type Evidence,
  type Incident,
  type IncidentChange,
  type IncidentList,
  incidentLimits,
} from "@opentrace/contract/incidents.ts";
import type { Problem } from "../api/rest/problem.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import {
  createRepository,
  shopFiles,
  startTestServer,
  type TestRepository,
  type TestServer,
} from "../testing/test-server.ts";

const api = "/api/v1";

forEachStore("evidence", (test) => {
  let server: TestServer;
  let repository: TestRepository;
  let incident: Incident;
  beforeAll(async () => {
    server = await startTestServer({}, test.config);
    repository = createRepository(shopFiles);
    incident = (await server.send("POST", `${api}/incidents`, { title: "Subject" })).body;
  });
  afterAll(async () => {
    await server.close();
    repository.remove();
  });

  const add = async (body: object): Promise<Evidence> => {
    const answer = await server.send("POST", `${api}/evidence/incident/${incident.id}`, body);
    expect(answer.status, JSON.stringify(answer.body).slice(0, 400)).toBe(201);
    return answer.body;
  };
  const download = async (id: string): Promise<Buffer> => {
    const response = await fetch(`${server.address}${api}/evidence/${id}/content`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(response.headers.get("content-disposition")).toContain("attachment");
    return Buffer.from(await response.arrayBuffer());
  };
  const found = async (q: string): Promise<number> =>
    ((await server.send("GET", `${api}/incidents?q=${q}`)).body as IncidentList).items.length;
  const blobs = async (): Promise<{ sha256: string | null }[]> =>
    server.application.store.app.selectFrom("blobs").select("sha256").execute();
  const line = (n: number): string =>
    `2026-11-21T10:00:${String(n % 60).padStart(2, "0")}Z ERROR request ${n} failed: zurück\n`;
  const log = (lines: number): string => Array.from({ length: lines }, (_, n) => line(n)).join("");

  it("shows the beginning of a long content, keeps it whole and once, and finds words beyond the cut", async () => {
    const content = `${log(2_000)}needlebeyondcut\n${log(60_000)}wordbeyondthesearch`;
    const [first, second] = [
      await add({ evidence_type: "log", content }),
      await add({ evidence_type: "log", content }),
    ];
    expect(first).toMatchObject({ content_truncated: true, content_bytes: Buffer.byteLength(content) });
    const shown = first.content ?? "";
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(incidentLimits.shownContent);
    expect(Buffer.byteLength(shown)).toBeGreaterThan(incidentLimits.shownContent - 4);
    expect(content.startsWith(shown)).toBe(true);
    for (const { id } of [first, second]) expect((await download(id)).equals(Buffer.from(content))).toBe(true);
    expect(await blobs()).toEqual([{ sha256: createHash("sha256").update(content).digest("hex") }]);
    expect(await found("needlebeyondcut")).toBe(1);
    expect(await found("wordbeyondthesearch")).toBe(0);
    expect((await server.send("DELETE", `${api}/evidence/${first.id}`)).status).toBe(200);
    expect((await download(second.id)).length).toBe(first.content_bytes);
    expect((await server.send("DELETE", `${api}/evidence/${second.id}`)).status).toBe(200);
    expect(await blobs()).toEqual([]);
    expect(await found("needlebeyondcut")).toBe(0);
    const chunks = await server.application.store.app.selectFrom("blob_chunks").select("n").execute();
    expect(chunks).toEqual([]);
  });

  it("takes a file of text as it arrives, and leaves nothing of one that is broken off or too large", async () => {
    const text = `first line of the file\n${log(40_000)}`;
    const send = (body: string, query = "title=Node+log&source=kubectl"): Promise<Response> =>
      fetch(`${server.address}${api}/evidence/incident/${incident.reference}/upload?${query}`, {
        method: "POST",
        body,
        headers: { "content-type": "text/plain" },
      });
    const answer = await send(text);
    expect(answer.status).toBe(201);
    const one = (await answer.json()) as Evidence;
    expect(one).toMatchObject({
      evidence_type: "log",
      title: "Node log",
      source: "kubectl",
      content_truncated: true,
      content_bytes: Buffer.byteLength(text),
    });
    expect((await download(one.id)).equals(Buffer.from(text))).toBe(true);
    const small = (await (await send("just a line", "evidence_type=note")).json()) as Evidence;
    expect(small).toMatchObject({
      evidence_type: "note",
      title: "just a line",
      content: "just a line",
      content_truncated: false,
    });
    expect((await send("x", "titel=y")).status).toBe(400);
    await expect(
      fetch(`${server.address}${api}/evidence/incident/${incident.id}/upload`, {
        method: "POST",
        duplex: "half",
        headers: { "content-type": "application/octet-stream" },
        body: new ReadableStream({
          start(controller) {
            controller.enqueue(new Uint8Array(600_000));
            setTimeout(() => controller.error(new Error("gone")), 50);
          },
        }),
      }),
    ).rejects.toThrow();
    await expect.poll(async () => (await blobs()).filter((row) => row.sha256 === null)).toEqual([]);
    expect((await server.send("GET", `${api}/evidence/${small.id}/content`)).body).toBe("just a line");
  });

  it("refuses a JSON body that is too large, with what to do", async () => {
    const answer = await server.send("POST", `${api}/evidence/incident/${incident.id}`, {
      evidence_type: "log",
      content: "x".repeat(incidentLimits.jsonContent + 1),
    });
    expect(answer.status).toBe(400);
    expect((answer.body as Problem).detail).toContain("as a file");
    const larger = await server.send("POST", `${api}/evidence/incident/${incident.id}`, {
      content: "x".repeat(25 * 1024 * 1024),
    });
    expect(larger).toMatchObject({ status: 413, body: { code: "too_large" } });
    expect((larger.body as Problem).detail).toContain("24 MB");
  });

  it("is tied to nodes of the graph: given ones must exist, names of services are looked for", async () => {
    const indexed = await server.index(repository.path);
    const name = indexed.name.split("/").at(-1) ?? "";
    const one = await add({ evidence_type: "trace", nodes: [indexed.key], services: [name, "never-seen"] });
    expect(one.nodes).toEqual([expect.objectContaining({ key: indexed.key, type: "Repository" })]);
    expect(one.services).toEqual([name, "never-seen"]);
    const refused = await server.send("POST", `${api}/evidence/incident/${incident.id}`, {
      evidence_type: "trace",
      nodes: [indexed.key, "symbol:nowhere#PayServise"],
    });
    expect(refused.status).toBe(422);
    expect((refused.body as Problem).detail).toMatch(/^nodes\.1: .*symbol:nowhere#PayServise/);
    const changed = await server.send("PATCH", `${api}/evidence/${one.id}`, {
      nodes: [],
      services: [],
      title: "Renamedtrace",
    });
    expect(changed).toMatchObject({
      status: 200,
      body: { nodes: [], services: [], title: "Renamedtrace", version: 2 },
    });
    expect(await found("renamedtrace")).toBe(1);
    const stale = await server.send("PATCH", `${api}/evidence/${one.id}`, { title: "x" }, { "if-match": '"1"' });
    expect(stale).toMatchObject({ status: 412, body: { current_version: 2 } });
  });

  it("counts evidence with its incident and remembers what was removed", async () => {
    const own = (await server.send("POST", `${api}/incidents`, { title: "Counted" })).body as Incident;
    const path = `${api}/evidence/incident/${own.id}`;
    const one = (await server.send("POST", path, { evidence_type: "note", content: "password=hunter2" }))
      .body as Evidence;
    await server.send("POST", path, { evidence_type: "note", content: "fine" });
    expect((await server.send("DELETE", `${api}/evidence/${one.id}`)).status).toBe(200);
    expect((await server.send("GET", `${api}/evidence/${one.id}`)).status).toBe(404);
    expect((await server.send("GET", `${api}/incidents/${own.id}`)).body).toMatchObject({ evidence_count: 1 });
    const { items } = (await server.send("GET", `${api}/incidents/${own.id}/history`)).body as {
      items: IncidentChange[];
    };
    expect(items.at(-1)).toMatchObject({ kind: "evidence_removed", subject: one.id });
  });
});
