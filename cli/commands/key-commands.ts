// `opentrace keys create | list | revoke`. The first key of a server is made here, on its own machine.
import type { ApiKey, CreatedApiKey } from "@opentrace/contract/access.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import { lockHolder } from "@opentrace/server/src/data-lock.ts";
import { configOf, connect } from "../client.ts";
import { note, print, table } from "../output.ts";
import type { CommonOptions } from "./verb-commands.ts";

export async function keyCommand(
  action: string,
  values: Record<string, unknown>,
  options: CommonOptions,
  signal: AbortSignal,
): Promise<void> {
  const client = await connectToKeys(options);
  try {
    if (action === "list") {
      const { keys } = await client.call<{ keys: ApiKey[] }>("keys.list", {}, signal);
      if (options.json === true) return print(JSON.stringify({ keys }, null, 2));
      if (keys.length === 0) return note("No API keys. Make one with: opentrace keys create");
      return print(
        table(
          keys.map((key) => [
            key.id,
            `${key.prefix}…`,
            key.state,
            key.name,
            key.scopes.join(","),
            key.last_used_at ?? "never used",
          ]),
        ),
      );
    }
    if (action === "revoke") {
      const key = await client.call<ApiKey>("keys.revoke", { id: values["id"] }, signal);
      return print(options.json === true ? JSON.stringify(key, null, 2) : `${key.name} (${key.prefix}…) is revoked.`);
    }
    const key = await client.call<CreatedApiKey>("keys.create", values, signal);
    if (options.json === true) return print(JSON.stringify(key, null, 2));
    note(`This is the key "${key.name}" (${key.scopes.join(", ")}). It is shown once; keep it safe:`);
    print(key.key);
  } finally {
    await client.close();
  }
}

/**
 * Whoever may read the data directory may make keys: on the embedded store even while its server runs, since a key is one row and the
 * first one can't be asked for over a network that needs a key.
 */
async function connectToKeys(options: CommonOptions): Promise<Awaited<ReturnType<typeof connect>>> {
  const config = configOf(options);
  const isOwnServer =
    options.server === undefined && !process.env["OPENTRACE_URL"] && !process.env["OPENTRACE_API_KEY"];
  const running = config.databaseUrl === null ? lockHolder(config.data) : null;
  if (!isOwnServer || running === null) return connect(options);
  const { openKeys } = await import("@opentrace/server/src/application.ts");
  const { defaultWorkspace, localActor } = await import("@opentrace/server/src/access/actors.ts");
  const opened = await openKeys(config);
  const { keys } = opened;
  return {
    server: null,
    exportGraph() {
      throw new AppError("internal", "Only keys are open here.");
    },
    close: () => opened.close(),
    async call<T>(verb: string, input: Record<string, unknown>): Promise<T> {
      if (verb === "keys.list") return { keys: await keys.list(defaultWorkspace) } as T;
      if (verb === "keys.revoke") return (await keys.revoke(String(input["id"]), defaultWorkspace)) as T;
      if (verb !== "keys.create") throw new AppError("internal", `No ${verb} here.`);
      const { CreateApiKey } = await import("@opentrace/contract/access.ts");
      const parsed = CreateApiKey.safeParse(input);
      if (!parsed.success)
        throw new AppError(
          "bad_request",
          parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
        );
      return (await keys.create(parsed.data, localActor, defaultWorkspace)) as T;
    },
  };
}
