// Which hosts git may be sent to: the operator's list, and never the places that only a machine itself should reach.
import { AppError } from "@opentrace/contract/errors.ts";
import { createNetworkGuard, resolveByDns, type Resolve } from "@opentrace/connectors/network-guard.ts";
import type { Config } from "../config.ts";

/**
 * A server of one's own may fetch from the private network; one that others reach may not, unless the host is listed.
 * Answers the addresses that were judged, for git to be pinned to them.
 */
export function createHostGuard(
  config: Pick<Config, "git" | "loopbackOnly" | "privateHosts">,
  resolve: Resolve = resolveByDns,
) {
  const network = createNetworkGuard(
    {
      allowPrivate: config.loopbackOnly,
      // What an integration may be asked at, its code may be fetched from.
      allow: [...(config.git.hosts ?? []), ...(config.privateHosts ?? [])],
      setting: "OPENTRACE_GIT_HOSTS",
    },
    resolve,
  );
  return async (url: URL, _signal: AbortSignal): Promise<{ addresses: readonly string[] }> => {
    const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
    if (config.git.hosts !== null && !config.git.hosts.includes(host))
      throw new AppError(
        "forbidden",
        `${host} is not among the hosts this server may fetch from. Add it to OPENTRACE_GIT_HOSTS.`,
      );
    return { addresses: await network.addressesOf(host) };
  };
}
