import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HookOfScope, Json, RawDelivery } from "../connector.ts";
import { missed, register, unregister } from "./hooks.ts";
import { type FakeGitLab, startFakeGitLab } from "./testing/fake-gitlab.ts";
import type { FakeHook } from "./testing/fake-state.ts";
import { connectTo, groupScopeOf, scopeOf } from "./testing/run-sync.ts";
import { addSampleGroup } from "./testing/sample-group.ts";
import { webhook } from "./webhook.ts";

const secret = "it is a secret";

let fake: FakeGitLab;
let sample: ReturnType<typeof addSampleGroup>;
let connected: ReturnType<typeof connectTo>;
let receiver: ReturnType<typeof createServer>;
let url = "";
const received: RawDelivery[] = [];
const answers: number[] = [];
beforeEach(async () => {
  fake = await startFakeGitLab();
  sample = addSampleGroup(fake);
  connected = connectTo(fake, { token: fake.access.mintToken("ada", ["api"]).value });
  receiver = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      received.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(chunks) });
      response.writeHead(answers.shift() ?? 200).end();
    })();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/api/v1/webhooks/7`;
});
afterEach(async () => {
  received.splice(0);
  answers.splice(0);
  receiver.closeAllConnections();
  receiver.close();
  await connected.close();
  await fake.close();
  expect(fake.violations).toEqual([]);
});

const shopScope = () => scopeOf(fake, sample.shop);
const groupScope = () => groupScopeOf(fake, sample.acme);
const updated = (): ReturnType<typeof fake.webhooks.emit> =>
  fake.webhooks.emit(sample.shop, fake.webhooks.payloads.issue(sample.shop, sample.issue, "update"));

async function made(scope = shopScope()): Promise<HookOfScope> {
  const done = await register(connected.context(), scope, { url, secret });
  if (done.is !== "made") throw new Error(done.why);
  return { scope, hook: done.hook };
}

/** What is recovered, and what the hook's memory is then. */
async function ask(of: HookOfScope): Promise<{ ids: string[]; after: HookOfScope | null }> {
  let after: HookOfScope | null = of;
  const remember = (_of: HookOfScope, hook: Json): Promise<void> => {
    after = hook === null ? null : { ...of, hook };
    return Promise.resolve();
  };
  const ids: string[] = [];
  const asked = { since: new Date(0), hooks: [of], secret, remember };
  for await (const raw of missed(connected.context(), asked))
    ids.push(webhook.verify(raw, [secret], fake.state.now()).deliveryId);
  return { ids, after };
}

const only = (hooks: ReadonlyMap<number, FakeHook>): FakeHook => {
  const [hook, ...others] = hooks.values();
  if (hook === undefined || others.length > 0) throw new Error(`${hooks.size} hooks`);
  return hook;
};

describe("a webhook that we make at GitLab", () => {
  it("is there once, with token and signature, moved when the address changes, and taken away again", async () => {
    const { shop } = sample;
    const before = `https://before.example${new URL(url).pathname}`;
    await register(connected.context(), shopScope(), { url: before, secret });
    for (let count = 0; count < 2; count++) await made();
    expect([...shop.hooks.values()].map((hook) => hook.url)).toEqual([url]);

    const [sent] = await updated();
    await fake.webhooks.emit(shop, fake.webhooks.payloads.mergeRequest(shop, sample.mergeRequest, "open"));
    if (sent) await fake.webhooks.redeliver(shop, sent);
    const verified = received.map((raw) => webhook.verify(raw, [secret], new Date()));
    expect(verified.map(({ event }) => event)).toEqual(["issue.update", "merge_request.open", "issue.update"]);
    expect(verified[2]?.deliveryId).toBe(verified[0]?.deliveryId);
    // Either proof alone is enough.
    const [raw] = received;
    if (!raw) throw new Error("nothing came");
    const { "x-gitlab-token": _token, ...bySignature } = raw.headers;
    const { "webhook-signature": _signature, ...byToken } = raw.headers;
    for (const headers of [bySignature, byToken]) webhook.verify({ ...raw, headers }, [secret], new Date());

    await unregister(connected.context(), await made());
    expect(shop.hooks.size).toBe(0);
  });

  it("of a group brings what happens in all of its projects, and members and subgroups", async () => {
    const of = await made(groupScope());
    expect(only(sample.acme.hooks).events).toContain("subgroup");
    expect(only(sample.acme.hooks).events).toContain("member");
    await updated();
    expect(received.map((raw) => webhook.verify(raw, [secret], new Date()).event)).toEqual(["issue.update"]);
    await unregister(connected.context(), of);
    expect(sample.acme.hooks.size).toBe(0);
  });

  it("that GitLab has put aside after failures works again once it is registered anew", async () => {
    const { shop } = sample;
    await made();
    answers.push(500, 500, 500, 500);
    for (let count = 0; count < 5; count++) await fake.webhooks.emit(shop, fake.webhooks.payloads.push(shop, "main"));
    expect(received).toHaveLength(4);
    await made();
    await fake.webhooks.emit(shop, fake.webhooks.payloads.push(shop, "main"));
    expect(received).toHaveLength(5);
  });

  it("can't be made without the scope api, of a group in the free tier, or without the role; the user reads what to do", async () => {
    const reading = connectTo(fake, sample);
    const at = { url, secret };
    expect(await register(reading.context(), shopScope(), at)).toMatchObject({
      is: "refused",
      everywhere: true,
      why: expect.stringMatching(/scope “api”/) as string,
      action: expect.stringMatching(/Maintainer.*by hand/) as string,
    });
    await reading.close();
    fake.state.settings.groupHooks = false;
    expect(await register(connected.context(), groupScope(), at)).toMatchObject({
      is: "refused",
      everywhere: false,
      why: expect.stringMatching(/Premium/) as string,
    });
    const developer = connectTo(fake, { token: fake.access.mintToken("grace", ["api"]).value });
    expect(await register(developer.context(), shopScope(), at)).toMatchObject({
      is: "refused",
      everywhere: false,
      why: expect.stringMatching(/Maintainer/) as string,
    });
    await developer.close();
    fake.state.settings.blockedHosts = ["127.0.0.1"];
    expect(await register(connected.context(), shopScope(), at)).toMatchObject({
      is: "refused",
      everywhere: true,
      why: expect.stringMatching(/Invalid url given/) as string,
    });
    expect(sample.shop.hooks.size + sample.acme.hooks.size).toBe(0);
  });

  it("by an OAuth sign-in is made when that was given the scope api", async () => {
    const grants = [
      ["read_api", "read_repository"],
      ["read_api", "read_repository", "api"],
    ];
    const ends: string[] = [];
    for (const scopes of grants) {
      const signedIn = connectTo(fake, { oauth: fake.access.grant("ada", scopes).access_token });
      ends.push((await register(signedIn.context(), shopScope(), { url, secret })).is);
      await signedIn.close();
    }
    expect(ends).toEqual(["refused", "made"]);
  });
});

describe("deliveries that GitLab could not hand over", () => {
  it("are fetched once, the oldest first, signed so that they verify, and the hook is put to work again", async () => {
    for (const scope of [shopScope(), groupScope()]) {
      const of = await made(scope);
      answers.push(500, 503);
      const lost = [...(await updated()), ...(await updated())];
      const [arrived] = await updated();
      const { ids, after } = await ask(of);
      expect(ids).toEqual(lost.map(({ key }) => key));
      expect(ids).not.toContain(arrived?.key);
      if (after === null) throw new Error("forgotten");
      expect((await ask(after)).ids).toEqual([]);

      // Until GitLab puts it aside.
      const hook = only(scope.kind === "group" ? sample.acme.hooks : sample.shop.hooks);
      answers.push(500, 500, 500, 500);
      for (let count = 0; count < 4; count++) await updated();
      expect(hook.alertStatus).toBe("temporarily_disabled");
      expect((await ask(after)).ids).toHaveLength(4);
      expect(hook.alertStatus).toBe("executable");
      await unregister(connected.context(), of);
    }
  });

  it("and arrived when they were sent again are not fetched", async () => {
    const of = await made();
    answers.push(500);
    const [lost] = await updated();
    if (lost) await fake.webhooks.redeliver(sample.shop, lost);
    expect((await ask(of)).ids).toEqual([]);
  });

  it("and were too large for GitLab's log are sent again by GitLab", async () => {
    const of = await made();
    answers.push(500);
    const payload = fake.webhooks.payloads.issue(sample.shop, sample.issue, "update");
    const [lost] = await fake.webhooks.emit(sample.shop, payload, { oversize: true });
    expect((await ask(of)).ids).toEqual([]);
    await expect.poll(() => received.length).toBe(2);
    expect(received.map((raw) => webhook.verify(raw, [secret], new Date()).deliveryId)).toEqual([lost?.key, lost?.key]);
  });

  it("of a hook that somebody deleted tell that it is gone; a GitLab that keeps no log is left in peace", async () => {
    const of = await made();
    fake.state.settings.hookEvents = false;
    expect(await ask(of)).toEqual({ ids: [], after: of });
    sample.shop.hooks.clear();
    expect(await ask(of)).toEqual({ ids: [], after: null });
  });
});
