import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { AppError } from "@opentrace/contract/errors.ts";
import { nodeTypes } from "@opentrace/contract/graph.ts";
import type { GraphTables } from "./graph-tables.ts";
import { graphMigrations, migrate } from "./migrate.ts";
import { openSqlite } from "./sqlite.ts";
import { openStore, untyped, withGraphSnapshot } from "./store.ts";
import { forEachStore } from "./testing/for-each-store.ts";

const setting = (name: string, value: string) => ({ workspace: "default", name, value, updated_at: 1 });

forEachStore("the store", (test) => {
  it("keeps what a transaction wrote and drops what a failed one wrote", async () => {
    const { app } = test.store;
    await app.transaction().execute((tx) => tx.insertInto("settings").values(setting("kept", "1")).execute());
    const failing = app.transaction().execute(async (tx) => {
      await tx.insertInto("settings").values(setting("dropped", "1")).execute();
      throw new Error("stop");
    });
    await expect(failing).rejects.toThrow("stop");
    const rows = await app.selectFrom("settings").select("name").execute();
    expect(rows.map((row) => row.name)).toEqual(["kept"]);
  });

  it("hides an open transaction's rows from readers and queues other writers", async () => {
    const { app } = test.store;
    let seenInside = -1;
    const first = app.transaction().execute(async (tx) => {
      await tx.insertInto("settings").values(setting("a", "1")).execute();
      const others = await app.selectFrom("settings").select("name").where("name", "=", "a").execute();
      seenInside = others.length;
    });
    const second = app.transaction().execute((tx) => tx.insertInto("settings").values(setting("b", "1")).execute());
    await Promise.all([first, second]);
    expect(seenInside).toBe(0);
    expect(await app.selectFrom("settings").select("name").where("name", "in", ["a", "b"]).execute()).toHaveLength(2);
  });

  it("returns 64-bit counts as numbers", async () => {
    const { rows } = await sql<{ n: number }>`select count(*) as n from settings`.execute(test.store.app);
    expect(typeof rows[0]?.n).toBe("number");
    const id = 2 ** 53 - 1;
    await test.store.graph.insertInto("removed_nodes").values({ id, workspace: 9, version: 1 }).execute();
    const row = await test.store.graph.selectFrom("removed_nodes").select("id").where("workspace", "=", 9).execute();
    expect(row).toEqual([{ id }]);
  });

  it("writes many rows at once and names those that were there", async () => {
    const table = {
      table: "removed_nodes",
      columns: [
        ["id", "bigint"],
        ["workspace", "integer"],
        ["version", "bigint"],
      ],
      key: ["workspace", "version", "id"],
    } as const;
    const { graph, graphEngine } = test.store;
    const ignored = await graph.transaction().execute(async (tx) => {
      await graphEngine.insertRows(untyped(tx), table, [[1, 7, 1]], "ignore");
      const some = await graphEngine.insertRows(
        untyped(tx),
        table,
        [
          [1, 7, 1],
          [2, 7, 1],
          [2, 7, 1],
        ],
        "ignore",
      );
      await graphEngine.deleteRows(untyped(tx), table, [[7, 1, 1]]);
      return some;
    });
    expect(ignored).toEqual([
      [1, 7, 1],
      [2, 7, 1],
    ]);
    const left = await graph.selectFrom("removed_nodes").select("id").where("workspace", "=", 7).execute();
    expect(left).toEqual([{ id: 2 }]);
  });

  it("can be opened by several processes at once, each applying migrations at most once", async () => {
    const stores = await Promise.all([test.openAnother(), test.openAnother(), test.openAnother()]);
    for (const store of stores) {
      const { rows } = await sql<{ version: number }>`select version from schema_migrations order by version`.execute(
        store.graph,
      );
      expect(rows[0]).toEqual({ version: 1 });
    }
  });

  it("refuses a database that a newer program wrote", async () => {
    const another = await test.openAnother();
    const attempt = migrate(untyped(another.graph), another.graphEngine, "graph", []);
    await expect(attempt).rejects.toThrow(/newer OpenTrace/);
  });

  it("reads a snapshot that later writes don't change", async () => {
    const count = async (db: Pick<typeof test.store.graph, "selectFrom">): Promise<number> =>
      (await db.selectFrom("removed_nodes").select("id").where("workspace", "=", 8).execute()).length;
    await withGraphSnapshot(test.config, async (db) => {
      expect(await count(db)).toBe(0);
      await test.store.graph.insertInto("removed_nodes").values({ id: 1, workspace: 8, version: 1 }).execute();
      expect(await count(db)).toBe(0);
    });
    expect(await count(test.store.graph)).toBe(1);
  });
});

describe("an embedded graph of an older program", () => {
  it("gets the indexes of delivery anew, with what they are of", async () => {
    const folder = mkdtempSync(join(tmpdir(), "opentrace-store-"));
    const { db, engine } = openSqlite<GraphTables>({ path: join(folder, "graph.db"), synchronous: "NORMAL" });
    try {
      const older = graphMigrations.filter(({ version }) => version < 11);
      await migrate(untyped(db), engine, "graph", older);
      const row = { workspace: 1, version: 1, scope: 1, shared: 0, name: "one", props: null };
      const type = nodeTypes.indexOf("PullRequest");
      await db
        .insertInto("nodes")
        .values({ ...row, id: 5, type, key: "pull:github.com/acme/shop#5" })
        .execute();
      await migrate(untyped(db), engine, "graph", graphMigrations);
      const indexes = await sql<{ name: string; sql: string }>`select name, sql from sqlite_schema
        where type = 'index' and name like 'nodes_delivery%' order by name`.execute(db);
      expect(indexes.rows.map(({ name }) => name)).toEqual(
        ["happening", "repository", "state", "time"].map((what) => `nodes_delivery_by_${what}`),
      );
      for (const index of indexes.rows) {
        expect(index.sql).toMatch(/where \(type = \d+ or type = /);
        const found = await sql<{ id: number }>`select id from nodes indexed by ${sql.ref(index.name)}
          where ${sql.raw(index.sql.split(" where ")[1]!)}`.execute(db);
        expect(found.rows).toEqual([{ id: 5 }]);
      }
    } finally {
      await db.destroy();
      removeFolder(folder);
    }
  });
});

describe("a store that can't be opened", () => {
  it("names the file that is no database", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "opentrace-store-"));
    try {
      writeFileSync(join(dataDir, "app.db"), "this is not a database, this is not a database".repeat(200));
      const error: unknown = await openStore({ dataDir }).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: "unavailable", message: expect.stringContaining(join(dataDir, "app.db")) });
    } finally {
      removeFolder(dataDir);
    }
  });

  it("names the folder that can't be created", async () => {
    const folder = mkdtempSync(join(tmpdir(), "opentrace-store-"));
    try {
      writeFileSync(join(folder, "file"), "");
      chmodSync(join(folder, "file"), 0o600);
      await expect(openStore({ dataDir: join(folder, "file", "data") })).rejects.toThrow(/data folder .*file\/data/);
    } finally {
      removeFolder(folder);
    }
  });

  it("names the server that does not answer, without its password", async () => {
    const error: unknown = await openStore({ databaseUrl: "postgresql://u:hush@127.0.0.1:1/none" }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: "unavailable", message: expect.stringContaining("127.0.0.1:1/none") });
    expect(String(error)).not.toContain("hush");
  });
});
