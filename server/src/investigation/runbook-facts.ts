// Runbooks as nodes of the graph, each leading to the services that it is for; written anew whenever runbooks change.
import { createHash } from "node:crypto";
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import type { Ingest } from "../graph/ingest.ts";
import type { GraphNodes } from "../incidents/graph-nodes.ts";
import type { Log } from "../verb.ts";
import { listOf } from "./records.ts";
import type { RunbookRow, RunbookStore } from "./runbooks.ts";

const source = "opslens:runbooks";
const mostRunbooks = 10_000;
const atOnce = 200;
const scopeOf = (id: string): string => `runbook:${id}`;

export interface RunbookFacts {
  /** Soon; many calls that come close together cost one writing. */
  changed(this: void, workspace: string): void;
  write(workspace: string, signal: AbortSignal): Promise<void>;
  stop(this: void): Promise<void>;
}

export function createRunbookFacts(deps: {
  ingest: Ingest;
  graphNodes: Pick<GraphNodes, "services">;
  runbooks(this: void): Pick<RunbookStore, "all">;
  log: Log;
  now(this: void): Date;
}): RunbookFacts {
  const { ingest, graphNodes, runbooks, log, now } = deps;
  const stopping = new AbortController();
  const waiting = new Set<string>();
  let working: Promise<void> = Promise.resolve();

  async function write(workspace: string, signal: AbortSignal): Promise<void> {
    const rows = await runbooks().all(workspace, mostRunbooks);
    const ref = { workspace, source };
    if (rows.length === 0) return await ingest.removeSource(ref, signal);
    const state = await ingest.openSource({ ...ref, name: "Runbooks", kind: "integration" });
    const names = new Set(rows.flatMap((row) => listOf(row.services)));
    const services = await graphNodes.services({ workspace, signal, now }, [...names].slice(0, 1_000));
    const scopes = rows.map((row) => factsOf(row, (name) => services.get(name)?.key));
    const known = await ingest.hashesOf(
      ref,
      scopes.map((one) => one.scope),
    );
    const changedScopes = scopes.filter((one) => known.get(one.scope) !== one.hash);
    for (let at = 0; at < changedScopes.length; at += atOnce)
      await ingest.apply(
        ref,
        { scopes: changedScopes.slice(at, at + atOnce), removedScopes: [], files: [], removedFiles: [] },
        signal,
      );
    const kept = new Set(scopes.map((one) => one.scope));
    const gone = [...(await state.scopes()).keys()].filter((scope) => !kept.has(scope));
    if (gone.length > 0)
      await ingest.apply(ref, { scopes: [], removedScopes: gone, files: [], removedFiles: [] }, signal);
    await ingest.mark(ref, { state: "fresh", observedAt: now() });
  }

  return {
    write,
    changed(workspace) {
      if (waiting.has(workspace) || stopping.signal.aborted) return;
      waiting.add(workspace);
      working = working.then(async () => {
        waiting.delete(workspace);
        await write(workspace, stopping.signal).catch((err: unknown) =>
          log.warn({ err }, "runbooks not written to the graph"),
        );
      });
    },
    async stop() {
      stopping.abort();
      await working;
    },
  };
}

function factsOf(row: RunbookRow, keyOf: (service: string) => string | undefined) {
  const key = `runbook:${row.id}`;
  const services = listOf(row.services);
  const nodes: NodeFact[] = [
    {
      key,
      type: "Runbook",
      name: row.title,
      props: { services, tags: listOf(row.tags), origin: row.origin, doc: row.body.slice(0, 300) },
    },
  ];
  const targets = new Set([
    ...services.flatMap((name) => keyOf(name) ?? []),
    ...(row.source === null ? [] : [row.source]),
  ]);
  const edges: EdgeFact[] = [...targets].map((to) => ({ from: key, to, type: "MENTIONS" }));
  const hash = createHash("sha1")
    .update(JSON.stringify([nodes, edges]))
    .digest("base64url");
  return { scope: scopeOf(row.id), nodes, edges, hash };
}
