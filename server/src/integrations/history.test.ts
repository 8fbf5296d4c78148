// What is kept of runs, log lines and deliveries: so many and no more; and what a server that died left open is closed.
import { expect, it } from "vitest";
import { createJobQueue } from "../jobs/job-queue.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { createHistory } from "./history.ts";

const day = 86_400_000;
const now = new Date("2026-11-21T12:00:00Z");

forEachStore("the history of an integration", (test) => {
  const run = (id: string, at: number, state: "running" | "succeeded") => ({
    id,
    workspace: "default",
    integration: "int_1",
    scope: "1",
    scope_name: "acme/shop",
    cause: "schedule" as const,
    mode: "incremental" as const,
    state,
    items: 0,
    removed: 0,
    unchanged: 0,
    requests: 1,
    error: null,
    started_at: at,
    finished_at: state === "running" ? null : at,
  });

  it("keeps the newest runs and log lines, however many there were, and what is running", async () => {
    const { app } = test.store;
    const start = now.getTime() - day;
    for (let from = 0; from < 5_200; from += 400)
      await app
        .insertInto("integration_runs")
        .values(Array.from({ length: 400 }, (_, at) => run(`run_${from + at}`, start + from + at, "succeeded")))
        .execute();
    await app
      .insertInto("integration_runs")
      .values(run("run_at_it", start - 1, "running"))
      .execute();
    for (let from = 0; from < 2_400; from += 400)
      await app
        .insertInto("integration_log")
        .values(
          Array.from({ length: 400 }, (_, at) => ({
            integration: "int_1",
            at: start,
            level: "info" as const,
            message: `line ${from + at}`,
            fields: "{}",
          })),
        )
        .execute();
    await createHistory({ store: test.store }).prune("int_1", now);
    const runs = await app.selectFrom("integration_runs").select("id").orderBy("started_at").execute();
    expect(runs).toHaveLength(5_001);
    expect(runs[0]?.id).toBe("run_at_it");
    expect(runs[1]?.id).toBe("run_200");
    const lines = await app.selectFrom("integration_log").select("message").orderBy("id").execute();
    expect([lines.length, lines[0]?.message]).toEqual([2_000, "line 400"]);
    await app.deleteFrom("integration_runs").execute();
  });

  it("closes the runs that a server left open when it died, and no other", async () => {
    const { app } = test.store;
    const queue = createJobQueue({ store: test.store, now: () => now, owner: "test" });
    const job = async (resource: string) =>
      await queue.enqueue({ kind: "integration.sync", resource, input: {}, workspace: "default" });
    const [waits, stopped] = [await job("int_1/waits"), await job("int_1/stopped")];
    await queue.cancel(stopped.id, "default");
    const idOf = ({ id }: { id: string }): string => `run_${id.slice(4)}`;
    await app
      .insertInto("integration_runs")
      .values([
        run(idOf(waits), now.getTime(), "running"),
        run(idOf(stopped), now.getTime(), "running"),
        run("run_without", now.getTime(), "running"),
      ])
      .execute();
    const history = createHistory({ store: test.store });
    const states = async () =>
      Object.fromEntries(
        (await app.selectFrom("integration_runs").select(["id", "state"]).execute()).map(({ id, state }) => [
          id,
          state,
        ]),
      );
    // Whoever ended it may be about to say so.
    await history.settle("int_1", now);
    expect(new Set(Object.values(await states()))).toEqual(new Set(["running"]));
    await history.settle("int_1", new Date(now.getTime() + 2 * 60_000));
    expect(await states()).toEqual({
      [idOf(waits)]: "running",
      [idOf(stopped)]: "cancelled",
      run_without: "failed",
    });
  });
});
