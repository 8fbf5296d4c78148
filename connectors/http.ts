// All HTTP of connectors: authorized to the vendor's own origins, counted, waiting as the vendor asks, bounded and cancellable.
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "@opentrace/contract/errors.ts";
import type { RateBudget, UsageCounts, VendorPermission } from "@opentrace/contract/integrations.ts";
import type { z } from "zod";
import { createBreaker, type Breaker } from "./breaker.ts";
import type { Authorization } from "./connector.ts";
import { linksOf } from "./link-header.ts";
import { excerptOf } from "./scrub.ts";
import type { Transport, TransportResponse } from "./transport.ts";
import { isLimited, readBudget, type VendorPolicy, waitAsAsked } from "./vendor-limits.ts";

export type { VendorPolicy } from "./vendor-limits.ts";

export interface HttpRequest {
  /** Absolute, or relative to the integration's base URL (a sub-path of the base is kept: `repos/x`, not `/repos/x`, is the same). */
  url: string;
  method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as a form. */
  form?: Readonly<Record<string, string>>;
  /** Asks "only if changed": a 304 comes back as a reply, not as an error. */
  etag?: string;
  /** Statuses besides 2xx and 304 that the caller wants to see. */
  expect?: readonly number[];
  /** Id of the permission that this needs: what the user reads when it is denied. */
  needs?: string;
  /** Without the integration's credential. */
  anonymous?: true;
  maxBytes?: number;
  timeoutMs?: number;
}

export interface HttpReply {
  status: number;
  headers: Readonly<Record<string, string>>;
  url: URL;
  /** True for 304. */
  unchanged: boolean;
  etag: string | null;
  /** `Link` header by rel: `next`, `last`. */
  links: Readonly<Record<string, string>>;
  bytes(): Uint8Array;
  text(): string;
  /** Throws AppError("upstream_failed") naming what is wrong when the vendor's reply is not of this shape. */
  json<T>(schema: z.ZodType<T>): T;
}

export interface Http {
  /** Throws AppError: upstream_auth, not_found, rate_limited (details.retryAt), upstream_failed, unavailable, timeout, too_large, forbidden. */
  request(asked: HttpRequest): Promise<HttpReply>;
  get<T>(schema: z.ZodType<T>, url: string, more?: Omit<HttpRequest, "url">): Promise<T>;
  /** Page by page along `Link: rel="next"`. */
  pages(asked: HttpRequest): AsyncGenerator<HttpReply, void, void>;
}

export interface Authorizer {
  current(signal: AbortSignal): Promise<Authorization>;
  /** The vendor refused it: the next `current` gets a new one where that is possible. */
  refused(authorization: Authorization): void;
}

export interface UpstreamOptions {
  /** As users know it: `GitHub`. */
  name: string;
  base: string;
  /** Further origins that get the credential. */
  also?: readonly string[];
  policy: VendorPolicy;
  permissions: readonly VendorPermission[];
  transport: Transport;
  /** One for a host, whatever the integration; shared by the process. */
  breakers: Map<string, Breaker>;
  now(this: void): Date;
  /** Longest wait for a rate limit inside a request; a longer one ends it with rate_limited and the time to come back. */
  longestWaitMs?: number;
  /** Pauses between tries of a request that failed; tests pass zeros. */
  retryMs?: readonly number[];
  sleep?(this: void, ms: number, signal: AbortSignal): Promise<void>;
}

/** What is kept about a vendor for one integration, from request to request. */
export interface Upstream {
  http(by: { signal: AbortSignal; authorizer: Authorizer | null }): Http;
  budgets(): RateBudget[];
  /** Counts since the last call. */
  takeUsage(): UsageCounts;
}

export const noUsage = (): UsageCounts => ({
  requests: 0,
  notModified: 0,
  failures: 0,
  throttled: 0,
  bytesIn: 0,
  bytesOut: 0,
});

const defaultTimeoutMs = 30_000;
const defaultMaxBytes = 32 * 1024 * 1024;
const mostRefusals = 5;
const mostRedirects = 5;

export function createUpstream(options: UpstreamOptions): Upstream {
  const { name, policy, transport, breakers, now, longestWaitMs = 90_000, retryMs = [500, 2_000] } = options;
  const pause = options.sleep ?? ((ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }));
  const base = new URL(options.base.endsWith("/") ? options.base : `${options.base}/`);
  const trusted = new Set([base.origin, ...(options.also ?? []).map((origin) => new URL(origin).origin)]);
  const budgets = new Map<string, RateBudget>();
  let usage = noUsage();
  let notBefore = 0;
  let refusals = 0;
  const slots = createSlots(policy.concurrency);

  const breakerOf = (host: string): Breaker => {
    let breaker = breakers.get(host);
    if (breaker === undefined) breakers.set(host, (breaker = createBreaker(host, now)));
    return breaker;
  };

  function urlOf(asked: HttpRequest): URL {
    const url = /^https?:\/\//i.test(asked.url) ? new URL(asked.url) : new URL(asked.url.replace(/^\/+/, ""), base);
    if (url.username !== "" || url.password !== "")
      throw new AppError("bad_request", `The address of ${url.host} must not hold a user name or password.`);
    for (const [key, value] of Object.entries(asked.query ?? {}))
      if (value !== undefined) url.searchParams.set(key, String(value));
    return url;
  }

  /** Waits out what the vendor asked for, or ends with the time to come back. */
  async function waitForVendor(signal: AbortSignal): Promise<void> {
    for (;;) {
      const left = notBefore - now().getTime();
      if (left <= 0) return;
      if (left > longestWaitMs)
        throw new AppError(
          "rate_limited",
          `${name} asks to wait until ${new Date(notBefore).toISOString()} before the next request.`,
          { details: { retryAt: new Date(notBefore).toISOString(), reason: "rate_limit" } },
        );
      await pause(left, signal);
    }
  }

  function note(reply: TransportResponse): void {
    usage.bytesIn += reply.bytesIn;
    if (reply.status === 304) usage.notModified++;
    const budget = readBudget(policy, reply.headers, now());
    if (budget !== null) budgets.set(budget.name, budget);
  }

  async function once(asked: HttpRequest, url: URL, authorization: Authorization | null, signal: AbortSignal) {
    const body = asked.json !== undefined ? JSON.stringify(asked.json) : bodyOfForm(asked.form);
    const headers: Record<string, string> = {
      "user-agent": "OpenTrace",
      accept: "application/json",
      ...policy.headers,
    };
    for (const [key, value] of Object.entries(asked.headers ?? {})) headers[key.toLowerCase()] = value;
    if (asked.json !== undefined) headers["content-type"] ??= "application/json";
    if (asked.form !== undefined) headers["content-type"] ??= "application/x-www-form-urlencoded";
    if (asked.etag !== undefined) headers["if-none-match"] = asked.etag;
    // A credential goes to the vendor's own origins only, wherever a reply's links may point.
    if (authorization !== null && trusted.has(url.origin)) Object.assign(headers, lowerCased(authorization.headers));
    const breaker = breakerOf(url.host);
    breaker.pass();
    usage.requests++;
    usage.bytesOut += body === null ? 0 : Buffer.byteLength(body);
    try {
      const reply = await transport.send(
        {
          method: asked.method ?? "GET",
          url,
          headers,
          body,
          timeoutMs: asked.timeoutMs ?? defaultTimeoutMs,
          maxBytes: asked.maxBytes ?? defaultMaxBytes,
        },
        signal,
      );
      if (reply.status >= 500) breaker.failed(`it answered ${reply.status}`);
      else breaker.succeeded();
      note(reply);
      return reply;
    } catch (error) {
      if (signal.aborted || !(error instanceof AppError) || isOurs(error)) breaker.abandoned();
      else breaker.failed(error.code === "timeout" ? "it did not answer in time" : "it could not be reached");
      if (!signal.aborted) usage.failures++;
      throw error;
    }
  }

  async function follow(asked: HttpRequest, authorization: Authorization | null, signal: AbortSignal) {
    let url = urlOf(asked);
    for (let hops = 0; ; hops++) {
      const reply = await once(asked, url, authorization, signal);
      const location = reply.headers["location"];
      if (![301, 302, 303, 307, 308].includes(reply.status) || location === undefined) return { reply, url };
      const next = URL.parse(location, url.href);
      const safe = (asked.method ?? "GET") === "GET" || asked.method === "HEAD";
      if (next === null || next.origin !== url.origin || !safe || hops >= mostRedirects)
        throw new AppError(
          "upstream_failed",
          `${name} redirects from ${url.host} to ${next?.host ?? "nowhere"}, which is not followed. Check the base URL.`,
        );
      url = next;
    }
  }

  async function send(asked: HttpRequest, authorizer: Authorizer | null, signal: AbortSignal): Promise<HttpReply> {
    const authorize = authorizer !== null && asked.anonymous !== true;
    const safe = asked.method === undefined || asked.method === "GET" || asked.method === "HEAD";
    let renewed = false;
    let tries = 0;
    for (;;) {
      await waitForVendor(signal);
      const authorization = authorize ? await authorizer.current(signal) : null;
      let found;
      try {
        found = await follow(asked, authorization, signal);
      } catch (error) {
        const again =
          error instanceof AppError && !isOurs(error) && (error.code === "upstream_failed" || error.code === "timeout");
        const wait = retryMs[tries];
        if (!safe || !again || wait === undefined) throw error;
        tries++;
        await pause(wait * (0.5 + Math.random()), signal);
        continue;
      }
      const { reply, url } = found;
      const excerpt = reply.status >= 400 ? excerptOf(reply.body, secretsOf(authorization)) : "";
      if (isLimited(policy, { status: reply.status, headers: reply.headers, excerpt })) {
        usage.throttled++;
        const wait = waitAsAsked(policy, { status: reply.status, headers: reply.headers, excerpt }, refusals, now());
        notBefore = Math.max(notBefore, now().getTime() + wait);
        if (++refusals > mostRefusals)
          throw new AppError("rate_limited", `${name} keeps asking to slow down. The next sync goes on from here.`, {
            details: { retryAt: new Date(notBefore).toISOString(), reason: "rate_limit" },
          });
        continue;
      }
      refusals = 0;
      const spent = readBudget(policy, reply.headers, now());
      if (spent?.remaining === 0 && spent.resetsAt !== null)
        notBefore = Math.max(notBefore, Date.parse(spent.resetsAt));
      if (reply.status === 401 && authorization !== null && !renewed) {
        renewed = true;
        authorizer?.refused(authorization);
        const next = await authorizer?.current(signal);
        if (next !== undefined && !sameHeaders(next, authorization)) continue;
      }
      const wait = retryMs[tries];
      if (reply.status >= 500 && safe && wait !== undefined && asked.expect?.includes(reply.status) !== true) {
        tries++;
        await pause(wait * (0.5 + Math.random()), signal);
        continue;
      }
      if (reply.status < 300 || reply.status === 304 || asked.expect?.includes(reply.status) === true)
        return present(name, reply, url);
      throw failure(reply.status, url, asked, excerpt);
    }
  }

  function failure(status: number, url: URL, asked: HttpRequest, excerpt: string): AppError {
    const what = `${asked.method ?? "GET"} ${url.host}${url.pathname}`;
    const said = excerpt === "" ? "" : `: ${excerpt}`;
    const permission = options.permissions.find(({ id }) => id === asked.needs);
    const details = { status, request: what, ...(permission === undefined ? {} : { permission: permission.id }) };
    if (status === 401)
      return new AppError(
        "upstream_auth",
        `${name} refused the credential${said}. It is mistyped, revoked or expired: give a valid one; of what is connected, rotate it on its page.`,
        { details: { ...details, reason: "credential" } },
      );
    if (status === 403)
      return new AppError(
        "upstream_auth",
        permission === undefined
          ? `${name} denied ${what}${said}. Check what the credential may do.`
          : `${name} denied this for lack of the permission “${permission.name}”, needed to ${permission.why}.${permission.grant === undefined ? "" : ` ${permission.grant}`}`,
        { details: { ...details, reason: "permission" } },
      );
    if (status === 404 || status === 410)
      return new AppError(
        "not_found",
        `${name} has nothing at ${url.pathname}, or does not show it to this credential.`,
        {
          details,
        },
      );
    return new AppError("upstream_failed", `${name} answered ${status} to ${what}${said}`, { details });
  }

  return {
    budgets: () => [...budgets.values()],
    takeUsage() {
      const taken = usage;
      usage = noUsage();
      return taken;
    },
    http({ signal, authorizer }) {
      // What mints a credential must not queue behind the request that waits for it.
      const request = (asked: HttpRequest): Promise<HttpReply> =>
        authorizer === null ? send(asked, null, signal) : slots(() => send(asked, authorizer, signal), signal);
      return {
        request,
        get: async (schema, url, more = {}) => (await request({ ...more, url })).json(schema),
        async *pages(asked) {
          let next: HttpRequest | null = asked;
          while (next !== null) {
            const reply: HttpReply = await request(next);
            yield reply;
            const link: string | undefined = reply.links["next"];
            const { query: _query, etag: _etag, ...rest } = asked;
            next = link === undefined ? null : { ...rest, url: new URL(link, reply.url).href };
          }
        },
      };
    },
  };
}

/** What the vendor's health has no part in, and what no second try changes: a limit, a rule, a certificate that nobody here knows. */
const isOurs = ({ code, details }: AppError): boolean =>
  code === "too_large" || code === "forbidden" || details?.["reason"] === "certificate";

function present(name: string, reply: TransportResponse, url: URL): HttpReply {
  return {
    status: reply.status,
    headers: reply.headers,
    url,
    unchanged: reply.status === 304,
    etag: reply.headers["etag"] ?? null,
    links: linksOf(reply.headers["link"]),
    bytes: () => reply.body,
    text: () => reply.body.toString("utf8"),
    json(schema) {
      let value: unknown;
      try {
        value = JSON.parse(reply.body.toString("utf8"));
      } catch (cause) {
        throw new AppError("upstream_failed", `${name} answered ${url.pathname} with something that is not JSON.`, {
          cause,
        });
      }
      const parsed = schema.safeParse(value);
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0];
      throw new AppError(
        "upstream_failed",
        `${name} answered ${url.pathname} in a shape that is not known: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`,
        { cause: parsed.error },
      );
    },
  };
}

const bodyOfForm = (form: HttpRequest["form"]): string | null =>
  form === undefined ? null : new URLSearchParams(form).toString();

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]));

const sameHeaders = (a: Authorization, b: Authorization): boolean =>
  JSON.stringify(a.headers) === JSON.stringify(b.headers);

const secretsOf = (authorization: Authorization | null): string[] =>
  authorization === null
    ? []
    : [...Object.values(authorization.headers), ...Object.values(authorization.values)].flatMap((value) => [
        value,
        value.replace(/^\S+\s+/, ""),
      ]);

/** At most `count` at once, in the order they came; one that is aborted while it waits leaves the queue. */
function createSlots(count: number) {
  let free = Math.max(1, count);
  const waiting: (() => void)[] = [];
  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return async <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    signal.throwIfAborted();
    if (free > 0) free--;
    else
      await new Promise<void>((resolve, reject) => {
        const go = (): void => {
          signal.removeEventListener("abort", leave);
          resolve();
        };
        const leave = (): void => {
          waiting.splice(waiting.indexOf(go), 1);
          reject(signal.reason as Error);
        };
        waiting.push(go);
        signal.addEventListener("abort", leave, { once: true });
      });
    try {
      return await work();
    } finally {
      release();
    }
  };
}
