// Indexing in real server processes: killed, cancelled, two at once on one database, and the event loop meanwhile.
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Job, Repository } from "@opentrace/contract/repositories.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { type ServerProcess, startServerProcess } from "../testing/server-process.ts";
import { createRepository, hangSeconds, startTestServer, type TestRepository } from "../testing/test-server.ts";
import { watchResources } from "./resource-use.ts";

/** Enough to be caught in the middle of. */
function bigRepository(files: number): TestRepository {
  const source = (file: number): string =>
    Array.from(
      { length: 40 },
      (_, index) =>
        `/** Number ${index}. */\nexport function f${file}_${index}(x: number): number {\n  return ${index === 0 ? `g${file}(x)` : `f${file}_${index - 1}(x)`} + ${index};\n}\n`,
    ).join("\n");
  return createRepository(
    Object.fromEntries(
      Array.from({ length: files }, (_, file) => [
        `src/m${file}.ts`,
        `import { f${(file + 1) % files}_0 as g${file} } from "./m${(file + 1) % files}.ts";\n${source(file)}`,
      ]),
    ),
  );
}

const get = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T;
async function until<T>(read: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + hangSeconds * 1000; ; await sleep(20)) {
    const value = await read();
    if (done(value)) return value;
    if (Date.now() > deadline) throw new Error(`not within ${hangSeconds} s: ${JSON.stringify(value)}`);
  }
}
const add = async (url: string, source: string): Promise<{ repository: Repository; job: Job }> =>
  (await (
    await fetch(`${url}/api/v1/repositories`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ source }),
    })
  ).json()) as { repository: Repository; job: Job };
const jobOf = (url: string, { id }: Pick<Job, "id">): Promise<Job> => get<Job>(`${url}/api/v1/jobs/${id}`);
const over = ({ state }: Job): boolean => ["succeeded", "failed", "cancelled"].includes(state);
const ended = (url: string, job: Pick<Job, "id">): Promise<Job> => until(() => jobOf(url, job), over);

/** Adds it and waits until it is half indexed. Where that was done before this process could see it, once more. */
async function addHalf(url: string, source: string): Promise<{ repository: Repository; job: Job }> {
  for (let tries = 0; tries < 20; tries++) {
    const added = await add(url, source);
    const now = await until(
      () => jobOf(url, added.job),
      (job) => job.progress.nodes > 50 || over(job),
    );
    if (!over(now)) return added;
    await forget(url, added.repository);
  }
  throw new Error("It was always done at once.");
}

async function forget(url: string, { id }: Repository): Promise<void> {
  const answer = await fetch(`${url}/api/v1/repositories/${id}`, { method: "DELETE" });
  expect(await ended(url, ((await answer.json()) as { job: Job }).job)).toMatchObject({ state: "succeeded" });
}

/** The graph as lines, without the times that differ from run to run. */
async function exported(url: string): Promise<string[]> {
  const text = await (await fetch(`${url}/api/v1/graph/export`)).text();
  return text
    .split("\n")
    .filter((line) => line.startsWith('{"kind":"node"') || line.startsWith('{"kind":"edge"'))
    .map((line) => line.replace(/"observedAt":"[^"]*"/g, ""))
    .toSorted();
}

let repository: TestRepository;
let expectedGraph: string[];
beforeAll(async () => {
  repository = bigRepository(150);
  const server = await startTestServer();
  await server.index(repository.path);
  expectedGraph = await exported(server.address);
  await server.close();
  expect(expectedGraph.length).toBeGreaterThan(6000);
});
afterAll(() => repository.remove());

forEachStore("a server killed in the middle of indexing", (test) => {
  it("leaves its job to the next one, which ends in the right graph", async () => {
    const folder = mkdtempSync(join(tmpdir(), "opentrace-kill-"));
    const env = {
      OPENTRACE_DATA: folder,
      ...("databaseUrl" in test.config ? { DATABASE_URL: test.config.databaseUrl } : {}),
    };
    let server = await startServerProcess(env);
    for (let attempts = 1; attempts === 1;) {
      const { job, repository: added } = await addHalf(server.url, repository.path);
      await server.kill();
      server = await startServerProcess(env);
      const last = await ended(server.url, job);
      expect(last.state).toBe("succeeded");
      expect(await exported(server.url)).toEqual(expectedGraph);
      ({ attempts } = last);
      // The kill came too late.
      if (attempts === 1) await forget(server.url, added);
      else expect(attempts).toBe(2);
    }
    await server.kill("SIGTERM");
    removeFolder(folder);
  });
});

forEachStore("two servers", (test) => {
  it("on one PostgreSQL run a job once, and tell each other's clients; on one data directory the second is turned away", async () => {
    const folders = [mkdtempSync(join(tmpdir(), "opentrace-a-")), mkdtempSync(join(tmpdir(), "opentrace-b-"))];
    if (!("databaseUrl" in test.config)) {
      const env = { OPENTRACE_DATA: folders[0] ?? "" };
      const first = await startServerProcess(env);
      await expect(startServerProcess(env)).rejects.toThrow(/ended/);
      await first.kill("SIGTERM");
    } else {
      const shared = {
        DATABASE_URL: test.config.databaseUrl,
        OPENTRACE_MASTER_KEY: Buffer.alloc(32, 7).toString("base64"),
      };
      const [one, two] = [
        await startServerProcess({ ...shared, OPENTRACE_DATA: folders[0] ?? "" }),
        await startServerProcess({ ...shared, OPENTRACE_DATA: folders[1] ?? "" }),
      ];
      const stop = new AbortController();
      const heard: string[] = [];
      const stream = await fetch(`${two.url}/api/v1/events`, { signal: stop.signal });
      const reading = (async () => {
        for await (const chunk of stream.body ?? []) heard.push(Buffer.from(chunk as Uint8Array).toString());
      })().catch(() => undefined);
      const small = createRepository({ "a.ts": "export function a(): void {}\n" });
      const { job } = await add(one.url, small.path);
      expect(await ended(two.url, job)).toMatchObject({ state: "succeeded", attempts: 1 });
      await until(
        async () => heard.join(""),
        (text) => text.includes(`"id":"${job.id}"`) && text.includes('"state":"succeeded"'),
      );
      stop.abort();
      await reading;
      await Promise.all([one.kill("SIGTERM"), two.kill("SIGTERM")]);
      small.remove();
    }
    for (const folder of folders) removeFolder(folder);
  });
});

describe("the index process", () => {
  const indexingFor = (server: ServerProcess): number => {
    const [child] = server.children("index-child.ts");
    if (child === undefined) throw new Error("There is no index process.");
    return child;
  };

  it("costs its server only a second try when it is killed, and ends with its server", async () => {
    const folder = mkdtempSync(join(tmpdir(), "opentrace-index-child-"));
    const server = await startServerProcess({ OPENTRACE_DATA: folder });
    for (let attempts = 1; attempts === 1;) {
      const { job, repository: added } = await addHalf(server.url, repository.path);
      const first = indexingFor(server);
      process.kill(first, "SIGKILL");
      const last = await ended(server.url, job);
      expect(last.state).toBe("succeeded");
      expect(await exported(server.url)).toEqual(expectedGraph);
      expect((await get<Repository>(`${server.url}/api/v1/repositories/${added.id}`)).state).toBe("ready");
      ({ attempts } = last);
      // The kill came too late.
      if (attempts === 1) await forget(server.url, added);
      else {
        expect(attempts).toBe(2);
        expect(indexingFor(server)).not.toBe(first);
      }
    }

    const second = indexingFor(server);
    await server.kill("SIGKILL");
    await until(
      async () => existsSync(`/proc/${second}`),
      (runs) => !runs,
    );
    removeFolder(folder);
  });
});

describe("a server while it indexes", () => {
  it("ends a cancelled job before it is done, and the next sync makes up for it", async () => {
    const server = await startTestServer();
    const cancelled = async (): Promise<{ cut: Job; added: Repository }> => {
      const { repository: added, job } = await addHalf(server.address, repository.path);
      await server.send("POST", `/api/v1/jobs/${job.id}/cancel`);
      const cut = await ended(server.address, job);
      if (cut.state === "cancelled") return { cut, added };
      // It was done before it heard of it.
      await forget(server.address, added);
      return await cancelled();
    };
    const { cut, added } = await cancelled();
    const again = (await server.send("POST", `/api/v1/repositories/${added.id}/sync`)).body as { job: { id: string } };
    const whole = await server.waitForJob(again.job.id);
    expect(whole.state).toBe("succeeded");
    expect(cut.progress.nodes).toBeLessThan(whole.progress.nodes);
    expect(await exported(server.address)).toEqual(expectedGraph);
    await server.close();
  });

  it("does hardly any of the work on the thread that answers", async () => {
    const server = await startTestServer();
    await server.send("GET", "/api/v1/repositories");
    const indexed = Promise.withResolvers<string>();
    // Told, not asked again and again: that would cost this thread the more the longer it takes.
    server.application.feed.subscribe("default", ({ event }) => {
      if (event.type === "job.updated" && over(event.job)) indexed.resolve(event.job.state);
    });
    const answering = process.threadCpuUsage();
    const whole = watchResources({ everyMs: 1_000 });
    await add(server.address, repository.path);
    expect(await indexed.promise).toBe("succeeded");
    const { user, system } = process.threadCpuUsage(answering);
    expect((user + system) / 1e6 / whole().cpuSeconds.total).toBeLessThan(0.35);
    await server.close();
  });
});
