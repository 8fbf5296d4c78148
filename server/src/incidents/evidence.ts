// Evidence of incidents as rows: add, find, list, and what a reading finds in a screenshot.
import { randomBytes } from "node:crypto";
import { AppError } from "@opentrace/contract/errors.ts";
import {
  type Evidence,
  type EvidenceChanges,
  incidentLimits,
  type NewEvidence,
  type NodeReference,
} from "@opentrace/contract/incidents.ts";
import { type AppTransaction, once } from "../access/idempotency.ts";
import { decodeCursor, encodeCursor } from "../graph/view.ts";
import type { EventFeed } from "../jobs/event-feed.ts";
import type { Store } from "../store/store.ts";
import type { VerbContext } from "../verb.ts";
import { requireVersion } from "../access/if-match.ts";
import { keepStaged, openBlob, putBlob, releaseBlob, type StagedBlob, type StoredBlob } from "./blobs.ts";
import { recordChanges } from "./changes.ts";
import { beginningOf, type EvidenceImage, type EvidenceRow, toEvidence } from "./evidence-rows.ts";
import type { GraphNodes } from "./graph-nodes.ts";
import { holdIncident, mayBeId, type WriteContext } from "./incidents.ts";
import { removeEvidenceText, writeEvidenceText } from "./incident-text.ts";

export interface EvidenceDeps {
  store: Store;
  feed: Pick<EventFeed, "publish">;
  nodes: GraphNodes;
  /** In the transaction that adds it: what must not be lost when the process dies after it. */
  onAdded(this: void, tx: AppTransaction, evidence: EvidenceRow): Promise<void>;
}

/** What an upload adds to an evidence besides its text. */
interface Attachment {
  image?: EvidenceImage & {
    /** SHA-256 of a stored blob. */
    blob: string;
  };
  /** Instead of `content`: a text that came as a file. */
  text?: StagedBlob;
  reading?: EvidenceRow["reading"];
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
  change(ctx: WriteContext & Pick<VerbContext, "signal">, id: string, changes: EvidenceChanges): Promise<Evidence>;
  remove(ctx: WriteContext, id: string): Promise<void>;
  /** The whole text, however long. Throws `not_found` when there is none. */
  content(workspace: string, id: string): Promise<{ row: EvidenceRow; blob: StoredBlob | null }>;
}

const newId = (): string => `evd_${randomBytes(12).toString("base64url")}`;
const isSeq = (value: unknown): value is number => Number.isSafeInteger(value);
const titleLength = 120;

/** What is searched of a text that came as a file, and whether it is text at all. */
const textOf = (beginning: Buffer): string =>
  beginning
    .toString("utf8")
    .replace(/\uFFFD+$/, "")
    .replaceAll("\0", "\uFFFD");

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

function imageOf(attachment: Attachment | undefined): string | null {
  if (attachment?.image === undefined) return null;
  const { media_type, bytes, width, height, name } = attachment.image;
  return JSON.stringify({ media_type, bytes, width, height, name });
}

const noEvidence = (id: string): AppError =>
  new AppError(
    "not_found",
    `There is no evidence "${id.slice(0, 100)}". List an incident's with GET /api/v1/evidence/incident/{incident_id}.`,
  );

const mergedNodes = (some: readonly NodeReference[], more: readonly NodeReference[]): NodeReference[] => [
  ...new Map([...some, ...more].map((node) => [node.id, node])).values(),
];

function requireOrder(starts: number | null, ends: number | null): void {
  if (starts === null || ends === null || ends >= starts) return;
  throw new AppError("bad_request", "ends_at is before starts_at.", {
    details: { errors: [{ field: "ends_at", message: "ends_at is before starts_at." }] },
  });
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
    throw noEvidence(id);
  }

  async function aboutOf(
    ctx: Pick<VerbContext, "workspace" | "signal" | "now">,
    references: readonly string[],
    services: readonly string[],
  ): Promise<NodeReference[]> {
    const given = await nodes.need(ctx, references);
    const known = services.length === 0 ? new Map<string, NodeReference>() : await nodes.services(ctx, services);
    return mergedNodes(given, [...known.values()]);
  }

  /** What the search reads of a text of which the row holds only the beginning. */
  async function searchedOf(tx: AppTransaction, row: EvidenceRow): Promise<string | null> {
    if (row.content_blob === null) return row.content;
    const chunk = await tx
      .selectFrom("blob_chunks")
      .innerJoin("blobs", "blobs.seq", "blob_chunks.blob")
      .select("data")
      .where("sha256", "=", row.content_blob)
      .where("n", "=", 0)
      .executeTakeFirst();
    return chunk === undefined ? row.content : textOf(Buffer.from(chunk.data));
  }

  return {
    find,

    async add(ctx, incident, input, attachment) {
      const starts = timeOf(input.starts_at);
      const ends = timeOf(input.ends_at);
      requireOrder(starts, ends);
      const services = [...new Set(input.services ?? [])];
      const about = await aboutOf(ctx, input.nodes ?? [], services);
      let added: EvidenceRow | null = null;
      return await once(
        store,
        ctx,
        {
          verb: "evidence.add",
          input: { ...input, incident, image: attachment?.image?.blob ?? null, file: attachment?.text?.sha256 ?? null },
          committed: async () => (added === null ? undefined : announce(ctx.workspace, added, "added")),
        },
        async (tx) => {
          const asked = await holdIncident(tx, ctx.workspace, incident);
          const target = asked.merged_into === null ? asked : await holdIncident(tx, ctx.workspace, asked.merged_into);
          const at = ctx.now();
          const file = attachment?.text;
          const searched = file === undefined ? (input.content ?? null) : textOf(file.beginning);
          const text =
            file === undefined || file.bytes <= incidentLimits.shownContent
              ? await keepText(tx, searched, at)
              : {
                  content: beginningOf(searched ?? ""),
                  content_bytes: file.bytes,
                  content_blob: await keepStaged(tx, file),
                };
          const row = await tx
            .insertInto("evidence")
            .values({
              id: newId(),
              workspace: ctx.workspace,
              incident: target.id,
              moved_from: target.id === asked.id ? null : asked.id,
              evidence_type: input.evidence_type,
              title: titleOf({ ...input, content: searched }),
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
              image_blob: attachment?.image?.blob ?? null,
              image: imageOf(attachment),
              created_by: ctx.actor.id,
              created_by_name: ctx.actor.name ?? null,
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
          await writeEvidenceText(store, tx, row, searched);
          await recordChanges(tx, [
            {
              workspace: ctx.workspace,
              incident: target.id,
              at: at.getTime(),
              actor: ctx.actor,
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

    async change(ctx, id, { nodes: references, services: named, ...changes }) {
      const before = await find(ctx.workspace, id);
      const services = named === undefined ? undefined : [...new Set(named ?? [])];
      const about =
        references === undefined && services === undefined
          ? undefined
          : mergedNodes(
              references === undefined ? (JSON.parse(before.nodes) as NodeReference[]) : [],
              await aboutOf(ctx, references ?? [], services ?? []),
            );
      const row = await store.app.transaction().execute(async (tx) => {
        const held = await tx
          .updateTable("evidence")
          .set((eb) => ({ version: eb("version", "+", 1), updated_at: ctx.now().getTime() }))
          .where("seq", "=", before.seq)
          .returningAll()
          .executeTakeFirst();
        if (held === undefined) throw noEvidence(id);
        requireVersion(ctx.ifMatch, held.version - 1, `The evidence ${id}`);
        const { title, evidence_type, source, source_url, starts_at, ends_at, evidence_metadata } = changes;
        const starts = starts_at === undefined ? held.starts_at : timeOf(starts_at);
        const ends = ends_at === undefined ? held.ends_at : timeOf(ends_at);
        requireOrder(starts, ends);
        const after = await tx
          .updateTable("evidence")
          .set({
            starts_at: starts,
            ends_at: ends,
            ...(title === undefined || title === null ? {} : { title }),
            ...(evidence_type === undefined ? {} : { evidence_type }),
            ...(source === undefined ? {} : { source }),
            ...(source_url === undefined ? {} : { source_url }),
            ...(evidence_metadata === undefined ? {} : { metadata: JSON.stringify(evidence_metadata ?? {}) }),
            ...(services === undefined ? {} : { services: JSON.stringify(services) }),
            ...(about === undefined ? {} : { nodes: JSON.stringify(about) }),
          })
          .where("seq", "=", before.seq)
          .returningAll()
          .executeTakeFirstOrThrow();
        if (after.title !== before.title) await writeEvidenceText(store, tx, after, await searchedOf(tx, after));
        return after;
      });
      await announce(ctx.workspace, row, "changed");
      return toEvidence(row);
    },

    async remove(ctx, id) {
      const before = await find(ctx.workspace, id);
      await store.app.transaction().execute(async (tx) => {
        const gone = await tx.deleteFrom("evidence").where("seq", "=", before.seq).returningAll().executeTakeFirst();
        if (gone === undefined) throw noEvidence(id);
        requireVersion(ctx.ifMatch, gone.version, `The evidence ${id}`);
        const at = ctx.now().getTime();
        await tx
          .updateTable("incidents")
          .set((eb) => ({ evidence_count: eb("evidence_count", "-", 1), updated_at: at }))
          .where("id", "=", gone.incident)
          .execute();
        await removeEvidenceText(store, tx, id);
        for (const sha256 of new Set([gone.content_blob, gone.image_blob]))
          if (sha256 !== null) await releaseBlob(tx, sha256);
        await recordChanges(tx, [
          {
            workspace: ctx.workspace,
            incident: gone.incident,
            at,
            actor: ctx.actor,
            kind: "evidence_removed",
            from: { evidence_type: gone.evidence_type, title: gone.title },
            subject: id,
          },
        ]);
      });
      await announce(ctx.workspace, before, "removed");
    },

    async content(workspace, id) {
      const row = await find(workspace, id);
      if (row.content_blob !== null) return { row, blob: await openBlob(store, row.content_blob) };
      if (row.content === null)
        throw new AppError(
          "not_found",
          row.image_blob === null
            ? `The evidence "${id}" has no content.`
            : `The evidence "${id}" is an image that has not been read yet; the image is at /api/v1/evidence/${id}/image.`,
        );
      return { row, blob: null };
    },
  };
}
