// `opentrace keys create | list | revoke`. The first key of a server is made here, on its own machine.
import type { ApiKey, CreatedApiKey } from "@opentrace/contract/access.ts";
import { note, print, table } from "../output.ts";
import { connectToAccess } from "./local-access.ts";
import type { CommonOptions } from "./verb-commands.ts";

export async function keyCommand(
  action: string,
  values: Record<string, unknown>,
  options: CommonOptions,
  signal: AbortSignal,
): Promise<void> {
  const client = await connectToAccess(options);
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
