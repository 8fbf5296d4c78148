import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { removeFolder } from "../testing/remove-folder.ts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AppError } from "@opentrace/contract/errors.ts";
import { createTestRepository, type TestRepository } from "../testing/git-repository.ts";
import { listTree, type TreeEntry } from "./list-tree.ts";
import { locateRepository, openRepository, type OpenOptions } from "./open-repository.ts";
import { readBlobs } from "./read-blobs.ts";

const { signal } = new AbortController();
let repository: TestRepository;
let temporary: string;

beforeEach(() => {
  repository = createTestRepository();
  temporary = mkdtempSync(path.join(os.tmpdir(), "opentrace-open-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  repository.remove();
  removeFolder(temporary);
});

const open = (source: string, more: Partial<OpenOptions> = {}) =>
  openRepository(
    { source, cacheFolder: path.join(temporary, "copies"), protocols: ["https", "file", "http"], depth: 100, ...more },
    signal,
  );

const failure = async (promise: Promise<unknown>): Promise<{ code: string; message: string; details: unknown }> => {
  const error = (await promise.then(
    () => null,
    (reason: unknown) => reason,
  )) as AppError | null;
  if (error === null) throw new Error("it should have failed");
  return { code: error.code, message: error.message, details: error.details };
};

async function paths(opened: { gitDir: string; subject: string; commit: string }): Promise<string[]> {
  const entries: TreeEntry[] = [];
  for await (const part of listTree(opened, opened.commit, signal)) entries.push(...part);
  return entries.map((entry) => entry.path);
}

describe("a path", () => {
  test("is opened where it lies, on its HEAD or the branch asked for", async () => {
    const first = repository.commit({ "a.py": "a = 1\n" });
    const second = repository.commit({ "b.py": "b = 1\n" }, { branch: "feature/x" });
    const opened = await open(repository.folder);
    expect(opened).toMatchObject({
      gitDir: repository.folder,
      branch: "main",
      defaultBranch: "main",
      commit: first,
      name: "repository",
    });
    expect(opened.repo).toBe(`local${repository.folder}`);
    expect((await open(repository.folder, { branch: "feature/x" })).commit).toBe(second);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("may be a checkout or a linked work tree; both are the same repository", async () => {
    repository.commit({ "a.py": "a = 1\n" });
    repository.commit({ "a.py": "a = 2\n" }, { branch: "other" });
    const checkout = path.join(temporary, "checkout");
    execFileSync("git", ["clone", "-q", repository.folder, checkout]);
    execFileSync("git", [
      "-C",
      checkout,
      "worktree",
      "add",
      "-q",
      path.join(temporary, "linked"),
      "origin/other",
      "-b",
      "other",
    ]);
    const main = await open(checkout);
    const linked = await open(path.join(temporary, "linked"));
    expect(main.repo).toBe(`local${checkout}`);
    expect(linked.repo).toBe(main.repo);
    expect([main.branch, linked.branch]).toEqual(["main", "other"]);
    expect((await open(path.join(checkout, ".git"))).repo).toBe(main.repo);
  });

  test("that is a plain checkout is found without starting git; what only looks like one is git's to judge", async () => {
    repository.commit({ "a.py": "a = 1\n" });
    const checkout = path.join(temporary, "checkout");
    execFileSync("git", ["clone", "-q", repository.folder, checkout]);
    const locate = () => locateRepository(checkout, temporary, signal);
    const asGitSays = { repo: `local${checkout}`, subject: checkout, gitDir: path.join(checkout, ".git") };
    vi.stubEnv("PATH", temporary);
    expect(await locate()).toEqual(asGitSays);
    writeFileSync(path.join(checkout, ".git", "commondir"), ".\n");
    expect(await failure(locate())).toMatchObject({ code: "unavailable" });
    vi.unstubAllEnvs();
    expect(await locate()).toEqual(asGitSays);
    writeFileSync(path.join(checkout, ".git", "HEAD"), "nothing\n");
    expect(await failure(locate())).toMatchObject({
      code: "bad_request",
      message: expect.stringContaining("git init"),
    });
  });

  test("with a detached HEAD has no branch", async () => {
    const commit = repository.commit({ "a.py": "a = 1\n" });
    repository.git("update-ref", "--no-deref", "HEAD", commit);
    expect(await open(repository.folder)).toMatchObject({ branch: null, commit });
  });

  test("that is wrong is told by name, with what to do", async () => {
    repository.commit({ "src/a.py": "a = 1\n" });
    const checkout = path.join(temporary, "checkout");
    execFileSync("git", ["clone", "-q", repository.folder, checkout]);
    writeFileSync(path.join(temporary, "file"), "");
    expect(await failure(open("/does/not/exist"))).toMatchObject({
      code: "not_found",
      message: expect.stringContaining("/does/not/exist"),
    });
    expect(await failure(open(temporary))).toMatchObject({
      code: "bad_request",
      message: expect.stringContaining("git init"),
    });
    expect(await failure(open(path.join(checkout, "src")))).toMatchObject({
      code: "bad_request",
      message: expect.stringContaining(`inside ${checkout}`),
    });
    expect(await failure(open(path.join(temporary, "file")))).toMatchObject({
      code: "bad_request",
      message: expect.stringContaining("is a file"),
    });
    expect(await failure(open("relative/path"))).toMatchObject({
      code: "bad_request",
      message: expect.stringContaining("absolute path"),
    });
    expect(await failure(open("--upload-pack=touch /tmp/x"))).toMatchObject({ code: "bad_request" });
  });

  test("without commits, or without the branch asked for, is told so with similar names", async () => {
    expect(await failure(open(repository.folder))).toMatchObject({
      code: "unprocessable",
      message: expect.stringContaining("no commits"),
    });
    repository.commit({ "a.py": "a = 1\n" });
    repository.commit({ "a.py": "a = 2\n" }, { branch: "release/1.0" });
    const missing = await failure(open(repository.folder, { branch: "relaese/1.0" }));
    expect(missing).toMatchObject({ code: "not_found", details: { similar: expect.arrayContaining(["release/1.0"]) } });
    expect(missing.message).toContain("release/1.0");
    for (const branch of ["--all", "a..b", "HEAD^", "x:y", "a b", "@{u}"]) {
      expect(await failure(open(repository.folder, { branch }))).toMatchObject({ code: "bad_request" });
    }
  });

  test("runs nothing that its configuration or hooks name", async () => {
    const commit = repository.commit({ "a.py": "a = 1\n", ".gitattributes": "*.py diff=evil\n" });
    const canary = path.join(temporary, "canary");
    const evil = path.join(temporary, "evil.sh");
    writeFileSync(evil, `#!/bin/sh\ntouch ${canary}\ncat\n`, { mode: 0o755 });
    for (const key of [
      "core.fsmonitor",
      "core.pager",
      "core.sshCommand",
      "diff.evil.textconv",
      "diff.external",
      "core.alternateRefsCommand",
      "gpg.program",
    ]) {
      repository.git("config", key, evil);
    }
    repository.git("config", "log.showSignature", "true");
    mkdirSync(path.join(repository.folder, "hooks"), { recursive: true });
    for (const hook of ["post-checkout", "reference-transaction", "post-index-change"]) {
      writeFileSync(path.join(repository.folder, "hooks", hook), `#!/bin/sh\ntouch ${canary}\n`, { mode: 0o755 });
    }
    const { readCommits } = await import("./read-log.ts");
    const opened = await open(repository.folder);
    await paths(opened);
    expect(await readCommits(opened, [commit], signal)).toHaveLength(1);
    expect(readdirSync(temporary)).not.toContain("canary");
  });
});

describe("a URL", () => {
  test("that is wrong is refused before git sees it, and never with its credentials", async () => {
    const leaked = await failure(open("https://ada:s3cret@example.com/acme/shop"));
    expect(leaked).toMatchObject({
      code: "bad_request",
      message: expect.stringContaining("https://example.com/acme/shop"),
    });
    expect(JSON.stringify(leaked)).not.toContain("s3cret");
    expect(await failure(open("ftp://example.com/x"))).toMatchObject({ code: "bad_request" });
    expect(await failure(open("ext::sh -c touch% /tmp/x"))).toMatchObject({ code: "bad_request" });
    expect(await failure(open("git@example.com:acme/shop.git"))).toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("https"),
    });
    expect(await failure(open("https://example.com/"))).toMatchObject({ code: "bad_request" });
  });

  test("that can't be reached says so", async () => {
    expect(await failure(open("https://opentrace.invalid/acme/shop"))).toMatchObject({
      code: "upstream_failed",
      message: expect.stringContaining("could not be found"),
    });
    expect(await failure(open("http://127.0.0.1:1/acme/shop"))).toMatchObject({
      code: "upstream_failed",
      message: expect.stringContaining("can't be reached"),
    });
    expect(await failure(open(`file://${temporary}/nothing.git`))).toMatchObject({ code: "not_found" });
  });

  test("is copied without a work tree, follows force-pushes and new branches, and is left alone when nothing changed", async () => {
    repository.commit({ "a.py": "a = 1\n" });
    const url = `file://${repository.folder}`;
    const first = await open(url);
    expect(first.repo).toBe(`local${repository.folder}`);
    expect(await paths(first)).toEqual(["a.py"]);
    expect(readdirSync(first.gitDir)).not.toContain("index");

    repository.commit({ "b.py": "b = 1\n" }, { orphan: true });
    expect(await paths(await open(url))).toEqual(["b.py"]);
    const feature = repository.commit({ "c.py": "c = 1\n" }, { branch: "feature" });
    expect((await open(url, { branch: "feature" })).commit).toBe(feature);
    repository.git("update-ref", "-d", "refs/heads/feature");
    expect(await failure(open(url, { branch: "feature" }))).toMatchObject({ code: "not_found" });
    expect(readdirSync(path.join(temporary, "copies"))).toHaveLength(1);
  });

  test("whose copy was left half made starts over", async () => {
    repository.commit({ "a.py": "a = 1\n" });
    const url = `file://${repository.folder}`;
    const { gitDir } = await open(url);
    rmSync(path.join(gitDir, "HEAD"));
    expect(await paths(await open(url))).toEqual(["a.py"]);
  });

  describe("over HTTP", () => {
    let server: Server;
    let seen: { authorization: string | undefined; url: string }[];
    let respond: (authorization: string | undefined) => number | null;
    let base: string;

    beforeEach(async () => {
      seen = [];
      respond = () => null;
      repository.git("config", "uploadpack.allowFilter", "true");
      server = createServer((request, response) => {
        const { authorization } = request.headers;
        seen.push({ authorization, url: request.url ?? "" });
        const status = respond(authorization);
        if (status !== null) {
          response.writeHead(
            status,
            status === 401 ? { "www-authenticate": "Basic" } : { location: "http://example.com/x" },
          );
          response.end();
          return;
        }
        const url = new URL(request.url ?? "/", "http://localhost");
        const backend = spawn("git", ["http-backend"], {
          env: {
            PATH: process.env["PATH"],
            GIT_PROJECT_ROOT: path.dirname(repository.folder),
            GIT_HTTP_EXPORT_ALL: "1",
            GIT_CONFIG_GLOBAL: "/dev/null",
            REQUEST_METHOD: request.method,
            PATH_INFO: url.pathname,
            QUERY_STRING: url.search.slice(1),
            CONTENT_TYPE: request.headers["content-type"] ?? "",
            HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
            GIT_PROTOCOL: request.headers["git-protocol"] as string | undefined,
          },
        });
        request.pipe(backend.stdin);
        const chunks: Buffer[] = [];
        backend.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
        backend.on("close", () => {
          const whole = Buffer.concat(chunks);
          const end = whole.indexOf("\r\n\r\n");
          let code = 200;
          for (const line of whole.toString("latin1", 0, end).split("\r\n")) {
            const [name = "", value = ""] = line.split(": ");
            if (name === "Status") code = Number.parseInt(value);
            else response.setHeader(name, value);
          }
          response.statusCode = code;
          response.end(whole.subarray(end + 4));
        });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterEach(() => {
      server.closeAllConnections();
      server.close();
    });

    test("large blobs are not fetched, not even when they are asked for later", async () => {
      repository.commit({ "a.py": "a = 1\n", "big.bin": Buffer.alloc(3 * 1024 * 1024, 7) });
      const opened = await open(`${base}/repository`);
      expect(opened.repo).toMatch(/^127\.0\.0\.1:\d+\/repository$/);
      const entries: TreeEntry[] = [];
      for await (const part of listTree(opened, opened.commit, signal)) entries.push(...part);
      expect(entries.map(({ path: name, size }) => [name, size])).toEqual([
        ["a.py", 6],
        ["big.bin", null],
      ]);
      const requests = seen.length;
      const contents = [];
      for await (const content of readBlobs(
        opened,
        entries.map(({ blob }) => blob),
        1e6,
        signal,
      ))
        contents.push(content.is);
      expect(contents).toEqual(["read", "missing"]);
      expect(seen.length).toBe(requests);
      // A later sync fetches again over what the filter left out.
      repository.commit({ "b.py": "b = 1\n" });
      expect(await paths(await open(`${base}/repository`))).toEqual(["a.py", "b.py", "big.bin"]);
    });

    test("a token reaches the server in a header only, and a wrong or missing one is told", async () => {
      repository.commit({ "a.py": "a = 1\n" });
      const right = `Basic ${Buffer.from("x-access-token:s3cret").toString("base64")}`;
      respond = (authorization) => (authorization === right ? null : 401);
      const url = `${base}/repository`;
      for (const token of [undefined, "wr0ng-t0ken"]) {
        const failed = await failure(open(url, { token }));
        expect(failed).toMatchObject({ code: "upstream_auth", message: expect.stringContaining("token") });
        expect(JSON.stringify(failed)).not.toContain("wr0ng-t0ken");
      }
      const opened = await open(url, { token: "s3cret" });
      expect(await paths(opened)).toEqual(["a.py"]);
      expect(seen.at(-1)?.url).not.toContain("s3cret");
      expect(readFileSync(path.join(opened.gitDir, "config"), "utf8")).not.toContain("s3cret");
      expect(spawnSync("grep", ["-rq", "s3cret", opened.gitDir]).status).toBe(1);
    });

    test("404, 403 and redirects each say what to do", async () => {
      repository.commit({ "a.py": "a = 1\n" });
      for (const [status, code, word] of [
        [404, "not_found", "no repository"],
        [403, "upstream_auth", "403"],
        [301, "upstream_failed", "moved"],
        [500, "upstream_failed", "again"],
      ] as const) {
        respond = () => status;
        expect(await failure(open(`${base}/repository`, { token: "t" }))).toMatchObject({
          code,
          message: expect.stringContaining(word),
        });
      }
    });

    test("the guard decides on the host, and git connects only to the address it gave", async () => {
      repository.commit({ "a.py": "a = 1\n" });
      const port = new URL(base).port;
      const url = `http://git.example.com:${port}/repository`;
      const guarded: string[] = [];
      const opened = await open(url, {
        guardUrl: async (asked) => {
          guarded.push(asked.hostname);
          return { addresses: ["127.0.0.1"] };
        },
      });
      expect(await paths(opened)).toEqual(["a.py"]);
      expect(guarded).toEqual(["git.example.com"]);
      const refused = failure(open(url, { guardUrl: () => Promise.reject(new Error("not that host")) }));
      expect((await refused).message).toBe("not that host");
    });
  });
});

test("an abort ends a fetch at once", async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const stop = new AbortController();
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/x/y`;
  const opening = openRepository({ source: url, cacheFolder: temporary, protocols: ["http"], depth: 1 }, stop.signal);
  setTimeout(() => stop.abort(new Error("stopped")), 200);
  // The server never answers: nothing but the abort ends this with these words.
  expect((await failure(opening)).message).toBe("stopped");
  silent.closeAllConnections();
  silent.close();
});
