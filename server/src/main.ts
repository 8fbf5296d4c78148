// The only place that constructs: reads the configuration, opens what the parts need, joins them, and shuts them down in order.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "@opentrace/contract/errors.ts";
import { createAuthenticate } from "./access/authenticate.ts";
import { createInvoke } from "./access/invoke.ts";
import { readConfig, type Config } from "./config.ts";
import { createLog } from "./log.ts";
import type { Verb } from "./verb.ts";

const root = join(import.meta.dirname, "..", "..");

interface Server {
  address: string;
  close(): Promise<void>;
}

export async function startServer(config: Config): Promise<Server> {
  const log = createLog(config.logLevel);
  const now = (): Date => new Date();
  const verbs: Verb[] = [];
  const { createHttpServer } = await import("./api/http-server.ts");
  const app = await createHttpServer({
    config,
    verbs,
    invoke: createInvoke({ log, now, audit: async () => undefined }),
    authenticate: createAuthenticate({ required: config.auth, verifyKey: async () => null }),
    readiness: async () => undefined,
    log,
    version: version(),
    webFolder: join(root, "web", "dist"),
    routes: [],
  });
  await listen(app, config);
  return { address: addressOf(app.server.address(), config), close: () => app.close() };
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

function addressOf(address: string | { port: number } | null, { host, port }: Config): string {
  const actual = typeof address === "object" && address !== null ? address.port : port;
  const name = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${actual}`;
}

function version(): string {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return manifest.version;
}

async function run(): Promise<void> {
  const config = readConfig({ env: process.env, cwd: process.cwd() });
  const server = await startServer(config);
  process.stdout.write(`OpenTrace ${version()}
  UI    ${server.address}/
  API   ${server.address}/docs
  MCP   ${server.address}/mcp/v1
  Data  ${config.databaseUrl === null ? config.data : "PostgreSQL"}${config.auth ? "\n  Access needs an API key; make one with: npx opentrace keys create" : ""}
`);
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(signal === "SIGINT" ? 130 : 143);
    stopping = true;
    process.stdout.write("Stopping …\n");
    setTimeout(() => process.exit(1), 8000).unref();
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

if (import.meta.main)
  run().catch((error: unknown) => {
    process.stderr.write(
      `${error instanceof AppError ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exit(error instanceof AppError ? 2 : 1);
  });
