// Explanations and likeness of meaning through the code that asks models for real: the SDK, HTTP, a fake of the vendor at the other end.
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Hypotheses, RunbookSuggestions } from "@opentrace/contract/investigation.ts";
import type { ProviderKind } from "@opentrace/contract/models.ts";
import { Secret } from "../access/secret.ts";
import { createModels, type Models } from "../models/models.ts";
import type { Provider } from "../models/providers.ts";
import { type FakeModels, startFakeModels } from "../models/testing/fake-models.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { embedderOf } from "./runbook-vectors.ts";
import { openShopIncidents, type ShopIncidents } from "./testing/shop-incidents.ts";

const cause = "pr:github.com/acme/shop#20";

forEachStore("models asked over HTTP", (test) => {
  let shop: ShopIncidents;
  let fake: FakeModels;
  const waits: number[] = [];
  beforeAll(async () => {
    fake = await startFakeModels();
    shop = await openShopIncidents(test);
  });
  afterAll(async () => {
    await shop.close();
    await fake.close();
  });
  beforeEach(() => {
    for (const list of [fake.requests, fake.answers, fake.failures, waits]) list.length = 0;
    fake.vectorOf = (text, index) => [text.length, index, 1];
  });

  const modelsOf = (kind: ProviderKind, timeoutMs = 60_000): Models => {
    const provider: Provider = {
      id: "mdl_test",
      name: "Fake",
      kind,
      baseUrl: fake.url,
      apiKey: new Secret(fake.key),
      models: { vision: null, text: "say-1", embedding: kind === "anthropic" ? null : "near-1" },
    };
    return createModels({
      providers: { forRole: async (_workspace, role) => (provider.models[role] === null ? [] : [provider]) },
      fetch,
      now: () => new Date(),
      pausesMs: [10, 20],
      timeoutMs,
      sleep: async (ms) => void waits.push(ms),
    });
  };
  const said = (...claims: { text: string; evidence_ids: string[] }[]): string =>
    JSON.stringify({ hypotheses: [{ cause, claims }] });

  /** An incident whose evidence holds a secret, and its hypotheses as this model explains them. */
  async function explained(kind: ProviderKind, answer: (evidence: string) => string, timeoutMs?: number) {
    const { incident, evidence } = await shop.withTrace();
    await shop.run("evidence.add", {
      incident_id: incident.id,
      evidence_type: "log",
      title: "Environment",
      content: "DB_PASSWORD=canary-hunter2-hunter2 was read",
    });
    fake.answer = answer(evidence.id);
    shop.models.narrator = await modelsOf(kind, timeoutMs).narrator("default");
    const { items, verdict } = await shop.run<Hypotheses>("hypotheses.generate", { id: incident.id });
    expect(items[0]?.cause?.key).toBe(cause);
    expect(verdict?.found).toBe(true);
    return { evidence: evidence.id, narration: items[0]?.narration ?? null, unknown: verdict?.unknown.join(" ") ?? "" };
  }

  it.each(["openai-compatible", "openai", "anthropic", "google"] as const)(
    "keeps of what %s says the claims that cite evidence of the incident, and sends no secret",
    async (kind) => {
      const { evidence, narration } = await explained(kind, (id) =>
        said(
          { text: "charge fails on text.", evidence_ids: [id] },
          { text: "The database is full.", evidence_ids: [] },
          { text: "Another incident says so.", evidence_ids: [id, "evd_elsewhere"] },
        ),
      );
      expect(narration).toEqual({
        model: "say-1",
        claims: [{ text: "charge fails on text.", evidence_ids: [evidence] }],
        dropped: 2,
      });
      expect(fake.requests).toHaveLength(1);
      const [{ body } = { body: "" }] = fake.requests;
      expect(body).toContain("amount.toFixed");
      expect(body).toContain(evidence);
      expect(body).toContain("[redacted]");
      expect(body).not.toContain("canary-hunter2");
    },
  );

  it.each([
    ["half a JSON", { is: "text", text: '{"hypotheses": [{"cause": "pr:git' }],
    ["429", { is: "status", status: 429, headers: { "retry-after": "2" } }],
    ["503", { is: "status", status: 503 }],
    ["a proxy's page", { is: "garbage" }],
  ] as const)("asks again after %s and is explained then", async (_what, failure) => {
    fake.failures.push(failure);
    const { narration } = await explained("openai-compatible", (id) => said({ text: "It fails.", evidence_ids: [id] }));
    expect(narration?.claims).toHaveLength(1);
    expect(fake.requests).toHaveLength(2);
    if (failure.is === "status" && failure.status === 429) expect(waits[0]).toBeGreaterThanOrEqual(2_000);
  });

  it.each([
    ["writes half a JSON each time", Array.from({ length: 3 }, () => ({ is: "text", text: '{"hypo' }) as const), 3],
    ["asks to slow down each time", Array.from({ length: 3 }, () => ({ is: "status", status: 429 }) as const), 3],
    ["does not answer in time", Array.from({ length: 3 }, () => ({ is: "silent" }) as const), 3, 3_000],
    ["refuses the request", [{ is: "status", status: 400 }] as const, 1],
  ] as const)("keeps the ranking and says so when the model %s", async (_what, failures, tries, timeoutMs?: number) => {
    fake.failures.push(...failures);
    const answer = (id: string): string => said({ text: "Too late.", evidence_ids: [id] });
    const { narration, unknown } = await explained("openai-compatible", answer, timeoutMs);
    expect(narration).toBeNull();
    expect(unknown).toContain("The model say-1 could not be asked");
    expect(fake.requests).toHaveLength(tries);
  });

  it("drops all that a model says of causes that were not asked about", async () => {
    const { narration, unknown } = await explained("anthropic", (id) =>
      JSON.stringify({ hypotheses: [{ cause: "pr:elsewhere#1", claims: [{ text: "x", evidence_ids: [id] }] }] }),
    );
    expect(narration).toBeNull();
    expect(unknown).toContain("gave no usable explanation");
  });

  it.each(["openai-compatible", "openai", "google"] as const)(
    "compares runbooks by meaning with vectors of %s, and by words alone while it fails",
    async (kind) => {
      const word = `tls${kind.replace(/\W/g, "")}`;
      await shop.run("runbooks.add", { title: `Certificates of ${word}`, body: "Renew them.", services: [] });
      await shop.run("runbooks.add", { title: "Disks fill up", body: "Delete old logs.", services: [] });
      const incident = await shop.declare({ title: "Handshake refused", affected_services: ["edge"] });
      fake.vectorOf = (text) => (/certificates of|handshake/i.test(text) ? [1, 0.1, 0] : [0, 0, 1]);
      shop.models.embedder = await embedderOf(modelsOf(kind))("default");
      const suggested = async () => (await shop.run<RunbookSuggestions>("runbooks.suggest", { id: incident.id })).items;
      const [first] = await suggested();
      expect(first?.runbook.title).toContain("Certificates of");
      expect(first?.why.join(" ")).toContain("alike in meaning");
      // One question for the runbooks' texts, one for the incident's; then the stored vectors are used again.
      expect(fake.requests.length).toBeGreaterThanOrEqual(2);
      fake.requests.length = 0;
      await suggested();
      expect(fake.requests).toHaveLength(1);

      fake.failures.push(...Array.from({ length: 3 }, () => ({ is: "status", status: 429 }) as const));
      expect((await suggested()).filter(({ why }) => why.join(" ").includes("alike in meaning"))).toEqual([]);
      fake.failures.push({ is: "garbage" });
      expect((await suggested())[0]?.why.join(" ")).toContain("alike in meaning");
      shop.models.embedder = null;
      await test.store.app.deleteFrom("runbook_vectors").execute();
    },
  );
});
