// Keys and users on the server's own machine: whoever may read the data directory may make them, beside a server that runs.
import { AppError } from "@opentrace/contract/errors.ts";
import { lockHolder } from "@opentrace/server/src/data-lock.ts";
import type { OpenedAccess } from "@opentrace/server/src/open-access-alone.ts";
import { configOf, connect, type Client } from "../client.ts";
import type { CommonOptions } from "./verb-commands.ts";

const isElsewhere = (options: CommonOptions): boolean =>
  options.server !== undefined || Boolean(process.env["OPENTRACE_URL"]) || Boolean(process.env["OPENTRACE_API_KEY"]);

/**
 * On the embedded store even while its server runs, since a key is one row and the first one can't be asked for over a network that
 * needs a key.
 */
export async function connectToAccess(options: CommonOptions): Promise<Client> {
  if (isElsewhere(options)) return connect(options);
  const { invoke, verbs, close } = await openHere(options);
  const byName = new Map(verbs.map((verb) => [verb.name, verb]));
  const { defaultWorkspace, localActor } = await import("@opentrace/server/src/access/actors.ts");
  const notHere = (): never => {
    throw new AppError("internal", "Only keys and users are open here.");
  };
  return {
    server: null,
    addFile: notHere,
    exportGraph: notHere,
    close,
    async call<T>(name: string, input: Record<string, unknown>, signal: AbortSignal): Promise<T> {
      const verb = byName.get(name);
      if (verb === undefined) throw new AppError("internal", `No ${name} here.`);
      const requestId = crypto.randomUUID();
      return (await invoke(verb, input, {
        actor: localActor,
        workspace: defaultWorkspace,
        door: "cli",
        requestId,
        signal,
      })) as T;
    },
  };
}

/** Throws AppError("bad_request") where another machine's server is meant. */
export async function openHere(options: CommonOptions): Promise<OpenedAccess> {
  if (isElsewhere(options))
    throw new AppError(
      "bad_request",
      "This works on the server's own data: run it on its machine, as its user, without --server, OPENTRACE_URL and OPENTRACE_API_KEY.",
    );
  const config = configOf(options);
  const { openAccessAlone } = await import("@opentrace/server/src/open-access-alone.ts");
  const running = config.databaseUrl === null ? lockHolder(config.data) : null;
  return openAccessAlone(config, running?.url ?? null);
}
