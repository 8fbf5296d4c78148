// Runs layouts off the main thread. Each request is answered with its own number, so that a late answer can be told apart.
import { layOut, type LayoutRequest, type Positions } from "./layout.ts";

export interface LayoutQuestion {
  number: number;
  request: LayoutRequest;
}
export interface LayoutReply {
  number: number;
  positions: Positions;
}

self.addEventListener("message", (event: MessageEvent<LayoutQuestion>) => {
  const { number, request } = event.data;
  const reply: LayoutReply = { number, positions: layOut(request) };
  // oxlint-disable-next-line require-post-message-target-origin -- a worker, not a window
  self.postMessage(reply);
});
