// A small code graph for tests, written through the real ingest, and a context to run verbs in.
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import type { EdgeType, NodeType, Props } from "@opentrace/contract/graph.ts";
import type { IndexBatch } from "@opentrace/code/indexing.ts";
import { permissions, type Verb, type VerbContext } from "../../verb.ts";
import type { Ingest } from "../ingest.ts";
import type { SourceFiles } from "../source-files.ts";

export const never = new AbortController().signal;

/** For tests that read no source text. */
export const noSources: SourceFiles = {
  read: () => {
    throw new Error("This test has no source files.");
  },
};

export function testContext(workspace = "default"): VerbContext {
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  return {
    actor: { kind: "local", id: "local", permissions: new Set(permissions) },
    workspace,
    signal: never,
    log,
    now: () => new Date("2026-01-02T03:04:05Z"),
  };
}

/** Runs a verb as a door does: input and output go through its schemas. */
export async function ask<T>(verb: Verb, input: Record<string, unknown>, ctx = testContext()): Promise<T> {
  return verb.output.parse(await verb.run(ctx, verb.input.parse(input))) as T;
}

export const node = (key: string, type: NodeType, name: string, props?: Props): NodeFact => ({
  key,
  type,
  name,
  ...(props === undefined ? {} : { props }),
});

export const edge = (from: string, type: EdgeType, to: string, more: Partial<EdgeFact> = {}): EdgeFact => ({
  from,
  type,
  to,
  ...more,
});

export const batch = (
  scopes: { scope: string; nodes?: NodeFact[]; edges?: EdgeFact[] }[],
  more: Partial<IndexBatch> = {},
): IndexBatch => ({
  scopes: scopes.map(({ scope, nodes = [], edges = [] }) => ({ scope, nodes, edges, hash: `${scope}-hash` })),
  removedScopes: [],
  files: [],
  removedFiles: [],
  ...more,
});

export async function writeSource(
  ingest: Ingest,
  source: string,
  scopes: Parameters<typeof batch>[0],
  workspace = "default",
): Promise<void> {
  await ingest.openSource({ workspace, source, name: source.split("/").at(-1)!, kind: "repository" });
  await ingest.apply({ workspace, source }, batch(scopes), never);
  await ingest.mark({ workspace, source }, { state: "fresh", observedAt: new Date("2026-01-01T00:00:00Z") });
}

const repo = "github.com/acme/shop";
export const shop = `repo:${repo}`;
export const file = (path: string): string => `file:${repo}#${path}`;
export const symbol = (path: string, name: string): string => `symbol:${repo}#${path}#${name}`;

const range = (startLine: number, endLine: number): Props => ({
  range: { startLine, startColumn: 0, endLine, endColumn: 1 },
});
const code = (path: string, path2: string, startLine: number, endLine: number, more: Props = {}): Props => ({
  path,
  symbol: path2,
  language: "typescript",
  visibility: "public",
  exported: true,
  ...range(startLine, endLine),
  ...more,
});

/** src/pay.ts: PayService {charge, refund}, Payments (interface) {charge}; src/order.ts: placeOrder → charge; a test; a package. */
export const shopScopes: Parameters<typeof batch>[0] = [
  {
    scope: "repository",
    nodes: [node(shop, "Repository", "shop", { source: "https://github.com/acme/shop" })],
  },
  {
    scope: "file:src/pay.ts",
    nodes: [
      node(file("src/pay.ts"), "File", "pay.ts", { path: "src/pay.ts", language: "typescript", lines: 80 }),
      node(symbol("src/pay.ts", "Payments"), "Interface", "Payments", code("src/pay.ts", "Payments", 1, 5)),
      node(symbol("src/pay.ts", "Payments.charge"), "Method", "charge", code("src/pay.ts", "Payments.charge", 2, 2)),
      node(
        symbol("src/pay.ts", "PayService"),
        "Class",
        "PayService",
        code("src/pay.ts", "PayService", 10, 60, { doc: "Charges cards through the gateway." }),
      ),
      node(
        symbol("src/pay.ts", "PayService.charge"),
        "Method",
        "charge",
        code("src/pay.ts", "PayService.charge", 12, 30, { signature: "charge(card: Card, amount: number)" }),
      ),
      node(
        symbol("src/pay.ts", "PayService.refund"),
        "Method",
        "refund",
        code("src/pay.ts", "PayService.refund", 32, 50),
      ),
    ],
    edges: [
      edge(shop, "CONTAINS", file("src/pay.ts")),
      edge(file("src/pay.ts"), "DEFINES", symbol("src/pay.ts", "Payments")),
      edge(symbol("src/pay.ts", "Payments"), "DEFINES", symbol("src/pay.ts", "Payments.charge")),
      edge(file("src/pay.ts"), "DEFINES", symbol("src/pay.ts", "PayService")),
      edge(symbol("src/pay.ts", "PayService"), "DEFINES", symbol("src/pay.ts", "PayService.charge")),
      edge(symbol("src/pay.ts", "PayService"), "DEFINES", symbol("src/pay.ts", "PayService.refund")),
      edge(symbol("src/pay.ts", "PayService"), "IMPLEMENTS", symbol("src/pay.ts", "Payments"), {
        evidence: ["src/pay.ts:10"],
      }),
      edge(symbol("src/pay.ts", "PayService.refund"), "CALLS", symbol("src/pay.ts", "PayService.charge"), {
        evidence: ["src/pay.ts:40", "src/pay.ts:44"],
        confidence: 0.9,
        rule: "this-method",
      }),
      edge(file("src/pay.ts"), "IMPORTS", "package:npm/stripe", { evidence: ["src/pay.ts:1"] }),
    ],
  },
  {
    scope: "file:src/order.ts",
    nodes: [
      node(file("src/order.ts"), "File", "order.ts", { path: "src/order.ts", language: "typescript", lines: 40 }),
      node(symbol("src/order.ts", "placeOrder"), "Function", "placeOrder", code("src/order.ts", "placeOrder", 5, 20)),
    ],
    edges: [
      edge(shop, "CONTAINS", file("src/order.ts")),
      edge(file("src/order.ts"), "DEFINES", symbol("src/order.ts", "placeOrder")),
      edge(file("src/order.ts"), "IMPORTS", file("src/pay.ts"), { evidence: ["src/order.ts:1"] }),
      edge(symbol("src/order.ts", "placeOrder"), "CALLS", symbol("src/pay.ts", "PayService.charge"), {
        evidence: ["src/order.ts:9"],
        confidence: 0.8,
        rule: "declared-type",
      }),
      edge(symbol("src/order.ts", "placeOrder"), "REFERENCES", symbol("src/pay.ts", "PayService.charge")),
    ],
  },
  {
    scope: "file:test/order.test.ts",
    nodes: [
      node(file("test/order.test.ts"), "File", "order.test.ts", { path: "test/order.test.ts", language: "typescript" }),
      node(
        symbol("test/order.test.ts", "placesAnOrder"),
        "Function",
        "placesAnOrder",
        code("test/order.test.ts", "placesAnOrder", 3, 9, { exported: false }),
      ),
    ],
    edges: [
      edge(shop, "CONTAINS", file("test/order.test.ts")),
      edge(file("test/order.test.ts"), "DEFINES", symbol("test/order.test.ts", "placesAnOrder")),
      edge(symbol("test/order.test.ts", "placesAnOrder"), "CALLS", symbol("src/order.ts", "placeOrder"), {
        evidence: ["test/order.test.ts:4"],
      }),
    ],
  },
  {
    scope: "manifests",
    nodes: [node("package:npm/stripe", "Package", "stripe", { ecosystem: "npm" })],
    edges: [edge(shop, "DEPENDS_ON", "package:npm/stripe", { props: { constraint: "^14" } })],
  },
];
