// Runs a group of tests on every engine: embedded always, PostgreSQL through DATABASE_URL_TEST or the machine's binaries.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import { afterAll, beforeAll, describe, it } from "vitest";
import { openStore, type Store, type StoreConfig } from "../store.ts";
import { createDatabase, findPostgres, installHint, startPostgres } from "./postgres.ts";

export interface TestStore {
  readonly store: Store;
  readonly config: StoreConfig;
  /** Another process's view of the same data: closed with the test file. */
  openAnother(): Promise<Store>;
}

/** `define` registers tests; the store it is given is open while they run, and fresh for each call. */
export function forEachStore(name: string, define: (test: TestStore) => void): void {
  describe(`${name} (sqlite)`, () => {
    define(testStore(async () => {
      const folder = mkdtempSync(join(tmpdir(), "opentrace-store-"));
      return {
        config: { dataDir: folder },
        remove: async () => removeFolder(folder),
      };
    }));
  });
  describe(`${name} (postgres)`, () => {
    const given = process.env["DATABASE_URL_TEST"];
    if (given === undefined && findPostgres() === null) {
      if (process.env["CI"]) it("needs PostgreSQL", () => Promise.reject(new Error(installHint)));
      else it.skip(installHint, () => {});
      return;
    }
    define(testStore(async () => {
      const database = await createDatabase(given ?? (await startPostgres(folderOfRun())));
      return { config: { databaseUrl: database.url }, remove: database.drop };
    }));
  });
}

function folderOfRun(): string {
  const folder = process.env["OPENTRACE_TEST_POSTGRES"];
  if (folder === undefined) throw new Error("vitest.config.ts must name store/testing/global-setup.ts in globalSetup");
  return folder;
}

function testStore(create: () => Promise<{ config: StoreConfig; remove: () => Promise<void> }>): TestStore {
  let opened: Store[] = [];
  let place: { config: StoreConfig; remove: () => Promise<void> } | null = null;
  const need = <T>(value: T | null | undefined): T => {
    if (value === null || value === undefined) throw new Error("The store is open only while tests run.");
    return value;
  };
  beforeAll(async () => {
    place = await create();
    opened = [await openStore(place.config)];
  });
  afterAll(async () => {
    for (const store of opened) await store.close();
    await place?.remove();
  });
  return {
    get store() {
      return need(opened[0]);
    },
    get config() {
      return need(place).config;
    },
    async openAnother() {
      const another = await openStore(need(place).config);
      opened.push(another);
      return another;
    },
  };
}
