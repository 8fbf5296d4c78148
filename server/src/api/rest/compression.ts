// Compresses text answers for clients that accept it; event streams are left alone, they must not be held back.
import { PassThrough, pipeline, Readable } from "node:stream";
import { promisify } from "node:util";
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from "node:zlib";
import type { FastifyInstance } from "fastify";

const compressible =
  /^(application\/(json|problem\+json|x-ndjson|javascript|manifest\+json|wasm)|text\/(?!event-stream)|image\/svg)/;
const smallest = 1024;
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const compressBrotli = promisify<Buffer, object, Buffer>(brotliCompress);
const compressGzip = promisify<Buffer, object, Buffer>(gzip);

type Encoding = "br" | "gzip";

function acceptedEncoding(header: string | undefined): Encoding | null {
  const offers = (header ?? "").split(",").map((part) => part.trim().toLowerCase());
  const accepts = (name: string): boolean =>
    offers.some((offer) => offer === name || (offer.startsWith(`${name};`) && !/q=0(\.0*)?$/.test(offer)));
  return accepts("br") ? "br" : accepts("gzip") ? "gzip" : null;
}

export function registerCompression(app: FastifyInstance): void {
  app.addHook("onSend", async (request, reply, payload) => {
    const type = String(reply.getHeader("content-type") ?? "");
    if (!compressible.test(type) || reply.hasHeader("content-encoding") || reply.hasHeader("content-range"))
      return payload;
    if (reply.statusCode === 204 || reply.statusCode === 304) return payload;
    reply.header("vary", "accept-encoding");
    const encoding = acceptedEncoding(request.headers["accept-encoding"]);
    if (encoding === null || request.method === "HEAD") return payload;
    if (payload instanceof Readable) {
      // A chunk of a stream is worth sending on its own: the reader may be waiting for it.
      const compress =
        encoding === "br"
          ? createBrotliCompress({ ...brotliOptions, flush: constants.BROTLI_OPERATION_PROCESS })
          : createGzip({ level: 5 });
      reply.header("content-encoding", encoding).removeHeader("content-length");
      return pipeline(payload, compress, new PassThrough(), () => undefined);
    }
    if (typeof payload !== "string" && !Buffer.isBuffer(payload)) return payload;
    const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(payload);
    if (bytes.length < smallest) return payload;
    const packed =
      encoding === "br" ? await compressBrotli(bytes, brotliOptions) : await compressGzip(bytes, { level: 5 });
    reply.header("content-encoding", encoding).removeHeader("content-length");
    return packed;
  });
}
