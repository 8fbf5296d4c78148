// Connections to vendors: undici, with every address judged before and after the socket is open, and sizes and times bounded.
import { isIP } from "node:net";
import type { Readable } from "node:stream";
import { getCACertificates } from "node:tls";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { AppError } from "@opentrace/contract/errors.ts";
import { Agent, buildConnector, errors, request } from "undici";
import type { NetworkGuard } from "./network-guard.ts";
import type { Transport, TransportOptions } from "./transport.ts";

export function openTransport({ guard, ca }: TransportOptions): Transport {
  const connect = guardedConnector(guard, ca);
  const agent = new Agent({
    connect,
    connections: 8,
    allowH2: false,
    // Vendors close idle connections after a minute or so.
    keepAliveTimeout: 20_000,
    maxHeaderSize: 64 * 1024,
  });
  return {
    close: () => agent.destroy(),
    async send({ method, url, headers, body, timeoutMs, maxBytes }, signal) {
      const timeout = AbortSignal.timeout(timeoutMs);
      const either = AbortSignal.any([signal, timeout]);
      try {
        const response = await request(url, {
          dispatcher: agent,
          method,
          headers: { "accept-encoding": "gzip, deflate, br", ...headers },
          body,
          signal: either,
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
        });
        const plain: Record<string, string> = {};
        for (const [name, value] of Object.entries(response.headers))
          if (value !== undefined) plain[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
        const read = await readBody(response.body, plain["content-encoding"], maxBytes, url.host);
        return { status: response.statusCode, headers: plain, ...read };
      } catch (error) {
        signal.throwIfAborted();
        throw failureOf(error, url, timeout.aborted, timeoutMs);
      }
    },
  };
}

/** A look-up filter alone is not enough: literals skip the look-up, and the socket may not be where the name led. */
function guardedConnector(guard: NetworkGuard, ca: string | undefined): buildConnector.connector {
  const base = buildConnector({
    timeout: 10_000,
    allowH2: false,
    ...(ca === undefined ? {} : { ca: [...getCACertificates("default"), ca] }),
    lookup: (host, options, done) => void lookUp(guard, host, options.all === true, done),
  });
  return (options, done) => {
    const host = options.hostname.replace(/^\[|\]$/g, "").toLowerCase();
    try {
      if (isIP(host) !== 0) guard.checkAddress(host, host);
    } catch (error) {
      done(asError(error), null);
      return;
    }
    base({ ...options, hostname: host }, (error, socket) => {
      if (error !== null || socket === null) {
        done(error ?? new Error("no socket"), null);
        return;
      }
      try {
        guard.checkAddress(host, socket.remoteAddress ?? "");
      } catch (refused) {
        socket.destroy();
        done(asError(refused), null);
        return;
      }
      done(null, socket);
    });
  };
}

type Looked = (error: Error | null, address: string | { address: string; family: number }[], family?: number) => void;

async function lookUp(guard: NetworkGuard, host: string, all: boolean, done: Looked): Promise<void> {
  let addresses: string[];
  try {
    addresses = await guard.addressesOf(host);
  } catch (error) {
    done(asError(error), "");
    return;
  }
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  if (all) done(null, found);
  else done(null, found[0]?.address ?? "", found[0]?.family);
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

function unpacker(encoding: string | undefined) {
  switch (encoding?.trim().toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    default:
      return null;
  }
}

async function readBody(stream: Readable, encoding: string | undefined, maxBytes: number, host: string) {
  let bytesIn = 0;
  stream.on("data", (chunk: Buffer) => (bytesIn += chunk.byteLength));
  stream.pause();
  const unpack = unpacker(encoding);
  if (unpack !== null) stream.on("error", (error) => unpack.destroy(error));
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of unpack === null ? stream : stream.pipe(unpack)) {
    const bytes = chunk as Buffer;
    size += bytes.byteLength;
    // The unpacked size counts: a small reply can unfold into gigabytes.
    if (size > maxBytes) {
      stream.destroy();
      throw new AppError("too_large", `${host} answered with more than ${maxBytes} bytes; the rest was not read.`);
    }
    chunks.push(bytes);
  }
  return { body: Buffer.concat(chunks), bytesIn };
}

function failureOf(error: unknown, url: URL, timedOut: boolean, timeoutMs: number): AppError {
  if (error instanceof AppError) return error;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof AppError) return cause;
  if (
    timedOut ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError
  )
    return new AppError("timeout", `${url.host} did not answer within ${Math.round(timeoutMs / 1000)} s.`, {
      cause: error,
    });
  const code = (error as { code?: unknown }).code;
  return new AppError("upstream_failed", `${url.host} could not be reached${reasonOf(code)}.`, {
    cause: error,
    ...(typeof code === "string" && certificateCodes.has(code) ? { details: { reason: "certificate" } } : {}),
  });
}

/** What OpenSSL says of a certificate that is not trusted here. */
const unknownAuthority: ReadonlySet<string> = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
]);
const certificateCodes: ReadonlySet<string> = new Set([
  ...unknownAuthority,
  "CERT_HAS_EXPIRED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

function reasonOf(code: unknown): string {
  if (typeof code === "string" && unknownAuthority.has(code))
    return ": its certificate is not signed by an authority that this server knows. Give the authority's certificate in the integration's settings";
  switch (code) {
    case "ECONNREFUSED":
      return ": nothing listens there";
    case "ECONNRESET":
    case "EPIPE":
    case "UND_ERR_SOCKET":
      return ": the connection was cut";
    case "CERT_HAS_EXPIRED":
      return ": its certificate has expired";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return ": its certificate is for another name";
    default:
      return typeof code === "string" ? ` (${code})` : "";
  }
}
