// A server that is killed while requests with an Idempotency-Key are under way: sent again, each is done, and what was made is there once.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import type { Incident } from "@opentrace/contract/incidents.ts";
import { expect, it } from "vitest";
import { openStore } from "../store/store.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startServerProcess } from "../testing/server-process.ts";

interface Sent {
  path: string;
  body: object;
  key: string;
}

async function send(url: string, { path, body, key }: Sent): Promise<number | null> {
  try {
    const response = await fetch(`${url}/api/v1${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify(body),
    });
    await response.text();
    return response.status;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

forEachStore("a server killed in the midst of requests", (test) => {
  it("does them when they are sent again, and makes nothing twice", async () => {
    const folder = mkdtempSync(join(tmpdir(), "opentrace-kill-keys-"));
    const isPostgres = "databaseUrl" in test.config;
    const env = {
      OPENTRACE_DATA: folder,
      ...("databaseUrl" in test.config ? { DATABASE_URL: test.config.databaseUrl } : {}),
    };
    /** Requests that the dead server left without an answer. */
    const cutOff = async (): Promise<number> => {
      const store = isPostgres ? test.store : await openStore({ dataDir: folder });
      try {
        const held = await store.app.selectFrom("idempotency_keys").select("key").where("answer", "is", null).execute();
        return held.length;
      } finally {
        if (!isPostgres) await store.close();
      }
    };
    let server = await startServerProcess(env);
    try {
      const all: Sent[] = [];
      let number = 0;
      // An incident a round: each holds so many hypotheses, and it may take many rounds until a kill comes in the midst.
      const incidents: string[] = [];
      for (let left = 0; left === 0;) {
        const declared = await fetch(`${server.url}/api/v1/incidents`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ title: "Down" }),
        });
        const { id } = (await declared.json()) as Incident;
        incidents.push(id);
        const round = Array.from({ length: 24 }, (): Sent => {
          const n = number++;
          return n % 3 === 0
            ? { path: `/hypotheses/incident/${id}`, body: { title: `kill ${n}` }, key: `key-${n}` }
            : { path: `/incidents/${id}/generate-timeline`, body: {}, key: `key-${n}` };
        });
        all.push(...round);
        const sent = round.map((one) => send(server.url, one));
        // When the first timeline is built, others are being built.
        await Promise.race(sent.filter((_, at) => round[at]!.path.endsWith("timeline")));
        await server.kill();
        await Promise.all(sent);
        left = await cutOff();
        server = await startServerProcess(env);
      }
      for (const one of all) {
        let status = await send(server.url, one);
        // On a database that others may use, what was cut off is free only when nobody has held it for a while.
        for (const until = Date.now() + 120_000; isPostgres && status === 409 && Date.now() < until;)
          status = await send(server.url, one);
        expect(status, `${one.key} ${one.path}`).toBeOneOf([200, 201]);
      }
      expect(await cutOff()).toBe(0);
      const items: { title: string }[] = [];
      for (const id of incidents) {
        const listed = await fetch(`${server.url}/api/v1/hypotheses/incident/${id}?limit=200`);
        items.push(...((await listed.json()) as { items: { title: string }[] }).items);
      }
      const titles = all.flatMap(({ body }) => ("title" in body ? [String(body.title)] : []));
      const byName = (a: string, b: string): number => a.localeCompare(b);
      expect(items.map((one) => one.title).toSorted(byName)).toEqual(titles.toSorted(byName));
    } finally {
      await server.kill();
      removeFolder(folder);
    }
  });
});
