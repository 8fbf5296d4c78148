// From end to end: a real repository, indexed over git's own protocol, a GitHub that tells of merges and deployments, and a known culprit.
import { createTestRepository, type TestRepository } from "@opentrace/code/testing/git-repository.ts";
import { addPull, type FakeFile } from "@opentrace/connectors/github/testing/fake-state.ts";
import type { Incident } from "@opentrace/contract/incidents.ts";
import type { Hypotheses, IncidentActions, Postmortem, Timeline } from "@opentrace/contract/investigation.ts";
import type { Job } from "@opentrace/contract/repositories.ts";
import { extractText, getDocumentProxy } from "unpdf";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { startGitHubServer, type GitHubServer } from "../integrations/testing/github-server.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";

const money = (fee: string) => `import math\n\n\ndef round_fee(amount):\n    ${fee}\n`;
const pay = "from src.money import round_fee\n\n\ndef charge(amount):\n    return amount + round_fee(amount)\n";
const orders = (more: string) =>
  `from src.pay import charge\n\n\ndef place_order(order):\n    ${more}\n    return charge(order.amount)\n`;

/** The test repository's commits are a minute apart, from here on. */
const firstCommit = 1_700_000_060;
const minute = 60;
const time = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(".000", "");

forEachStore("finding a known culprit", (test) => {
  let on: GitHubServer;
  let git: TestRepository;
  // What the first two commits changed lies more than seven days back, so it is not looked at.
  const onset = firstCommit + 7 * 86_400 + 90;
  const deployedAt = onset - 12 * minute;

  beforeAll(async () => {
    on = await startGitHubServer(test.config);
    git = createTestRepository();
    const { shop } = on.sample;
    const { state } = on.fake;
    shop.gitFolder = git.folder;
    git.commit({
      "src/money.py": money("return math.floor(amount / 100)"),
      "src/pay.py": pay,
      "src/orders.py": orders("pass"),
      "docs/guide.md": "# Guide\n",
    });
    const merge = (title: string, at: number, change: Record<string, string>, files: FakeFile[]): string => {
      const mergeSha = git.commit(change, { message: title });
      const pull = addPull(state, shop, {
        title,
        author: "grace",
        state: "closed",
        createdAt: time(at - 30),
        updatedAt: time(at),
        closedAt: time(at),
        pull: { mergedAt: time(at), mergeSha, files },
      });
      expect(pull.number).toBeGreaterThan(0);
      return mergeSha;
    };
    const edit = (path: string, patch: string): FakeFile => ({
      path,
      status: "modified",
      additions: 1,
      deletions: 1,
      patch,
    });
    const before = merge("Tidy the docs", onset - 180 * minute, { "docs/guide.md": "# The guide\n" }, [
      edit("docs/guide.md", "@@ -1 +1 @@\n-# Guide\n+# The guide"),
    ]);
    merge(
      "Round fees to text",
      onset - 150 * minute,
      { "src/money.py": money("return str(math.floor(amount / 100))") },
      [
        edit(
          "src/money.py",
          "@@ -4,2 +4,2 @@\n def round_fee(amount):\n-    return math.floor(amount / 100)\n+    return str(math.floor(amount / 100))",
        ),
      ],
    );
    const head = merge("Sort the orders", onset - 140 * minute, { "src/orders.py": orders("order.lines.sort()") }, [
      edit(
        "src/orders.py",
        "@@ -4,3 +4,3 @@\n def place_order(order):\n-    pass\n+    order.lines.sort()\n     return charge(order.amount)",
      ),
    ]);
    for (const [sha, at] of [
      [before, onset - 165 * minute],
      [head, deployedAt],
    ] as const)
      shop.deployments.push({
        id: state.id(),
        sha,
        ref: "main",
        environment: "production",
        creator: "grace",
        createdAt: time(at),
        updatedAt: time(at),
        statuses: [{ id: state.id(), state: "success", createdAt: time(at) } as never],
      });
    const { integration } = await on.connect();
    await on.choose(integration.id, { select: [{ id: String(shop.id) }, { id: String(on.sample.docs.id) }] });
    await vi.waitFor(
      async () => {
        const { jobs } = await on.get<{ jobs: Job[] }>("/jobs?limit=200");
        expect(jobs.filter((job) => job.state === "queued" || job.state === "running").map((job) => job.kind)).toEqual(
          [],
        );
        expect(jobs.some((job) => job.kind === "repository.index" && job.state === "succeeded")).toBe(true);
      },
      { timeout: 300_000, interval: 100 },
    );
  });
  afterAll(async () => {
    await on.close();
    git.remove();
  });

  const declare = (more: object): Promise<Incident> =>
    on.post("/incidents", {
      title: "Orders can't be paid",
      severity: "critical",
      started_at: time(onset),
      affected_services: ["acme/shop"],
      ...more,
    });

  it("leads from the stack trace through the graph to the change, though the trace does not name its file", async () => {
    const incident = await declare({});
    await on.post(`/evidence/incident/${incident.id}`, {
      evidence_type: "log",
      title: "Worker log",
      source: "datadog",
      content:
        "Traceback (most recent call last):\n  File \"/srv/app/src/pay.py\", line 5, in charge\n    return amount + x\nTypeError: unsupported operand type(s) for +: 'int' and 'str'",
    });
    const { items, verdict } = await on.post<Hypotheses>(`/incidents/${incident.id}/generate-hypotheses`);
    expect(verdict).toMatchObject({ found: true, onset_from: "the incident's start as it was stated" });
    const [first] = items;
    expect(first!.cause, JSON.stringify(items, null, 1)).toMatchObject({
      title: "Round fees to text",
      author: "grace",
      kind: "pull_request",
    });
    const words = first!.contributions.map((one) => one.words);
    expect(words).toContain("it took effect 12 minutes before the onset");
    expect(words.find((one) => one.includes("behind what a stack trace goes through"))).toContain("charge → round_fee");
    expect(first!.path.map((step) => step.node.name)).toEqual(["charge", "round_fee"]);
    expect(first!.path[0]!.edge).toBe("CALLS");
    expect(items.every((one) => one === first || one.confidence! < first!.confidence!)).toBe(true);
    const { items: actions } = await on.get<IncidentActions>(`/actions/incident/${incident.id}`);
    expect(actions.map((one) => one.title)).toContain(`Roll back ${first!.cause!.deployed_by!.name}`);
  });

  it("builds the timeline by itself, and again when something is added", async () => {
    const incident = await declare({});
    const timeline = async (kind = "deployment,pull_request,evidence"): Promise<string[]> =>
      (await on.get<Timeline>(`/incidents/${incident.id}/timeline?kind=${kind}`)).items.map((one) => one.title);
    await vi.waitFor(async () => expect(await timeline()).toHaveLength(5), { timeout: 300_000, interval: 100 });
    expect(await timeline()).toEqual([
      "Merged: Tidy the docs",
      expect.stringContaining("Deployed to production"),
      "Merged: Round fees to text",
      "Merged: Sort the orders",
      expect.stringContaining("Deployed to production"),
    ]);
    await on.post(`/evidence/incident/${incident.id}`, {
      evidence_type: "note",
      title: "A customer called",
      content: "It fails.",
    });
    await vi.waitFor(async () => expect(await timeline()).toContain("A customer called"), {
      timeout: 300_000,
      interval: 100,
    });
  });

  it("finds no likely cause for what nothing near has changed", async () => {
    const incident = await declare({ title: "The docs are slow", affected_services: ["acme/docs"] });
    const { verdict, items } = await on.post<Hypotheses>(`/incidents/${incident.id}/generate-hypotheses`);
    expect(verdict).toMatchObject({ found: false, summary: expect.stringContaining("No likely cause found") });
    expect(items.filter((one) => one.rank === 1 && one.confidence! > 0.3)).toEqual([]);
    const nobody = await declare({ title: "Something is off", affected_services: [] });
    const unsure = await on.post<Hypotheses>(`/incidents/${nobody.id}/generate-hypotheses`);
    expect(unsure.verdict!.found, unsure.verdict!.summary).toBe(false);
    expect(unsure.verdict!.unknown.join(" ")).toContain("Nobody has said which services are affected");
  });

  it("drafts a postmortem that can be taken out as Markdown and PDF", async () => {
    const incident = await declare({ title: "Orders can't be paid | 決済" });
    const { items } = await on.post<Hypotheses>(`/incidents/${incident.id}/generate-hypotheses`);
    await on.server.send("PATCH", `/api/v1/hypotheses/${items[0]!.id}`, { status: "confirmed", reason: "Reproduced" });
    const draft = await on.post<Postmortem>(`/incidents/${incident.id}/generate-postmortem`);
    expect(draft).toMatchObject({ version: 1, origin: "generated" });
    const exported = `/api/v1/incidents/${incident.id}/postmortem/export`;
    const markdown = await fetch(`${on.server.address}${exported}`);
    expect(markdown.headers.get("content-disposition")).toBe(`attachment; filename="postmortem-${incident.id}-v1.md"`);
    expect(await markdown.text()).toBe(draft.body);
    const pdf = await fetch(`${on.server.address}${exported}?format=pdf`);
    expect(pdf.headers.get("content-type")).toBe("application/pdf");
    const { text } = await extractText(await getDocumentProxy(new Uint8Array(await pdf.arrayBuffer())), {
      mergePages: true,
    });
    const read = text.replaceAll(/\s+/g, " ");
    for (const part of [
      "Orders can't be paid | 決済",
      "Root cause",
      "Reproduced",
      "Merged: Sort the orders",
      "Follow-ups",
    ])
      expect(read).toContain(part);
    expect((await on.server.send("GET", `${exported}?format=docx`)).status).toBe(400);
    expect((await on.server.send("GET", "/api/v1/incidents/inc_none/postmortem/export")).status).toBe(404);
  });
});
