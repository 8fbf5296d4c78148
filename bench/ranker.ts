// How often the ranker finds the culprit of invented incidents on the graphs of real repositories.
//
//   npm run bench -- ranker --repositories /path/to/flask,/path/to/express     local git repositories
//     --seeds 6          so many of each kind of incident for each repository; every second one is held out
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Job } from "@opentrace/contract/repositories.ts";
import { createIngest } from "@opentrace/server/src/graph/ingest.ts";
import { createGraphWorker } from "@opentrace/server/src/graph/snapshot/graph-worker.ts";
import { changeRanker } from "@opentrace/server/src/investigation/change-ranker.ts";
import {
  answerOf,
  mostRecent,
  nearest,
  play,
  scoreOf,
  weighted,
  type Answerer,
  type Played,
} from "@opentrace/server/src/investigation/testing/evaluate-ranker.ts";
import { makeScenarios, readCodeMap } from "@opentrace/server/src/investigation/testing/incident-scenarios.ts";
import { startTestServer } from "@opentrace/server/src/testing/test-server.ts";

const factors = ["kind", "time", "distance", "evidence", "contradiction"] as const;

export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      repositories: { type: "string", default: "" },
      seeds: { type: "string", default: "6" },
      misses: { type: "boolean", default: false },
    },
  });
  const seeds = Array.from({ length: Number(values.seeds) }, (_, at) => at + 1);
  const played: (Played & { held: boolean })[] = [];
  const sizes: Record<string, number> = {};
  for (const folder of values.repositories.split(",").filter((one) => one !== "")) {
    const server = await startTestServer();
    try {
      const added = await server.send("POST", "/api/v1/repositories", { source: path.resolve(folder) });
      const { state } = await server.waitForJob((added.body as { job: Job }).job.id, 900);
      if (state !== "succeeded") throw new Error(`${folder} was not indexed: ${state}`);
      const { store } = server.application;
      const row = await store.graph.selectFrom("sources").select("source").executeTakeFirstOrThrow();
      const map = await readCodeMap(store, row.source.replace(/^repo:/, ""));
      sizes[path.basename(folder)] = map.places.size;
      const worker = createGraphWorker({ config: { dataDir: server.folder } });
      const onset = Date.now() - 3_600_000;
      for (const held of [false, true]) {
        const part = makeScenarios(
          map,
          seeds.filter((seed) => (seed % 2 === 0) === held),
          onset,
        );
        for (const one of await play({ store, worker, ingest: createIngest({ store }) }, part))
          played.push({ ...one, held });
      }
      await worker.close();
    } finally {
      await server.close();
    }
  }
  const answerers: Record<string, Answerer> = {
    "the ranker": answerOf(changeRanker),
    "most recent change": mostRecent,
    "nearest change": nearest,
  };
  for (const factor of factors) answerers[`ranker without ${factor}`] = weighted(changeRanker, { [factor]: 0 });
  for (const factor of factors) {
    answerers[`${factor} halved`] = weighted(changeRanker, { [factor]: 0.5 });
    answerers[`${factor} doubled`] = weighted(changeRanker, { [factor]: 2 });
  }
  const halves = { tried: played.filter(({ held }) => !held), heldOut: played.filter(({ held }) => held) };
  const result = Object.fromEntries(
    Object.entries(answerers).map(([name, answer]) => [
      name,
      { tried: scoreOf(halves.tried, answer), heldOut: scoreOf(halves.heldOut, answer) },
    ]),
  );
  const kinds = [...new Set(played.map(({ scenario }) => scenario.kind))];
  const byKind = Object.fromEntries(
    kinds.map((kind) => [
      kind,
      scoreOf(
        played.filter(({ scenario }) => scenario.kind === kind),
        answerOf(changeRanker),
      ),
    ]),
  );
  console.log(JSON.stringify({ sizes, result, byKind }, null, 1));
  if (values.misses)
    for (const { scenario, input } of played) {
      const { found, ranked, summary } = changeRanker.rank(input);
      if (scenario.culprit === null ? !found : ranked[0]?.change.key === scenario.culprit) continue;
      console.log(`\n== ${scenario.name}: ${summary}; affected ${scenario.facts.incident.services.join()}`);
      for (const one of ranked.slice(0, 3))
        console.log(
          one.change.key === scenario.culprit ? " *" : "  ",
          one.score,
          one.contributions.map((part) => `${part.points} ${part.words}`),
        );
      const own = input.changes.find(({ key }) => key === scenario.culprit);
      if (!ranked.slice(0, 3).some(({ change }) => change.key === scenario.culprit))
        console.log("   culprit:", own?.distance, own?.evidenceDistance, own?.kind);
    }
  writeFileSync(
    path.join(import.meta.dirname, "results", "ranker.json"),
    `${JSON.stringify({ measuredAt: new Date().toISOString().slice(0, 10), ranker: changeRanker.name, functions: sizes, incidents: played.length, scores: result, byKind }, null, 2)}\n`,
  );
}
