// The conformance suite: what every connector's folder has to hold, whatever the vendor. Run by connectors/conformance.test.ts.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import { AuthMethod, FormField, ScopeKind, StreamInfo, VendorPermission } from "@opentrace/contract/integrations.ts";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Connector, RawDelivery } from "../connector.ts";
import { formFields } from "../form-fields.ts";
import { type Bench, createBench } from "./conformance-bench.ts";
import { type Kept, nothingKept } from "./run-stream.ts";
import type { StartSubject } from "./subject.ts";

export interface ConformanceParts {
  /** Absolute path of the connector's folder. */
  folder: string;
  connector: Connector;
  startSubject: StartSubject;
}

const read = (path: string): string => readFileSync(path, "utf8");
const sectionsOf = (markdown: string): string[] => [...markdown.matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? "");

/** Registers the tests of one folder. */
export function describeConformance({ folder, connector, startSubject }: ConformanceParts): void {
  const { manifest, auth } = connector;
  const open: (() => Promise<string[]>)[] = [];
  afterEach(async () => {
    const wrong: string[] = [];
    for (const close of open.splice(0)) wrong.push(...(await close()));
    expect(wrong).toEqual([]);
  });

  async function start(): Promise<Bench> {
    const subject = await startSubject();
    const bench = createBench(connector, subject);
    open.push(async () => {
      await bench.close();
      return await subject.close();
    });
    return bench;
  }

  const permissionIds = new Set(auth.flatMap((method) => method.permissions.map(({ id }) => id)));

  describe(`the folder of ${manifest.id}`, () => {
    it("is called as the connector is, and small at its entry", () => {
      expect(basename(folder)).toBe(manifest.id);
      expect(manifest.id).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(read(join(folder, "index.ts")).trimEnd().split("\n").length).toBeLessThanOrEqual(60);
    });

    it("has an icon that is a picture and nothing else", () => {
      const icon = read(join(folder, "icon.svg"));
      expect(icon).toMatch(/^<svg[^>]*\sxmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
      expect(icon).not.toMatch(/<script|<foreignObject|\son\w+=|javascript:|href=|<!ENTITY/i);
      expect(icon.length).toBeLessThan(10_000);
    });

    it("has a page for users, with every permission that is asked for", () => {
      const page = read(join(folder, "README.md"));
      expect(page.startsWith(`# ${manifest.name}\n`)).toBe(true);
      expect(sectionsOf(page)).toEqual(
        expect.arrayContaining(["Prerequisites", "Setup Steps", "Permissions Required"]),
      );
      if (connector.sync !== undefined) expect(sectionsOf(page)).toContain("What Gets Synced");
      for (const method of auth) for (const { name } of method.permissions) expect(page).toContain(name);
    });

    it("uses every fixture that it keeps", () => {
      const kept = existsSync(join(folder, "fixtures")) ? readdirSync(join(folder, "fixtures")) : [];
      const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".ts"))
        .map((path) => read(join(folder, path)))
        .join("\n");
      expect(kept.filter((name) => !sources.includes(name))).toEqual([]);
    });
  });

  describe(`the manifest of ${manifest.id}`, () => {
    it("names only what there is", () => {
      const kinds = new Set(manifest.scopeKinds.map(({ id }) => id));
      expect(manifest.scopeKinds.map((kind) => ScopeKind.safeParse(kind).error)).toEqual(
        manifest.scopeKinds.map(() => undefined),
      );
      for (const { contains } of manifest.scopeKinds) if (contains !== null) expect(kinds).toContain(contains);
      for (const stream of manifest.streams) {
        expect(StreamInfo.safeParse(stream).error).toBeUndefined();
        expect(stream.of.filter((kind) => !kinds.has(kind))).toEqual([]);
        expect(stream.needs.filter((permission) => !permissionIds.has(permission))).toEqual([]);
      }
      expect(new Set(manifest.streams.map(({ id }) => id)).size).toBe(manifest.streams.length);
      expect(URL.parse(manifest.docs)?.protocol).toBe("https:");
      expect(manifest.provides.length).toBeGreaterThan(0);
    });

    it("goes with what the folder can do", () => {
      expect(manifest.streams.length > 0).toBe(connector.sync !== undefined);
      if (connector.sync !== undefined) expect(connector.scopes).toBeDefined();
      expect(auth.length).toBeGreaterThan(0);
      expect(new Set(auth.map(({ kind }) => kind)).size).toBe(auth.length);
    });

    it("makes forms that say what each field is, with secrets that have no default", () => {
      const forms = [connector.config, ...auth.flatMap((one) => (one.kind === "oauth2" ? [] : [one.credential]))];
      for (const form of forms)
        for (const field of formFields(form)) {
          expect(FormField.safeParse(field).error).toBeUndefined();
          expect(field.label).not.toBe(field.name);
          if (field.secret) expect(field.default ?? "").toBe("");
          if (/token|secret|password|private|key/i.test(field.name) && !/id$/i.test(field.name))
            expect([field.name, field.secret]).toEqual([field.name, true]);
        }
    });

    it("says of every way to connect when to choose it, and of every right what it is for", () => {
      for (const method of auth) {
        expect(AuthMethod.shape.kind.safeParse(method.kind).error).toBeUndefined();
        expect(method.summary.length).toBeGreaterThan(20);
        for (const permission of method.permissions) {
          expect(VendorPermission.safeParse(permission).error).toBeUndefined();
          expect(permission.why.length).toBeGreaterThan(5);
        }
        if (method.kind !== "oauth2") continue;
        const { authorize, token } = method.endpoints(connector.config.parse({}));
        for (const endpoint of [authorize, token]) expect(URL.parse(endpoint)?.protocol).toBe("https:");
      }
    });
  });

  describe(`connected to ${manifest.name}`, () => {
    it("tries every permission, and finds all of them with a credential that has them", async () => {
      const { context } = await start();
      const { account, checks } = await connector.check(context());
      expect(account).toEqual(expect.any(String));
      expect(checks.map(({ permission }) => permission).toSorted()).toEqual([...permissionIds].toSorted());
      expect(checks.filter(({ state }) => state === "missing")).toEqual([]);
    });

    it("says which permission is missing, and how to grant it", async () => {
      const bench = await start();
      const { limited } = bench.subject;
      if (limited === null) return;
      const { checks } = await connector.check(bench.context({ credential: limited.credential }));
      const missing = checks.filter(({ state }) => state === "missing");
      expect(missing.map(({ permission }) => permission)).toContain(limited.permission);
      for (const { detail } of missing) expect(detail).toEqual(expect.any(String));
      const name = auth.flatMap((one) => one.permissions).find(({ id }) => id === limited.permission)?.name;
      for (const { stream, scope } of await bench.work())
        if (manifest.streams.find(({ id }) => id === stream)?.needs.includes(limited.permission) === true) {
          const refused = await failureOf(bench.run(stream, scope, nothingKept(), { credential: limited.credential }));
          expect(refused).toMatchObject({ code: "upstream_auth" });
          expect(refused.details?.["reason"]).not.toBe("credential");
          expect(refused.message).toContain(name);
        }
    });

    it("says so when the credential is refused: nothing else is wrong, and no secret is told", async () => {
      const bench = await start();
      const work = await bench.asking();
      bench.subject.revoke();
      const failures = [await failureOf(connector.check(bench.context()))];
      for (const { stream, scope } of work.slice(0, 3))
        failures.push(await failureOf(bench.run(stream, scope, nothingKept())));
      for (const failure of failures) {
        expect(failure).toMatchObject({ code: "upstream_auth", details: { reason: "credential" } });
        expect(failure.message.length).toBeGreaterThan(20);
        bench.expectNoSecret(failure.message, JSON.stringify(failure.details));
      }
    });

    it("waits as long as it is asked to", async () => {
      const bench = await start();
      await connector.check(bench.context());
      bench.subject.slowDown(17);
      await connector.check(bench.context());
      const waited = bench.slept.reduce((total, ms) => total + ms, 0);
      expect(waited).toBeGreaterThanOrEqual(16_000);
      expect(waited).toBeLessThan(60_000);
    });

    it("stops when it is told to, though the vendor does not answer", async () => {
      const bench = await start();
      const work = await bench.asking();
      bench.subject.hang();
      const asks: ((signal: AbortSignal) => Promise<unknown>)[] = [
        (signal) => connector.check(bench.context({ signal })),
        ...work.slice(0, 2).map(
          ({ stream, scope }) =>
            (signal: AbortSignal) =>
              bench.run(stream, scope, nothingKept(), { signal }),
        ),
      ];
      for (const ask of asks) {
        const abort = new AbortController();
        const asked = bench.nextRequest();
        const outcome = ask(abort.signal).then(
          () => "answered",
          (error: unknown) => error,
        );
        await asked;
        const reason = new Error("told to stop");
        abort.abort(reason);
        expect(await outcome).toBe(reason);
      }
    });
  });

  if (connector.sync !== undefined)
    describe(`a sync of ${manifest.name}`, () => {
      it("has something of every stream, and emits what is declared: no less, no more", async () => {
        const bench = await start();
        const streams = new Set<string>();
        const [nodes, edges] = [new Set<string>(), new Set<string>()];
        for (const { stream, scope } of await bench.work()) {
          const kept = nothingKept();
          await bench.run(stream, scope, kept);
          expect(kept.complete).toBe(true);
          if (kept.items.size > 0) streams.add(stream);
          for (const facts of kept.items.values()) {
            for (const node of facts.nodes) nodes.add(NodeFact.parse(node).type);
            for (const edge of facts.edges) {
              edges.add(EdgeFact.parse(edge).type);
              expect((edge.confidence ?? 1) < 1 ? edge.rule : "stated").toEqual(expect.any(String));
            }
          }
          bench.expectNoSecret(JSON.stringify([...kept.items]));
        }
        expect([...streams].toSorted()).toEqual(manifest.streams.map(({ id }) => id).toSorted());
        expect([...nodes].toSorted()).toEqual([...manifest.emits.nodes].toSorted());
        expect([...edges].toSorted()).toEqual([...manifest.emits.edges].toSorted());
        bench.expectNoSecret(...bench.logged);
      });

      it("changes nothing when nothing has changed, in either mode", async () => {
        const bench = await start();
        for (const { stream, scope } of await bench.work()) {
          const kept = nothingKept();
          await bench.run(stream, scope, kept);
          const before = contentOf(kept);
          await bench.run(stream, scope, kept, { mode: "incremental" });
          expect([stream, contentOf(kept)]).toEqual([stream, before]);
          await bench.run(stream, scope, kept, { mode: "full" });
          expect([stream, contentOf(kept)]).toEqual([stream, before]);
        }
      });

      it("goes on at its cursor after being killed, wherever that was", async () => {
        const bench = await start();
        for (const { stream, scope } of await bench.work()) {
          const whole = nothingKept();
          await bench.run(stream, scope, whole);
          for (let killAfter = 1; killAfter <= Math.min(whole.steps, 5); killAfter++) {
            const kept = nothingKept();
            await bench.run(stream, scope, kept, { killAfter });
            // What is kept of a cursor is JSON.
            kept.cursor = JSON.parse(JSON.stringify(kept.cursor)) as Kept["cursor"];
            await bench.run(stream, scope, kept);
            expect([stream, killAfter, contentOf(kept)]).toEqual([stream, killAfter, contentOf(whole)]);
          }
        }
      });

      it("refuses a stream that it does not have", async () => {
        const bench = await start();
        const [first] = await bench.work();
        if (first === undefined) throw new Error("There is nothing to sync.");
        expect(await failureOf(bench.run("no-such-stream", first.scope, nothingKept()))).toMatchObject({
          code: "not_found",
        });
      });
    });

  const { webhook } = connector;
  if (webhook !== undefined)
    describe(`a webhook of ${manifest.name}`, () => {
      const config = connector.config.parse({});

      it("is taken when it is genuine and refused when anything of it is not", async () => {
        const { subject } = await start();
        if (subject.webhooks === null || subject.webhooks.genuine.length === 0)
          throw new Error("The subject has no webhooks.");
        const { secret, genuine } = subject.webhooks;
        const verify = (raw: RawDelivery, secrets: readonly string[]) => webhook.verify(raw, secrets, subject.now());
        for (const raw of genuine) {
          const { deliveryId, event } = verify(raw, ["another", secret]);
          expect([deliveryId, event]).toEqual([expect.stringMatching(/.+/), expect.stringMatching(/.+/)]);
          expect(verify(raw, [secret])).toEqual({ deliveryId, event });
          const changed = Buffer.concat([raw.body, Buffer.from(" ")]);
          const bare = { headers: {}, body: raw.body };
          const wrong: [RawDelivery, string[]][] = [
            [raw, []],
            [raw, [""]],
            [raw, ["another"]],
            [bare, [secret]],
            [bare, [""]],
          ];
          if (!isPlainSecret(raw, secret)) wrong.push([{ ...raw, body: changed }, [secret]]);
          for (const [one, secrets] of wrong)
            expect(() => verify(one, secrets)).toThrow(expect.objectContaining({ code: "unauthenticated" }) as Error);
          expect(webhook.toEvents(raw, config)).toEqual(expect.any(Array));
        }
      });

      it("is never an error, whatever it holds", async () => {
        const { subject } = await start();
        const headers = subject.webhooks?.genuine[0]?.headers ?? {};
        fc.assert(
          fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
            const events = webhook.toEvents({ headers, body: Buffer.from(text) }, config);
            expect(events).toEqual(expect.any(Array));
          }),
          { numRuns: 300 },
        );
        expect(webhook.toEvents({ headers: {}, body: new Uint8Array() }, config)).toEqual(expect.any(Array));
      });
    });

  const { queries } = connector;
  if (queries !== undefined)
    describe(`live questions to ${manifest.name}`, () => {
      it("say what they take and give", () => {
        expect(queries.length).toBeGreaterThan(0);
        for (const { id, summary, input, output } of queries) {
          expect(id).toMatch(/^[a-z][A-Za-z]*\.[a-z][A-Za-z]*$/);
          expect(summary.length).toBeGreaterThan(10);
          for (const schema of [input, output])
            expect(z.toJSONSchema(schema, { unrepresentable: "any" })).toBeDefined();
        }
      });
    });
}

/** A vendor whose token is sent as it is does not sign the body. */
const isPlainSecret = (raw: RawDelivery, secret: string): boolean => Object.values(raw.headers).includes(secret);

const contentOf = (kept: Kept): unknown =>
  [...kept.items].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([id, facts]) => ({ id, facts }));

async function failureOf(work: Promise<unknown>): Promise<AppError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw new Error("It failed with something that is no AppError.", { cause: error });
  }
  throw new Error("It did not fail.");
}
