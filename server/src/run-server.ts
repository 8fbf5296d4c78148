// Reads the configuration, starts the server, says where it is, and shuts it down in order.
import { AppError } from "@opentrace/contract/errors.ts";
import { readConfig, unknownSettings } from "./config.ts";
import { startServer } from "./server.ts";
import { version } from "./version.ts";

async function run(): Promise<void> {
  const sources = { env: process.env, cwd: process.cwd() };
  const config = readConfig(sources);
  for (const name of unknownSettings(sources, config.data)) {
    process.stderr.write(`${name} is not a setting and has no effect; docs/configuration.md lists them.\n`);
  }
  const { createLog } = await import("./log.ts");
  const server = await startServer(config, createLog(config.logLevel));
  process.stdout.write(`OpenTrace ${version()}
  UI    ${server.address}/
  API   ${server.address}/docs
  MCP   ${server.address}/mcp/v1
  Data  ${config.databaseUrl === null ? config.data : "PostgreSQL"}${server.setUpLink === null ? "" : `\n\n  Nobody has an account here yet. Open this within a day to make the first one, an administrator's:\n  ${server.setUpLink}`}
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

run().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof AppError ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(error instanceof AppError ? 2 : 1);
});
