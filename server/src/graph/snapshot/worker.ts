// The graph worker: a thread with a database connection of its own that holds the search index and the adjacency, so that neither
// building nor scanning them holds up the server's event loop.
import { parentPort, workerData } from "node:worker_threads";
import { AppError } from "@opentrace/contract/errors.ts";
import { openGraphReader } from "../../store/store.ts";
import { buildCsr, type SharedCsr } from "./csr.ts";
import { catchUpNames, type StoredNameIndex } from "./name-index-of-store.ts";
import type { Operation, Operations, Reply, Request, WorkerData } from "./protocol.ts";
import { type Centrality, centralityOf, rank } from "./ranking.ts";
import { type GraphTotals, totalsOf } from "./totals.ts";

const port = parentPort;
if (port === null) throw new Error("worker.ts runs as a worker thread only");
const reader = await openGraphReader((workerData as WorkerData).config);

/** Work on one thing at a time for each workspace: two callers of a cold index build it once. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = tail.then(work, work);
    tail = turn.catch(() => {});
    return turn;
  };
}

interface Held {
  names: StoredNameIndex | null;
  csr: SharedCsr | null;
  totals: GraphTotals | null;
  csrAt: number;
  csrTook: number;
  centrality: { version: number; value: Centrality } | null;
  nameTurns: ReturnType<typeof createTurns>;
  csrTurns: ReturnType<typeof createTurns>;
}
const heldOf = new Map<number, Held>();

function held(workspace: number): Held {
  let own = heldOf.get(workspace);
  if (own === undefined) {
    own = {
      names: null,
      csr: null,
      totals: null,
      csrAt: 0,
      csrTook: 0,
      centrality: null,
      nameTurns: createTurns(),
      csrTurns: createTurns(),
    };
    heldOf.set(workspace, own);
  }
  return own;
}

async function names(workspace: number): Promise<StoredNameIndex> {
  const own = held(workspace);
  return await own.nameTurns(async () => (own.names = await catchUpNames(reader, workspace, own.names)));
}

/** How many times as long as building took an adjacency may be out of date for those who don't mind. */
const lagFactor = 10;

async function csr(workspace: number, mayLag = false): Promise<SharedCsr> {
  const own = held(workspace);
  if (mayLag && own.csr !== null && performance.now() - own.csrAt < own.csrTook * lagFactor) return own.csr;
  return await own.csrTurns(async () => {
    const { version } = await reader.db
      .selectFrom("workspaces")
      .select("version")
      .where("id", "=", workspace)
      .executeTakeFirstOrThrow();
    if (own.csr !== null && own.csr.version === version) return own.csr;
    const start = performance.now();
    own.csr = await buildCsr(reader, workspace);
    own.csrAt = performance.now();
    own.csrTook = own.csrAt - start;
    return own.csr;
  });
}

const operations: { [O in Operation]: (input: Operations[O]["input"]) => Promise<Operations[O]["output"]> } = {
  async search({ workspace, query, filter, offset, limit }) {
    return (await names(workspace)).index.search(query, filter, offset, limit);
  },
  async names({ workspace }) {
    await names(workspace);
    return null;
  },
  async list({ workspace, filter, namePrefix, after, limit }) {
    return (await names(workspace)).index.list(filter, namePrefix, after, limit);
  },
  async csr({ workspace }) {
    return await csr(workspace);
  },
  async totals({ workspace, mayLag }) {
    const graph = await csr(workspace, mayLag);
    const own = held(workspace);
    if (own.totals === null || own.totals.version !== graph.version) own.totals = totalsOf(graph);
    return own.totals;
  },
  async ranking({ workspace, types, within, origin, limit }) {
    const graph = await csr(workspace);
    const own = held(workspace);
    if (own.centrality === null || own.centrality.version !== graph.version) {
      own.centrality = { version: graph.version, value: centralityOf(graph) };
    }
    const ids = within === null ? undefined : (await names(workspace)).index.idsOf(within);
    return rank(graph, own.centrality.value, { types, ids, origin }, limit);
  },
};

async function answer<O extends Operation>(request: Request<O>): Promise<Reply> {
  try {
    return { id: request.id, output: await operations[request.operation](request.input) };
  } catch (error) {
    const code = error instanceof AppError ? error.code : "internal";
    const message = error instanceof Error ? error.message : String(error);
    return { id: request.id, error: { code, message } };
  }
}

port.on("message", (request: Request) => {
  void answer(request).then((reply) => port.postMessage(reply));
});
