// Repositories behind a real sshd: cloned and fetched, and refused in words that say what to do.
import { chmodSync, copyFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "../testing/remove-folder.ts";
import type { AppError } from "@opentrace/contract/errors.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestRepository, type TestRepository } from "../testing/git-repository.ts";
import { hasSshServer, type SshServer, startSshServer } from "../testing/ssh-server.ts";
import { inspectRepository, openRepository } from "./open-repository.ts";
import type { SshFiles } from "./run-git.ts";

const never = new AbortController().signal;

if (!hasSshServer && process.env["CI"] !== undefined)
  it("needs sshd", () => Promise.reject(new Error("apt-get install openssh-server")));

describe.skipIf(!hasSshServer)("a repository behind ssh", () => {
  let ssh: SshServer;
  let repository: TestRepository;
  let folder: string;
  let source: string;
  beforeAll(async () => {
    ssh = await startSshServer();
    repository = createTestRepository();
    folder = mkdtempSync(join(tmpdir(), "opentrace-ssh-"));
    source = `${ssh.base}${repository.folder}`;
  });
  afterAll(async () => {
    await ssh.close();
    repository.remove();
    removeFolder(folder);
  });

  const known = (): SshFiles => ({ knownHosts: ssh.knownHosts, key: ssh.key });
  const open = (by: SshFiles, from = source) =>
    openRepository(
      { source: from, cacheFolder: join(folder, "copies"), protocols: ["ssh"], depth: 100, ssh: by },
      never,
    );
  const refusal = async (by: SshFiles, from = source): Promise<Pick<AppError, "code" | "message">> => {
    try {
      await open(by, from);
    } catch (error) {
      return error as AppError;
    }
    throw new Error("it was let in");
  };

  it("is cloned, and fetched again when it has moved on", async () => {
    const first = repository.commit({ "src/pay.py": "def charge():\n    return 1\n" });
    const opened = await open(known());
    expect(opened).toMatchObject({ commit: first, branch: "main", defaultBranch: "main" });
    const second = repository.commit({ "src/pay.py": "def charge():\n    return 2\n" });
    expect((await open(known())).commit).toBe(second);
    const seen = await inspectRepository({ source, protocols: ["ssh"], ssh: known() }, never);
    expect(seen).toMatchObject({ commit: second });
  });

  it("whose host is not known is not talked to; the user reads where its key belongs", async () => {
    const empty = join(folder, "no known hosts");
    writeFileSync(empty, "");
    expect(await refusal({ ...known(), knownHosts: empty })).toMatchObject({
      code: "upstream_auth",
      message: expect.stringMatching(/not known here.*OPENTRACE_SSH_KNOWN_HOSTS/) as string,
    });
  });

  it("whose host shows another key than the one that is known is not talked to", async () => {
    expect(await refusal({ ...known(), knownHosts: ssh.otherKnownHosts })).toMatchObject({
      code: "upstream_auth",
      message: expect.stringMatching(/not the one in known_hosts/) as string,
    });
  });

  it("that refuses the key says whose public key belongs there", async () => {
    expect(await refusal({ ...known(), key: ssh.strangerKey })).toMatchObject({
      code: "upstream_auth",
      message: expect.stringMatching(/refused the login.*OPENTRACE_SSH_KEY/) as string,
    });
  });

  it("that is not there is told apart from one that may not be read", async () => {
    expect(await refusal(known(), `${source}-elsewhere`)).toMatchObject({ code: "not_found" });
  });

  it("is read with files whose names a shell could take for something else", async () => {
    const odd = (name: string, from: string): string => {
      const to = join(folder, `${name} '; touch oops #`);
      copyFileSync(from, to);
      chmodSync(to, 0o600);
      return to;
    };
    const by = { knownHosts: odd("hosts", ssh.knownHosts), key: odd("key", ssh.key) };
    expect((await open(by)).branch).toBe("main");
  });
});
