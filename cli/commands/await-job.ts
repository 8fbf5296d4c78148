// Waits for a job's end, showing its progress. A Ctrl-C cancels the job and waits for that.
import { setTimeout as sleep } from "node:timers/promises";
import { AppError, errorCodes, type ErrorCode } from "@opentrace/contract/errors.ts";
import type { Job } from "@opentrace/contract/repositories.ts";
import type { Client } from "../client.ts";
import { createProgressView } from "../progress.ts";

const codeOf = (code: string): ErrorCode => (Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : "internal");

/** Polls: as good over REST as in this process. Throws the job's error; a job that will be tried again later has failed for now. */
export async function awaitJob(client: Client, id: string, signal: AbortSignal): Promise<Job> {
  const view = createProgressView();
  const patient = new AbortController().signal;
  let asked = false;
  try {
    for (let wait = 20; ; wait = Math.min(250, wait * 1.5)) {
      if (signal.aborted && !asked) {
        asked = true;
        await client.call("jobs.cancel", { id }, patient);
      }
      const job = await client.call<Job>("jobs.get", { id }, patient);
      if (job.state === "succeeded") return job;
      if (job.state === "cancelled")
        throw new AppError("cancelled", "Cancelled. What was written so far is completed by the next run.");
      if (job.state === "failed")
        throw new AppError(codeOf(job.error?.code ?? "internal"), job.error?.message ?? "The job failed.");
      if (job.state === "queued" && job.error !== null && job.attempts > 0) {
        await client.call("jobs.cancel", { id }, patient);
        throw new AppError(codeOf(job.error.code), job.error.message);
      }
      view.show(job.progress);
      await sleep(wait, undefined, { signal }).catch(() => undefined);
      // A sleep that the interrupt has ended must not become a busy loop.
      if (signal.aborted) await sleep(wait);
    }
  } finally {
    view.end();
  }
}
