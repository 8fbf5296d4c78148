// `opentrace keys rotate`: a new master key, and everything that is stored sealed under it, while the server goes on.
import { AppError } from "@opentrace/contract/errors.ts";
import { configOf } from "../client.ts";
import { note, print } from "../output.ts";
import type { CommonOptions } from "./verb-commands.ts";

export async function rotateKeysCommand(options: CommonOptions, signal: AbortSignal): Promise<void> {
  if (options.server !== undefined)
    throw new AppError(
      "bad_request",
      "The master key is rotated where it is kept: run this on the server's machine, as its user, without --server.",
    );
  const { rotateMasterKey } = await import("@opentrace/server/src/rotate-master-key.ts");
  let told = -1;
  const progress = (resealed: number): void => {
    if (resealed === told || options.json === true) return;
    told = resealed;
    note(`${resealed} secrets sealed anew`);
  };
  const { resealed, damaged, keyId, olderKeys, inSetting } = await rotateMasterKey(configOf(options), progress, signal);
  if (options.json === true) return print(JSON.stringify({ keyId, olderKeys, resealed, damaged }, null, 2));
  print(`Everything is sealed under the master key ${keyId} now.`);
  if (damaged.length > 0) note(`No key opens what is in ${damaged.join(", ")}: give those secrets again.`);
  if (inSetting)
    note(`Nothing needs the older ${olderKeys.join(", ")} any more: leave only the first key in OPENTRACE_MASTER_KEY.`);
  else
    note("The old key is gone from master.key. Backups of the data that are older need the master.key of their time.");
}
