// The job that reads a screenshot, and what makes sure that none stays unread: whatever died, it is queued again or told as failed.
import type { Evidence } from "@opentrace/contract/incidents.ts";
import type { ReadingAttempt } from "@opentrace/contract/screenshots.ts";
import type { EvidenceStore } from "../incidents/evidence.ts";
import type { EvidenceImage } from "../incidents/evidence-rows.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { JobHandler } from "../jobs/job-runner.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../verb.ts";
import { readImage } from "./images.ts";
import { readScreenshot, type ReadScreenshotDeps } from "./read-screenshot.ts";
import { jobOf, readJob } from "./screenshots.ts";

export interface ReadJobsDeps extends ReadScreenshotDeps {
  store: Store;
  queue: JobQueue;
  evidence: EvidenceStore;
  log: Log;
  now(this: void): Date;
}

export interface ReadJobs {
  jobs: Record<string, JobHandler>;
  /** Screenshots that wait for a job which is gone: queued again, or told as failed when it was tried too often. */
  recover(this: void): Promise<void>;
}

const evidenceOf = (input: object): string => String((input as { evidence?: unknown }).evidence);

/** What is shown of a reading that failed for good. */
const failedAnalysis = (attempts: readonly ReadingAttempt[], reason: string): NonNullable<Evidence["analysis"]> => ({
  attempts: attempts.map((attempt) => ({ ...attempt })),
  reason,
  again: "POST /api/v1/evidence/{id}/analyze",
});

export function createReadJobs(deps: ReadJobsDeps): ReadJobs {
  const { store, queue, evidence, log, now } = deps;

  async function fail(workspace: string, id: string, reason: string): Promise<void> {
    await evidence.setReading(
      workspace,
      id,
      {
        state: "failed",
        content: `The screenshot could not be read. ${reason} Have it read again with POST /api/v1/evidence/${id}/analyze.`,
        analysis: failedAnalysis([], reason),
      },
      now(),
    );
  }

  const jobs: ReadJobs["jobs"] = {
    [readJob]: {
      async run(input, { workspace, signal, assertHeld }) {
        const id = evidenceOf(input);
        const row = await evidence.find(workspace, id);
        if (row.image_blob === null || row.image === null) return { read: false };
        await evidence.setReading(workspace, id, { state: "reading" }, now());
        const image = await readImage(store, row.image_blob, signal);
        const { media_type } = JSON.parse(row.image) as EvidenceImage;
        const reading = await readScreenshot(deps, { workspace, signal, now, log }, { image, mediaType: media_type });
        await assertHeld();
        await evidence.setReading(workspace, id, { state: "read", ...reading }, now());
        const { kind, method, confidence } = reading.analysis;
        return { read: true, kind, method, confidence };
      },
      async ended(job, workspace) {
        if (job.state === "succeeded") return;
        const id = job.resource.slice("evidence:".length);
        const reason = job.state === "cancelled" ? "The job was cancelled." : (job.error?.message ?? "The job failed.");
        await fail(workspace, id, reason).catch((err: unknown) =>
          log.warn({ err, evidence: id }, "failed reading not shown"),
        );
      },
    },
  };

  return {
    jobs,
    async recover() {
      const waiting = await store.app
        .selectFrom("evidence")
        .select(["id", "workspace"])
        .where("reading", "in", ["pending", "reading"])
        .execute();
      for (const row of waiting) {
        const { resource, workspace } = jobOf(row);
        const last = (await queue.latestOf([resource], workspace)).get(resource);
        if (last?.state === "queued" || last?.state === "running") continue;
        if (last?.state === "failed") await fail(workspace, row.id, last.error?.message ?? "The job failed.");
        else await queue.enqueue(jobOf(row));
      }
    },
  };
}
