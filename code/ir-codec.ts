// Bytes of a FileIr: what parser processes send and the store keeps. A header that tells ours from others and whole from cut, then eight
// sections (ir-codec/): uncompressed they take what JSON under zstd takes, and a reader finds its way without reading all.
import { crc32 } from "node:zlib";
import { AppError } from "@opentrace/contract/errors.ts";
import { readIr } from "./ir-codec/read-ir.ts";
import { writeIr } from "./ir-codec/write-ir.ts";
import type { FileIr } from "./ir.ts";

/** Bump when FileIr's shape or this layout changes: bytes of another version are refused. */
const irFormat = 3;

/** "OTIR", the format, the checksum of what follows; then the length of each section. */
const signature = 0x4f544952;
const checksumAt = 5;
const lengthsAt = 9;
const sectionCount = 8;
const headerLength = lengthsAt + sectionCount * 4;

export function encodeIr(ir: FileIr): Uint8Array {
  const sections = writeIr(ir);
  const bytes = new Uint8Array(sections.reduce((sum, section) => sum + section.length, headerLength));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, signature);
  view.setUint8(4, irFormat);
  let at = headerLength;
  sections.forEach((section, index) => {
    view.setUint32(lengthsAt + index * 4, section.length);
    bytes.set(section, at);
    at += section.length;
  });
  view.setUint32(checksumAt, crc32(bytes.subarray(lengthsAt)));
  return bytes;
}

/** Whether decodeIr takes them: of this format, whole and undamaged. */
export function isIr(bytes: Uint8Array): boolean {
  if (bytes.length < headerLength) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== signature || view.getUint8(4) !== irFormat) return false;
  return view.getUint32(checksumAt) === crc32(bytes.subarray(lengthsAt));
}

/**
 * Symbols, scopes and calls read themselves out when they are first asked: name their parts, don't spread or list them. Keeps `bytes`.
 * Throws AppError("internal") when `isIr` refuses them.
 */
export function decodeIr(bytes: Uint8Array): FileIr {
  if (!isIr(bytes)) {
    throw new AppError("internal", "Stored code index is damaged or of another version: index again");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sections = [headerLength];
  for (let index = 0; index < sectionCount; index++) {
    sections.push(sections[index]! + view.getUint32(lengthsAt + index * 4));
  }
  return readIr(bytes, sections);
}
