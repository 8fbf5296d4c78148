// The little of the REST API that browser tests need to get to where they start.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Repository } from "@opentrace/contract/repositories.ts";

/** Nothing takes so long, however busy the machine is. */
const hangMs = 300_000;

const Added = z.object({ repository: z.object({ id: z.string() }) });

/** Adds a repository and waits until it is indexed. */
export async function addRepository(url: string, source: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/repositories`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ source }),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  const { repository } = Added.parse(await response.json());
  for (const deadline = Date.now() + hangMs; ; await sleep(100)) {
    const now = Repository.parse(await (await fetch(`${url}/api/v1/repositories/${repository.id}`)).json());
    if (now.state === "ready") return repository.id;
    if (now.state === "failing") throw new Error(`Indexing failed: ${now.error}`);
    if (Date.now() > deadline) throw new Error(`${source} is still ${now.state}.`);
  }
}

const Found = z.object({ hits: z.array(z.object({ node: z.object({ id: z.string(), name: z.string() }) })) });

/** The id of the node with exactly this name. */
export async function nodeId(url: string, name: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/graph/search?q=${encodeURIComponent(name)}&limit=20`);
  const hit = Found.parse(await response.json()).hits.find(({ node }) => node.name === name);
  if (!hit) throw new Error(`The graph has no node named ${name}.`);
  return hit.node.id;
}

const Uploaded = z.object({ id: z.string(), reading: z.string() });

/** Adds a picture to an incident and waits until it is read. */
export async function addScreenshot(url: string, incident: string, picture: Uint8Array<ArrayBuffer>): Promise<void> {
  const form = new FormData();
  form.append("file", new Blob([picture], { type: "image/png" }), "dashboard.png");
  const response = await fetch(`${url}/api/v1/evidence/incident/${incident}/upload-screenshot`, {
    method: "POST",
    body: form,
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  let { id, reading } = Uploaded.parse(await response.json());
  for (const deadline = Date.now() + hangMs; reading === "pending" || reading === "reading";) {
    if (Date.now() > deadline) throw new Error(`The picture is still ${reading}.`);
    await sleep(200);
    ({ id, reading } = Uploaded.parse(await (await fetch(`${url}/api/v1/evidence/${id}`)).json()));
  }
}

/** Declares an incident with a bit of everything; tells its reference, and a runbook that fits it. */
export async function declareIncident(url: string): Promise<{ incident: string; runbook: string }> {
  const post = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return response.json();
  };
  const { id, reference } = z.object({ id: z.string(), reference: z.string() }).parse(
    await post("/incidents", {
      title: "High error rate in payments",
      description: "Error rate increased to **5%**",
      severity: "critical",
      affected_services: ["payments", "shop"],
      tags: ["eu"],
      incident_metadata: { pager: "P-1" },
    }),
  );
  await post(`/evidence/incident/${id}`, {
    evidence_type: "log",
    title: "Application logs",
    content: Array.from({ length: 40 }, (_, line) => `ERROR charge failed, order ${line}`).join("\n"),
    source: "datadog",
    source_url: "https://logs.example.com/payments",
    services: ["payments"],
    starts_at: "2026-01-01T10:00:00Z",
    ends_at: "2026-01-01T10:05:00Z",
  });
  await post(`/evidence/incident/${id}`, { evidence_type: "note", content: "The provider is down" });
  await post(`/incidents/${id}/comments`, { body: "The provider looks into it" });
  await post(`/hypotheses/incident/${id}`, { title: "The provider changed its certificate" });
  await post(`/actions/incident/${id}`, { kind: "page", title: "Call the provider" });
  const { id: runbook } = z.object({ id: z.string() }).parse(
    await post("/runbooks", {
      title: "Payments are slow",
      body: "# First\n\nLook at **the provider**.\n\n- [x] `charge`\n- [ ] [status](https://status.example.com)\n\n| Host | Load |\n|---|---|\n| a | 9 |\n\n> Careful\n\n```\nlogs -f\n```",
      services: ["payments"],
      tags: ["provider"],
    }),
  );
  await post(`/incidents/${id}/generate-timeline`, {});
  await post(`/incidents/${id}/generate-postmortem`, {});
  return { incident: reference, runbook };
}
