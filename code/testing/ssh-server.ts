// A real sshd on 127.0.0.1 for tests: an ordinary child with a host key and an authorized_keys of its own.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { removeFolder } from "./remove-folder.ts";

const sshd = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"].find((path) => existsSync(path)) ?? null;

/** On a developer's machine without sshd such tests are left out; CI installs it. */
export const hasSshServer = sshd !== null;

export interface SshServer {
  /** `ssh://ada@127.0.0.1:4022`; an absolute path follows. */
  base: string;
  /** A private key that may log in, and one that may not. */
  key: string;
  strangerKey: string;
  /** The server's host key, as known_hosts has it. */
  knownHosts: string;
  /** A host key for the same address that is not the server's. */
  otherKnownHosts: string;
  close(): Promise<void>;
}

export async function startSshServer(): Promise<SshServer> {
  if (sshd === null) throw new Error("sshd is not installed");
  const folder = mkdtempSync(join(tmpdir(), "opentrace-sshd-"));
  const file = (name: string): string => join(folder, name);
  const makeKey = (name: string): string => {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file(name)]);
    return file(name);
  };
  const [host, key, strangerKey, otherHost] = [
    makeKey("host"),
    makeKey("key"),
    makeKey("stranger"),
    makeKey("other-host"),
  ];
  writeFileSync(file("authorized_keys"), readFileSync(`${key}.pub`));
  const port = await freePort();
  const { username, uid } = userInfo();
  // Where root's sshd changes into; an init script makes it otherwise.
  if (uid === 0) mkdirSync("/run/sshd", { recursive: true });
  const settings = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${host}`,
    `AuthorizedKeysFile ${file("authorized_keys")}`,
    "AuthenticationMethods publickey",
    "PermitRootLogin prohibit-password",
    "StrictModes no",
    "UsePAM no",
    "PidFile none",
    "LogLevel ERROR",
  ];
  writeFileSync(file("sshd_config"), settings.join("\n"));
  const child = spawn(sshd, ["-D", "-e", "-f", file("sshd_config")], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${said}`);
    await sleep(50);
  }
  const known = (name: string, of: string): string => {
    writeFileSync(file(name), `[127.0.0.1]:${port} ${readFileSync(`${of}.pub`, "utf8")}`);
    return file(name);
  };
  return {
    base: `ssh://${username}@127.0.0.1:${port}`,
    key,
    strangerKey,
    knownHosts: known("known_hosts", host),
    otherKnownHosts: known("other_known_hosts", otherHost),
    async close() {
      child.kill("SIGTERM");
      await ended;
      removeFolder(folder);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
