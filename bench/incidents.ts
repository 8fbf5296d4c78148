// Lists, searches and details of incidents through the real server over HTTP, with years of incidents and evidence in the store.
//
//   npm run bench -- incidents                   100,000 incidents with 1,000,000 pieces of evidence
//     --incidents 100000 --evidence 10           so many, and so many of each
//     --folder DIR                               keep the data there, and use what is there
//     --postgres postgres://…                    on PostgreSQL instead of the embedded store (--folder: it is there already)
//     --write                                    only write the data (with --folder)
//     --count 200                                requests of each kind
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { openStore } from "@opentrace/server/src/store/store.ts";
import type { Evidence, IncidentList } from "@opentrace/contract/incidents.ts";
import { seldomWord, services, writeIncidents } from "./incidents-corpus.ts";
import { cpuOf, measureTimes, round2, type Times } from "./percentiles.ts";

export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      incidents: { type: "string", default: "100000" },
      evidence: { type: "string", default: "10" },
      folder: { type: "string" },
      postgres: { type: "string" },
      count: { type: "string", default: "200" },
      write: { type: "boolean", default: false },
    },
  });
  const folder = values.folder ?? mkdtempSync(path.join(os.tmpdir(), "opentrace-bench-incidents-"));
  const size = { incidents: Number(values.incidents), evidenceEach: Number(values.evidence) };
  try {
    const written = path.join(folder, "written");
    const store = await openStore(
      values.postgres === undefined ? { dataDir: folder } : { databaseUrl: values.postgres },
    );
    try {
      if (!existsSync(written)) {
        const before = process.cpuUsage();
        await writeIncidents(store, size);
        const { user, system } = process.cpuUsage(before);
        console.log(`written in ${round2((user + system) / 1e6)} s of CPU`);
        writeFileSync(written, "");
      }
    } finally {
      await store.close();
    }
    if (values.write) return;
    const result = await measureIncidents({
      env: { OPENTRACE_DATA: folder, ...(values.postgres === undefined ? {} : { DATABASE_URL: values.postgres }) },
      incidents: size.incidents,
      count: Number(values.count),
    });
    const engine = values.postgres === undefined ? "sqlite" : "postgres";
    const measured = {
      measuredAt: new Date().toISOString().slice(0, 10),
      cpu: os.cpus()[0]?.model,
      cores: os.cpus().length,
      node: process.version,
      ...size,
      ...(engine === "sqlite" ? { fileMb: round2(statSync(path.join(folder, "app.db")).size / 2 ** 20) } : {}),
      loadAverage: os.loadavg().map(round2),
    };
    writeFileSync(
      path.join(import.meta.dirname, "results", `incidents-${engine}.json`),
      `${JSON.stringify({ ...measured, milliseconds: result }, null, 2)}\n`,
    );
  } finally {
    if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function measureIncidents({
  env,
  incidents,
  count,
}: {
  env: Record<string, string>;
  incidents: number;
  count: number;
}) {
  const child = fork(path.join(import.meta.dirname, "graph-server.ts"), [JSON.stringify(env)]);
  const [{ address, key }] = (await once(child, "message")) as [{ address: string; key: string }];
  const get = async <T>(at: string): Promise<T> => {
    const response = await fetch(`${address}/api/v1${at}`, { headers: { "x-api-key": key } });
    if (response.status !== 200)
      throw new Error(`${at} was answered with ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const list = (query: string): Promise<IncidentList> => get(`/incidents?${query}`);
  try {
    let deep = "";
    for (let page = 0, cursor = ""; page < 50; page++) {
      const { next_cursor } = await list(`limit=200${cursor}`);
      if (next_cursor === null) break;
      deep = cursor = `&cursor=${next_cursor}`;
    }
    const some = (at: number): number => 1 + ((at * 7919) % incidents);
    const kinds: [string, (at: number) => Promise<unknown>][] = [
      ["list: newest", () => list("")],
      ["list: open, most severe first", () => list("status=open,investigating&sort=severity")],
      ["list: closed, of an owner", (at) => list(`status=closed&owner=person${at % 200}@example.org`)],
      ["list: owner nobody has", () => list("owner=nobody")],
      ["list: common tag", () => list("tag=eu&sort=updated_at")],
      ["list: seldom tag, severity", (at) => list(`tag=team-${at % 200}&severity=high,critical`)],
      ["list: service", (at) => list(`service=${services[at % services.length]}`)],
      ["list: a month two years ago", () => list("since=2024-01-01T00:00:00Z&until=2024-02-01T00:00:00Z")],
      ["list: page 50", () => list(`limit=200${deep}`)],
      ["search: seldom word", (at) => list(`q=${seldomWord(500 + at * 37)}`)],
      ["search: common word", () => list("q=error")],
      ["search: two common words", () => list("q=timeout+database")],
      ["search: phrase", () => list("q=%22connection+refused%22")],
      ["search: beginning of a word", (at) => list(`q=${seldomWord(at * 11).slice(0, 4)}`)],
      ["search: beginning of a common word", () => list("q=conn")],
      ["search: common and seldom", (at) => list(`q=error+${seldomWord(at * 3)}`)],
      ["search: in what is open", () => list("q=timeout&status=open")],
      ["search: nothing found", () => list("q=zzzzqqqq")],
      ["detail", (at) => get(`/incidents/inc_bench${some(at)}`)],
      ["detail: its evidence", (at) => get(`/evidence/incident/inc_bench${some(at)}`)],
      ["detail: history", (at) => get(`/incidents/inc_bench${some(at)}/history`)],
      ["evidence", (at) => get<Evidence>(`/evidence/evd_bench${some(at)}`)],
    ];
    const results: Record<string, Times & { cpu: number }> = {};
    for (const [name, work] of kinds) {
      const before = cpuOf(child.pid ?? 0);
      const [, times] = await measureTimes(name, work, count);
      results[name] = { ...times, cpu: round2((cpuOf(child.pid ?? 0) - before) / (count + 20)) };
    }
    return results;
  } finally {
    child.send("stop");
    await once(child, "exit");
  }
}
