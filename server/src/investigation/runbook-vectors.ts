// Likeness of meaning between a text and runbooks, where an embedding provider is configured: vectors are stored and made anew when a text changes.
import { AppError } from "@opentrace/contract/errors.ts";
import type { Store } from "../store/store.ts";
import type { VerbContext } from "../verb.ts";
import { listOf } from "./records.ts";
import type { RunbookRow } from "./runbooks.ts";

export interface Embedder {
  model: string;
  /** One vector for each text. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly (readonly number[])[]>;
}

export interface RunbookVectors {
  /** Cosine by runbook id; empty without a provider, or when it fails. */
  likeness(ctx: VerbContext, rows: readonly RunbookRow[], text: string): Promise<Map<string, number>>;
}

const textsAtOnce = 50;
/** Made within one question; the rest at the next ones. */
const mostMade = 200;
const textLength = 6_000;
const patienceMs = 15_000;

export function createRunbookVectors(deps: {
  store: Store;
  /** Asked anew each time: providers are configured while the server runs. */
  embedder(this: void, workspace: string): Promise<Embedder | null>;
}): RunbookVectors {
  const { app } = deps.store;

  async function stored(
    embedder: Embedder,
    rows: readonly RunbookRow[],
    signal: AbortSignal,
  ): Promise<Map<string, Float32Array>> {
    const known = new Map<string, Float32Array>();
    const hashes = new Map(rows.map((row) => [row.id, row.hash]));
    const kept = await app.selectFrom("runbook_vectors").selectAll().where("model", "=", embedder.model).execute();
    for (const row of kept) if (hashes.get(row.runbook) === row.hash) known.set(row.runbook, toFloats(row.vector));
    const missing = rows.filter((row) => !known.has(row.id)).slice(0, mostMade);
    for (let at = 0; at < missing.length; at += textsAtOnce) {
      const part = missing.slice(at, at + textsAtOnce);
      const vectors = await embedder.embed(part.map(textOf), signal);
      for (const [index, row] of part.entries()) {
        const unit = normalised(vectors[index] ?? []);
        if (unit === null) continue;
        known.set(row.id, unit);
        const vector = toBytes(unit);
        await app
          .insertInto("runbook_vectors")
          .values({ runbook: row.id, model: embedder.model, hash: row.hash, vector })
          .onConflict((conflict) => conflict.columns(["runbook", "model"]).doUpdateSet({ hash: row.hash, vector }))
          .execute();
      }
    }
    return known;
  }

  return {
    async likeness(ctx, rows, text) {
      const found = new Map<string, number>();
      const embedder = await deps.embedder(ctx.workspace);
      if (embedder === null || text.trim() === "") return found;
      const signal = AbortSignal.any([ctx.signal, AbortSignal.timeout(patienceMs)]);
      try {
        const known = await stored(embedder, rows, signal);
        const [raw] = await embedder.embed([text.slice(0, textLength)], signal);
        const asked = normalised(raw ?? []);
        if (asked === null) return found;
        for (const [id, vector] of known) if (vector.length === asked.length) found.set(id, dot(asked, vector));
      } catch (err) {
        ctx.signal.throwIfAborted();
        ctx.log.warn({ err, model: embedder.model }, "runbooks not compared by meaning");
      }
      return found;
    },
  };
}

const textOf = (row: RunbookRow): string =>
  `${row.title}\n${listOf(row.services).join(", ")}\n${row.body}`.slice(0, textLength);

function normalised(values: readonly number[]): Float32Array | null {
  const length = Math.hypot(...values);
  return values.length === 0 || !Number.isFinite(length) || length === 0
    ? null
    : Float32Array.from(values, (value) => value / length);
}

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, at) => sum + value * b[at]!, 0);

function toBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of values.entries()) view.setFloat32(at * 4, value, true);
  return bytes;
}

function toFloats(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, at) => view.getFloat32(at * 4, true));
}

/** What models offer for it: which model is asked first, and vectors from the first that answers; null = none. */
interface EmbeddingModels {
  first(workspace: string, role: "embedding"): Promise<{ model: string } | null>;
  embed(
    workspace: string,
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<{ model: string; vectors: number[][] } | null>;
}

/** Vectors of two models can't be compared: an answer of another than the first is none. */
export const embedderOf =
  (models: EmbeddingModels) =>
  async (workspace: string): Promise<Embedder | null> => {
    const first = await models.first(workspace, "embedding");
    if (first === null) return null;
    return {
      model: first.model,
      async embed(texts, signal) {
        const answer = await models.embed(workspace, texts, signal);
        if (answer === null || answer.model !== first.model)
          throw new AppError("upstream_failed", `The model ${first.model} made no embeddings.`);
        return answer.vectors;
      },
    };
  };
