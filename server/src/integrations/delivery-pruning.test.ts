// What is kept of webhook deliveries, and for how long: what waits is never dropped.
import { expect, it } from "vitest";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { createHistory } from "./history.ts";

forEachStore("webhook deliveries", (test) => {
  it("lose their bodies after three days and go after thirty, but never before they were worked off", async () => {
    const { app } = test.store;
    const day = 86_400_000;
    const now = new Date("2026-11-21T12:00:00Z");
    const row = (name: string, days: number, state: "received" | "done") => ({
      integration: "int_1",
      delivery_id: name,
      event: "issues.edited",
      state,
      detail: null,
      headers: "{}",
      body: Buffer.from("{}"),
      bytes: 2,
      recovered: 0,
      received_at: now.getTime() - days * day,
      processed_at: state === "done" ? now.getTime() - days * day : null,
    });
    await app
      .insertInto("integration_deliveries")
      .values([
        row("fresh", 1, "done"),
        row("older", 4, "done"),
        row("old", 31, "done"),
        row("waits for long", 90, "received"),
        { ...row("another's", 31, "done"), integration: "int_2" },
      ])
      .execute();
    await createHistory({ store: test.store }).prune("int_1", now);
    const left = await app.selectFrom("integration_deliveries").select(["delivery_id", "body"]).orderBy("id").execute();
    expect(left.map(({ delivery_id: name, body }) => [name, body !== null])).toEqual([
      ["fresh", true],
      ["older", false],
      ["waits for long", true],
      ["another's", true],
    ]);
  });
});
