// Bytes of a source file → text. Everything that shows or searches source uses this, so that lines and columns agree with the index.
import { isUtf8 } from "node:buffer";

export interface DecodedSource {
  text: string;
  /** 1-based line of the first byte that is not UTF-8; null when all is well. */
  badLine: number | null;
}

/** Null for what is no text (it holds NUL bytes). UTF-16 with a byte order mark is read; a byte order mark is dropped. */
export function decodeSource(bytes: Buffer): DecodedSource | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: bytes.toString("utf16le", 2), badLine: null };
  if (bytes[0] === 0xfe && bytes[1] === 0xff && bytes.length % 2 === 0) {
    return { text: Buffer.from(bytes.subarray(2)).swap16().toString("utf16le"), badLine: null };
  }
  if (bytes.includes(0)) return null;
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  if (isUtf8(bytes)) return { text: bytes.toString("utf8", start), badLine: null };
  return decodeMixed(bytes.subarray(start));
}

/** What is valid UTF-8 stays; any other byte is taken as Latin-1, which most such files are, so that names stay names. */
function decodeMixed(bytes: Buffer): DecodedSource {
  const parts: string[] = [];
  let badLine: number | null = null;
  let from = 0;
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    parts.push(bytes.toString("utf8", from, at), String.fromCharCode(bytes[at] ?? 0));
    badLine ??= bytes.toString("latin1", 0, at).split("\n").length;
    from = ++at;
  }
  parts.push(bytes.toString("utf8", from));
  return { text: parts.join(""), badLine };
}

/** Bytes of the valid UTF-8 sequence at `at`; 0 when there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  return isUtf8(bytes.subarray(at, at + length)) && at + length <= bytes.length ? length : 0;
}
