// The stream of events ends for whoever may not read it any more.
import Fastify from "fastify";
import { expect, it } from "vitest";
import { AppError } from "@opentrace/contract/errors.ts";
import { anonymousActor, localActor } from "../../access/actors.ts";
import type { EventFeed } from "../../jobs/event-feed.ts";
import type { Actor } from "../../verb.ts";
import { registerEventStream } from "./event-stream.ts";

const quietFeed = { subscribe: () => () => undefined } as unknown as EventFeed;

async function open(lookAgain: () => Promise<Actor>) {
  const app = Fastify();
  app.decorateRequest("actor");
  app.addHook("onRequest", async (request) => {
    request.actor = localActor;
  });
  registerEventStream(app, { feed: quietFeed, lookAgain, onReader: () => undefined, heartbeatMs: 10 });
  const address = await app.listen({ host: "127.0.0.1", port: 0 });
  const response = await fetch(`${address}/api/v1/events`);
  return { app, response };
}

it("ends at the next heartbeat once the session has ended, the key is revoked, or the permission is gone", async () => {
  const gone: (() => Promise<Actor>)[] = [
    async () => anonymousActor,
    async () => ({ ...localActor, permissions: new Set() }),
    () => Promise.reject(new AppError("unauthenticated", "revoked")),
  ];
  for (const now of gone) {
    let looks = 0;
    const { app, response } = await open(() => (looks++ < 2 ? Promise.resolve(localActor) : now()));
    expect(await response.text()).toContain(": still here");
    expect(looks).toBeGreaterThan(2);
    await app.close();
  }
});

it("goes on when the store does not answer for a moment", async () => {
  let looks = 0;
  let enough = (): void => undefined;
  const lookedOften = new Promise<void>((resolve) => (enough = resolve));
  const { app, response } = await open(() => {
    if (looks++ > 3) enough();
    return Promise.reject(new Error("SQLITE_BUSY"));
  });
  await lookedOften;
  const reader = response.body?.getReader();
  expect((await reader?.read())?.done).toBe(false);
  await reader?.cancel();
  await app.close();
});
