// The real server in a process of its own, for bench/graph.ts: says where it listens, how much memory it takes and how long its event
// loop stood still when it is asked to.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { readConfig } from "@opentrace/server/src/config.ts";
import { openAccessAlone } from "@opentrace/server/src/open-access-alone.ts";
import { startServer } from "@opentrace/server/src/server.ts";
import { localActor } from "@opentrace/server/src/access/actors.ts";

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const env = JSON.parse(process.argv[2] ?? "") as Record<string, string>;
const config = readConfig({
  env: { OPENTRACE_PORT: "0", OPENTRACE_LOG: "silent", ENABLE_AUTH: "true", OPENTRACE_RATE_LIMIT: "1000000", ...env },
  cwd: env["OPENTRACE_DATA"] ?? process.cwd(),
});
const {
  access: { keys },
  close,
} = await openAccessAlone(config, null);
const { key } = await keys.create({ name: "bench", scopes: ["admin"] }, localActor, "default");
await close();
const server = await startServer(config, silent);
const loop = monitorEventLoopDelay({ resolution: 2 });
loop.enable();
process.on("message", (message: "state" | "stop") => {
  if (message === "stop") return void server.close().then(() => process.exit(0));
  process.send?.({ loopMaxMs: loop.max / 1e6, rssMb: process.memoryUsage().rss / 2 ** 20 });
  loop.reset();
});
process.send?.({ address: server.address, key });
