// Short lists without a time filter: the first page is asked for conditionally, and while it is as it was, so is the rest.
import type { Json, SyncEnd, SyncItem, SyncRequest, SyncStep } from "./connector.ts";
import type { Http, HttpReply, HttpRequest } from "./http.ts";

const PAGE = "1";

/** `read` gives all items, from the first page's reply on; `memory` is what it said to remember the last time. */
export async function* conditionally(
  { http }: { http: Http },
  request: SyncRequest,
  asked: HttpRequest,
  read: (reply: HttpReply, memory: Json) => Promise<{ items: SyncItem[]; memory?: Json }>,
): AsyncGenerator<SyncStep, SyncEnd, void> {
  const known = await request.page(PAGE);
  const reply = await http.request({
    ...asked,
    ...(known === null || request.only !== null ? {} : { etag: known.etag }),
  });
  if (reply.unchanged) yield { is: "unchanged", page: PAGE, cursor: null };
  else {
    const { items, memory = null } = await read(reply, known?.next ?? null);
    const page = reply.etag === null ? {} : { page: { key: PAGE, etag: reply.etag, next: memory } };
    yield { is: "items", items, cursor: null, ...page };
  }
  return { complete: true, cursor: null };
}
