// Works the job table off: claims, keeps the lease alive, passes on progress and cancels, and decides what a failure means.
import { AppError, type ErrorCode } from "@opentrace/contract/errors.ts";
import type { Job, JobProgress } from "@opentrace/contract/repositories.ts";
import type { Log } from "../verb.ts";
import type { EventFeed } from "./event-feed.ts";
import { leaseMs, type Claim, type Outcome } from "./job-leases.ts";
import type { JobQueue } from "./job-queue.ts";
import type { JsonObject } from "./job-rows.ts";

interface JobContext {
  job: Job;
  workspace: string;
  /** Aborts when the job is cancelled, its lease is lost, or the server goes down. */
  signal: AbortSignal;
  /** Goes with what is written to the graph: a worker that has lost the job and does not know it yet can't commit. */
  writer: { resource: string; fence: number };
  /** Throws when another worker has the job: spares the work that `writer` would refuse. */
  assertHeld(this: void): Promise<void>;
  /** May be called as often as one likes; it is written a few times a second. */
  progress(this: void, progress: JobProgress): void;
}

export interface JobHandler {
  run(input: JsonObject, context: JobContext): Promise<JsonObject>;
  /** After the job has ended for good, in whatever way. */
  ended?(job: Job, workspace: string): Promise<void>;
}

export interface JobRunnerDeps {
  queue: JobQueue;
  feed: EventFeed;
  handlers: Readonly<Record<string, JobHandler>>;
  log: Log;
  concurrency: number;
  pollMs?: number;
  heartbeatMs?: number;
}

export interface JobRunner {
  start(): void;
  /** Something was queued: look now instead of at the next poll. */
  wake(): void;
  /** A cancel was asked for: tell a job that runs here at once. */
  cancelled(id: string): void;
  /** Releases what runs, so that another process takes it at once. */
  stop(): Promise<void>;
}

const progressEveryMs = 400;
const transient: ReadonlySet<ErrorCode> = new Set(["unavailable", "upstream_failed", "timeout", "rate_limited"]);

class Lost extends Error {}
class Cancelled extends Error {}
class Stopping extends Error {}

/** 2 s, 8 s, 32 s … at most 10 min, each between half and whole of that, so that many don't come back at once. */
export function retryDelay(attempt: number, random: () => number = Math.random): number {
  return Math.min(600_000, 2000 * 4 ** (attempt - 1)) * (0.5 + random() / 2);
}

export function createJobRunner({
  queue,
  feed,
  handlers,
  log,
  concurrency,
  pollMs = 1000,
  heartbeatMs = 1000,
}: JobRunnerDeps): JobRunner {
  const kinds = Object.keys(handlers);
  const running = new Map<string, { abort: AbortController; done: Promise<void> }>();
  let timer: NodeJS.Timeout | null = null;
  let stopped = true;
  let looking: Promise<void> | null = null;
  let lookAgain = false;

  const tell = (job: Job, workspace: string): Promise<void> =>
    feed
      .publish({ type: "job.updated", job }, workspace)
      .catch((err: unknown) => log.warn({ err, jobId: job.id }, "event not published"));

  async function ended(job: Job, workspace: string): Promise<void> {
    await tell(job, workspace);
    if (job.state === "queued" || job.state === "running") return;
    await handlers[job.kind]?.ended?.(job, workspace);
  }

  async function work(claim: Claim, abort: AbortController): Promise<void> {
    const { workspace } = claim;
    let pending: JobProgress | null = null;
    let writing: Promise<void> = Promise.resolve();
    const flush = (): void => {
      const now = pending;
      if (now === null) return;
      pending = null;
      writing = writing
        .then(async () => {
          const job = await queue.progress(claim, now);
          if (job === null) abort.abort(new Lost());
          else await tell(job, workspace);
        })
        .catch((err: unknown) => log.warn({ err, jobId: claim.job.id }, "progress not written"));
    };
    const progressTimer = setInterval(flush, progressEveryMs);
    let heldAt = performance.now();
    const beat = async (): Promise<void> => {
      const answer = await queue.heartbeat(claim);
      if (answer === "lost") abort.abort(new Lost());
      if (answer === "cancel") abort.abort(new Cancelled());
      heldAt = performance.now();
    };
    const heartbeat = setInterval(
      () => void beat().catch((err: unknown) => log.warn({ err, jobId: claim.job.id }, "lease not extended")),
      heartbeatMs,
    );
    let outcome: Outcome;
    try {
      await tell(claim.job, workspace);
      const handler = handlers[claim.job.kind];
      if (handler === undefined)
        throw new AppError("internal", `This server has no handler for jobs of the kind ${claim.job.kind}.`);
      const result = await handler.run(claim.input, {
        job: claim.job,
        workspace,
        signal: abort.signal,
        writer: { resource: claim.job.resource, fence: claim.fence },
        async assertHeld() {
          abort.signal.throwIfAborted();
          // Nobody may take the job before the lease ends: a fresh heartbeat is as good as asking again.
          if (performance.now() - heldAt > leaseMs / 6) await beat();
          abort.signal.throwIfAborted();
        },
        progress: (progress) => {
          pending = progress;
        },
      });
      outcome = { is: "succeeded", result };
    } catch (error) {
      outcome = outcomeOf(error, abort.signal, claim, log);
    } finally {
      clearInterval(progressTimer);
      clearInterval(heartbeat);
    }
    if (outcome.is === "succeeded") flush();
    await writing;
    if (abort.signal.reason instanceof Lost) {
      log.warn({ jobId: claim.job.id }, "job was taken by another worker");
      return;
    }
    const job = await queue.finish(claim, outcome);
    if (job !== null) await ended(job, workspace);
  }

  function launch(claim: Claim): void {
    const abort = new AbortController();
    const done = work(claim, abort)
      .catch((err: unknown) => log.error({ err, jobId: claim.job.id }, "job not finished; its lease will run out"))
      .finally(() => {
        running.delete(claim.job.id);
        look();
      });
    running.set(claim.job.id, { abort, done });
  }

  async function lookOnce(): Promise<void> {
    for (const { job, workspace } of await queue.recover({ kinds })) {
      log.warn({ jobId: job.id, state: job.state }, "took over a job whose worker died");
      await ended(job, workspace);
    }
    while (!stopped && running.size < concurrency) {
      const claim = await queue.claim(kinds);
      if (claim === null) return;
      launch(claim);
    }
  }

  function look(): void {
    if (stopped) return;
    lookAgain = true;
    looking ??= (async () => {
      while (lookAgain && !stopped) {
        lookAgain = false;
        await lookOnce().catch((err: unknown) => log.warn({ err }, "job table not read"));
      }
      looking = null;
    })();
  }

  return {
    start() {
      if (!stopped) return;
      stopped = false;
      timer = setInterval(look, pollMs);
      look();
    },
    wake: look,
    cancelled(id) {
      running.get(id)?.abort.abort(new Cancelled());
    },
    async stop() {
      stopped = true;
      if (timer !== null) clearInterval(timer);
      await looking;
      for (const { abort } of running.values()) abort.abort(new Stopping());
      await Promise.allSettled([...running.values()].map((job) => job.done));
    },
  };
}

function outcomeOf(error: unknown, signal: AbortSignal, { job, maxAttempts }: Claim, log: Log): Outcome {
  if (signal.aborted && signal.reason instanceof Cancelled) return { is: "cancelled" };
  if (signal.aborted) return { is: "released" };
  if (!(error instanceof AppError)) log.error({ err: error, jobId: job.id }, "job failed");
  const failure =
    error instanceof AppError
      ? { code: error.code, message: error.message }
      : { code: "internal" as const, message: "Something went wrong on the server; its log has the details." };
  const retryAt = error instanceof AppError ? Date.parse(String(error.details?.["retryAt"])) : Number.NaN;
  if (!Number.isNaN(retryAt))
    return { is: "retry", error: failure, delayMs: Math.max(1_000, retryAt - Date.now()), counts: false };
  if (transient.has(failure.code) && job.attempts < maxAttempts)
    return { is: "retry", error: failure, delayMs: retryDelay(job.attempts) };
  return { is: "failed", error: failure };
}
