// Rotates the master key of a data folder or database, beside a server that goes on.
import { AppError } from "@opentrace/contract/errors.ts";
import { addMasterKey, dropOlderMasterKeys, loadKeyring } from "./access/master-key.ts";
import { retireKeys, type Rotated } from "./access/rotate-keys.ts";
import { createSealer } from "./access/seal.ts";
import { storeConfigOf, type Config } from "./config.ts";
import { lockForRotation } from "./data-lock.ts";
import { sealedOfAccess } from "./access/open-access.ts";
import { sealedOfIntegrations } from "./integrations/integrations.ts";
import { sealedOfModels } from "./models/providers.ts";
import { sealedOfRepositories } from "./repositories/repositories.ts";
import { openStore } from "./store/store.ts";

/** Every column that holds a sealed secret: a domain that seals something is listed here. */
const sealedColumns = [...sealedOfRepositories, ...sealedOfIntegrations, ...sealedOfAccess, ...sealedOfModels];

/** Long enough for a write whose value was sealed with the old key a moment before there was a new one. */
const settleMs = 10_000;

/**
 * Rotates the master key, beside a server that goes on. With the key file: makes a new key, seals everything anew, drops the old one.
 * With OPENTRACE_MASTER_KEY the operator has put the new key first: seals everything under it.
 */
export async function rotateMasterKey(
  config: Config,
  progress: (resealed: number) => void,
  signal: AbortSignal,
  { settle = settleMs }: { settle?: number } = {},
): Promise<Rotated & { keyId: string; olderKeys: readonly string[]; inSetting: boolean }> {
  const lock = lockForRotation(config.data);
  try {
    const inSetting = config.masterKey !== null;
    const { since } = inSetting ? { since: new Date(0) } : addMasterKey(config.data);
    const keyring = loadKeyring(config.masterKey, config.data);
    const keyId = keyring.current().id;
    const olderKeys = keyring.ids().filter((id) => id !== keyId);
    if (olderKeys.length === 0)
      throw new AppError(
        "bad_request",
        "OPENTRACE_MASTER_KEY holds one key. To rotate it: restart each server with OLD,NEW (all can open both), then with NEW,OLD (the first one seals), run this with NEW,OLD, then restart with NEW alone. Make NEW with: openssl rand -base64 32",
        { details: { setting: "OPENTRACE_MASTER_KEY" } },
      );
    const store = await openStore(storeConfigOf(config));
    try {
      const rotated = await retireKeys(
        {
          store,
          sealer: createSealer(keyring),
          keyring,
          columns: sealedColumns,
          progress,
        },
        { olderKeys, since, settleMs: settle },
        signal,
      );
      if (!inSetting) dropOlderMasterKeys(config.data);
      return { ...rotated, keyId, olderKeys, inSetting };
    } finally {
      await store.close();
    }
  } finally {
    lock.release();
  }
}
