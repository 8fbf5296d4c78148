// Keys of model providers while the master key is rotated: asked all the time through the real interface, changed meanwhile, none lost.
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ModelProvider } from "@opentrace/contract/models.ts";
import { rotateMasterKey } from "../rotate-master-key.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import { type FakeModels, startFakeModels } from "./testing/fake-models.ts";

const count = 60;

forEachStore("keys of model providers", (test) => {
  let server: TestServer;
  let fake: FakeModels;
  beforeAll(async () => {
    fake = await startFakeModels();
    fake.answer = '{"ok": true, "text": "hello"}';
    server = await startTestServer({}, test.config);
  });
  afterAll(async () => {
    await server.close();
    await fake.close();
  });
  const send = (method: string, path: string, body?: unknown) =>
    server.send(method, `/api/v1/model-providers${path}`, body);

  it("open all the time while the master key is rotated, and are sealed under the new one after", async () => {
    const ids: string[] = [];
    for (let at = 0; at < count; at++) {
      const added = await send("POST", "", {
        name: `Local ${at}`,
        kind: "openai-compatible",
        base_url: fake.url,
        api_key: fake.key,
        text_model: "say-1",
      });
      expect(added.status).toBe(201);
      ids.push((added.body as ModelProvider).id);
    }
    const keyless = await send("POST", "", {
      name: "No key",
      kind: "openai-compatible",
      base_url: fake.url,
      text_model: "say-1",
    });
    const envelopes = () =>
      server.application.store.app.selectFrom("model_providers").select(["id", "api_key"]).execute();
    const before = await envelopes();
    expect(before.filter(({ api_key }) => api_key !== null)).toHaveLength(count);

    // The fake refuses any other key: an answer shows that the sealed one was opened and is the same.
    const works = async (id: string): Promise<unknown> => (await send("POST", `/${id}/test`)).body;
    let running = true;
    let asked = 0;
    const load = (async () => {
      for (let at = 0; running || asked < 10; at++) {
        const id = ids[(at * 7) % count] ?? "";
        if (at % 3 === 0) expect((await send("PATCH", `/${id}`, { api_key: fake.key })).status).toBe(200);
        expect(await works(id)).toMatchObject({ ok: true, tried: [{ role: "text", outcome: "read" }] });
        asked++;
        await nextTurn();
      }
    })();
    const rotated = await rotateMasterKey(server.config, () => undefined, new AbortController().signal, {
      settle: 2_000,
    });
    running = false;
    await load;
    expect(asked).toBeGreaterThanOrEqual(10);
    expect(rotated.damaged).toEqual([]);
    const after = await envelopes();
    const keyIds = after.flatMap(({ api_key }) => (api_key === null ? [] : [api_key.split(".")[1]]));
    expect(keyIds).toHaveLength(count);
    expect([...new Set(keyIds)]).toEqual([rotated.keyId]);
    expect(after.find(({ id }) => id === (keyless.body as ModelProvider).id)?.api_key).toBeNull();
    for (const { id, api_key } of before)
      if (api_key !== null) expect(after.find((one) => one.id === id)?.api_key).not.toBe(api_key);
    for (const id of ids) expect(await works(id)).toMatchObject({ ok: true });
  });
});
