// A pasted diff in the address: packed into it while it is short, else kept in this tab under a name that the address holds.

/** Browsers, proxies and our own server take addresses of this length. */
const longestInAddress = 6000;
/** What the server takes. */
export const longestDiff = 900_000;
const storage = "opentrace.diff.";

const toBase64Url = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

const through = (
  bytes: Uint8Array<ArrayBuffer>,
  change: CompressionStream | DecompressionStream,
): Promise<ArrayBuffer> => new Response(new Blob([bytes]).stream().pipeThrough(change)).arrayBuffer();

/** A name for the diff that fits into an address: `z…` holds it, `k…` says where this tab keeps it. */
export async function diffToken(text: string): Promise<string> {
  const packed = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  const inAddress = `z${toBase64Url(new Uint8Array(packed))}`;
  if (inAddress.length <= longestInAddress) return inAddress;
  const name = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0"));
  const token = `k${name.join("")}`;
  // One is enough: what the back button leads to is pasted again.
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(storage)) sessionStorage.removeItem(key);
  sessionStorage.setItem(storage + token, text);
  return token;
}

/** The diff that a token names; null when it is not (or no longer) here. */
export async function diffOf(token: string): Promise<string | null> {
  if (token.startsWith("k")) return sessionStorage.getItem(storage + token);
  try {
    const text = await through(fromBase64Url(token.slice(1)), new DecompressionStream("deflate-raw"));
    return text.byteLength > 4 * longestDiff ? null : new TextDecoder().decode(text);
  } catch {
    return null;
  }
}

/** What a diff says of itself, shown before anything is asked. */
export function diffStat(text: string): { files: number; added: number; removed: number } {
  let [files, added, removed] = [0, 0, 0];
  const lines = text.split("\n");
  for (const [at, line] of lines.entries()) {
    if (line.startsWith("--- ") && lines[at + 1]?.startsWith("+++ ")) files += 1;
    else if (line.startsWith("rename from "))
      files += lines.slice(at, at + 5).some((next) => next.startsWith("--- ")) ? 0 : 1;
    else if (line.startsWith("+") && !line.startsWith("+++ ")) added += 1;
    else if (line.startsWith("-") && !line.startsWith("--- ")) removed += 1;
  }
  return { files, added, removed };
}
