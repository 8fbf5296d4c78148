// `opentrace mcp`: MCP on stdin and stdout, answered by the running server or by the embedded store.
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { localActor } from "@opentrace/server/src/access/actors.ts";
import type { Invoke } from "@opentrace/server/src/access/invoke.ts";
import { createMcpFactory } from "@opentrace/server/src/api/mcp/mcp-server.ts";
import { describeVerbs } from "@opentrace/server/src/all-verbs.ts";
import { version } from "@opentrace/server/src/version.ts";
import { connect } from "../client.ts";
import { note } from "../output.ts";
import type { CommonOptions } from "./verb-commands.ts";

/** Standard output belongs to the protocol; whatever there is to say goes to stderr. */
export async function mcpCommand(options: CommonOptions, signal: AbortSignal): Promise<void> {
  const client = await connect(options);
  const invoke: Invoke = (verb, input, invocation) =>
    client.call(verb.name, input as Record<string, unknown>, invocation.signal);
  const say = (fields: object, message: string): void => note(`${message}: ${JSON.stringify(fields)}`);
  const quiet = (): void => undefined;
  const factory = createMcpFactory({
    verbs: describeVerbs(),
    invoke,
    version: version(),
    log: { debug: quiet, info: quiet, warn: say, error: say },
    actorOf: () => localActor,
  });
  const handle = serveStdio(factory, { onerror: (error) => note(error.message) });
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    process.stdin.once("close", resolve);
    process.stdin.once("end", resolve);
  });
  await handle.close();
  await client.close();
}
