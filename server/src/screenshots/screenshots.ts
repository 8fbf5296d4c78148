// Screenshots as evidence: taken in, given out again, and read by a job that is queued with them.
import { AppError } from "@opentrace/contract/errors.ts";
import type { Evidence, NewEvidence } from "@opentrace/contract/incidents.ts";
import { createHash } from "node:crypto";
import { putBlob } from "../incidents/blobs.ts";
import type { EvidenceStore } from "../incidents/evidence.ts";
import type { EvidenceImage, EvidenceRow } from "../incidents/evidence-rows.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { Store } from "../store/store.ts";
import type { VerbContext } from "../verb.ts";
import { ScreenshotAnalysis, type ReadingComparison } from "@opentrace/contract/screenshots.ts";
import { compareReadings, verdictOf } from "./compare-readings.ts";
import type { DashboardCapturer, JudgedPicture, Verifier } from "./extensions.ts";
import { type Images, readImage } from "./images.ts";

export const readJob = "screenshots.read";
/** A reading is tried so often, whether it fails or its server dies. */
const mostTries = 3;

export interface StoredImage {
  bytes: Uint8Array;
  type: string;
  etag: string;
}

export interface Screenshots {
  add(
    ctx: VerbContext,
    incident: string,
    file: UploadedFile,
    more: Omit<NewEvidence, "evidence_type" | "content">,
  ): Promise<Evidence>;
  image(ctx: VerbContext, id: string): Promise<StoredImage>;
  thumbnail(ctx: VerbContext, id: string): Promise<StoredImage>;
  /** Queues its reading again. */
  analyze(ctx: VerbContext, id: string): Promise<Evidence>;
  /** Throws `conflict` where one of them is not read yet. */
  compare(ctx: VerbContext, before: string, after: string): Promise<ReadingComparison>;
  /** Takes a picture of a dashboard and adds it as an upload; its verb comes with the first capturer. Throws `unprocessable` where nothing can. */
  capture(
    ctx: VerbContext,
    incident: string,
    wanted: { url: string; from: Date | null; to: Date | null },
  ): Promise<Evidence>;
}

interface UploadedFile {
  bytes: Uint8Array;
  /** As the client called it. */
  name: string | null;
}

export interface ScreenshotsDeps {
  store: Store;
  queue: JobQueue;
  evidence: EvidenceStore;
  images: Images;
  capturers: readonly DashboardCapturer[];
  verifiers: readonly Verifier[];
  wake(this: void): void;
}

const plainName = (name: string | null): string | null => {
  const last =
    (name ?? "")
      .split(/[\\/]/)
      .at(-1)
      ?.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, "")
      .trim()
      .slice(0, 200) ?? "";
  return last === "" ? null : last;
};

export const jobOf = ({ id, workspace }: Pick<EvidenceRow, "id" | "workspace">) => ({
  kind: readJob,
  resource: `evidence:${id}`,
  input: { evidence: id },
  workspace,
  maxAttempts: mostTries,
});

export function createScreenshots(deps: ScreenshotsDeps): Screenshots {
  const { store, queue, evidence, images, capturers, verifiers, wake } = deps;

  async function imageOf(
    ctx: VerbContext,
    id: string,
  ): Promise<{ row: EvidenceRow; hash: string; image: EvidenceImage }> {
    const row = await evidence.find(ctx.workspace, id);
    if (row.image_blob === null || row.image === null)
      throw new AppError("not_found", `The evidence ${id} has no image: it is of the type ${row.evidence_type}.`);
    return { row, hash: row.image_blob, image: JSON.parse(row.image) as EvidenceImage };
  }

  async function judged(ctx: VerbContext, id: string): Promise<JudgedPicture> {
    const { row, hash, image } = await imageOf(ctx, id);
    const analysis = row.analysis === null ? null : ScreenshotAnalysis.safeParse(JSON.parse(row.analysis)).data;
    if (row.reading !== "read" || analysis === null || analysis === undefined)
      throw new AppError(
        "conflict",
        `The screenshot ${id} is not read yet, or could not be read: compare it when its reading is "read".`,
      );
    return { image: await readImage(store, hash, ctx.signal), mediaType: image.media_type, analysis };
  }

  const screenshots: Screenshots = {
    async add(ctx, incident, file, more) {
      const { type, width, height, bytes } = await images.clean(file.bytes, ctx.signal);
      const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const name = plainName(file.name);
      const added = await evidence.add(
        ctx,
        incident,
        { ...more, evidence_type: "screenshot", title: more.title ?? name ?? "Screenshot" },
        {
          image: {
            blob: createHash("sha256").update(content).digest("hex"),
            media_type: type,
            bytes: content.length,
            width,
            height,
            name,
          },
          reading: "pending",
          async within(tx, row) {
            await putBlob(tx, content, ctx.now());
            await queue.enqueue(jobOf(row), tx);
          },
        },
      );
      wake();
      return added;
    },

    async image(ctx, id) {
      const { hash, image } = await imageOf(ctx, id);
      return { bytes: await readImage(store, hash, ctx.signal), type: image.media_type, etag: `"${hash}"` };
    },

    async thumbnail(ctx, id) {
      const { hash } = await imageOf(ctx, id);
      const bytes = await images.thumbnail(await readImage(store, hash, ctx.signal), ctx.signal);
      return { bytes, type: "image/webp", etag: `"${hash}-640"` };
    },

    async analyze(ctx, id) {
      const { row } = await imageOf(ctx, id);
      const pending = await evidence.setReading(ctx.workspace, row.id, { state: "pending" }, ctx.now());
      await queue.enqueue(jobOf(row));
      wake();
      return pending;
    },

    async compare(ctx, before, after) {
      const pictures = { before: await judged(ctx, before), after: await judged(ctx, after) };
      const compared = compareReadings(pictures.before.analysis, pictures.after.analysis);
      const verdicts = [verdictOf(compared)];
      for (const verifier of verifiers)
        verdicts.push({ ...(await verifier.judge(pictures, ctx.signal)), by: verifier.name });
      return { before, after, ...compared, verdicts };
    },

    async capture(ctx, incident, { url, from, to }) {
      const address = new URL(url);
      const capturer = capturers.find((one) => one.takes(address));
      if (capturer === undefined)
        throw new AppError(
          "unprocessable",
          `Nothing here takes pictures of ${address.host}. Upload a screenshot of it instead.`,
        );
      const { image, title } = await capturer.capture({ workspace: ctx.workspace, url: address, from, to }, ctx.signal);
      return await screenshots.add(
        ctx,
        incident,
        { bytes: image, name: null },
        {
          title: title ?? address.host,
          source: capturer.name,
          source_url: url,
          ...(from === null ? {} : { starts_at: from.toISOString() }),
          ...(to === null ? {} : { ends_at: to.toISOString() }),
        },
      );
    },
  };
  return screenshots;
}
