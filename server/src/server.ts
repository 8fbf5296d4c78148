// The application with its doors: REST, MCP, webhooks, events, pages, on one port.
import { join } from "node:path";
import { AppError } from "@opentrace/contract/errors.ts";
import { anonymousActor } from "./access/actors.ts";
import { sessionOf } from "./api/access/session-cookie.ts";
import { addressOf, openApplication, type Application } from "./application.ts";
import type { Config } from "./config.ts";
import type { Log } from "./verb.ts";
import { root, version } from "./version.ts";

export interface Server {
  address: string;
  application: Application;
  /** Every route as `GET /path/:field`. */
  doors: readonly string[];
  /** Opens once, for the first administrator; null when there is a user or none is needed. */
  setUpLink: string | null;
  close(): Promise<void>;
}

export async function startServer(config: Config, log: Log): Promise<Server> {
  // The doors load while the store opens.
  const [
    application,
    { createHttpServer },
    { registerEventStream },
    { createMcpFactory },
    { actorOfAuthInfo, registerMcp },
    { registerExport },
    { registerPostmortemExport },
    { createMakePdf },
    { registerIcons },
    { registerWebhooks },
    { registerSignIn },
    { registerEvidenceContent },
    { registerIntegrationPages },
    { registerScreenshots },
    { imageVerb, uploadVerb },
    { registerAccount },
    { registerOauth },
    { registerSingleSignOn },
  ] = await Promise.all([
    openApplication(config, log),
    import("./api/http-server.ts"),
    import("./api/events/event-stream.ts"),
    import("./api/mcp/mcp-server.ts"),
    import("./api/mcp/http-route.ts"),
    import("./api/rest/export-route.ts"),
    import("./api/rest/postmortem-route.ts"),
    import("./investigation/pdf/make-pdf.ts"),
    import("./api/rest/icon-route.ts"),
    import("./api/webhooks/webhook-route.ts"),
    import("./api/sign-in/sign-in-routes.ts"),
    import("./api/rest/evidence-content-routes.ts"),
    import("./api/integration-pages.ts"),
    import("./api/rest/screenshot-routes.ts"),
    import("./screenshots/screenshot-verbs.ts"),
    import("./api/access/account-routes.ts"),
    import("./api/access/oauth-routes.ts"),
    import("./api/access/single-sign-on-routes.ts"),
  ]);
  const { store, verbs, invoke, access, feed, integrations, incidents, lock, place } = application;
  try {
    const factory = createMcpFactory({
      verbs,
      invoke,
      version: version(),
      log,
      actorOf: (authInfo) => (config.auth && authInfo === undefined ? anonymousActor : actorOfAuthInfo(authInfo)),
    });
    const app = await createHttpServer({
      config,
      verbs,
      invoke,
      authenticate: access.authenticate,
      rates: access.rates,
      keyUsed: access.usage.count,
      readiness: async () => {
        await store.app.selectFrom("settings").select("name").limit(1).execute();
        await store.graph.selectFrom("workspaces").select("id").limit(1).execute();
      },
      log,
      version: version(),
      webFolder: join(root, "web", "dist"),
      routes: [
        (scope) =>
          registerScreenshots(scope, {
            invoke,
            uploadVerb: uploadVerb(application.screenshots.parts),
            imageVerb: imageVerb(application.screenshots.parts),
          }),
        (scope) => registerExport(scope, { lines: application.exportGraph }),
        (scope) => registerPostmortemExport(scope, { verbs, invoke, makePdf: createMakePdf() }),
        (scope) =>
          registerEventStream(scope, {
            feed,
            onReader: application.readAhead,
            lookAgain: (request) => access.lookAgain(request.headers, sessionOf(request, config)),
          }),
        (scope) => registerMcp(scope, { config, factory, log, onReader: application.readAhead }),
        (scope) => registerWebhooks(scope, { receive: integrations.deliveries.receive, now: () => new Date() }),
        (scope) =>
          registerSignIn(scope, {
            signIn: integrations.signIn,
            beginVerb: integrations.beginSignIn,
            invoke,
            homeUrl: () => place.home,
            log,
          }),
        (scope) => registerAccount(scope, { config, ...access }),
        async (scope) => {
          if (config.auth) registerSingleSignOn(scope, { config, ...access, log });
          if (config.auth) await registerOauth(scope, { ...access, homeUrl: () => place.home });
        },
        (scope) => registerEvidenceContent(scope, { store, invoke, upload: incidents.upload, ...incidents.parts }),
        (scope) => registerIntegrationPages(scope, { connectors: () => integrations.registry.all() }),
        (scope) => registerIcons(scope, { iconOf: (connector) => integrations.registry.icon(connector) }),
      ],
    });
    await listen(app, config);
    const address = addressOf(app.server.address(), config);
    if (config.publicUrl === null) place.home = address;
    lock?.announce(address);
    application.start();
    return {
      address,
      application,
      doors: app.doors,
      setUpLink: config.auth ? ((await access.account.setUpLink())?.url ?? null) : null,
      async close() {
        await app.close();
        await application.close();
      },
    };
  } catch (error) {
    await application.close();
    throw error;
  }
}

async function listen(
  app: { listen(at: { host: string; port: number }): Promise<string> },
  { host, port }: Config,
): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "EADDRINUSE")
      throw new AppError(
        "conflict",
        `Port ${port} on ${host} is in use. Stop what listens there, or set OPENTRACE_PORT to another port.`,
        { cause },
      );
    if (code === "EACCES")
      throw new AppError(
        "forbidden",
        `Port ${port} needs rights that this user does not have. Set OPENTRACE_PORT to a port above 1023.`,
        { cause },
      );
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
      throw new AppError("bad_request", `OPENTRACE_HOST is ${host}, which is no address of this machine.`, { cause });
    throw cause;
  }
}
