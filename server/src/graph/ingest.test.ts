// What the graph holds after facts are written, changed, claimed by several sources and removed.
// Long because every rule of a write is held here, on both engines.
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { ExportLine } from "@opentrace/contract/graph-answers.ts";
import { type EdgeType, edgeTypes, type NodeType, type Props } from "@opentrace/contract/graph.ts";
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import type { FileRecord } from "@opentrace/code/indexing.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import type { Store } from "../store/store.ts";
import { decodeClaims, encodeClaims } from "./claims.ts";
import { decodeEvidence, encodeEvidence } from "./evidence.ts";
import { exportGraph } from "./export.ts";
import { readSkipped } from "./index-state.ts";
import { createIngest, type Ingest, type SourceRef } from "./ingest.ts";
import { createNodeIds, nodeId, parsePublicId, publicId } from "./node-id.ts";
import { admitWriter, findWorkspace, lockWorkspace } from "./workspaces.ts";
import { batch, edge, never, node, shopScopes, testContext, writeSource } from "./testing/sample.ts";

async function exported(store: Store, workspace: string): Promise<ExportLine[]> {
  const lines: ExportLine[] = [];
  for await (const line of exportGraph(store, testContext(workspace))) lines.push(JSON.parse(line) as ExportLine);
  return lines;
}

/** Sources → scopes → facts: the naive picture that the store must agree with. */
type Model = Map<string, Map<string, { nodes: NodeFact[]; edges: EdgeFact[] }>>;

interface Shown {
  nodes: Record<string, { type: NodeType; name: string; props: Props; scopes: string[] }>;
  edges: Record<string, { props: Props; claims: string[] }>;
}

function expected(model: Model): Shown {
  const shown: Shown = { nodes: {}, edges: {} };
  for (const source of [...model.keys()].sort()) {
    const scopes = model.get(source)!;
    for (const scope of [...scopes.keys()].sort()) {
      for (const fact of scopes.get(scope)!.nodes) {
        const known = (shown.nodes[fact.key] ??= { type: fact.type, name: fact.name, props: {}, scopes: [] });
        known.props = { ...fact.props, ...known.props };
        known.scopes.push(`${source} ${scope}`);
      }
    }
  }
  for (const source of [...model.keys()].sort()) {
    const scopes = model.get(source)!;
    for (const scope of [...scopes.keys()].sort()) {
      for (const fact of scopes.get(scope)!.edges) {
        if (shown.nodes[fact.from] === undefined || shown.nodes[fact.to] === undefined) continue;
        const known = (shown.edges[`${fact.from} ${fact.type} ${fact.to}`] ??= { props: {}, claims: [] });
        known.props = { ...fact.props, ...known.props };
        known.claims.push(`${source} ${scope} ${fact.confidence ?? 1} ${(fact.evidence ?? []).join("|")}`);
      }
    }
  }
  return shown;
}

function asShown(lines: readonly ExportLine[]): Shown {
  const shown: Shown = { nodes: {}, edges: {} };
  for (const line of lines) {
    if (line.kind === "node")
      shown.nodes[line.key] = {
        type: line.type,
        name: line.name,
        props: line.props,
        scopes: line.provenance.map((claim) => `${claim.source} ${claim.scope}`),
      };
    if (line.kind === "edge")
      shown.edges[`${line.from} ${line.type} ${line.to}`] = {
        props: line.props,
        claims: line.provenance.map(
          (claim) => `${claim.source} ${claim.scope} ${claim.confidence} ${claim.evidence.join("|")}`,
        ),
      };
  }
  return shown;
}

const keys = ["service:a", "service:b", "file:r#x.ts", "symbol:r#x.ts#f", "package:npm/p", "dir:r#src"];
const arbitraryProps = fc.dictionary(
  fc.constantFrom("a", "b", "__proto__", "ü"),
  fc.oneof(fc.nat(3), fc.string({ maxLength: 3 })),
  {
    maxKeys: 2,
    noNullPrototype: true,
  },
);
const arbitraryNode = fc.record({
  key: fc.constantFrom(...keys),
  type: fc.constantFrom<NodeType>("Service", "File"),
  name: fc.constantFrom("one", "two"),
  props: arbitraryProps,
});
const arbitraryEdge = fc.record({
  from: fc.constantFrom(...keys),
  to: fc.constantFrom(...keys),
  type: fc.constantFrom<EdgeType>("CALLS", "CONTAINS"),
  props: arbitraryProps,
  evidence: fc.array(fc.constantFrom("x.ts:1", "[odd", "a\nb", "\u0001x"), { maxLength: 2 }),
  confidence: fc.constantFrom(1, 0.5),
});
const arbitraryScope = fc.record({
  scope: fc.constantFrom("file:x.ts", "s2", "s3"),
  nodes: fc.uniqueArray(arbitraryNode, { selector: (fact) => fact.key, maxLength: 5 }),
  edges: fc.uniqueArray(arbitraryEdge, { selector: (fact) => `${fact.from} ${fact.type} ${fact.to}`, maxLength: 6 }),
});
const arbitraryAction = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("apply" as const),
      source: fc.constantFrom("repo:one", "repo:two", "integration:three"),
      scopes: fc.uniqueArray(arbitraryScope, { selector: (one) => one.scope, maxLength: 3 }),
      removed: fc.subarray(["file:x.ts", "s2", "s3"]),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("remove" as const),
      source: fc.constantFrom("repo:one", "repo:two", "integration:three"),
    }),
  },
);

forEachStore("ingest", (test) => {
  let ingest: Ingest;
  let workspaces = 0;
  beforeAll(() => {
    ingest = createIngest({ store: test.store });
  });

  describe("a worker whose job another one has taken over", () => {
    const source = "repo:fenced";
    const facts = batch([{ scope: "s", nodes: [node("service:stale", "Service", "stale")] }]);
    const writerOf = (workspace: string, fence: number): SourceRef => ({
      workspace,
      source,
      writer: { resource: "repo_1", fence },
    });
    const open = (ref: SourceRef) => ingest.openSource({ ...ref, name: "fenced", kind: "repository" });

    it("commits nothing and can't come back, though it was let in first", async () => {
      const [stale, living] = [writerOf("fence-one", 7), writerOf("fence-one", 8)];
      await open(stale);
      await open(living);
      for (const write of [
        () => ingest.apply(stale, facts, never),
        () => ingest.mark(stale, { state: "fresh", commit: "of the stale one" }),
        () => ingest.removeSource(stale, never),
        () => open(stale),
      ])
        await expect(write()).rejects.toMatchObject({ code: "conflict" });
      expect(asShown(await exported(test.store, "fence-one")).nodes).toEqual({});
      expect((await open(living)).commit).toBeNull();
      await ingest.apply(living, facts, never);
      expect(Object.keys(asShown(await exported(test.store, "fence-one")).nodes)).toEqual(["service:stale"]);
    });

    it("commits nothing when that happens while its batch waits to be written", async () => {
      const stale = writerOf("fence-two", 7);
      await open(stale);
      const other = await test.openAnother();
      const { id } = (await findWorkspace(other.graph, "fence-two"))!;
      const write = await other.graph.transaction().execute(async (tx) => {
        await lockWorkspace(tx, "fence-two", { versions: 0, scopes: 0 });
        const waiting = ingest.apply(stale, facts, never).then(
          () => "written",
          (error: unknown) => error,
        );
        await sleep(50);
        await admitWriter(tx, id, { resource: "repo_1", fence: 8 });
        return { waiting };
      });
      expect(await write.waiting).toMatchObject({ code: "conflict" });
      expect(asShown(await exported(test.store, "fence-two")).nodes).toEqual({});
    });

    it("does not keep the workers of other jobs on the same source from writing", async () => {
      await open(writerOf("fence-three", 7));
      await open({ ...writerOf("fence-three", 3), writer: { resource: "repo_1/other", fence: 3 } });
      await ingest.apply(writerOf("fence-three", 7), facts, never);
    });
  });

  it("shows the union of what all scopes claim, whatever came in which order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryAction, { minLength: 1, maxLength: 8 }), async (actions) => {
        const workspace = `property-${workspaces++}`;
        const model: Model = new Map();
        for (const action of actions) {
          const ref = { workspace, source: action.source };
          if (action.kind === "remove") {
            await ingest.removeSource(ref, never);
            model.delete(action.source);
            continue;
          }
          await ingest.openSource({ ...ref, name: action.source, kind: "repository" });
          await ingest.apply(ref, batch(action.scopes, { removedScopes: action.removed }), never);
          const scopes = model.get(action.source) ?? new Map<string, { nodes: NodeFact[]; edges: EdgeFact[] }>();
          model.set(action.source, scopes);
          for (const name of action.removed) scopes.delete(name);
          for (const { scope, nodes, edges } of action.scopes) {
            if (nodes.length + edges.length === 0) scopes.delete(scope);
            else scopes.set(scope, { nodes, edges });
          }
        }
        for (const [source, scopes] of model) {
          const facts = [...scopes.values()];
          const nodes = new Set(facts.flatMap((one) => one.nodes.map(({ key }) => key)));
          const edges = new Set(facts.flatMap((one) => one.edges.map(({ from, type, to }) => `${from} ${type} ${to}`)));
          expect(await ingest.recount({ workspace, source })).toEqual({ nodes: nodes.size, edges: edges.size });
        }
        const lines = await exported(test.store, workspace);
        expect(asShown(lines)).toEqual(expected(model));
        const end = lines.at(-1);
        expect(end).toMatchObject({ kind: "end", nodes: Object.keys(expected(model).nodes).length });
      }),
      { numRuns: test.store.kind === "sqlite" ? 150 : 60 },
    );
  });

  it("leaves nothing behind when every source is removed", async () => {
    await writeSource(ingest, "repo:gone", shopScopes, "emptied");
    await ingest.removeSource({ workspace: "emptied", source: "repo:gone" }, never);
    const { id } = await test.store.graph
      .selectFrom("workspaces")
      .select("id")
      .where("name", "=", "emptied")
      .executeTakeFirstOrThrow();
    for (const table of ["nodes", "edges", "node_claims", "scopes", "sources", "index_files"] as const) {
      const rows = await test.store.graph.selectFrom(table).select("workspace").where("workspace", "=", id).execute();
      expect(rows, table).toEqual([]);
    }
  });

  it("gives the indexer back what it wrote, and takes away what it removed", async () => {
    const ref = { workspace: "files", source: "repo:files" };
    const record = (path: string, more: Partial<FileRecord> = {}): FileRecord => ({
      path,
      blob: `blob-${path}`,
      size: 3,
      language: "python",
      skipped: null,
      ir: new Uint8Array([1, 2, 3]),
      resolution: new Uint8Array([9]),
      ...more,
    });
    const skipped = { reason: "too_large", detail: "9 MB" } as const;
    const first = await ingest.openSource({ ...ref, name: "files", kind: "repository" });
    expect([first.commit, first.version]).toEqual([null, null]);
    const files = [
      record("a.py"),
      record("b.py"),
      record("big.bin", { language: null, skipped, ir: null, resolution: null }),
    ];
    await ingest.apply(ref, batch([{ scope: "s", nodes: [node("service:x", "Service", "x")] }], { files }), never);
    await ingest.apply(ref, batch([], { files: [record("a.py", { blob: "new" })], removedFiles: ["b.py"] }), never);
    await ingest.mark(ref, { state: "fresh", commit: "abc", indexerVersion: 7, observedAt: new Date() });
    const state = await ingest.openSource({ ...ref, name: "files", kind: "repository" });
    expect([state.commit, state.version]).toEqual(["abc", 7]);
    const found = [];
    for (const file of await state.files()) found.push([file.path, file.blob, file.skipped?.reason]);
    expect(found).toEqual([
      ["a.py", "new", undefined],
      ["big.bin", "blob-big.bin", "too_large"],
    ]);
    expect([...(await state.ir(["a.py", "b.py"]))].map(([path, ir]) => [path, [...ir]])).toEqual([["a.py", [1, 2, 3]]]);
    expect([...(await state.resolutions()).keys()]).toEqual(["a.py"]);
    expect(await state.scopes()).toEqual(new Map([["s", "s-hash"]]));
    const page = await readSkipped(test.store, ref, { limit: 10 });
    expect(page).toMatchObject({ skipped: [{ path: "big.bin", ...skipped }], page: { total: 1, truncated: false } });
  });

  it.each([
    ["an unknown node type", { nodes: [node("service:a", "Gadget" as NodeType, "a")] }, /service:a.*Gadget/],
    ["an unknown edge type", { edges: [edge("service:a", "LIKES" as EdgeType, "service:b")] }, /LIKES/],
    ["an empty key", { nodes: [node("", "Service", "a")] }, /key/],
    ["a confidence above one", { edges: [edge("service:a", "CALLS", "service:b", { confidence: 2 })] }, /confidence/],
    ["a name without end", { nodes: [node("service:a", "Service", "x".repeat(2_000))] }, /service:a.*name/],
  ])("refuses %s by name and keeps nothing of the batch", async (_title, facts, message) => {
    const ref = { workspace: "bad", source: "repo:bad" };
    await ingest.openSource({ ...ref, name: "bad", kind: "repository" });
    const bad = batch([
      { scope: "good", nodes: [node("service:good", "Service", "good")] },
      { scope: "bad", ...facts },
    ]);
    await expect(ingest.apply(ref, bad, never)).rejects.toMatchObject({
      code: "unprocessable",
      message: expect.stringMatching(message),
    });
    expect((await exported(test.store, "bad")).filter((line) => line.kind === "node")).toEqual([]);
  });

  it("stores names with NUL and odd characters", async () => {
    const odd = [node("service:nul\0", "Service", "a\0b", { text: "\0 \ud83d\ude00 ü" })];
    await writeSource(ingest, "repo:odd", [{ scope: "s", nodes: odd }], "odd");
    const [line] = (await exported(test.store, "odd")).filter((one) => one.kind === "node");
    expect(line).toMatchObject({ name: "a\ufffdb", props: { text: "\0 \ud83d\ude00 ü" } });
  });

  it("lets two processes write at once without losing or mixing anything", async () => {
    const other = createIngest({ store: await test.openAnother() });
    const write = async (own: Ingest, source: string): Promise<void> => {
      const ref = { workspace: "both", source };
      await own.openSource({ ...ref, name: source, kind: "repository" });
      for (let round = 0; round < 15; round++) {
        const nodes = [
          node("package:npm/shared", "Package", "shared", { [source]: round }),
          ...Array.from({ length: 20 }, (_, index) => node(`service:${source}-${round % 3}-${index}`, "Service", "s")),
        ];
        const edges = nodes.map((one) => edge(one.key, "DEPENDS_ON", "package:npm/shared"));
        await own.apply(ref, batch([{ scope: `scope-${round % 3}`, nodes, edges }]), never);
      }
    };
    await Promise.all([write(ingest, "repo:one"), write(other, "repo:two")]);
    const lines = await exported(test.store, "both");
    const nodes = lines.filter((line) => line.kind === "node");
    expect(nodes).toHaveLength(2 * 3 * 20 + 1);
    const shared = nodes.find((line) => line.key === "package:npm/shared");
    expect(shared?.provenance).toHaveLength(6);
    expect(lines.filter((line) => line.kind === "edge")).toHaveLength(2 * 3 * 20 + 1);
    const workspace = await test.store.graph
      .selectFrom("workspaces")
      .selectAll()
      .where("name", "=", "both")
      .executeTakeFirstOrThrow();
    expect(workspace.version).toBe(30);
  });

  it("never shows half a scope to a reader", async () => {
    const ref = { workspace: "halves", source: "repo:halves" };
    await ingest.openSource({ ...ref, name: "halves", kind: "repository" });
    const generation = (round: number) =>
      batch([
        {
          scope: "s",
          nodes: Array.from({ length: 200 }, (_, index) => node(`service:n${index}`, "Service", `round-${round}`)),
        },
      ]);
    await ingest.apply(ref, generation(0), never);
    let isWriting = true;
    const writing = (async () => {
      for (let round = 1; round <= 10; round++) await ingest.apply(ref, generation(round), never);
      isWriting = false;
    })();
    // oxlint-disable-next-line no-unmodified-loop-condition -- `writing` changes it between two turns
    while (isWriting) {
      const { id } = await test.store.graph
        .selectFrom("workspaces")
        .select("id")
        .where("name", "=", "halves")
        .executeTakeFirstOrThrow();
      const rows = await test.store.graph.selectFrom("nodes").select("name").where("workspace", "=", id).execute();
      expect(rows).toHaveLength(200);
      expect(new Set(rows.map((row) => row.name)).size).toBe(1);
      await new Promise(setImmediate);
    }
    await writing;
  });

  it("counts what each source claims", async () => {
    const ref = { workspace: "counted", source: "repo:counted" };
    await ingest.openSource({ ...ref, name: "counted", kind: "repository" });
    const one = {
      scope: "s",
      nodes: [node("service:x", "Service", "x")],
      edges: [edge("service:x", "CALLS", "service:x")],
    };
    const first = await ingest.apply(ref, batch([one, { ...one, scope: "t" }]), never);
    expect(first).toMatchObject({ version: 1, nodes: 1, edges: 1 });
    const second = await ingest.apply(ref, batch([{ ...one, edges: [] }]), never);
    expect(second).toMatchObject({ version: 2, nodes: 1, edges: 1 });
    const third = await ingest.apply(ref, batch([], { removedScopes: ["t"] }), never);
    expect(third).toMatchObject({ version: 3, nodes: 1, edges: 0 });
  });

  it("counts what a large batch claims by the claim, until all is counted at the end", async () => {
    const ref = { workspace: "counted-later", source: "repo:counted-later" };
    await ingest.openSource({ ...ref, name: "counted", kind: "repository" });
    const many = Array.from({ length: 900 }, (_, at) => node(`service:${at}`, "Service", `${at}`));
    const both = [
      { scope: "s", nodes: many, edges: [edge("service:1", "CALLS", "service:2")] },
      { scope: "t", nodes: many.slice(1), edges: [edge("service:1", "CALLS", "service:2")] },
    ];
    await ingest.apply(ref, batch([{ scope: "big", nodes: [], edges: edgesAmong(1_600) }]), never);
    const rough = await ingest.apply(ref, batch(both), never);
    expect(await ingest.recount(ref)).toEqual({ nodes: 900, edges: 1_600 });
    expect(rough.nodes).toBeGreaterThanOrEqual(900);
    const small = await ingest.apply(ref, batch([{ scope: "u", nodes: many.slice(0, 2), edges: [] }]), never);
    expect(small).toMatchObject({ nodes: 900, edges: 1_600 });
    await ingest.apply(ref, batch([], { removedScopes: ["big", "s"] }), never);
    expect(await ingest.recount(ref)).toEqual({ nodes: 900, edges: 1 });
  });
});

/** The first of them is service:1 CALLS service:2. */
const edgesAmong = (count: number): EdgeFact[] =>
  Array.from({ length: count }, (_, at) => edge(`service:${at + 1}`, "CALLS", `service:${at + 2}`));

describe("ids and packed values", () => {
  it("gives every key of a large graph its own id, the same every time", () => {
    const ids = createNodeIds("default", 1_000);
    const seen = new Set<number>();
    for (let file = 0; file < 2_000; file++)
      for (let at = 0; at < 50; at++) seen.add(ids(`symbol:github.com/acme/shop#src/${file}.ts#Class${at}.method`));
    expect(seen.size).toBe(100_000);
    expect(nodeId("default", "service:a")).not.toBe(nodeId("other", "service:a"));
    for (const id of [...seen].slice(0, 100)) expect(parsePublicId(publicId(id))).toBe(id);
    expect(parsePublicId("service:a")).toBeNull();
  });

  it("keeps claims and evidence as they were", () => {
    fc.assert(
      fc.property(
        fc.array(fc.maxSafeNat()),
        fc.array(fc.record({ src: fc.maxSafeNat(), dst: fc.maxSafeNat(), type: fc.nat(edgeTypes.length) })),
        (nodes, edges) => {
          const claims = decodeClaims(encodeClaims(nodes, edges));
          expect([...claims.nodes]).toEqual(nodes);
          expect(
            edges.map((_, at) => ({ src: claims.sources[at], dst: claims.targets[at], type: claims.types[at] })),
          ).toEqual(edges);
        },
      ),
    );
    const place = fc.oneof(
      fc.string(),
      fc.constantFrom("a.ts:1", "a.ts:", "[x", "\u0001", "\u0001\u0001a", "a\nb", ""),
    );
    fc.assert(
      fc.property(fc.array(place), fc.constantFrom("file:a.ts", "other"), (evidence, scope) => {
        expect(decodeEvidence(encodeEvidence(evidence, scope), scope)).toEqual(evidence);
      }),
    );
  });
});
