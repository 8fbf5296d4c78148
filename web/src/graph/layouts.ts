// Asks the layout worker; only the answer to the last question counts.
import type { LayoutRequest, Positions } from "./layout.ts";
import type { LayoutQuestion, LayoutReply } from "./layout.worker.ts";

export interface Layouts {
  /** Resolves with the positions; never for a question that a later one overtook. */
  place: (request: LayoutRequest) => Promise<Positions>;
  stop: () => void;
}

export function createLayouts(): Layouts {
  const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
  let last = 0;
  let answer: ((positions: Positions) => void) | null = null;
  worker.addEventListener("message", (event: MessageEvent<LayoutReply>) => {
    if (event.data.number === last) answer?.(event.data.positions);
  });
  return {
    place: (request) => {
      const question: LayoutQuestion = { number: (last += 1), request };
      // oxlint-disable-next-line require-post-message-target-origin -- a worker, not a window
      worker.postMessage(question);
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
    stop: () => worker.terminate(),
  };
}
