// The command line as a user runs it: real processes, embedded store and running server.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createRepository,
  shopFiles,
  startTestServer,
  type TestRepository,
  type TestServer,
} from "@opentrace/server/src/testing/test-server.ts";

const bin = join(import.meta.dirname, "bin", "opentrace.mjs");
let repository: TestRepository;
let data: string;

interface Ran {
  code: number;
  out: string;
  err: string;
}

function opentrace(
  args: string[],
  { env = {}, cwd = repository.path }: { env?: Record<string, string>; cwd?: string } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [bin, ...args],
      { cwd, env: { ...process.env, OPENTRACE_DATA: data, ...env }, maxBuffer: 64e6 },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

/** Enough to be caught in the middle of. */
const bigRepository = (): TestRepository =>
  createRepository(
    Object.fromEntries(
      Array.from({ length: 800 }, (_, file) => [
        `m${file}.ts`,
        Array.from({ length: 60 }, (_unused, index) => `export function f${index}(): number { return ${index}; }`).join(
          "\n",
        ),
      ]),
    ),
  );

beforeAll(() => {
  repository = createRepository(shopFiles);
  data = mkdtempSync(join(tmpdir(), "opentrace-cli-"));
});
afterAll(() => {
  repository.remove();
  removeFolder(data);
});

describe("opentrace without a server", () => {
  it("indexes a relative path, says what it cost, and does nothing the second time", async () => {
    const first = await opentrace(["index", ".", "--json"]);
    expect(first.err).not.toMatch(/error/i);
    const summary = JSON.parse(first.out) as Record<string, unknown>;
    expect(summary).toMatchObject({
      repository: { source: repository.path, branch: "main" },
      files: 6,
      changed: expect.any(Number),
      nodes: expect.any(Number),
      cpuSeconds: { total: expect.any(Number) },
      peakMemoryMb: expect.any(Number),
    });
    expect((summary["cpuSeconds"] as { total: number }).total).toBeGreaterThan(0.05);
    expect(summary["peakMemoryMb"]).toBeGreaterThan(30);
    expect(JSON.parse((await opentrace(["index", ".", "--json"])).out)).toMatchObject({ changed: 0 });
    expect((await opentrace(["index", "."])).out).toMatch(
      /: \d+ nodes, \d+ edges from 6 files \(nothing to read again/,
    );
  });

  it("answers every question that has a command", async () => {
    expect((await opentrace(["search", "PaySer"])).out).toMatch(/Class +PayService/);
    expect((await opentrace(["show", "PayService"])).out).toMatch(
      /Class PayService[\s\S]*range {2}lines \d+-\d+[\s\S]*charge/,
    );
    expect((await opentrace(["deps", "Cart"])).out).toContain("PayService");
    expect((await opentrace(["dependents", "round"])).out).toContain("  PayService.charge  ");
    expect((await opentrace(["impact", "round"])).out).toMatch(/^Risk: /);
    expect((await opentrace(["impact", "round"])).out).not.toMatch(/ $/m);
    expect((await opentrace(["path", "placeOrder", "round"])).out).toMatch(/placeOrder → \[/);
    expect((await opentrace(["similar", "PayService"])).code).toBe(0);
    expect((await opentrace(["critical", "--types", "Function", "--limit", "3"])).out).toMatch(
      /round.*directly\. [A-Z]/,
    );
    expect((await opentrace(["changes", "PayService", "--since", "1d"])).out).toMatch(/First[\s\S]*No integration/);
    expect((await opentrace(["changes", "--since", "gestern"])).err).toContain("--since should be");
    expect((await opentrace(["prs", "PayService", "--state", "open"])).out).toContain("Connect GitHub or GitLab");
    const around = (await opentrace(["delivery", "PayService"])).out;
    expect(around).toMatch(/^Class PayService\n\nOpen pull requests\n.*Connect GitHub or GitLab[\s\S]*\n\nOwners\n/);
    expect((await opentrace(["owners", "PayService"])).out).toContain("No integration is connected");
    expect((await opentrace(["deployments", "--current", "--environment", "production"])).code).toBe(0);
    expect((await opentrace(["pipelines", "--deploys"])).code).toBe(0);
    expect((await opentrace(["issues", "--state", "open"])).code).toBe(0);
    expect((await opentrace(["stats"])).out).toMatch(/nodes?, .*edges?/);
    expect(await opentrace(["ask", "what", "calls", "charge?"])).toMatchObject({
      code: 0,
      out: expect.stringContaining("Cart.checkout"),
      err: "",
    });
    expect((await opentrace(["repos"])).out).toContain(repository.path);
    expect((await opentrace(["repos", "--help"])).out).toMatch(/index another branch[\s\S]*list what was not\s+read/);
    const { hits } = JSON.parse((await opentrace(["search", "Cart", "--json"])).out) as {
      hits: { node: { name: string } }[];
    };
    expect(hits[0]?.node.name).toBe("Cart");
  });

  it("exports whole or not at all", async () => {
    const out = join(data, "graph.jsonl");
    expect((await opentrace(["export", "--out", out])).code).toBe(0);
    const lines = readFileSync(out, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { kind: string; nodes?: number });
    expect(lines[0]).toMatchObject({ kind: "header", format: "opentrace-graph" });
    expect(lines.at(-1)).toMatchObject({ kind: "end", nodes: lines.filter((line) => line.kind === "node").length });
    const nowhere = await opentrace(["export", "--out", join(data, "no", "such", "dir.jsonl")]);
    expect(nowhere.code).not.toBe(0);
    expect(existsSync(join(data, "no"))).toBe(false);
  });

  it("ends with the documented codes and a sentence that says what to do", async () => {
    const cases: [string[], number, RegExp][] = [
      [["index", "/no/such/place"], 3, /does not exist/],
      [["index", data], 2, /is not a Git repository/],
      [["index", ".", "--branch", "mian"], 3, /no branch "mian"/],
      [["index", ".", "--token-env", "NOT_SET_ANYWHERE"], 2, /NOT_SET_ANYWHERE/],
      [["show", "FluxCapacitor"], 3, /Nothing in the graph is called/],
      [["repos", "sync", "nothing"], 3, /There is no repository nothing/],
      [["repos", "remove", "shop-that-is-not"], 3, /no repository/],
      [["stats", "--server", "http://127.0.0.1:1"], 5, /No OpenTrace server answers/],
      [["no-such-command"], 2, /unknown command/],
      [["search"], 2, /missing required argument/],
      [["critical", "--limit", "many"], 2, /whole number/],
    ];
    for (const [args, code, err] of cases) {
      const ran = await opentrace(args);
      expect({ args, code: ran.code }, ran.err).toEqual({ args, code });
      expect(ran.err).toMatch(err);
      expect(ran.err).not.toMatch(/\n\s+at /);
      expect(ran.out).toBe("");
    }
    expect(JSON.parse((await opentrace(["show", "FluxCapacitor", "--json"])).err)).toMatchObject({
      error: { code: "not_found" },
    });
  });

  it("never asks where nobody can answer", async () => {
    const name = repository.path.split("/").at(-1) ?? "";
    const refused = await opentrace(["repos", "remove", name]);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining("--yes") });
  });

  it("rotates the master key", async () => {
    const key = (): string => readFileSync(join(data, "master.key"), "utf8");
    const before = key();
    const rotated = await opentrace(["keys", "rotate", "--json"]);
    expect(rotated.err).toBe("");
    expect(JSON.parse(rotated.out)).toMatchObject({ keyId: expect.stringMatching(/^[0-9a-f]{12}$/), damaged: [] });
    expect(key()).not.toBe(before);
    expect(rotated.out).not.toContain(key().trim());
  });

  it("makes keys, lists and revokes them", async () => {
    const made = await opentrace(["keys", "create", "--name", "ci", "--role", "viewer", "--expires-days", "7"]);
    expect(made.out).toMatch(/^otk_[A-Za-z0-9_-]{43}\n$/);
    const { keys } = JSON.parse((await opentrace(["keys", "list", "--json"])).out) as { keys: { id: string }[] };
    expect((await opentrace(["keys", "revoke", keys[0]?.id ?? ""])).out).toMatch(/is revoked/);
  });

  it("makes users who can sign in, resets a password, and keeps the last administrator", async () => {
    const env = { WORD: "nine green bottles", NEXT: "five golden rings" };
    const made = await opentrace(["users", "create", "ada@example.org", "--role", "admin", "--password-env", "WORD"], {
      env,
    });
    expect(made).toMatchObject({ code: 0, out: "ada@example.org (admin) can sign in.\n" });
    const invited = await opentrace(["users", "create", "bo@example.org"]);
    expect(invited.out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/join#otl_[A-Za-z0-9_-]{43}\n$/);
    expect((await opentrace(["users", "disable", "ada@example.org"])).code).toBe(6);
    expect((await opentrace(["users", "role", "ada@example.org", "emperor"])).code).toBe(2);
    const reset = await opentrace(["users", "reset-password", "ada@example.org", "--password-env", "NEXT"], { env });
    expect(reset.code).toBe(0);
    expect((await opentrace(["users", "reset-password", "nobody@example.org"])).code).toBe(3);
    const { items } = JSON.parse((await opentrace(["users", "list", "--json"])).out) as { items: { email: string }[] };
    expect(items.map(({ email }) => email)).toEqual(["ada@example.org"]);
    const server = await startTestServer({ ENABLE_AUTH: "true", OPENTRACE_DATA: data });
    expect(server.setUpLink).toBeNull();
    const signIn = (password: string) =>
      server.send("POST", "/api/v1/auth/sign-in", { email: "ada@example.org", password });
    expect((await signIn(env.WORD)).status).toBe(401);
    expect((await signIn(env.NEXT)).status).toBe(200);
    // Beside a server that runs.
    expect((await opentrace(["users", "sign-out", "ada@example.org"])).out).toMatch(/sign in again/);
    await server.close();
  });

  it("checks the machine, and completes commands", async () => {
    const doctor = JSON.parse((await opentrace(["doctor", "--json"])).out) as {
      ok: boolean;
      checks: { name: string }[];
    };
    expect(doctor).toMatchObject({ ok: true });
    expect(doctor.checks.map((check) => check.name)).toContain("git");
    for (const shell of ["bash", "zsh", "fish"])
      expect((await opentrace(["completion", "--shell", shell])).out).toContain("index");
  });

  it("stops a run at Ctrl-C, and the next run completes it", async () => {
    const big = bigRepository();
    const child = spawn(process.execPath, [bin, "index", big.path], {
      env: { ...process.env, OPENTRACE_DATA: data },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let err = "";
    child.stderr.on("data", (chunk: Buffer) => {
      err += chunk.toString();
      if (/reading/.test(chunk.toString())) child.kill("SIGINT");
    });
    const code = await new Promise((resolve) => child.on("exit", resolve));
    expect({ code, err }).toEqual({ code: 130, err: expect.stringContaining("Cancelled") });
    expect((await opentrace(["index", big.path])).out).toMatch(/from 800 files/);
    big.remove();
  });

  it("leaves no indexer behind when it is killed", async () => {
    const big = bigRepository();
    const child = spawn(process.execPath, [bin, "index", big.path], {
      env: { ...process.env, OPENTRACE_DATA: data },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => {
      if (/reading/.test(chunk.toString())) child.kill("SIGKILL");
    });
    // Its pipes close when nobody holds them any more.
    const [, signal] = await once(child, "close");
    expect({ signal, out }).toEqual({ signal: "SIGKILL", out: "" });
    big.remove();
  });
});

describe("opentrace beside a server", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  it("finds the server of its data directory by itself", async () => {
    const env = { OPENTRACE_DATA: server.folder };
    const summary = JSON.parse((await opentrace(["index", ".", "--json"], { env })).out) as {
      server: string;
      cpuSeconds: { total: number };
      peakMemoryMb: number;
    };
    expect(summary.server).toBe(server.address);
    expect(summary.cpuSeconds.total).toBeGreaterThan(0);
    expect(summary.peakMemoryMb).toBeGreaterThan(30);
    expect((await opentrace(["index", "/no/such/place"], { env })).code).toBe(3);
    expect((await opentrace(["stats"], { env })).out).toContain("fresh");
    expect((await opentrace(["export"], { env })).out).toContain('"kind":"end"');
    expect((await opentrace(["keys", "create"], { env })).out).toMatch(/^otk_/);
    const name = repository.path.split("/").at(-1) ?? "";
    expect((await opentrace(["repos", "remove", name, "--yes"], { env })).out).toMatch(/is removed/);
  });

  it("sends its key, and says how to get one", async () => {
    const guarded = await startTestServer({ ENABLE_AUTH: "true" });
    const env = { OPENTRACE_DATA: guarded.folder };
    expect(await opentrace(["stats"], { env })).toMatchObject({
      code: 4,
      err: expect.stringContaining("opentrace keys create"),
    });
    const key = (await opentrace(["keys", "create"], { env })).out.trim();
    expect((await opentrace(["stats"], { env: { ...env, OPENTRACE_API_KEY: key } })).code).toBe(0);
    await guarded.close();
  });
});
