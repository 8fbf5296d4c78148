import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fixedKeyring, loadKeyring } from "./access/master-key.ts";
import { createSealer, masterKeyFrom } from "./access/seal.ts";
import { Secret } from "./access/secret.ts";
import { networkRulesOf, readConfig, unknownSettings } from "./config.ts";
import { lockDataFolder, lockHolder } from "./data-lock.ts";
import { createHostGuard } from "./repositories/guard-host.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opentrace-config-"));
});
afterEach(() => removeFolder(folder));
const read = (env: Record<string, string>) => readConfig({ env: { OPENTRACE_DATA: folder, ...env }, cwd: folder });

describe("the configuration", () => {
  it("binds to this machine without authentication unless told otherwise", () => {
    expect(read({})).toMatchObject({
      host: "127.0.0.1",
      port: 8000,
      auth: false,
      loopbackOnly: true,
      historyDepth: 1000,
      databaseUrl: null,
    });
  });

  it("turns authentication on as soon as others can reach the server", () => {
    expect(read({ OPENTRACE_HOST: "0.0.0.0" })).toMatchObject({ auth: true, loopbackOnly: false });
    expect(read({ OPENTRACE_PUBLIC_URL: "https://trace.example.org" })).toMatchObject({
      auth: true,
      loopbackOnly: false,
    });
    expect(read({ ENABLE_AUTH: "true" })).toMatchObject({ auth: true, loopbackOnly: true });
    expect(read({ OPENTRACE_HOST: "0.0.0.0" }).git.protocols).toEqual(["https"]);
  });

  it("lets integrations reach private addresses on a server of one's own, else those that are listed", () => {
    const rules = (env: Record<string, string>) => networkRulesOf(read(env));
    expect(rules({})).toMatchObject({ allowPrivate: true, allow: [] });
    expect(rules({ OPENTRACE_HOST: "0.0.0.0" })).toMatchObject({ allowPrivate: false, allow: [] });
    const listed = { OPENTRACE_PRIVATE_HOSTS: "GitLab.corp.example, 10.0.0.0/8,fd12::/16" };
    expect(rules(listed)).toMatchObject({
      allowPrivate: false,
      allow: ["gitlab.corp.example", "10.0.0.0/8", "fd12::/16"],
    });
  });

  it("names what looks like a setting and is none, wherever it stands", () => {
    writeFileSync(join(folder, "secrets.env"), "OPENTRACE_MODEL=llava\nOPENTRACE_MODEL_TEXT=llama\n");
    const env = { OPENTRACE_DATA: folder, OPENTRACE_DATA_DIR: "/x", OPENTRACE_URL: "http://127.0.0.1:1", PORT: "1" };
    expect(unknownSettings({ env, cwd: tmpdir() }, folder)).toEqual(["OPENTRACE_MODEL", "OPENTRACE_DATA_DIR"]);
  });

  it("refuses to be reachable without authentication", () => {
    expect(() => read({ OPENTRACE_HOST: "0.0.0.0", ENABLE_AUTH: "false" })).toThrow(/ENABLE_AUTH.*127\.0\.0\.1/);
    expect(() => read({ OPENTRACE_PUBLIC_URL: "https://x.example", ENABLE_AUTH: "false" })).toThrow(
      /OPENTRACE_PUBLIC_URL/,
    );
  });

  it.each([
    ["OPENTRACE_PORT", "80000"],
    ["OPENTRACE_PORT", "http"],
    ["OPENTRACE_HOST", "my host"],
    ["OPENTRACE_PUBLIC_URL", "trace.example.org"],
    ["DATABASE_URL", "mysql://user:hunter2@host/db"],
    ["OPENTRACE_MASTER_KEY", "hunter2"],
    ["ENABLE_AUTH", "maybe"],
    ["OPENTRACE_GIT_PROTOCOLS", "https,gopher"],
    ["OPENTRACE_SSH_KNOWN_HOSTS", "/nowhere/known_hosts"],
    ["OPENTRACE_SSH_KEY", "hunter2"],
    ["OPENTRACE_HISTORY_DEPTH", "-1"],
    ["OPENTRACE_PRIVATE_HOSTS", "https://gitlab.corp.example"],
    ["OPENTRACE_PRIVATE_HOSTS", "10.0.0.0/8, 10.1.2"],
    ["OPENTRACE_LOG", "loud"],
  ])("names %s when it is wrong, says what it should be, and repeats no secret", (name, value) => {
    expect(() => read({ [name]: value })).toThrow(new RegExp(`^${name}.*should be `));
    try {
      read({ [name]: value });
    } catch (error) {
      expect(String(error)).not.toContain("hunter2");
    }
  });

  it("reads secrets.env of the working and the data directory, and lets the environment win", () => {
    const data = join(folder, "data");
    const cwd = mkdtempSync(join(folder, "cwd-"));
    writeFileSync(join(cwd, "secrets.env"), `OPENTRACE_DATA=${data}\nOPENTRACE_PORT=9001\n`);
    expect(readConfig({ env: {}, cwd })).toMatchObject({ data, port: 9001 });
    expect(readConfig({ env: { OPENTRACE_PORT: "9002" }, cwd }).port).toBe(9002);
    writeFileSync(join(folder, "secrets.env"), "OPENTRACE_HISTORY_DEPTH=7\n");
    expect(read({}).historyDepth).toBe(7);
  });
});

describe("a secret", () => {
  it("prints nothing of itself", () => {
    const secret = new Secret("hunter2");
    expect([String(secret), JSON.stringify({ secret }), inspect({ secret }), secret.toString()].join()).not.toContain(
      "hunter2",
    );
    expect(secret.reveal()).toBe("hunter2");
  });

  it("is sealed differently every time, opens under its purpose only, and notices a change", () => {
    const key = masterKeyFrom(Buffer.alloc(32, 1).toString("base64"));
    const sealer = createSealer(fixedKeyring([key]));
    const [one, two] = [sealer.seal(new Secret("hunter2"), "a"), sealer.seal(new Secret("hunter2"), "a")];
    expect(one).not.toBe(two);
    expect(one).not.toContain("hunter2");
    expect(sealer.open(one, "a").reveal()).toBe("hunter2");
    expect(() => sealer.open(one, "b")).toThrow(/does not open/);
    const parts = one.split(".");
    parts[3] = Buffer.from((parts[3] ?? "").split("").toReversed().join("")).toString("base64url");
    expect(() => sealer.open(parts.join("."), "a")).toThrow(/does not open|damaged/);
  });

  it("opens under an old master key while a new one seals", () => {
    const [old, fresh] = [
      masterKeyFrom(Buffer.alloc(32, 1).toString("base64")),
      masterKeyFrom(Buffer.alloc(32, 2).toString("base64")),
    ];
    const envelope = createSealer(fixedKeyring([old])).seal(new Secret("x"), "p");
    const rotated = createSealer(fixedKeyring([fresh, old]));
    expect(rotated.open(envelope, "p").reveal()).toBe("x");
    expect(rotated.seal(new Secret("x"), "p")).toMatch(new RegExp(`^v1\\.${fresh.id}\\.`));
    expect(() => createSealer(fixedKeyring([fresh])).open(envelope, "p")).toThrow(new RegExp(`master key ${old.id}`));
  });

  it("rests under a master key that only its owner may read", () => {
    const key = loadKeyring(null, folder).current();
    expect(loadKeyring(null, folder).current().id).toBe(key.id);
    expect(statSync(join(folder, "master.key")).mode & 0o777).toBe(0o600);
    writeFileSync(join(folder, "open.key"), "");
    const loose = mkdtempSync(join(folder, "loose-"));
    writeFileSync(join(loose, "master.key"), Buffer.alloc(32).toString("base64"), { mode: 0o644 });
    expect(() => loadKeyring(null, loose)).toThrow(/chmod 600/);
  });
});

describe("the lock of a data directory", () => {
  it("names its holder to others, and is free again after", () => {
    const lock = lockDataFolder(folder);
    lock.announce("http://127.0.0.1:1234");
    expect(lockHolder(folder)).toMatchObject({ pid: process.pid, url: "http://127.0.0.1:1234" });
    expect(() => lockDataFolder(folder)).toThrow(
      new RegExp(`in use by process ${process.pid} \\(http://127.0.0.1:1234\\)`),
    );
    lock.release();
    expect(lockHolder(folder)).toBeNull();
    lockDataFolder(folder).release();
  });

  it("is taken from a process that died, also when its number was given to another", () => {
    writeFileSync(join(folder, "opentrace.lock"), JSON.stringify({ pid: 2 ** 22 - 3, startedAt: "1", url: null }));
    lockDataFolder(folder).release();
    writeFileSync(join(folder, "opentrace.lock"), JSON.stringify({ pid: process.pid, startedAt: "1", url: null }));
    lockDataFolder(folder).release();
  });

  it("says so when the directory can't be written", () => {
    writeFileSync(join(folder, "file"), "");
    expect(() => lockDataFolder(join(folder, "file", "data"))).toThrow(/can't be written.*OPENTRACE_DATA/);
  });
});

describe("the guard on hosts that git is sent to", () => {
  const signal = new AbortController().signal;
  type Rules = Partial<Parameters<typeof createHostGuard>[0]>;
  const guard = (rules: Rules, addresses: string[]) => (url: string) =>
    createHostGuard({ git, loopbackOnly: false, privateHosts: null, ...rules }, async () => addresses)(
      new URL(url),
      signal,
    );
  const git = { protocols: ["https"] as const, hosts: null };

  it.each([
    "169.254.169.254",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "::ffff:169.254.169.254",
    "fe80::1",
  ])("never lets it reach %s", async (address) => {
    await expect(guard({ git, loopbackOnly: true }, [address])("https://innocent.example/x")).rejects.toThrow(
      /reserved/,
    );
    await expect(
      guard({ git: { ...git, hosts: ["innocent.example"] }, loopbackOnly: false }, ["1.2.3.4", address])(
        "https://innocent.example/x",
      ),
    ).rejects.toThrow(/reserved/);
  });

  it.each(["127.0.0.1", "10.1.2.3", "172.20.0.1", "192.168.1.1", "::1", "fc00::1", "0.0.0.0", "::ffff:10.0.0.1"])(
    "keeps a server that others reach from %s, unless the host is listed",
    async (address) => {
      await expect(guard({ git, loopbackOnly: false }, [address])("https://inside.example/x")).rejects.toThrow(
        /OPENTRACE_GIT_HOSTS/,
      );
      await expect(guard({ git, loopbackOnly: true }, [address])("https://inside.example/x")).resolves.toEqual({
        addresses: [address],
      });
      await expect(
        guard({ git: { ...git, hosts: ["inside.example"] }, loopbackOnly: false }, [address])(
          "https://inside.example/x",
        ),
      ).resolves.toEqual({ addresses: [address] });
    },
  );

  it("lets it reach the private hosts that integrations may be asked at", async () => {
    await expect(
      guard({ privateHosts: ["gitlab.corp.example", "10.9.0.0/16"] }, ["10.1.2.3"])("https://gitlab.corp.example/x"),
    ).resolves.toEqual({ addresses: ["10.1.2.3"] });
    await expect(guard({ privateHosts: ["10.9.0.0/16"] }, ["10.1.2.3"])("https://b.example/x")).rejects.toThrow(
      /private/,
    );
  });

  it("judges addresses that are written as such, and hosts that are not listed", async () => {
    await expect(guard({ git, loopbackOnly: true }, [])("https://169.254.169.254/x")).rejects.toThrow(/reserved/);
    await expect(guard({ git, loopbackOnly: false }, [])("https://[::1]/x")).rejects.toThrow(/private/);
    await expect(
      guard({ git: { ...git, hosts: ["github.com"] }, loopbackOnly: true }, ["1.2.3.4"])("https://gitlab.com/x"),
    ).rejects.toThrow(/not among/);
  });
});
