// Which news make which timelines be built again, on both stores: few builds of many changes, and none that nothing asks for.
import type { Job } from "@opentrace/contract/repositories.ts";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { testContext } from "../graph/testing/sample.ts";
import { createEventFeed, type EventFeed } from "../jobs/event-feed.ts";
import { createJobQueue, type JobQueue } from "../jobs/job-queue.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { createKeepTimelines, type KeepTimelines } from "./keep-timelines.ts";
import { openShopIncidents, type ShopIncidents } from "./testing/shop-incidents.ts";

forEachStore("keeping timelines", (test) => {
  let incidents: ShopIncidents;
  let feed: EventFeed;
  let queue: JobQueue;
  let keep: KeepTimelines;
  const { log } = testContext();
  const now = (): Date => new Date("2026-01-02T05:00:00Z");

  beforeAll(async () => {
    incidents = await openShopIncidents(test);
    feed = createEventFeed({ store: test.store, log, now });
    queue = createJobQueue({ store: test.store, now, owner: "test" });
    const timelines = { build: (ctx: never, id: string) => incidents.run("timeline.generate", { id }, ctx) } as never;
    keep = createKeepTimelines({
      store: test.store,
      timelines,
      queue,
      feed,
      log,
      now,
      wake: () => undefined,
      workspace: "default",
    });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterAll(async () => {
    vi.useRealTimers();
    await keep.stop();
    await incidents.close();
    feed.close();
  });

  const waiting = async (): Promise<string[]> =>
    (await queue.list({ workspace: "default", state: "queued", limit: 100 })).jobs
      .filter((job) => job.kind === "timeline.build")
      .map((job) => job.resource)
      .toSorted();
  /** The news have settled: these timelines are to be built. */
  const settled = async (...of: { id: string }[]): Promise<void> => {
    vi.advanceTimersByTime(1_000);
    await expect.poll(waiting).toEqual(of.map(({ id }) => `timeline:${id}`).toSorted());
  };
  const workOff = async (): Promise<void> => {
    for (
      let claim = await queue.claim(["timeline.build"]);
      claim !== null;
      claim = await queue.claim(["timeline.build"])
    ) {
      const handler = keep.jobs[claim.job.kind]!;
      const result = await handler.run(claim.input, {
        job: claim.job,
        workspace: "default",
        signal: testContext().signal,
      } as never);
      await queue.finish(claim, { is: "succeeded", result });
    }
  };
  const synced = (kind: string, state: Job["state"]): Job => ({
    id: "job_1",
    kind,
    resource: "r",
    state,
    progress: { phase: "queued", filesDone: 0, filesTotal: 0, nodes: 0, edges: 0, etaSeconds: null },
    error: null,
    result: null,
    attempts: 1,
    createdAt: "2026-01-02T05:00:00.000Z",
    startedAt: null,
    finishedAt: null,
  });

  it("queues one build for many changes of an incident, and for what changed while no server ran", async () => {
    const first = await incidents.declare();
    const second = await incidents.declare();
    const closed = await incidents.declare();
    await incidents.run("incidents.change", { id: closed.id, status: "closed" });
    keep.start();
    await settled(first, second);
    await workOff();
    expect(await waiting()).toEqual([]);
    for (let at = 0; at < 20; at++)
      await feed.publish(
        { type: "evidence.changed", evidenceId: `evd_${at}`, incidentId: closed.id, change: "added" },
        "default",
      );
    await settled(closed);
    await workOff();

    // The graph is as it was: a sync that brought nothing costs no build, and one that failed is no news.
    await feed.publish({ type: "job.updated", job: synced("integration.sync", "failed") }, "default");
    await feed.publish({ type: "job.updated", job: synced("integration.sync", "succeeded") }, "default");
    await feed.publish(
      { type: "evidence.changed", evidenceId: "evd_x", incidentId: first.id, change: "added" },
      "default",
    );
    await settled(first);
    await workOff();

    await test.store.graph
      .updateTable("workspaces")
      .set((eb) => ({ version: eb("version", "+", 1) }))
      .execute();
    await feed.publish({ type: "job.updated", job: synced("repository.index", "succeeded") }, "default");
    await settled(first, second);
  });
});
