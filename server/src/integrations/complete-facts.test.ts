import { expect, it } from "vitest";
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import { completeFacts } from "./complete-facts.ts";

const may = new Set(["Team", "Person", "Release", "Pipeline", "Issue"]);
const complete = (nodes: NodeFact[], edges: EdgeFact[] = []) => completeFacts({ nodes, edges }, may).nodes;

it("writes every time of delivery in UTC, and when a thing last changed where the vendor has another word for it", () => {
  expect(
    complete([
      {
        key: "issue:r#1",
        type: "Issue",
        name: "i",
        props: { createdAt: "2026-11-20T12:00:00.512+02:00", updatedAt: "2026-11-21T00:00:00Z", closedAt: null },
      },
      { key: "release:r#1", type: "Release", name: "r", props: { publishedAt: "2026-11-20T12:00:00Z" } },
      {
        key: "pipeline:r#1",
        type: "Pipeline",
        name: "p",
        props: { runs: [{ startedAt: "2026-11-20T12:00:00+01:00" }, { startedAt: "2026-11-20T11:30:00Z" }, null] },
      },
    ]).map((node) => node.props),
  ).toEqual([
    { createdAt: "2026-11-20T10:00:00Z", updatedAt: "2026-11-21T00:00:00Z", closedAt: null },
    { publishedAt: "2026-11-20T12:00:00Z", updatedAt: "2026-11-20T12:00:00Z" },
    {
      runs: [{ startedAt: "2026-11-20T11:00:00Z" }, { startedAt: "2026-11-20T11:30:00Z" }, null],
      updatedAt: "2026-11-20T11:30:00Z",
    },
  ]);
});

it("names an owner whom no stream tells of, but nobody by e-mail and nothing that the connector does not declare", () => {
  const owns = (from: string): EdgeFact => ({ from, to: "repo:r", type: "OWNS" });
  const edges = [owns("team:github.com/acme/pay"), owns("person:github.com/ada"), owns("person:ada@example.org")];
  expect(complete([], [...edges, ...edges])).toEqual([
    { key: "team:github.com/acme/pay", type: "Team", name: "acme/pay" },
    { key: "person:github.com/ada", type: "Person", name: "ada" },
  ]);
  expect(completeFacts({ nodes: [], edges }, new Set(["Issue"])).nodes).toEqual([]);
});
