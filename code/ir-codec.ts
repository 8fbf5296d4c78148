// Bytes of a FileIr: what workers send and the store keeps. JSON under zstd level 1, the cheapest in CPU of what was measured.
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { AppError } from "@opentrace/contract/errors.ts";
import type { FileIr } from "./ir.ts";

/** Bump when FileIr's shape changes: bytes of another version are refused. */
export const irFormat = 1;

const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export function encodeIr(ir: FileIr): Uint8Array {
  const body = zstdCompressSync(Buffer.from(JSON.stringify(ir)), options);
  const bytes = new Uint8Array(body.length + 1);
  bytes[0] = irFormat;
  bytes.set(body, 1);
  return bytes;
}

/** Throws AppError("internal") when the bytes are of another format. */
export function decodeIr(bytes: Uint8Array): FileIr {
  if (bytes[0] !== irFormat) {
    throw new AppError(
      "internal",
      `Stored code index has format ${bytes[0]}, this version reads ${irFormat}: index again`,
    );
  }
  return JSON.parse(zstdDecompressSync(bytes.subarray(1)).toString("utf8")) as FileIr;
}
