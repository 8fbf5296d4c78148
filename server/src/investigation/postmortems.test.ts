// Postmortems on both stores: drafted from what is recorded, edited in versions, never lost.
import type { Hypotheses, Postmortem, PostmortemVersions } from "@opentrace/contract/investigation.ts";
import { lexer, type Token } from "marked";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { plain } from "./postmortem-draft.ts";
import { openShopIncidents, refusal, type ShopIncidents } from "./testing/shop-incidents.ts";

forEachStore("postmortems", (test) => {
  let incidents: ShopIncidents;
  const run: ShopIncidents["run"] = (verb, input, more) => incidents.run(verb, input, more);
  beforeAll(async () => {
    incidents = await openShopIncidents(test);
  });
  afterAll(() => incidents.close());

  it("are drafted from the recorded facts, and say what is not known", async () => {
    const { incident } = await incidents.withTrace();
    await run("hypotheses.generate", { id: incident.id });
    const { body, title, unknown } = await run<Postmortem>("postmortem.generate", { id: incident.id });
    expect(title).toBe("Postmortem: Payments fail");
    const headings = body.split("\n").filter((line) => line.startsWith("## "));
    expect(headings).toEqual([
      "## Summary",
      "## Impact",
      "## Timeline",
      "## Root cause",
      "## Contributing factors",
      "## Follow-ups",
      "## Evidence",
      "## What is not known",
    ]);
    expect(body).toContain("| 2026-01-02 02:40 | [Merged: Take amounts as text](https://github.com/acme/shop/pull/20)");
    expect(body).toContain("Not confirmed.");
    expect(body).toContain("[Errors of the checkout](https://logs.example/1)");
    expect(body).toContain("It was declared 60 minutes after it began.");
    expect(body).toContain("- [ ] ");
    expect(unknown).toContain("Nobody has confirmed a root cause.");
    expect(unknown).toContain("The incident is not resolved, so its end and its whole impact are not known.");
  });

  it("tell the confirmed cause with its reasons, the end, and what was done", async () => {
    const { incident } = await incidents.withTrace();
    const { items } = await run<Hypotheses>("hypotheses.generate", { id: incident.id });
    await run("hypotheses.change", { id: items[0]!.id, status: "confirmed", reason: "Reproduced locally" });
    const action = await run<{ id: string }>("actions.add", { id: incident.id, kind: "rollback", title: "Revert it" });
    await run("actions.change", { id: action.id, status: "in_progress" });
    await run("actions.change", { id: action.id, status: "completed", result: "Errors ended" });
    await run("incidents.change", { id: incident.id, status: "resolved" });
    const { body, unknown } = await run<Postmortem>("postmortem.generate", { id: incident.id });
    expect(body).toContain("It was resolved after 60 minutes.");
    expect(body).toContain("— Reproduced locally");
    expect(body).toContain("- the stack trace goes through src/pay.ts:21, a line that it changes");
    expect(body).toContain("- [x] Revert it — Errors ended");
    expect(unknown).not.toContain("Nobody has confirmed a root cause.");
  });

  it("keep every version: edited from the one that was read, restored, generated again", async () => {
    const { incident } = await incidents.withTrace();
    const id = incident.id;
    expect((await refusal(run("postmortem.get", { id }))).message).toContain("generate-postmortem");
    const draft = await run<Postmortem>("postmortem.generate", { id });
    const edited = await run<Postmortem>("postmortem.change", { id, body: "# Ours\n", note: "Shorter", version: 1 });
    expect(edited).toMatchObject({ version: 2, origin: "edited", title: draft.title, body: "# Ours\n" });
    expect((await refusal(run("postmortem.change", { id, body: "x", version: 1 }))).code).toBe("precondition_failed");
    expect((await refusal(run("postmortem.change", { id, body: "x" }))).code).toBe("bad_request");
    expect((await refusal(run("postmortem.change", { id, body: "x" }, { ifMatch: '"1-x"' }))).code).toBe(
      "precondition_failed",
    );
    expect(await run<Postmortem>("postmortem.change", { id, body: "y" }, { ifMatch: '"2-x"' })).toMatchObject({
      version: 3,
    });
    const restored = await run<Postmortem>("postmortem.restore", { id, version: 1 });
    expect(restored).toMatchObject({ version: 4, origin: "restored", body: draft.body });
    await run("postmortem.generate", { id });
    const { items, total } = await run<PostmortemVersions>("postmortem.versions", { id, limit: 3 });
    expect(items.map((one) => [one.version, one.origin, one.note])).toEqual([
      [5, "generated", null],
      [4, "restored", "Version 1 again"],
      [3, "edited", null],
    ]);
    expect(total).toBe(5);
    expect(await run<Postmortem>("postmortem.version", { id, version: 2 })).toMatchObject({ body: "# Ours\n" });
    expect((await refusal(run("postmortem.version", { id, version: 99 }))).code).toBe("not_found");
  });

  it("let one of two edits of the same version through", async () => {
    const { incident } = await incidents.withTrace();
    const id = incident.id;
    await run("postmortem.generate", { id });
    const answers = await Promise.allSettled(
      ["a", "b"].map((body) => run<Postmortem>("postmortem.change", { id, body, version: 1 })),
    );
    expect(answers.map((one) => one.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(await run<Postmortem>("postmortem.get", { id })).toMatchObject({ version: 2 });
  });
});

describe("text of others in a postmortem", () => {
  it("stays text", () => {
    const hostile =
      "a | b\n# c\n<script>x</script> [l](javascript:1) ![p](http://x) `q` **z** https://evil.example &amp;";
    const types = new Set<string>();
    const visit = (tokens: readonly Token[]): void => {
      for (const token of tokens) {
        types.add(token.type);
        visit((token as { tokens?: Token[] }).tokens ?? []);
      }
    };
    visit(lexer(plain(hostile)));
    expect([...types].toSorted()).toEqual(["escape", "paragraph", "text"]);
    const table = lexer(`| a |\n|---|\n| ${plain(hostile)} |\n`);
    expect(table[0]).toMatchObject({ type: "table", rows: [[{}]] });
  });
});
