// The server's log: one JSON line an entry on stderr, secrets censored by name as the last line of defence.
import pino from "pino";
import type { Config } from "./config.ts";
import type { Log } from "./verb.ts";

const censored = ["token", "password", "secret", "authorization", "apiKey", "key", "masterKey", "databaseUrl"];

export function createLog(level: Config["logLevel"]): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: censored.flatMap((name) => [name, `*.${name}`]), censor: "[redacted]" },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
