import { expect, it } from "vitest";
import { sql } from "kysely";
import { listIncidents } from "./list-incidents.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { untyped } from "../store/store.ts";
import { incidentLists } from "../store/migrations/app-0013-incident-lists.ts";

forEachStore("the migration of incident lists", (test) => {
  it("keeps the labels of duplicates that were merged before by themselves", async () => {
    const { app, appEngine } = test.store;
    const back = [
      "drop index incidents_by_owner",
      "drop index incidents_by_start",
      "drop index if exists incidents_by_number",
    ];
    for (const statement of back) await sql.raw(statement).execute(app);
    for (const [seq, mergedInto] of [
      [1, null],
      [2, "inc_1"],
    ] as const) {
      await app
        .insertInto("incidents")
        .values({
          seq,
          id: `inc_${seq}`,
          workspace: "w",
          title: "Checkout fails",
          description: null,
          severity: 1,
          status: 0,
          owner: null,
          affected_services: "[]",
          affected_nodes: "[]",
          tags: '["eu"]',
          metadata: "{}",
          merged_into: mergedInto,
          created_by: "local",
          created_by_name: null,
          started_at: seq,
          created_at: seq,
          updated_at: seq,
          acknowledged_at: null,
          resolved_at: null,
          closed_at: null,
        })
        .execute();
      for (const kind of ["tag", "service"] as const)
        await app.insertInto("incident_labels").values({ workspace: "w", kind, label: "eu", incident: seq }).execute();
    }
    await app.transaction().execute((tx) => incidentLists.up(untyped(tx), appEngine.ddl, appEngine.text));
    const ids = async (merged: "exclude" | "only"): Promise<string[]> => {
      const { items } = await listIncidents(test.store, "w", { tag: ["eu"], service: ["eu"], merged, limit: 10 });
      return items.map((one) => one.id);
    };
    expect(await ids("exclude")).toEqual(["inc_1"]);
    expect(await ids("only")).toEqual(["inc_2"]);
  });
});
