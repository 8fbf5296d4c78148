// Evidence of incidents as rows: add, find, list, and what a reading finds in a screenshot.
import { randomBytes } from "node:crypto";
import { AppError } from "@opentrace/contract/errors.ts";
import { type Evidence, incidentLimits, type NewEvidence, type NodeReference } from "@opentrace/contract/incidents.ts";
import { type AppTransaction, once } from "../access/idempotency.ts";
import { decodeCursor, encodeCursor } from "../graph/view.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { Store } from "../store/store.ts";
import type { VerbContext } from "../verb.ts";
import { putBlob } from "./blobs.ts";
import { recordChanges } from "./changes.ts";
import { beginningOf, type EvidenceImage, type EvidenceRow, toEvidence } from "./evidence-rows.ts";
import type { GraphNodes } from "./graph-nodes.ts";
import { holdIncident, mayBeId, type WriteContext } from "./incidents.ts";
import { writeEvidenceText } from "./incident-text.ts";

export interface EvidenceDeps {
  store: Store;
  feed: Pick<EventFeed, "publish">;
  nodes: GraphNodes;
  /** In the transaction that adds it: what must not be lost when the process dies after it. */
  onAdded(this: void, tx: AppTransaction, evidence: EvidenceRow): Promise<void>;
}

/** What an upload adds to an evidence besides its text. */
interface Attachment {
  /** SHA-256 of a stored blob. */
  blob: string;
  image: EvidenceImage;
  reading: EvidenceRow["reading"];
  /** In the transaction of the evidence: queue the job that reads it. */
  within?(this: void, tx: AppTransaction, evidence: EvidenceRow): Promise<void>;
}

interface Reading {
  state: EvidenceRow["reading"];
  /** Plain text; absent = what was there stays. */
  content?: string | null;
  analysis?: Evidence["analysis"];
}

export interface EvidenceStore {
  /** `incident` is an id or a reference; what is for a duplicate goes to the incident that it was merged into. */
  add(
    ctx: WriteContext & Pick<VerbContext, "signal">,
    incident: string,
    input: NewEvidence,
    attachment?: Attachment,
  ): Promise<Evidence>;
  /** Throws `not_found`. */
  find(workspace: string, id: string): Promise<EvidenceRow>;
  /** Oldest first. */
  list(
    incident: string,
    page: { limit: number; cursor?: string | undefined; types?: readonly string[] | undefined },
  ): Promise<{ items: Evidence[]; next_cursor: string | null }>;
  setReading(workspace: string, id: string, reading: Reading, now: Date): Promise<Evidence>;
}

const newId = (): string => `evd_${randomBytes(12).toString("base64url")}`;
const isSeq = (value: unknown): value is number => Number.isSafeInteger(value);
const titleLength = 120;

/** What a text is kept as: its beginning in the row, the whole as a blob when that is longer. */
async function keepText(
  tx: AppTransaction,
  text: string | null,
  now: Date,
): Promise<Pick<EvidenceRow, "content" | "content_bytes" | "content_blob">> {
  if (text === null || text === "") return { content: null, content_bytes: 0, content_blob: null };
  // PostgreSQL's text can't hold NUL.
  const clean = text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text;
  const bytes = Buffer.byteLength(clean);
  const shown = beginningOf(clean);
  if (bytes <= incidentLimits.shownContent) return { content: clean, content_bytes: bytes, content_blob: null };
  return { content: shown, content_bytes: bytes, content_blob: await putBlob(tx, Buffer.from(clean), now) };
}

function titleOf({ title, content, evidence_type }: NewEvidence): string {
  if (title !== null && title !== undefined) return title;
  const line = (content ?? "").slice(0, 2_000).trim().split("\n")[0]?.trim() ?? "";
  return line === "" ? evidence_type : line.length > titleLength ? `${line.slice(0, titleLength - 1)}…` : line;
}

const timeOf = (text: string | null | undefined): number | null =>
  text === null || text === undefined ? null : Date.parse(text);

export function createEvidence({ store, feed, nodes, onAdded }: EvidenceDeps): EvidenceStore {
  const announce = async (workspace: string, row: { id: string; incident: string }, change: string): Promise<void> =>
    feed.publish({ type: "evidence.changed", evidenceId: row.id, incidentId: row.incident, change }, workspace);

  async function find(workspace: string, id: string): Promise<EvidenceRow> {
    const row = mayBeId(id)
      ? await store.app
          .selectFrom("evidence")
          .selectAll()
          .where("id", "=", id)
          .where("workspace", "=", workspace)
          .executeTakeFirst()
      : undefined;
    if (row !== undefined) return row;
    throw new AppError(
      "not_found",
      `There is no evidence "${id.slice(0, 100)}". List an incident's with GET /api/v1/evidence/incident/{incident_id}.`,
    );
  }

  return {
    find,

    async add(ctx, incident, input, attachment) {
      const starts = timeOf(input.starts_at);
      const ends = timeOf(input.ends_at);
      if (starts !== null && ends !== null && ends < starts)
        throw new AppError("bad_request", "ends_at is before starts_at.", {
          details: { errors: [{ field: "ends_at", message: "ends_at is before starts_at." }] },
        });
      const services = [...new Set(input.services ?? [])];
      const given = await nodes.need(ctx, input.nodes ?? []);
      const known = services.length === 0 ? new Map<string, NodeReference>() : await nodes.services(ctx, services);
      const about = [...new Map([...given, ...known.values()].map((node) => [node.id, node])).values()];
      let added: EvidenceRow | null = null;
      return await once(
        store,
        ctx,
        {
          verb: "evidence.add",
          input: { ...input, incident, image: attachment?.blob ?? null },
          committed: async () => (added === null ? undefined : announce(ctx.workspace, added, "added")),
        },
        async (tx) => {
          const asked = await holdIncident(tx, ctx.workspace, incident);
          const target = asked.merged_into === null ? asked : await holdIncident(tx, ctx.workspace, asked.merged_into);
          const at = ctx.now();
          const text = await keepText(tx, input.content ?? null, at);
          const row = await tx
            .insertInto("evidence")
            .values({
              id: newId(),
              workspace: ctx.workspace,
              incident: target.id,
              moved_from: target.id === asked.id ? null : asked.id,
              evidence_type: input.evidence_type,
              title: titleOf(input),
              ...text,
              source: input.source ?? null,
              source_url: input.source_url ?? null,
              services: JSON.stringify(services),
              nodes: JSON.stringify(about),
              starts_at: starts,
              ends_at: ends,
              metadata: JSON.stringify(input.evidence_metadata ?? {}),
              analysis: null,
              reading: attachment?.reading ?? "none",
              image_blob: attachment?.blob ?? null,
              image: attachment === undefined ? null : JSON.stringify(attachment.image),
              created_by: ctx.actor.id,
              created_at: at.getTime(),
              updated_at: at.getTime(),
            })
            .returningAll()
            .executeTakeFirstOrThrow();
          added = row;
          await tx
            .updateTable("incidents")
            .set((eb) => ({ evidence_count: eb("evidence_count", "+", 1), updated_at: at.getTime() }))
            .where("seq", "=", target.seq)
            .execute();
          await writeEvidenceText(store, tx, row, input.content ?? null);
          await recordChanges(tx, [
            {
              workspace: ctx.workspace,
              incident: target.id,
              at: at.getTime(),
              actor: ctx.actor.id,
              kind: "evidence_added",
              to: { evidence_type: row.evidence_type, title: row.title },
              subject: row.id,
            },
          ]);
          await onAdded(tx, row);
          await attachment?.within?.(tx, row);
          return toEvidence(row);
        },
      );
    },

    async list(incident, { limit, cursor, types }) {
      let query = store.app
        .selectFrom("evidence")
        .selectAll()
        .where("incident", "=", incident)
        .where("seq", ">", decodeCursor(cursor, isSeq) ?? 0);
      if (types !== undefined) query = query.where("evidence_type", "in", types);
      const rows = await query
        .orderBy("seq")
        .limit(limit + 1)
        .execute();
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      return {
        items: shown.map(toEvidence),
        next_cursor: rows.length > limit && last !== undefined ? encodeCursor(last.seq) : null,
      };
    },

    async setReading(workspace, id, { state, content, analysis }, now) {
      const row = await store.app.transaction().execute(async (tx) => {
        const after = await tx
          .updateTable("evidence")
          .set((eb) => ({ reading: state, version: eb("version", "+", 1), updated_at: now.getTime() }))
          .$if(analysis !== undefined, (query) => query.set({ analysis: JSON.stringify(analysis) }))
          .where("id", "=", id)
          .where("workspace", "=", workspace)
          .returningAll()
          .executeTakeFirst();
        if (after === undefined) throw new AppError("not_found", `There is no evidence "${id}" any more.`);
        if (content === undefined) return after;
        const withText = await tx
          .updateTable("evidence")
          .set(await keepText(tx, content, now))
          .where("seq", "=", after.seq)
          .returningAll()
          .executeTakeFirstOrThrow();
        await writeEvidenceText(store, tx, withText, content);
        return withText;
      });
      await announce(workspace, row, "read");
      return toEvidence(row);
    },
  };
}
