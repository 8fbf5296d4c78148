// Server-sent events over fetch (EventSource cannot send an API key): parsing, resuming by Last-Event-ID, reconnecting.

export interface StreamMessage {
  id: string | null;
  event: string;
  data: string;
}

/** Feeds text in, gets whole messages out (WHATWG "event stream" format). */
export function createMessageParser(): (chunk: string) => StreamMessage[] {
  let rest = "";
  let id: string | null = null;
  let event = "message";
  let data: string[] = [];
  return (chunk) => {
    const messages: StreamMessage[] = [];
    rest += chunk;
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) messages.push({ id, event, data: data.join("\n") });
        event = "message";
        data = [];
        continue;
      }
      if (line.startsWith(":")) continue;
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "data") data.push(value);
      else if (field === "event") event = value;
      else if (field === "id") id = value;
    }
    return messages;
  };
}

/** Waits 0.5 s, 1 s, 2 s … up to 15 s between attempts. */
export const reconnectDelay = (attempt: number): number => Math.min(15_000, 500 * 2 ** attempt);

export type StreamState = "connecting" | "live" | "lost";

interface Stream {
  url: string;
  headers: () => Record<string, string>;
  onMessage: (message: StreamMessage) => void;
  onState: (state: StreamState) => void;
  /** No byte for so long means that the connection is dead; the server sends a comment more often than that. */
  silenceMs: number;
}

/** Reads until aborted. Never throws: a lost connection is a state, not an error. */
export async function readStream({ url, headers, onMessage, onState, silenceMs }: Stream, signal: AbortSignal) {
  const seen: { id: string | null } = { id: null };
  let attempt = 0;
  onState("connecting");
  while (!signal.aborted) {
    const dead = new AbortController();
    let timer = setTimeout(() => dead.abort(), silenceMs);
    try {
      const response = await fetch(url, {
        headers: { accept: "text/event-stream", ...(seen.id ? { "last-event-id": seen.id } : {}), ...headers() },
        signal: AbortSignal.any([signal, dead.signal]),
      });
      if (!response.ok || !response.body) throw new Error(`event stream: ${response.status}`);
      onState("live");
      attempt = 0;
      const parse = createMessageParser();
      const decoder = new TextDecoder();
      const reader = response.body.getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        clearTimeout(timer);
        timer = setTimeout(() => dead.abort(), silenceMs);
        for (const message of parse(decoder.decode(value, { stream: true }))) {
          if (message.id !== null) seen.id = message.id;
          onMessage(message);
        }
      }
    } catch {
      // Falls through to the wait: whatever broke, the cure is to connect again.
    } finally {
      clearTimeout(timer);
    }
    if (signal.aborted) return;
    onState("lost");
    await pause(reconnectDelay(attempt++), signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
