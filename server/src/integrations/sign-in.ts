// Signing in at a vendor's pages: OAuth 2 (code + PKCE) and a connector's own flow. A sign-in belongs to one browser, is used once, and ends.
import { createHash, randomBytes } from "node:crypto";
import type { AuthDefinition, AuthFlow, FlowContext, Json, OAuthAuth } from "@opentrace/connectors/connector.ts";
import { scrub } from "@opentrace/connectors/scrub.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Redirect } from "@opentrace/contract/integrations.ts";
import type { Selectable } from "kysely";
import type { z } from "zod";
import type { Sealer } from "../access/seal.ts";
import { Secret } from "../access/secret.ts";
import type { Store } from "../store/store.ts";
import type { IntegrationFlowsTable } from "../store/integration-tables.ts";
import { callbackUrlOf } from "./addresses.ts";
import { exchange } from "./authorizer.ts";
import type { Connection, Connections } from "./connections.ts";
import { flowPurpose, type IntegrationRow, type Integrations, type StoredCredential } from "./integrations.ts";
import { authMethod } from "./registry.ts";

interface Begun {
  /** What the browser that began carries in its cookie. */
  browser: string;
  /** Names the page of this server that sends the browser on. */
  state: string;
  redirect: Redirect;
  expiresAt: Date;
}

interface SignInProgress {
  state: "none" | "waiting" | "done" | "failed" | "expired";
  message: string | null;
  at: Date | null;
}

export interface SignIn {
  /** `browser`: what the cookie holds, if there is one already. */
  begin(
    row: IntegrationRow,
    by: { browser: string | null; returnTo: string | null },
    signal: AbortSignal,
  ): Promise<Begun>;
  /** Where to send the browser that has opened a sign-in's page. */
  leave(state: string, browser: string | null): Promise<{ redirect: Redirect; browser: string }>;
  /** How the latest sign-in of the integration goes, for whoever watches from another window. */
  progress(integration: string): Promise<SignInProgress>;
  /** The browser has come back from the vendor. Throws AppError with what to tell the user; `details.returnTo` is where to go from there. */
  comeBack(
    connector: string,
    query: Readonly<Record<string, string>>,
    browser: string | null,
    signal: AbortSignal,
  ): Promise<
    { is: "redirect"; redirect: Redirect } | { is: "connected"; row: IntegrationRow; returnTo: string | null }
  >;
}

export interface SignInDeps {
  store: Store;
  sealer: Sealer;
  integrations: Integrations;
  connections: Connections;
  /** The server's own address, as browsers reach it. */
  homeUrl(this: void): string;
  webhookUrl(this: void, row: IntegrationRow): string | null;
  /** Only this machine's user can open pages here: then a page may make its own cookie, whatever name of the machine was used. */
  loopbackOnly: boolean;
  now(this: void): Date;
  /** The credential is stored: test it and take the integration into service. */
  connected(this: void, row: IntegrationRow, signal: AbortSignal): Promise<void>;
}

/** Making and installing an application takes a while; being asked for permission does not. */
const lifetimeMs = { oauth2: 10 * 60_000, flow: 60 * 60_000 };

interface Sealed {
  verifier: string | null;
  carried: Json;
  redirect: Redirect;
  returnTo: string | null;
}

type FlowRow = Selectable<IntegrationFlowsTable>;
type Way =
  | { is: "oauth2"; method: OAuthAuth<Record<string, unknown>> }
  | { is: "flow"; flow: AuthFlow<Record<string, unknown>, z.ZodObject>; credential: z.ZodObject };

const random = (): string => randomBytes(32).toString("base64url");
const hashOf = (value: string): string => createHash("sha256").update(value).digest("base64url");
const challengeOf = hashOf;
const overview = "/integrations";

export function createSignIn(deps: SignInDeps): SignIn {
  const { store, sealer, integrations, connections, now, loopbackOnly } = deps;
  const db = store.app;

  function openOf(row: IntegrationRow): { connection: Connection; way: Way } {
    const connection = connections.open(row);
    return { connection, way: wayOf(authMethod(connection.connector, row.auth), row) };
  }

  const contextOf = (row: IntegrationRow, { config, anonymous }: Connection, state: string, signal: AbortSignal) =>
    ({
      config,
      callbackUrl: callbackUrlOf(deps.homeUrl(), row.connector),
      webhookUrl: deps.webhookUrl(row),
      homeUrl: deps.homeUrl(),
      state,
      http: anonymous(signal),
      now,
      signal,
    }) satisfies FlowContext<Record<string, unknown>>;

  async function save(
    row: IntegrationRow,
    state: string,
    browser: string,
    sealed: Sealed,
    lifetime: number,
  ): Promise<Date> {
    const at = now().getTime();
    const key = hashOf(state);
    await db
      .deleteFrom("integration_flows")
      .where("expires_at", "<", at - lifetimeMs.flow)
      .execute();
    await db
      .insertInto("integration_flows")
      .values({
        state: key,
        workspace: row.workspace,
        integration: row.id,
        browser: hashOf(browser),
        sealed: sealer.seal(new Secret(JSON.stringify(sealed)), flowPurpose(key)),
        expires_at: at + lifetime,
        used_at: null,
        ended_at: null,
        failure: null,
      })
      .execute();
    return new Date(at + lifetime);
  }

  // Written by save.
  const open = (flow: FlowRow): Sealed =>
    JSON.parse(sealer.open(flow.sealed, flowPurpose(flow.state)).reveal()) as Sealed;

  async function flowOf(state: string): Promise<FlowRow> {
    const flow = await db
      .selectFrom("integration_flows")
      .selectAll()
      .where("state", "=", hashOf(state))
      .executeTakeFirst();
    if (flow === undefined)
      throw new AppError(
        "not_found",
        "This sign-in is not known here: it was begun long ago, or on another server. Start again from the integration's page.",
      );
    return flow;
  }

  function refuse(flow: FlowRow, returnTo: string | null): void {
    const details = { returnTo: returnTo ?? overview };
    if (flow.used_at !== null)
      throw new AppError(
        "conflict",
        "This sign-in was used already. If it did not work, start again from the integration's page.",
        { details },
      );
    if (flow.expires_at < now().getTime())
      throw new AppError("precondition_failed", "This sign-in took too long and has ended. Start it again.", {
        details,
      });
  }

  async function end(flow: FlowRow, failure: string | null): Promise<void> {
    await db
      .updateTable("integration_flows")
      .set({ ended_at: now().getTime(), failure: failure === null ? null : scrub(failure).slice(0, 1_000) })
      .where("state", "=", flow.state)
      .execute();
    await integrations.changed(flow.integration, flow.workspace);
  }

  const notThisBrowser = (): AppError =>
    new AppError(
      "forbidden",
      `This sign-in was begun in another browser, so it is not taken here. Open ${deps.homeUrl()} in the browser that you want to use, and start again from the integration's page.`,
      { details: { returnTo: overview } },
    );

  return {
    async begin(row, { browser: known, returnTo }, signal) {
      const browser = known ?? random();
      const state = random();
      const { connection, way } = openOf(row);
      const ctx = contextOf(row, connection, state, signal);
      const verifier = way.is === "oauth2" ? random() : null;
      const redirect =
        way.is === "oauth2"
          ? authorizeUrl(way.method, ctx, clientIdOf(integrations.credential(row)), verifier ?? "")
          : await way.flow.begin(ctx);
      const sealed: Sealed = { verifier, carried: null, redirect, returnTo };
      return { browser, state, redirect, expiresAt: await save(row, state, browser, sealed, lifetimeMs[way.is]) };
    },

    async leave(state, browser) {
      const flow = await flowOf(state);
      const { redirect, returnTo } = open(flow);
      refuse(flow, returnTo);
      if (browser !== null && hashOf(browser) === flow.browser) return { redirect, browser };
      if (!loopbackOnly) throw notThisBrowser();
      const own = browser ?? random();
      await db
        .updateTable("integration_flows")
        .set({ browser: hashOf(own) })
        .where("state", "=", flow.state)
        .execute();
      return { redirect, browser: own };
    },

    async progress(integration) {
      const flow = await db
        .selectFrom("integration_flows")
        .select(["expires_at", "ended_at", "failure"])
        .where("integration", "=", integration)
        .orderBy("expires_at", "desc")
        .limit(1)
        .executeTakeFirst();
      if (flow === undefined) return { state: "none", message: null, at: null };
      if (flow.ended_at !== null)
        return {
          state: flow.failure === null ? "done" : "failed",
          message: flow.failure,
          at: new Date(flow.ended_at),
        };
      const expired = flow.expires_at < now().getTime();
      return { state: expired ? "expired" : "waiting", message: null, at: null };
    },

    async comeBack(connector, query, browser, signal) {
      const flow = await flowOf(query["state"] ?? "");
      const { verifier, carried, returnTo } = open(flow);
      refuse(flow, returnTo);
      if (browser === null || hashOf(browser) !== flow.browser) throw notThisBrowser();
      // Whoever changes the row has the sign-in: a second one that comes at the same time does not.
      const taken = await db
        .updateTable("integration_flows")
        .set({ used_at: now().getTime() })
        .where("state", "=", flow.state)
        .where("used_at", "is", null)
        .executeTakeFirst();
      if (taken.numUpdatedRows === 0n) refuse({ ...flow, used_at: now().getTime() }, returnTo);
      const row = await integrations.find(flow.integration, flow.workspace);
      const details = { returnTo: returnTo ?? `/integrations/${row.connector}/${row.id}` };
      if (row.connector !== connector)
        throw new AppError("forbidden", "This answer is not from the vendor that was asked.", { details });
      const { connection, way } = openOf(row);
      const vendor = connection.connector.manifest.name;
      try {
        if (query["error"] !== undefined) throw deniedBy(vendor, query);
        if (way.is === "oauth2")
          await finishOAuth(row, connection, way.method, { code: query["code"], verifier: verifier ?? "" }, signal);
        else {
          const next = random();
          const ctx = { ...contextOf(row, connection, next, signal), query, carried };
          const finished = await way.flow.finish(ctx);
          if (finished.is === "redirect") {
            const { redirect, carry } = finished;
            await save(row, next, browser, { verifier: null, carried: carry, redirect, returnTo }, lifetimeMs.flow);
            return { is: "redirect", redirect };
          }
          // What the schema gives is made of JSON, as forms are.
          const values = way.credential.parse(finished.credential) as Record<string, Json>;
          await keepCredential(row, () => ({ values, oauth: null }));
        }
        const fresh = await integrations.find(row.id, row.workspace);
        await deps.connected(fresh, signal);
        await end(flow, null);
        return { is: "connected", row: fresh, returnTo };
      } catch (error) {
        const known = error instanceof AppError;
        await end(flow, known ? error.message : "Something went wrong on the server; its log has the details.");
        if (!known) throw error;
        throw new AppError(error.code, error.message, { cause: error, details: { ...error.details, ...details } });
      } finally {
        await connection.settle().catch(() => 0);
      }
    },
  };

  async function finishOAuth(
    row: IntegrationRow,
    { config, anonymous, connector }: Connection,
    method: OAuthAuth<Record<string, unknown>>,
    { code, verifier }: { code: string | undefined; verifier: string },
    signal: AbortSignal,
  ): Promise<void> {
    const name = connector.manifest.name;
    if (code === undefined)
      throw new AppError("upstream_auth", `${name} sent the browser back without an answer. Start again.`);
    const credential = integrations.credential(row) ?? { values: {}, oauth: null };
    const grant = {
      grant_type: "authorization_code",
      code,
      redirect_uri: callbackUrlOf(deps.homeUrl(), row.connector),
      code_verifier: verifier,
    };
    const reply = await exchange({ http: anonymous, config, now }, method, credential, grant, signal);
    if (reply.is === "refused")
      throw new AppError(
        "upstream_auth",
        `${name} did not accept the sign-in: ${reply.why}. Check the client ID, the client secret and the callback address ${grant.redirect_uri}, then start again.`,
      );
    await keepCredential(row, (before) => ({ values: before?.values ?? credential.values, oauth: reply.tokens }));
  }

  /** Over whatever is there: a refresh may have changed it a moment ago. */
  async function keepCredential(
    row: IntegrationRow,
    next: (before: StoredCredential | null) => StoredCredential,
  ): Promise<void> {
    for (let tries = 0; tries < 5; tries++) {
      const current = await integrations.find(row.id, row.workspace);
      if (await integrations.saveCredential(current, next(integrations.credential(current)))) {
        connections.forget(row.id);
        return;
      }
    }
    throw new AppError("conflict", `The credential of ${row.name} is being changed by somebody else. Start again.`);
  }
}

function wayOf(method: AuthDefinition<Record<string, unknown>>, row: IntegrationRow): Way {
  if (method.kind === "oauth2") return { is: "oauth2", method };
  if (method.flow !== undefined) return { is: "flow", flow: method.flow, credential: method.credential };
  throw new AppError(
    "bad_request",
    `${row.name} is connected by ${method.name}, which is typed in, not signed in for. Rotate the credential instead.`,
  );
}

const clientIdOf = (credential: StoredCredential | null): string => {
  const id = credential?.values["clientId"];
  if (typeof id === "string" && id !== "") return id;
  throw new AppError("bad_request", "The client ID of the application is missing. Give it, then sign in.");
};

/** RFC 6749 §4.1.1 with RFC 7636 (S256). */
function authorizeUrl(
  method: OAuthAuth<Record<string, unknown>>,
  { config, callbackUrl, state }: FlowContext<Record<string, unknown>>,
  clientId: string,
  verifier: string,
): Redirect {
  const url = new URL(method.endpoints(config).authorize);
  const scopes = typeof method.scopes === "function" ? method.scopes(config) : method.scopes;
  const parameters: Record<string, string> = {
    ...method.parameters,
    response_type: "code",
    client_id: clientId,
    redirect_uri: callbackUrl,
    state,
    code_challenge: challengeOf(verifier),
    code_challenge_method: "S256",
    ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { method: "GET", url: url.href, fields: {} };
}

/** RFC 6749 §4.1.2.1. What the vendor says is shown as its words, cut short. */
function deniedBy(vendor: string, query: Readonly<Record<string, string>>): AppError {
  if (query["error"] === "access_denied")
    return new AppError(
      "upstream_auth",
      `${vendor} was not given permission, so nothing was connected. Start again and choose “Authorize” there, or ask somebody who may.`,
    );
  const said = (query["error_description"] ?? query["error"] ?? "").slice(0, 300);
  return new AppError(
    "upstream_auth",
    `${vendor} refused the sign-in: “${said}”. Correct that there, then start again.`,
  );
}
