import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { openStore } from "../store/store.ts";
import { createIngest } from "./ingest.ts";
import { batch, edge, never, node, shop, shopScopes, writeSource } from "./testing/sample.ts";

it("rolls a batch back when the disk is full, says which file it was, and goes on when there is space again", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "opentrace-full-"));
  const store = await openStore({ dataDir });
  try {
    const ingest = createIngest({ store });
    await writeSource(ingest, shop, shopScopes);
    const ref = { workspace: "default", source: shop };
    const before = await store.graph.selectFrom("workspaces").select("version").executeTakeFirstOrThrow();
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(store.graph);
    // SQLite itself then answers as it does when the file system has no block left.
    await sql.raw(`pragma max_page_count = ${rows[0]!.page_count + 8}`).execute(store.graph);
    const many = Array.from({ length: 5_000 }, (_, at) =>
      node(`service:n${at}`, "Service", "n", { text: "x".repeat(200) }),
    );
    const large = batch([
      { scope: "large", nodes: many, edges: many.map((one) => edge(one.key, "REQUESTS", "service:n0")) },
    ]);
    const error: unknown = await ingest.apply(ref, large, never).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: "storage_full",
      message: expect.stringContaining(join(dataDir, "graph.db")),
    });
    const count = async (): Promise<number> => (await store.graph.selectFrom("nodes").select("id").execute()).length;
    expect(await count()).toBe(shopScopes.flatMap((scope) => scope.nodes ?? []).length);
    const after = await store.graph.selectFrom("workspaces").select("version").executeTakeFirstOrThrow();
    expect(after).toEqual(before);
    await sql.raw("pragma max_page_count = 1000000").execute(store.graph);
    await ingest.apply(ref, large, never);
    expect(await count()).toBeGreaterThan(5_000);
  } finally {
    await store.close();
    removeFolder(dataDir);
  }
});
