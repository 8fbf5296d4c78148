// What is kept of a file's resolution between runs: what it rested on, and what it gives to links between files.
//
// A record is read as a whole only where it may matter. Before the JSON stands a head: the format (u8), whether links are made from it
// (u8), whether the JSON is compressed (u8), a byte of nothing, the number of consults (u32) and a hash of each (u32, little-endian).
import { zstdCompressSync, zstdDecompressSync, constants } from "node:zlib";
import type { MethodImplementation } from "../languages/language.ts";
import type { VirtualCall } from "./implementations.ts";

/** Bump when resolution or its record changes meaning: records of another version make their file be resolved again. */
const resolutionFormat = 8;

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

/** To set a compressor up takes longer than to store few bytes as they are: two of three records have fewer. */
const maxPlain = 2_048;

/** FNV-1a over the UTF-16 units of `path\0name`: the state after a text. */
function hashOn(state: number, text: string): number {
  let fnv = state;
  for (let at = 0; at < text.length; at++) fnv = Math.imul(fnv ^ text.charCodeAt(at), 0x01000193);
  return fnv;
}

/** The state after `path\0`, which the names looked up in it share. */
const hashPath = (path: string): number => Math.imul(hashOn(0x811c9dc5, path), 0x01000193);
const hashConsult = (ofPath: number, name: string): number => hashOn(ofPath, name) >>> 0;

const isLinked = (record: ResolutionRecord): boolean =>
  record.summary !== undefined || record.virtual !== undefined || record.implementations !== undefined;

export function encodeRecord(record: ResolutionRecord): Uint8Array {
  const json = Buffer.from(JSON.stringify(record));
  const isPlain = json.length <= maxPlain;
  const body = isPlain ? json : compress(json);
  const paths = Object.keys(record.consults);
  let count = 0;
  for (const path of paths) count += record.consults[path]!.length;
  const bytes = Buffer.allocUnsafeSlow(headBytes + count * 4 + body.length);
  bytes.writeUInt32LE(resolutionFormat | (isLinked(record) ? 0x100 : 0) | (isPlain ? 0 : 0x10000), 0);
  bytes.writeUInt32LE(count, 4);
  let at = headBytes;
  for (const path of paths) {
    const ofPath = hashPath(path);
    for (const name of record.consults[path]!) at = bytes.writeUInt32LE(hashConsult(ofPath, name), at);
  }
  body.copy(bytes, at);
  return bytes;
}

function compress(json: Buffer): Buffer {
  // zlib takes its output in chunks of 16 KB unless told; most records are smaller, and a chunk costs its clearing.
  const chunkSize = (json.length >> 2) + 64;
  return zstdCompressSync(json, { params: { [constants.ZSTD_c_compressionLevel]: 1 }, chunkSize });
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
  const json = bytes[2] === 1 ? zstdDecompressSync(body) : Buffer.from(body.buffer, body.byteOffset, body.length);
  return JSON.parse(json.toString("utf8")) as ResolutionRecord;
}

/** Tells without decoding a record whether it may have consulted one of `names` (by path). It errs on the side of yes. */
export function consultFilter(names: ReadonlyMap<string, ReadonlySet<string>>): (bytes: Uint8Array) => boolean {
  const hashes = new Set<number>();
  for (const [path, some] of names) {
    const ofPath = hashPath(path);
    for (const name of some) hashes.add(hashConsult(ofPath, name));
  }
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
