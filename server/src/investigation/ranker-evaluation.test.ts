// The ranker on invented incidents of every kind, on the graph of a small indexed repository: better than what one does without it.
import { afterAll, beforeAll, expect, it } from "vitest";
import { createIngest } from "../graph/ingest.ts";
import { createGraphWorker, type GraphWorker } from "../graph/snapshot/graph-worker.ts";
import { createRepository, startTestServer, type TestRepository, type TestServer } from "../testing/test-server.ts";
import { changeRanker } from "./change-ranker.ts";
import { answerOf, mostRecent, nearest, play, type Played, scoreOf } from "./testing/evaluate-ranker.ts";
import { makeScenarios, readCodeMap, scenarioKinds } from "./testing/incident-scenarios.ts";

const modules = 40;

/** Each module calls two others further on: chains through files of their own. */
function program(): Record<string, string> {
  const files: Record<string, string> = {
    "docs/guide.md": "# Guide\n",
    "docs/faq.md": "# Questions\n",
    "config/app.yml": "limit: 10\n",
    "README.md": "# A program\n",
  };
  for (let at = 0; at < modules; at++) {
    const uses = [at * 2 + 1, at * 2 + 2].filter((one) => one < modules);
    const imports = uses.map((one) => `from app.part${one} import work${one}\n`).join("");
    const calls = uses.map((one) => `    value = work${one}(value)\n`).join("");
    files[`app/part${at}.py`] =
      `${imports}\n\ndef check${at}(value):\n    if value is None:\n        raise ValueError(value)\n    return value\n\n\n` +
      `def work${at}(value):\n    value = check${at}(value)\n${calls}    value = value + ${at}\n    return value\n`;
  }
  return files;
}

let server: TestServer;
let repository: TestRepository;
let worker: GraphWorker;
let played: Played[];
beforeAll(async () => {
  repository = createRepository(program());
  server = await startTestServer();
  await server.index(repository.path);
  const { store } = server.application;
  const { source } = await store.graph.selectFrom("sources").select("source").executeTakeFirstOrThrow();
  const map = await readCodeMap(store, source.replace(/^repo:/, ""));
  expect(map.places.size).toBe(2 * modules);
  worker = createGraphWorker({ config: { dataDir: server.folder } });
  const scenarios = makeScenarios(map, [1, 2, 3], Date.now() - 3_600_000);
  played = await play({ store, worker, ingest: createIngest({ store }) }, scenarios);
});
afterAll(async () => {
  await worker.close();
  await server.close();
  repository.remove();
});

it("plays every kind of incident, with the culprit among what is known", () => {
  expect(played).toHaveLength(3 * scenarioKinds.length);
  expect(scenarioKinds.length).toBeGreaterThanOrEqual(16);
  for (const { scenario, input } of played) {
    expect(input.changes.length, scenario.name).toBeGreaterThan(0);
    if (scenario.culprit !== null)
      expect(
        input.changes.map(({ key }) => key),
        scenario.name,
      ).toContain(scenario.culprit);
  }
});

it("finds more culprits than the most recent or the nearest change would be, and says when there is none", () => {
  const ranker = scoreOf(played, answerOf(changeRanker));
  const rules = [scoreOf(played, mostRecent), scoreOf(played, nearest)];
  expect(ranker.caused).toBe(36);
  expect(ranker.first / ranker.caused).toBeGreaterThanOrEqual(0.85);
  expect(ranker.amongThree / ranker.caused).toBeGreaterThanOrEqual(0.95);
  expect(ranker.nothingSaid).toBe(ranker.uncaused);
  for (const rule of rules) {
    expect(ranker.first).toBeGreaterThan(rule.first);
    expect(ranker.nothingSaid).toBeGreaterThan(rule.nothingSaid);
  }
});
