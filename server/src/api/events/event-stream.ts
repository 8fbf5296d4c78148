// Server-sent events at /api/v1/events: what happened since Last-Event-ID, then what happens, until the client goes.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "@opentrace/contract/errors.ts";
import { defaultWorkspace } from "../../access/actors.ts";
import { holds, requirePermission } from "../../access/invoke.ts";
import type { Actor } from "../../verb.ts";
import type { EventFeed, FeedEntry } from "../../jobs/event-feed.ts";
import { apiPrefix } from "../rest/verb-routes.ts";

const replayed = 1000;
/** A client that reads slower than this is cut off; it comes back with Last-Event-ID and catches up. */
const mostBuffered = 1024 * 1024;
const mostClients = 200;

export interface EventStreamDeps {
  feed: EventFeed;
  heartbeatMs?: number;
  /** Somebody begins to follow: a page was opened, and will soon ask. */
  onReader(this: void): void;
  /** Who asks, now: a session may have ended and a key been revoked since the stream began. Throws like `authenticate`. */
  lookAgain(this: void, request: FastifyRequest): Promise<Actor>;
}

type Missed = Awaited<ReturnType<EventFeed["since"]>>;

export function registerEventStream(
  app: FastifyInstance,
  { feed, lookAgain, onReader, heartbeatMs = 15_000 }: EventStreamDeps,
): void {
  const open = new Set<FastifyReply>();
  app.addHook("preClose", async () => {
    for (const reply of open) reply.raw.end();
  });
  app.get(
    `${apiPrefix}/events`,
    {
      handlerTimeout: 2 ** 31 - 1,
      exposeHeadRoute: false,
      schema: {
        operationId: "events.stream",
        tags: ["events"],
        summary: "Follow what happens",
        description:
          "A stream of server-sent events: job.updated, repository.changed, repository.removed, graph.changed. Each has an id; send the last one as Last-Event-ID to get what came after it. An event `reset` says that some are gone: load anew.",
      },
    },
    async (request, reply) => {
      requirePermission(request.actor, "jobs:read", "events.stream");
      if (open.size >= mostClients)
        throw new AppError("unavailable", `${mostClients} clients follow the events already. Try again later.`);
      const lastId = lastEventId(request);
      // Subscribed before the past is read, so that nothing falls between the two.
      const early: FeedEntry[] = [];
      let deliver = (entry: FeedEntry): void => void early.push(entry);
      const unsubscribe = feed.subscribe(defaultWorkspace, (entry) => deliver(entry));
      let missed: Missed | null;
      try {
        missed = lastId === null ? null : await feed.since(lastId, defaultWorkspace, replayed);
      } catch (error) {
        unsubscribe();
        throw error;
      }
      onReader();
      reply.hijack();
      const { raw } = reply;
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) raw.setHeader(name, value);
      raw.writeHead(200, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no",
      });
      const write = (text: string): void => {
        if (raw.writableLength > mostBuffered) raw.destroy();
        else raw.write(text);
      };
      const send = ({ id, event }: FeedEntry): void =>
        write(`id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      write("retry: 2000\n\n");
      if (missed !== null && !missed.complete) write("event: reset\ndata: {}\n\n");
      const replay = missed?.entries ?? [];
      replay.forEach(send);
      const sent = new Set(replay.map((entry) => entry.id));
      deliver = (entry) => {
        if (!sent.delete(entry.id)) send(entry);
      };
      early.forEach((entry) => deliver(entry));
      const heartbeat = setInterval(() => {
        write(": still here\n\n");
        lookAgain(request).then(
          (actor) => {
            if (!holds(actor, "jobs:read")) raw.end();
          },
          (error: unknown) => {
            // A store that is busy for a moment says nothing of the reader.
            if (error instanceof AppError && error.code === "unauthenticated") raw.end();
          },
        );
      }, heartbeatMs);
      open.add(reply);
      raw.on("close", () => {
        clearInterval(heartbeat);
        unsubscribe();
        open.delete(reply);
      });
    },
  );
}

/** EventSource sends the header when it reconnects; `?lastEventId=` is for clients that cannot set it at first. */
function lastEventId(request: FastifyRequest): number | null {
  const query = request.query as Record<string, unknown>;
  const unknown = Object.keys(query).find((name) => name !== "lastEventId");
  if (unknown !== undefined)
    throw new AppError("bad_request", `Unknown query parameter "${unknown}". Known: lastEventId.`);
  const given = request.headers["last-event-id"] ?? query["lastEventId"];
  if (given === undefined || given === "") return null;
  const id = Number(given);
  if (!Number.isSafeInteger(id) || id < 0)
    throw new AppError("bad_request", "Last-Event-ID should be the id of an event of this stream.");
  return id;
}
