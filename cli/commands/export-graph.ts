// `opentrace export`: the whole graph as lines of JSON, streamed from the server or the embedded store.
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AppError } from "@opentrace/contract/errors.ts";
import { connect } from "../client.ts";
import { note } from "../output.ts";
import type { CommonOptions } from "./verb-commands.ts";

/** With --out the file appears when it is whole; a broken-off export leaves none. */
export async function exportCommand(options: CommonOptions, signal: AbortSignal): Promise<void> {
  const client = await connect(options);
  const out = typeof options["out"] === "string" ? options["out"] : undefined;
  const partial = out === undefined ? undefined : `${out}.partial`;
  try {
    const lines = Readable.from(client.exportGraph(signal), { objectMode: false });
    if (partial === undefined || out === undefined)
      return await pipeline(lines, process.stdout, { end: false, signal });
    await pipeline(lines, createWriteStream(partial), { signal });
    await rename(partial, out);
    note(`Written to ${out}`);
  } catch (error) {
    if (partial !== undefined) await rm(partial, { force: true });
    if ((error as NodeJS.ErrnoException).code === "ENOSPC")
      throw new AppError("storage_full", `The disk is full: ${out ?? "the output"} could not be written.`, {
        cause: error,
      });
    throw error;
  } finally {
    await client.close();
  }
}
