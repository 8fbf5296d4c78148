// Bytes of a FileIr: what parser processes send and the store keeps. A format byte, the length, and JSON under zstd level 1.
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { AppError } from "@opentrace/contract/errors.ts";
import type { FileIr } from "./ir.ts";

/** Bump when FileIr's shape or this layout changes: bytes of another version are refused. */
const irFormat = 2;

const HEADER = 5;
/** zlib takes its output in chunks of this size; 16 KB, its default, costs twice the time on files of usual size. */
const chunkFor = (size: number): number => Math.max(1_024, size + 64);

export function encodeIr(ir: FileIr): Uint8Array {
  const json = Buffer.from(JSON.stringify(ir));
  const body = zstdCompressSync(json, {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
    chunkSize: chunkFor(json.length >> 2),
  });
  const bytes = new Uint8Array(HEADER + body.length);
  bytes[0] = irFormat;
  new DataView(bytes.buffer).setUint32(1, json.length);
  bytes.set(body, HEADER);
  return bytes;
}

/** Throws AppError("internal") when the bytes are of another format. */
export function decodeIr(bytes: Uint8Array): FileIr {
  if (bytes[0] !== irFormat || bytes.length < HEADER) {
    throw new AppError(
      "internal",
      `Stored code index has format ${bytes[0]}, this version reads ${irFormat}: index again`,
    );
  }
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  const json = zstdDecompressSync(bytes.subarray(HEADER), { chunkSize: chunkFor(size), maxOutputLength: size + 1 });
  return JSON.parse(json.toString("utf8")) as FileIr;
}
