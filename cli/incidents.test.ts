// `opentrace incidents …` as a person on call types it: real processes beside a real server, and without one.
import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "@opentrace/code/testing/remove-folder.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Evidence, Incident, IncidentDetail } from "@opentrace/contract/incidents.ts";
import { corpusImage } from "@opentrace/server/src/screenshots/testing/corpus.ts";
import { startTestServer, type TestServer } from "@opentrace/server/src/testing/test-server.ts";

const bin = join(import.meta.dirname, "bin", "opentrace.mjs");
let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "opentrace-cli-incidents-"))));
afterAll(() => removeFolder(folder));

interface Ran {
  code: number;
  out: string;
  err: string;
}

function runIn(data: string, args: string[], input = "", env: Record<string, string> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [bin, "incidents", ...args],
      { cwd: folder, env: { ...process.env, OPENTRACE_DATA: data, ...env }, maxBuffer: 64e6 },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
    child.stdin?.on("error", () => {}).end(input);
  });
}

describe("opentrace incidents beside a server", () => {
  let server: TestServer;
  let declared: Incident;
  beforeAll(async () => {
    server = await startTestServer();
    const described = ["--severity", "critical", "--services", "checkout, payments", "--tags", "eu"];
    const made = await opentrace([
      "declare",
      "Checkout",
      "is",
      "down",
      ...described,
      "--description",
      "Nothing goes through",
      "--json",
    ]);
    expect(made.err).toBe("");
    declared = JSON.parse(made.out) as Incident;
  });
  afterAll(() => server.close());

  const opentrace = (args: string[], input = ""): Promise<Ran> => runIn(server.folder, args, input);
  const get = async <T>(path: string): Promise<T> => (await server.send("GET", `/api/v1${path}`)).body;

  it("declares one as it was described", () => {
    expect(declared).toMatchObject({
      title: "Checkout is down",
      severity: "critical",
      affected_services: ["checkout", "payments"],
      tags: ["eu"],
      description: "Nothing goes through",
      status: "open",
    });
  });

  it("lists them by filters and words, and says when there are none", async () => {
    const other = await opentrace(["declare", "Mail is slow", "--severity", "low"]);
    expect(other.out).toMatch(/^Declared INC-\d+: Mail is slow \(low\), id inc_/);
    const critical = await opentrace(["list", "--severity", "high,critical", "--service", "checkout"]);
    expect(critical.out).toMatch(new RegExp(`^${declared.reference}  critical  open  \\S+ \\S+ .*Checkout is down\n$`));
    expect((await opentrace(["--q", "goes through"])).out).toContain("Checkout is down");
    expect((await opentrace(["list", "--limit", "1"])).out).toContain("… 1 of 2; raise --limit");
    expect((await opentrace(["list", "--owner", "nobody"])).out).toBe("No incidents.\n");
  });

  it("adds evidence from a file and from standard input, of more than a request holds", async () => {
    const log = join(folder, "app.log");
    const line = "2026-11-21 ERROR connection refused by payments\n";
    writeFileSync(log, line.repeat(400_000));
    const added = await opentrace(["evidence", declared.reference, log, "--source", "kubectl", "--json"]);
    expect(added.err).toBe("");
    const evidence = JSON.parse(added.out) as Evidence;
    expect(evidence).toMatchObject({
      evidence_type: "log",
      title: "app.log",
      source: "kubectl",
      content_bytes: line.length * 400_000,
      content_truncated: true,
    });
    const note = await opentrace(
      ["evidence", declared.id, "-", "--type", "note", "--source-url", "https://example.org/a"],
      "Rolled back at ten\nand it was better",
    );
    expect(note.out).toMatch(/^Added evd_\S+ to inc_\S+: Rolled back at ten \(36 bytes\)/);
    const { items } = await get<{ items: Evidence[] }>(`/evidence/incident/${declared.id}`);
    expect(items.map((one) => [one.evidence_type, one.source_url])).toEqual([
      ["log", null],
      ["note", "https://example.org/a"],
    ]);
  });

  it("uploads a screenshot and prints what was read in it", async () => {
    const file = join(folder, "alert.png");
    writeFileSync(file, corpusImage("alert-1.png"));
    const added = await opentrace(["screenshot", declared.reference, file, "--wait", "--json"]);
    expect(added.err).toBe("");
    const evidence = JSON.parse(added.out) as Evidence;
    expect(evidence).toMatchObject({ evidence_type: "screenshot", reading: "read", content: expect.any(String) });
    expect(evidence.content).not.toBe("");
  });

  it("takes up, comments, changes and resolves", async () => {
    expect((await opentrace(["take", declared.reference, "--owner", "grace"])).out).toMatch(/investigating.*grace/);
    expect((await opentrace(["comment", declared.reference, "Looks", "like", "DNS"])).code).toBe(0);
    expect((await opentrace(["change", declared.reference, "--severity", "high", "--tags", "eu,dns"])).out).toContain(
      "high  ",
    );
    const resolved = await opentrace(["resolve", declared.reference, "--comment", "It was DNS"]);
    expect(resolved.out).toContain("resolved");
    expect(await get<IncidentDetail>(`/incidents/${declared.id}`)).toMatchObject({
      status: "resolved",
      owner: "grace",
      severity: "high",
      tags: ["eu", "dns"],
    });
    const { items } = await get<{ items: { body: string }[] }>(`/incidents/${declared.id}/comments`);
    expect(items.map((one) => one.body)).toEqual(["Looks like DNS", "It was DNS"]);
  });

  it("shows one with its evidence, its timeline and what may have caused it", async () => {
    const shown = await opentrace(["show", declared.reference]);
    expect(shown.out).toMatch(new RegExp(`^${declared.reference}  high  resolved  .*grace  Checkout is down`));
    for (const text of ["Nothing goes through", declared.id, "checkout", "app.log", "Rolled back at ten", "(read)"])
      expect(shown.out).toContain(text);
    expect((await server.send("POST", `/api/v1/incidents/${declared.id}/generate-timeline`)).status).toBeLessThan(300);
    expect((await opentrace(["timeline", declared.id])).out).toMatch(/status .*investigating → resolved/);
    expect((await opentrace(["causes", declared.id])).out).toContain("None were generated yet");
    expect((await opentrace(["causes", declared.id, "--generate"])).out).toMatch(/no .*cause|No .*cause/);
  });

  it("says what is wrong, with an exit code for each kind", async () => {
    const told = async (args: string[]): Promise<[number, string]> => {
      const { code, err } = await opentrace(args);
      return [code, err];
    };
    expect(await told(["show", "INC-99999"])).toEqual([3, expect.stringContaining("INC-99999")]);
    expect(await told(["evidence", declared.id, "missing.log"])).toEqual([3, "There is no file missing.log.\n"]);
    expect(await told(["screenshot", declared.id, "missing.png"])).toEqual([3, "There is no file missing.png.\n"]);
    expect(await told(["change", declared.id])).toEqual([2, expect.stringContaining("Say what to change")]);
    expect(await told(["declare", "x", "--severity", "huge"])).toEqual([2, expect.stringContaining("severity")]);
    const page = join(folder, "page.png");
    writeFileSync(page, "<svg xmlns='http://www.w3.org/2000/svg'/>");
    expect(await told(["screenshot", declared.id, page])).toEqual([
      expect.any(Number),
      expect.stringMatching(/PNG|image/),
    ]);
  });
});

describe("opentrace incidents without a server", () => {
  it("works on the store itself", async () => {
    const data = mkdtempSync(join(tmpdir(), "opentrace-cli-alone-"));
    try {
      const declared = await runIn(data, ["declare", "Disk is full", "--json"]);
      const { id, reference } = JSON.parse(declared.out) as Incident;
      expect((await runIn(data, ["evidence", reference, "--title", "df"], "/dev/sda1 100 %")).out).toContain(
        "df (15 bytes)",
      );
      const image = join(folder, "alone.png");
      writeFileSync(image, corpusImage("alert-1.png"));
      expect((await runIn(data, ["screenshot", id, image])).out).toContain("reading: pending");
      expect((await runIn(data, ["resolve", reference])).out).toContain("resolved");
      const shown = await runIn(data, ["show", reference]);
      expect(shown.out).toMatch(/resolved[\s\S]*df[\s\S]*alone/);
    } finally {
      removeFolder(data);
    }
  });
});
