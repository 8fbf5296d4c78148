// The integration guide of OpsLens, sent as it is written there: its requests as plain HTTP, its client's flow step by step.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { corpusImage } from "../screenshots/testing/corpus.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

describe("the integration guide", () => {
  let server: TestServer;
  let base = "";
  beforeAll(async () => {
    server = await startTestServer();
    base = `${server.address}/api/v1`;
  });
  afterAll(() => server.close());

  const postJson = (path: string, text: string): Promise<Response> =>
    fetch(`${base}${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: text });
  const idOf = async (response: Response): Promise<string> => {
    expect([200, 201]).toContain(response.status);
    const { id } = (await response.json()) as { id: unknown };
    expect(typeof id).toBe("string");
    return String(id);
  };

  it("creates incidents, with and without a trailing slash", async () => {
    const text = `{
  "title": "High error rate in payment service",
  "description": "Error rate increased to 5%",
  "severity": "high"
}`;
    await idOf(await postJson("/incidents", text));
    await idOf(await postJson("/incidents/", text));
    await idOf(await postJson("/incidents", '{"title": "Test Incident", "severity": "low"}'));
  });

  it("adds evidence", async () => {
    const incident = await idOf(await postJson("/incidents", '{"title": "High CPU alert", "severity": "high"}'));
    const id = await idOf(
      await postJson(
        `/evidence/incident/${incident}`,
        `{
  "evidence_type": "log",
  "title": "Application logs",
  "content": "Error logs from payment service...",
  "source": "datadog"
}`,
      ),
    );
    expect(await (await fetch(`${base}/evidence/${id}`)).json()).toMatchObject({
      id,
      evidence_type: "log",
      content: "Error logs from payment service...",
      source: "datadog",
    });
  });

  it("uploads a screenshot and polls until it was analysed, as the guide's Python client does", async () => {
    const incident = await idOf(await postJson("/incidents", '{"title": "High CPU alert", "severity": "high"}'));
    const form = new FormData();
    form.append(
      "file",
      new Blob([new Uint8Array(corpusImage("alert-1.png"))], { type: "image/png" }),
      "screenshot.png",
    );
    const uploaded = await fetch(`${base}/evidence/incident/${incident}/upload-screenshot`, {
      method: "POST",
      body: form,
    });
    const id = await idOf(uploaded);
    for (;;) {
      const evidence = (await (await fetch(`${base}/evidence/${id}`)).json()) as { content?: string | null };
      if (typeof evidence.content === "string" && evidence.content !== "") break;
      await sleep(200);
    }
  });

  it("answers the lines that test an installation", async () => {
    const vlm = await fetch(`${base}/test/vlm/status`);
    expect(vlm.status).toBe(200);
    expect(await vlm.json()).toBeTypeOf("object");
    const integrations = await fetch(`${base}/integrations/test/all`);
    expect(integrations.status).toBe(200);
    expect((await fetch(`${server.address}/docs`)).status).toBe(200);
  });
});
