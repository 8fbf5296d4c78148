// What a connection to a vendor is asked and answers. The client behind it (undici) is loaded with the first request.
import type { NetworkGuard } from "./network-guard.ts";

export interface TransportRequest {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: string | Uint8Array | null;
  timeoutMs: number;
  maxBytes: number;
}

export interface TransportResponse {
  status: number;
  /** Lower case; several of a kind joined with ", ". */
  headers: Record<string, string>;
  body: Buffer;
  /** As they came over the wire, before unpacking. */
  bytesIn: number;
}

export interface Transport {
  /** One request, no redirects, no retries. Throws AppError("forbidden" | "upstream_failed" | "timeout" | "too_large"), or the abort's reason. */
  send(asked: TransportRequest, signal: AbortSignal): Promise<TransportResponse>;
  close(): Promise<void>;
}

export interface TransportOptions {
  guard: NetworkGuard;
  /** PEM of further certificate authorities, beside the well-known ones. */
  ca?: string;
}

export function createTransport(options: TransportOptions): Transport {
  let opened: Promise<Transport> | null = null;
  const open = async (): Promise<Transport> => (await import("./undici-transport.ts")).openTransport(options);
  return {
    async send(asked, signal) {
      return await (await (opened ??= open())).send(asked, signal);
    },
    async close() {
      await (await opened)?.close();
    },
  };
}
