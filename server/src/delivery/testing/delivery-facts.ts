// What a code host tells of the shop of graph/testing/sample.ts: change requests, issues, a pipeline, deployments, owners.
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import type { Props } from "@opentrace/contract/graph.ts";
import { edge, file, node, shop, symbol } from "../../graph/testing/sample.ts";

const host = "github.com";
const repo = `${host}/acme/shop`;
const page = `https://${repo}`;

interface Scope {
  scope: string;
  nodes: NodeFact[];
  edges: EdgeFact[];
}

const pullKey = (number: number): string => `pr:${repo}#${number}`;

export function pull(number: number, name: string, props: Props, edges: EdgeFact[] = []): Scope {
  const url = `${page}/pull/${number}`;
  return {
    scope: `1/pulls/${number}`,
    nodes: [
      node(pullKey(number), "PullRequest", name, {
        number,
        state: "open",
        author: "ada",
        createdAt: "2026-01-01T09:00:00Z",
        updatedAt: "2026-01-01T09:00:00Z",
        url,
        ...props,
      }),
    ],
    edges: [edge(shop, "CONTAINS", pullKey(number), { evidence: [url] }), ...edges],
  };
}

export const changes = (number: number, to: string, props: Props): EdgeFact =>
  edge(pullKey(number), "CHANGES", to, { props, evidence: [`${page}/pull/${number}/files`] });

const issue = (number: number, name: string, state: string, updatedAt: string): Scope => ({
  scope: `1/issues/${number}`,
  nodes: [
    node(`issue:${repo}#${number}`, "Issue", name, {
      number,
      state,
      author: "grace",
      createdAt: "2025-12-20T09:00:00Z",
      updatedAt,
      closedAt: state === "closed" ? updatedAt : null,
      url: `${page}/issues/${number}`,
    }),
  ],
  edges: [edge(shop, "CONTAINS", `issue:${repo}#${number}`)],
});

const workflow = ".github/workflows/deploy.yml";
const pipelineKey = `pipeline:${repo}#${workflow}`;

function deployment(id: number, environment: string, createdAt: string, current: boolean): Scope {
  const key = `deployment:${repo}#${id}`;
  return {
    scope: `1/deployments/${id}`,
    nodes: [
      node(key, "Deployment", `${environment}: main`, {
        environment,
        ref: "main",
        sha: "a".repeat(40),
        state: "success",
        current,
        createdAt,
        updatedAt: createdAt,
      }),
    ],
    edges: [
      edge(shop, "CONTAINS", key),
      edge(key, "DEPLOYS", shop),
      edge(pipelineKey, "DEPLOYS", key, { evidence: [`${page}/actions/runs/${id}`] }),
    ],
  };
}

const charge = symbol("src/pay.ts", "PayService.charge");

export const deliveryScopes: Scope[] = [
  pull(12, "Round fees up", { updatedAt: "2026-01-02T01:00:00Z" }, [
    changes(12, file("src/pay.ts"), { lines: [[14, 15]] }),
    edge(pullKey(12), "MENTIONS", `issue:${repo}#5`, { props: { closes: true } }),
  ]),
  { scope: "1/pulls/12#symbols", nodes: [], edges: [changes(12, charge, { lines: [[14, 15]] })] },
  pull(13, "Tidy the docs", { state: "merged", updatedAt: "2026-01-02T00:00:00Z", mergedAt: "2026-01-02T00:00:00Z" }, [
    changes(13, file("src/order.ts"), { lines: [[1, 1]] }),
  ]),
  pull(14, "Replace it all", { state: "closed", updatedAt: "2025-11-01T00:00:00Z", closedAt: "2025-11-01T00:00:00Z" }, [
    changes(14, file("src/pay.ts"), { additions: 9_000 }),
  ]),
  issue(5, "Charges are rounded down", "open", "2025-12-21T09:00:00Z"),
  issue(6, "placeOrder forgets the address", "closed", "2026-01-01T20:00:00Z"),
  {
    scope: "1/pipelines/1",
    nodes: [
      node(pipelineKey, "Pipeline", "Deploy", {
        path: workflow,
        active: true,
        state: "failure",
        updatedAt: "2026-01-01T22:00:00Z",
        runs: [
          {
            number: 8,
            state: "failure",
            branch: "main",
            sha: "b".repeat(40),
            startedAt: "2026-01-01T22:00:00Z",
            url: `${page}/actions/runs/8`,
          },
          {
            number: 7,
            state: "success",
            branch: "main",
            sha: "a".repeat(40),
            startedAt: "2026-01-01T12:00:00Z",
            url: `${page}/actions/runs/7`,
          },
          {
            number: 6,
            state: "success",
            branch: "main",
            sha: "c".repeat(40),
            startedAt: "2025-12-01T12:00:00Z",
            url: `${page}/actions/runs/6`,
          },
        ],
      }),
    ],
    edges: [edge(shop, "CONTAINS", pipelineKey), edge(pipelineKey, "BUILDS", shop)],
  },
  deployment(1, "production", "2026-01-01T12:10:00Z", true),
  deployment(2, "production", "2025-12-20T12:10:00Z", false),
  deployment(3, "staging", "2026-01-01T11:00:00Z", true),
  {
    scope: "1/owners/CODEOWNERS",
    nodes: [
      node(`team:${host}/acme/payments`, "Team", "acme/payments"),
      node(`team:${host}/acme/platform`, "Team", "acme/platform"),
    ],
    edges: [
      edge(`team:${host}/acme/payments`, "OWNS", file("src/pay.ts"), { evidence: ["CODEOWNERS:2"] }),
      edge(`team:${host}/acme/platform`, "OWNS", shop, { evidence: ["CODEOWNERS:1"] }),
    ],
  },
];
