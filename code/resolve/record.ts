// What is kept of a file's resolution between runs: what it rested on, and what it gives to links between files.
//
// A record is read as a whole only where it may matter. Before the compressed JSON stands a head: the format (u8), whether links are
// made from it (u8), two bytes of nothing, the number of consults (u32) and a hash of each (u32, little-endian).
import { zstdCompressSync, zstdDecompressSync, constants } from "node:zlib";
import type { MethodImplementation } from "../languages/language.ts";
import type { VirtualCall } from "./implementations.ts";

/** Bump when resolution or its record changes meaning: records of another version make their file be resolved again. */
const resolutionFormat = 7;

export interface ResolutionRecord {
  /** [specifier, member, where it leads] of each import, in order of first appearance. */
  targets: [string, string | null, string][];
  module: string | null;
  consults: Record<string, string[]>;
  language: string;
  summary?: unknown;
  /** What `implementationScopes` joins over all files. */
  virtual?: VirtualCall[];
  implementations?: MethodImplementation[];
}

const headBytes = 8;

/** FNV-1a over the UTF-16 units of `path\0name`. */
function hashConsult(path: string, name: string): number {
  let fnv = 0x811c9dc5;
  for (let at = 0; at < path.length; at++) fnv = Math.imul(fnv ^ path.charCodeAt(at), 0x01000193);
  fnv = Math.imul(fnv, 0x01000193);
  for (let at = 0; at < name.length; at++) fnv = Math.imul(fnv ^ name.charCodeAt(at), 0x01000193);
  return fnv >>> 0;
}

const isLinked = (record: ResolutionRecord): boolean =>
  record.summary !== undefined || record.virtual !== undefined || record.implementations !== undefined;

export function encodeRecord(record: ResolutionRecord): Uint8Array {
  const json = Buffer.from(JSON.stringify(record));
  // zlib takes its output in chunks of 16 KB unless told; a record is smaller, and a chunk costs its clearing.
  const chunkSize = Math.max(1_024, (json.length >> 2) + 64);
  const body = zstdCompressSync(json, { params: { [constants.ZSTD_c_compressionLevel]: 1 }, chunkSize });
  const consults = Object.entries(record.consults).flatMap(([path, names]) =>
    names.map((name) => hashConsult(path, name)),
  );
  const bytes = Buffer.allocUnsafeSlow(headBytes + consults.length * 4 + body.length);
  bytes.writeUInt32LE(resolutionFormat | (isLinked(record) ? 0x100 : 0), 0);
  bytes.writeUInt32LE(consults.length, 4);
  consults.forEach((hash, index) => bytes.writeUInt32LE(hash, headBytes + index * 4));
  body.copy(bytes, headBytes + consults.length * 4);
  return bytes;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** False for a record of another version, which says nothing. */
export const isReadable = (bytes: Uint8Array): boolean => bytes.length > headBytes && bytes[0] === resolutionFormat;

/** Are links between files made from it? */
export const joinsLinks = (bytes: Uint8Array): boolean => isReadable(bytes) && bytes[1] === 1;

/** null when it is of another version. */
export function decodeRecord(bytes: Uint8Array): ResolutionRecord | null {
  if (!isReadable(bytes)) return null;
  const body = bytes.subarray(headBytes + viewOf(bytes).getUint32(4, true) * 4);
  return JSON.parse(zstdDecompressSync(body).toString("utf8")) as ResolutionRecord;
}

/** Tells without decoding a record whether it may have consulted one of `names` (by path). It errs on the side of yes. */
export function consultFilter(names: ReadonlyMap<string, ReadonlySet<string>>): (bytes: Uint8Array) => boolean {
  const hashes = new Set<number>();
  for (const [path, some] of names) for (const name of some) hashes.add(hashConsult(path, name));
  return (bytes) => {
    if (hashes.size === 0) return false;
    const view = viewOf(bytes);
    const end = headBytes + view.getUint32(4, true) * 4;
    for (let at = headBytes; at < end; at += 4) if (hashes.has(view.getUint32(at, true))) return true;
    return false;
  };
}

/** Do both give the same to the links? A record that can't be read gives nobody knows what. */
export function linkAlike(before: Uint8Array | undefined, after: Uint8Array | undefined): boolean {
  const isOld = (bytes: Uint8Array | undefined): boolean => bytes !== undefined && !isReadable(bytes);
  if (isOld(before) || isOld(after)) return false;
  const given = (bytes: Uint8Array | undefined): string => {
    const record = bytes === undefined || !joinsLinks(bytes) ? null : decodeRecord(bytes);
    if (record === null) return "";
    const { language, module, summary, virtual, implementations } = record;
    return JSON.stringify([language, module, summary, virtual, implementations]);
  };
  return given(before) === given(after);
}
