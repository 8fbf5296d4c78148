import { beforeEach, expect, it } from "vitest";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { keptOfResource, leaseMs } from "./job-leases.ts";
import { createJobQueue, type JobQueue, type NewJob } from "./job-queue.ts";
import { noProgress } from "./job-rows.ts";
import { retryDelay } from "./job-runner.ts";

forEachStore("the job table", (test) => {
  let clock = 0;
  let one: JobQueue;
  let other: JobQueue;
  const now = (): Date => new Date(clock);
  const job = (resource: string, more: Partial<NewJob> = {}): NewJob => ({
    kind: "index",
    resource,
    input: {},
    workspace: "w",
    ...more,
  });
  const kinds = ["index"];

  beforeEach(async () => {
    await test.store.app.deleteFrom("jobs").execute();
    clock = Date.parse("2026-11-21T10:00:00Z");
    one = createJobQueue({ store: test.store, now, owner: "one" });
    other = createJobQueue({ store: await test.openAnother(), now, owner: "other" });
  });

  it("gives a job to one worker only, however many ask at once", async () => {
    for (let index = 0; index < 10; index++) await one.enqueue(job(`r${index}`));
    const claims = (
      await Promise.all(Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? one : other).claim(kinds)))
    ).filter((claim) => claim !== null);
    const rest = [];
    for (let claim = await one.claim(kinds); claim !== null; claim = await one.claim(kinds)) rest.push(claim);
    const ids = [...claims, ...rest].map((claim) => claim.job.id);
    expect(ids).toHaveLength(10);
    expect(new Set(ids).size).toBe(10);
  });

  it("runs one job of a resource at a time", async () => {
    await one.enqueue(job("r"));
    clock += 1;
    await one.enqueue(job("r", { input: { second: true } }));
    const first = await one.claim(kinds);
    expect(first).not.toBeNull();
    expect(await other.claim(kinds)).toBeNull();
    await one.finish(first!, { is: "succeeded", result: {} });
    expect((await other.claim(kinds))?.input).toEqual({ second: true });
  });

  it("returns the waiting job instead of queueing the same again", async () => {
    const first = await one.enqueue(job("r"));
    expect((await other.enqueue(job("r"))).id).toBe(first.id);
    await one.claim(kinds);
    expect((await one.enqueue(job("r"))).id).not.toBe(first.id);
  });

  it("takes over from a dead worker after its lease, and the dead one can't write any more", async () => {
    await one.enqueue(job("r"));
    const dead = (await one.claim(kinds))!;
    clock += leaseMs - 1;
    expect(await other.recover()).toEqual([]);
    clock += 2;
    expect((await other.recover()).map((recovered) => recovered.job.state)).toEqual(["queued"]);
    const taken = (await other.claim(kinds))!;
    expect(taken.job.attempts).toBe(2);
    expect(await one.heartbeat(dead)).toBe("lost");
    expect(await one.progress(dead, noProgress)).toBeNull();
    expect(await one.finish(dead, { is: "succeeded", result: { from: "the dead" } })).toBeNull();
    expect((await other.finish(taken, { is: "succeeded", result: { from: "the living" } }))?.result).toEqual({
      from: "the living",
    });
  });

  it("gives every claim about a resource a higher fence than those before it, of whatever job, even with an older copy of the table", async () => {
    const fences: number[] = [];
    for (let index = 0; index < 3; index++) {
      await one.enqueue(job("r", { input: { index } }));
      const claim = (await one.claim(kinds))!;
      fences.push(claim.fence);
      await one.finish(claim, { is: "succeeded", result: {} });
    }
    clock += 1_000;
    await test.store.app.deleteFrom("jobs").execute();
    await one.enqueue(job("r"));
    fences.push((await one.claim(kinds))!.fence);
    expect(fences).toEqual([...new Set(fences)].toSorted((a, b) => a - b));
  });

  it("keeps the newest jobs of each resource, and every one that has not ended", async () => {
    const waiting = await one.enqueue(job("r", { kind: "later" }));
    await one.enqueue(job("quiet"));
    await one.finish((await one.claim(kinds))!, { is: "succeeded", result: {} });
    for (let index = 0; index < keptOfResource + 20; index++) {
      clock += 1_000;
      await one.enqueue(job("r", { input: { index } }));
      await one.finish(
        (await one.claim(kinds))!,
        index % 2 === 0 ? { is: "succeeded", result: {} } : { is: "cancelled" },
      );
    }
    const rows = await test.store.app.selectFrom("jobs").select(["id", "resource", "input"]).execute();
    const kept = rows.filter(({ resource, id }) => resource === "r" && id !== waiting.id);
    expect(kept).toHaveLength(keptOfResource);
    expect(kept.map(({ input }) => Number(JSON.parse(input).index))).toContain(keptOfResource + 19);
    expect(rows.map(({ id }) => id)).toContain(waiting.id);
    expect(rows.some(({ resource }) => resource === "quiet")).toBe(true);
  });

  it("keeps a job whose worker goes on telling that it lives", async () => {
    await one.enqueue(job("r"));
    const claim = (await one.claim(kinds))!;
    for (let beats = 0; beats < 5; beats++) {
      clock += leaseMs / 2;
      expect(await one.heartbeat(claim)).toBe("go on");
      expect(await other.recover()).toEqual([]);
    }
  });

  it("gives up on a job that kills every worker", async () => {
    await one.enqueue(job("r", { maxAttempts: 2 }));
    for (const state of ["queued", "failed"]) {
      expect(await one.claim(kinds)).not.toBeNull();
      clock += leaseMs + 1;
      expect((await other.recover())[0]?.job.state).toBe(state);
    }
    expect(await one.claim(kinds)).toBeNull();
  });

  it("tries again later, not before", async () => {
    const { id } = await one.enqueue(job("r"));
    const claim = (await one.claim(kinds))!;
    await one.finish(claim, { is: "retry", error: { code: "unavailable", message: "away" }, delayMs: 5000 });
    expect(await one.claim(kinds)).toBeNull();
    expect(await one.get(id, "w")).toMatchObject({ state: "queued", error: { message: "away" } });
    clock += 5001;
    expect((await one.claim(kinds))?.job.attempts).toBe(2);
  });

  it("does not count a try that a shutdown ended", async () => {
    await one.enqueue(job("r"));
    await one.finish((await one.claim(kinds))!, { is: "released" });
    expect((await other.claim(kinds))?.job.attempts).toBe(1);
  });

  it("ends a waiting job at once and asks a running one to end", async () => {
    const waiting = await one.enqueue(job("a"));
    expect((await one.cancel(waiting.id, "w")).state).toBe("cancelled");
    const running = await one.enqueue(job("b"));
    const claim = (await one.claim(kinds))!;
    expect((await other.cancel(running.id, "w")).state).toBe("running");
    expect(await one.heartbeat(claim)).toBe("cancel");
    clock += leaseMs + 1;
    expect((await other.recover())[0]?.job.state).toBe("cancelled");
  });

  it("pages through jobs, newest first, and knows the latest of each resource", async () => {
    for (let index = 0; index < 5; index++) {
      clock += 1000;
      await one.enqueue(job(index < 3 ? "a" : "b", { input: { index } }));
    }
    const first = await one.list({ workspace: "w", limit: 3 });
    const second = await one.list({ workspace: "w", limit: 3, cursor: first.nextCursor! });
    expect([...first.jobs, ...second.jobs].map((one_) => one_.createdAt)).toEqual(
      [...first.jobs, ...second.jobs]
        .map((one_) => one_.createdAt)
        .toSorted()
        .toReversed(),
    );
    expect(second.nextCursor).toBeNull();
    expect(first.jobs.length + second.jobs.length).toBe(5);
    const latest = await one.latestOf(["a", "b", "c"], "w");
    expect([...latest.keys()].toSorted()).toEqual(["a", "b"]);
    expect(latest.get("b")?.id).toBe(first.jobs[0]?.id);
    expect((await one.list({ workspace: "elsewhere", limit: 3 })).jobs).toEqual([]);
  });
});

it("waits longer from try to try, with jitter, and never more than ten minutes", () => {
  const delays = [1, 2, 3, 4, 9].map((attempt) => [retryDelay(attempt, () => 0), retryDelay(attempt, () => 1)]);
  expect(delays).toEqual([
    [1000, 2000],
    [4000, 8000],
    [16_000, 32_000],
    [64_000, 128_000],
    [300_000, 600_000],
  ]);
});
