// Only keys and users of a store, beside a server that has it open: SQLite lets a second process write a row.
import { createAudit } from "./access/audit.ts";
import { createInvoke, type Invoke } from "./access/invoke.ts";
import { loadKeyring } from "./access/master-key.ts";
import { createSealer } from "./access/seal.ts";
import { accessVerbs, openAccess, type Access } from "./access/open-access.ts";
import { addressOf } from "./application.ts";
import { storeConfigOf, type Config } from "./config.ts";
import { openStore } from "./store/store.ts";
import type { Log, Verb } from "./verb.ts";

export interface OpenedAccess {
  access: Access;
  verbs: readonly Verb[];
  invoke: Invoke;
  close(): Promise<void>;
}

/** `address`: of the running server, for the links that are made. */
export async function openAccessAlone(config: Config, address: string | null): Promise<OpenedAccess> {
  const store = await openStore(storeConfigOf(config));
  const silent = (): void => undefined;
  const log: Log = { debug: silent, info: silent, warn: silent, error: silent };
  const sealer = createSealer(loadKeyring(config.masterKey, config.data));
  const now = (): Date => new Date();
  const homeUrl = (): string => config.publicUrl?.href ?? address ?? addressOf(null, config);
  const access = openAccess({ store, sealer, log, now, config, homeUrl });
  return {
    access,
    verbs: accessVerbs(access),
    invoke: createInvoke({ log, now, audit: createAudit(store) }),
    async close() {
      await access.stop();
      await store.close();
    },
  };
}
