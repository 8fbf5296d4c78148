// A server that is killed while incidents and evidence are written: what it acknowledged is there, once, and what it did not can be sent again.
// OPENTRACE_KILL_ROUNDS says how often.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import type { Evidence, Incident, IncidentList } from "@opentrace/contract/incidents.ts";
import { expect, it } from "vitest";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startServerProcess } from "../testing/server-process.ts";

const writers = 6;

interface Sent {
  path: string;
  body: Record<string, unknown>;
  key: string;
  /** What the server answered before it died; null = nothing. */
  answer: { id: string } | null;
}

async function send(url: string, { path, body, key }: Omit<Sent, "answer">): Promise<{ id: string } | null> {
  try {
    const response = await fetch(`${url}/api/v1${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (response.status !== 201) throw new Error(`${path} was answered with ${response.status}: ${text}`);
    return JSON.parse(text) as { id: string };
  } catch (error) {
    // The connection broke: the server was killed before the whole answer was out.
    if (error instanceof TypeError) return null;
    throw error;
  }
}

async function get<T>(url: string, path: string): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`);
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}

forEachStore("a server killed while incidents are written", (test) => {
  const onPostgres = (): boolean => "databaseUrl" in test.config;
  it("loses nothing that it acknowledged, and makes nothing twice", { timeout: 1_200_000 }, async () => {
    const rounds = Number(process.env["OPENTRACE_KILL_ROUNDS"] ?? (onPostgres() ? 2 : 3));
    const folder = mkdtempSync(join(tmpdir(), "opentrace-kill-incidents-"));
    const env = {
      OPENTRACE_DATA: folder,
      ...("databaseUrl" in test.config ? { DATABASE_URL: test.config.databaseUrl } : {}),
    };
    const all: Sent[] = [];
    let server = await startServerProcess(env);
    try {
      let number = 0;
      for (let round = 0; round < rounds; round++) {
        let dead = false;
        const sent: Sent[] = [];
        const write = async (): Promise<void> => {
          while (!dead) {
            const n = number++;
            const known = sent.find((one) => one.path === "/incidents" && one.answer !== null)?.answer?.id;
            const one: Sent =
              n % 3 === 0 || known === undefined
                ? { path: "/incidents", body: { title: `kill ${n}`, severity: "high" }, key: `key-${n}`, answer: null }
                : {
                    path: `/evidence/incident/${known}`,
                    // Every other one is long enough to be kept in pieces.
                    body: {
                      evidence_type: "log",
                      title: `kill ${n}`,
                      content: `line ${n}\n`.repeat(n % 2 === 0 ? 2 : 40_000),
                    },
                    key: `key-${n}`,
                    answer: null,
                  };
            sent.push(one);
            one.answer = await send(server.url, one);
            if (one.answer === null) return;
          }
        };
        const working = Array.from({ length: writers }, write);
        const enough = 10 + Math.floor(Math.random() * 40);
        const ended = Promise.all(working).then(() => true);
        while (sent.length < enough && !(await Promise.race([sleep(2, false), ended])));
        await server.kill();
        dead = true;
        await ended;
        all.push(...sent);
        server = await startServerProcess(env);
        for (const one of sent) {
          const again = await send(server.url, one);
          // The same answer as before, and one for what had got none.
          if (one.answer === null) one.answer = again;
          else expect(again).toEqual(one.answer);
        }
      }
      const incidents = all.filter((one) => one.path === "/incidents");
      expect(incidents.length).toBeGreaterThan(rounds);
      const listed: Incident[] = [];
      for (let cursor: string | null = ""; cursor !== null;) {
        const page: IncidentList = await get(
          server.url,
          `/incidents?limit=200${cursor === "" ? "" : `&cursor=${cursor}`}`,
        );
        listed.push(...page.items);
        cursor = page.next_cursor;
      }
      const titles = (of: readonly { title: string }[]): string[] => of.map((one) => one.title).toSorted();
      expect(titles(listed)).toEqual(incidents.map((one) => String(one.body["title"])).toSorted());
      let evidence = 0;
      for (const incident of listed) {
        const { items } = await get<{ items: Evidence[] }>(server.url, `/evidence/incident/${incident.id}?limit=200`);
        expect(incident.evidence_count).toBe(items.length);
        evidence += items.length;
        const own = all.filter((one) => one.path === `/evidence/incident/${incident.id}`);
        expect(titles(items)).toEqual(own.map((one) => String(one.body["title"])).toSorted());
        for (const item of items.filter((one) => one.content_truncated).slice(0, 1)) {
          const text = await (await fetch(`${server.url}/api/v1/evidence/${item.id}/content`)).text();
          expect(text).toBe(own.find((one) => one.body["title"] === item.title)?.body["content"]);
        }
      }
      expect(evidence).toBeGreaterThan(0);
    } finally {
      await server.kill();
      removeFolder(folder);
    }
  });
});
