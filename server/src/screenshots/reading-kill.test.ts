// A server killed while it reads a screenshot: the next one reads it, and one that can't be read is told as failed and can be read again.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import { expect, it } from "vitest";
import type { Evidence } from "@opentrace/contract/incidents.ts";
import { type ServerProcess, startServerProcess } from "../testing/server-process.ts";
import { hangSeconds, startTestServer } from "../testing/test-server.ts";
import { corpusImage } from "./testing/corpus.ts";

async function upload(url: string): Promise<Evidence> {
  const created = await fetch(`${url}/api/v1/incidents`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ title: "High CPU alert" }),
  });
  const { id } = (await created.json()) as { id: string };
  const form = new FormData();
  form.append("file", new Blob([new Uint8Array(corpusImage("debug-page-4.png"))]), "screenshot.png");
  const answer = await fetch(`${url}/api/v1/evidence/incident/${id}/upload-screenshot`, { method: "POST", body: form });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Evidence;
}

async function waitFor(url: string, id: string, until: (one: Evidence) => boolean): Promise<Evidence> {
  for (const deadline = Date.now() + hangSeconds * 1000; ; await sleep(50)) {
    const one = (await (await fetch(`${url}/api/v1/evidence/${id}`)).json()) as Evidence;
    if (until(one)) return one;
    if (Date.now() > deadline) throw new Error(`the evidence never came to that: ${JSON.stringify(one)}`);
  }
}

it("is followed by one that reads it, whether it was killed before or in the middle of the reading", async () => {
  const folder = mkdtempSync(join(tmpdir(), "opentrace-kill-reading-"));
  let server: ServerProcess | null = null;
  try {
    server = await startServerProcess({ OPENTRACE_DATA: folder });
    const { id } = await upload(server.url);
    await server.kill();
    server = await startServerProcess({ OPENTRACE_DATA: folder });
    await waitFor(server.url, id, ({ reading }) => reading === "reading" || reading === "read");
    await server.kill();
    server = await startServerProcess({ OPENTRACE_DATA: folder });
    const read = await waitFor(server.url, id, ({ reading }) => reading === "read");
    expect(read.content).toContain("java.lang.OutOfMemoryError: Java heap space");
  } finally {
    await server?.kill();
    removeFolder(folder);
  }
});

it("reads it after all when the process that reads is killed at any moment, with a pause before the next try", async () => {
  const folder = mkdtempSync(join(tmpdir(), "opentrace-kill-reader-"));
  let server: ServerProcess | null = null;
  try {
    server = await startServerProcess({ OPENTRACE_DATA: folder });
    const { id } = await upload(server.url);
    for (let kills = 0; kills < 2;) {
      const [reader] = server.children("reading-child");
      if (reader !== undefined) {
        // At another moment each time: while it starts, and while it reads.
        await sleep(kills * 400);
        if (server.children("reading-child").includes(reader)) process.kill(reader, "SIGKILL");
        kills++;
        while (server.children("reading-child").includes(reader)) await sleep(10);
      }
      await sleep(25);
      const { reading } = (await (await fetch(`${server.url}/api/v1/evidence/${id}`)).json()) as Evidence;
      if (reading === "read" || reading === "failed") break;
    }
    const read = await waitFor(server.url, id, ({ reading }) => reading === "read");
    expect(read.content).toContain("java.lang.OutOfMemoryError: Java heap space");
  } finally {
    await server?.kill();
    removeFolder(folder);
  }
});

it("leaves no screenshot without a job: it is queued again, or told as failed with its reason and a way to read it again", async () => {
  const first = await startTestServer();
  try {
    const { application } = first;
    const { id } = await upload(first.address);
    await waitFor(first.address, id, ({ reading }) => reading === "read");
    // As a server leaves it that died once too often while it read.
    await application.store.app
      .updateTable("jobs")
      .set({ state: "failed", error: JSON.stringify({ code: "internal", message: "The worker died 3 times." }) })
      .where("resource", "=", `evidence:${id}`)
      .execute();
    await application.store.app.updateTable("evidence").set({ reading: "reading" }).where("id", "=", id).execute();
    await application.screenshots.recover();
    const failed = await waitFor(first.address, id, ({ reading }) => reading === "failed");
    expect(failed.content).toContain("The worker died 3 times.");
    expect(failed.content).toContain(`/evidence/${id}/analyze`);
    expect((await first.send("POST", `/api/v1/evidence/${id}/analyze`)).status).toBe(202);
    await waitFor(first.address, id, ({ reading }) => reading === "read");
    // And one whose job is gone altogether.
    await application.store.app.deleteFrom("jobs").where("resource", "=", `evidence:${id}`).execute();
    await application.store.app.updateTable("evidence").set({ reading: "pending" }).where("id", "=", id).execute();
    await application.screenshots.recover();
    await waitFor(first.address, id, ({ reading }) => reading === "read");
  } finally {
    await first.close();
  }
});
