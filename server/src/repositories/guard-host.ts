// Which hosts git may be sent to: the operator's list, and never the places that only a machine itself should reach.
import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Config } from "../config.ts";

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** Cloud metadata services: whoever reaches them gets the machine's credentials. Denied whatever the configuration. */
const metadata = blockList(["169.254.0.0/16", "fe80::/10", "fd00:ec2::254", "100.100.100.200", "168.63.129.16"]);
const inside = blockList([
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/128",
  "::1/128",
  "64:ff9b::/96",
  "fc00::/7",
  "ff00::/8",
]);

const isIn = (list: BlockList, address: string): boolean => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address;
  return list.check(plain, isIP(plain) === 6 ? "ipv6" : "ipv4");
};

export type Resolve = (host: string) => Promise<string[]>;
const resolveByDns: Resolve = async (host) => (await lookup(host, { all: true })).map((entry) => entry.address);

/**
 * A server of one's own may fetch from the private network; one that others reach may not, unless the host is listed.
 * Answers the addresses that were judged, for git to be pinned to them.
 */
export function createHostGuard(config: Pick<Config, "git" | "loopbackOnly">, resolve: Resolve = resolveByDns) {
  return async (url: URL, _signal: AbortSignal): Promise<{ addresses: readonly string[] }> => {
    const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
    const listed = config.git.hosts?.includes(host) === true;
    if (config.git.hosts !== null && !listed)
      throw new AppError(
        "forbidden",
        `${host} is not among the hosts this server may fetch from. Add it to OPENTRACE_GIT_HOSTS.`,
      );
    let addresses: string[];
    try {
      addresses = isIP(host) === 0 ? await resolve(host) : [host];
    } catch (cause) {
      throw new AppError(
        "upstream_failed",
        `The host ${host} could not be found. Check the spelling of the address and the server's DNS.`,
        { cause },
      );
    }
    for (const address of addresses) {
      if (isIn(metadata, address))
        throw new AppError("forbidden", `${host} leads to ${address}, which is reserved for the machine itself.`);
      if (!config.loopbackOnly && !listed && isIn(inside, address))
        throw new AppError(
          "forbidden",
          `${host} leads to the private address ${address}. If that is meant, list the host in OPENTRACE_GIT_HOSTS.`,
        );
    }
    return { addresses };
  };
}
