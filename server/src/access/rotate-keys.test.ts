// Rotation of the master key on a real store, beside readers and writers, killed on its way, and when something can't be opened.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate as nextTurn } from "node:timers/promises";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import { afterAll, expect, it } from "vitest";
import { readConfig, type Config } from "../config.ts";
import { createIntegrations, type Integrations } from "../integrations/integrations.ts";
import { createEventFeed } from "../jobs/event-feed.ts";
import { rotateMasterKey } from "../rotate-master-key.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { loadKeyring } from "./master-key.ts";
import { createSealer } from "./seal.ts";
import { Secret } from "./secret.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const signal = new AbortController().signal;
const quietly = (): void => undefined;
const now = (): Date => new Date();
const rows = 450;
const root = join(import.meta.dirname, "..", "..", "..");

/** Where the key file of a store on PostgreSQL is. */
const beside = mkdtempSync(join(tmpdir(), "opentrace-rotate-"));
afterAll(() => removeFolder(beside));

forEachStore("rotating the master key", (test) => {
  const folderOf = (): string => ("dataDir" in test.config ? test.config.dataDir : beside);
  const envOf = (): Record<string, string> => ({
    OPENTRACE_DATA: folderOf(),
    ...("databaseUrl" in test.config ? { DATABASE_URL: test.config.databaseUrl } : {}),
  });
  const configOf = (env: Record<string, string> = {}): Config =>
    readConfig({ env: { ...envOf(), ...env }, cwd: folderOf() });
  const keysInFile = (): string[] =>
    readFileSync(join(folderOf(), "master.key"), "utf8")
      .split("\n")
      .filter((line) => line !== "");

  /** As a server holds them: its key ring is read at its start. */
  function open(config: Config): Integrations {
    const sealer = createSealer(loadKeyring(config.masterKey, config.data));
    const feed = createEventFeed({ store: test.store, log: silent, now });
    return createIntegrations({ store: test.store, sealer, feed, now });
  }

  async function seed(integrations: Integrations, count: number): Promise<string[]> {
    await test.store.app.deleteFrom("integrations").execute();
    const ids: string[] = [];
    for (let at = 0; at < count; at++) {
      const row = await integrations.insert({
        workspace: "default",
        connector: "github",
        name: `n${at}`,
        auth: "token",
        config: "{}",
      });
      await integrations.saveCredential(row, { values: { token: `token of ${row.id}` }, oauth: null });
      ids.push(row.id);
    }
    return ids;
  }

  const rotate = (config: Config) => rotateMasterKey(config, quietly, signal, { settle: 0 });

  async function envelopesByKey(): Promise<string[]> {
    const found = await test.store.app.selectFrom("integrations").select(["credential", "webhook_secret"]).execute();
    return [...new Set(found.flatMap((row) => [row.credential, row.webhook_secret]))].map(
      (envelope) => envelope?.split(".")[1] ?? "",
    );
  }

  it("seals everything anew while readers read and writers write, and then drops the old key", async () => {
    const config = configOf();
    const integrations = open(config);
    const ids = await seed(integrations, rows);
    const [oldKey] = keysInFile();
    let running = true;
    let reads = 0;
    const using = (async () => {
      for (let at = 0; running; at++) {
        const row = await integrations.find(ids[at % ids.length]!, "default");
        expect(integrations.credential(row)?.values).toEqual({ token: `token of ${row.id}` });
        expect(integrations.webhookSecret(row)).toHaveLength(32);
        if (at % 10 === 0)
          await integrations.saveCredential(row, { values: { token: `token of ${row.id}` }, oauth: null });
        reads++;
        await nextTurn();
      }
    })();
    const rotated = await rotate(config);
    running = false;
    await using;
    expect(reads).toBeGreaterThan(0);
    expect(rotated.resealed).toBeGreaterThan(rows);
    expect(keysInFile()).toHaveLength(1);
    expect(keysInFile()).not.toContain(oldKey);
    expect(new Set(await envelopesByKey())).toEqual(new Set([rotated.keyId]));
    // A server that starts now has the new key alone.
    const row = await open(config).find(ids[7]!, "default");
    expect(open(config).credential(row)?.values).toEqual({ token: `token of ${row.id}` });
  });

  it("goes on where a killed one stopped, with the key that it had made", async () => {
    const config = configOf();
    const integrations = open(config);
    const ids = await seed(integrations, rows);
    for (const killAfter of [0, 1, 0]) {
      const child = spawn(process.execPath, [join(root, "cli", "bin", "opentrace.mjs"), "keys", "rotate"], {
        stdio: ["ignore", "ignore", "pipe"],
        env: { ...process.env, ...envOf() },
      });
      const ended = once(child, "exit");
      let lines = 0;
      for await (const _line of createInterface(child.stderr)) if (lines++ >= killAfter) child.kill("SIGKILL");
      const [, killed] = (await ended) as [number | null, string | null];
      expect(killed).toBe("SIGKILL");
      expect(keysInFile()).toHaveLength(2);
      const row = await integrations.find(ids[0]!, "default");
      expect(integrations.credential(row)?.values).toEqual({ token: `token of ${row.id}` });
    }
    const [madeByTheKilled] = keysInFile();
    const { keyId } = await rotate(config);
    expect(keysInFile()).toEqual([madeByTheKilled]);
    expect(new Set(await envelopesByKey())).toEqual(new Set([keyId]));
  });

  it("keeps the old key, and says where, while something under it can't be sealed anew", async () => {
    const config = configOf();
    const integrations = open(config);
    const [id] = await seed(integrations, 3);
    const row = await integrations.find(id!, "default");
    await integrations.update(id!, { credential: `${row.credential?.slice(0, -8)}AAAAAAAA` });
    await expect(rotate(config)).rejects.toThrow(/integrations\.credential.*old key is kept/);
    expect(keysInFile()).toHaveLength(2);
    await integrations.saveCredential(await integrations.find(id!, "default"), {
      values: { token: "new" },
      oauth: null,
    });
    await rotate(config);
    expect(keysInFile()).toHaveLength(1);
  });

  it("does not drop a key that opens something in a column that nobody told it of", async () => {
    const config = configOf();
    const integrations = open(config);
    await seed(integrations, 1);
    const value = createSealer(loadKeyring(null, folderOf())).seal(new Secret("x"), "p");
    await test.store.app
      .insertInto("settings")
      .values({ workspace: "default", name: "forgotten", value, updated_at: 0 })
      .execute();
    await expect(rotate(config)).rejects.toThrow(/settings\.value/);
    await test.store.app.deleteFrom("settings").where("name", "=", "forgotten").execute();
    await rotate(config);
  });

  it("takes the keys from the setting when they are there, and tells how when there is only one", async () => {
    const [one, two] = [Buffer.alloc(32, 1).toString("base64"), Buffer.alloc(32, 2).toString("base64")];
    const integrations = open(configOf({ OPENTRACE_MASTER_KEY: one }));
    const ids = await seed(integrations, 3);
    await expect(rotate(configOf({ OPENTRACE_MASTER_KEY: one }))).rejects.toThrow(/OLD,NEW/);
    const rotated = await rotate(configOf({ OPENTRACE_MASTER_KEY: `${two},${one}` }));
    expect(rotated).toMatchObject({ resealed: 6, inSetting: true });
    const after = open(configOf({ OPENTRACE_MASTER_KEY: two }));
    for (const id of ids)
      expect(after.credential(await after.find(id, "default"))?.values).toEqual({ token: `token of ${id}` });
  });
});
