// Which addresses this server may connect to: one judgement for integrations' HTTP and for git. Metadata services never; private ones by rule.
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { AppError } from "@opentrace/contract/errors.ts";
import ipaddr from "ipaddr.js";

export interface NetworkRules {
  /** True on a server that only its own machine reaches. */
  allowPrivate: boolean;
  /** Host names and CIDR ranges that the operator lists: these may be private. */
  allow: readonly string[];
  /** The setting that holds `allow`, for the message. */
  setting: string;
}

export type Resolve = (host: string) => Promise<string[]>;
export const resolveByDns: Resolve = async (host) => (await lookup(host, { all: true })).map((entry) => entry.address);

export interface NetworkGuard {
  /** Every address of the host, judged; throws AppError("forbidden" | "upstream_failed"). */
  addressesOf(host: string): Promise<string[]>;
  /** The address that a socket really has. Throws AppError("forbidden"). */
  checkAddress(host: string, address: string): void;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Cloud metadata services: whoever reaches them gets the machine's credentials. Denied whatever the configuration. */
const metadata = ["169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32", "168.63.129.16/32"].map(
  (range) => ipaddr.parseCIDR(range),
);

const isIn = (address: Address, [base, bits]: [Address, number]): boolean =>
  address.kind() === base.kind() && address.match(base, bits);

/** An IPv4 address travels inside several kinds of IPv6 ones; what counts is where it leads. */
function unwrap(address: Address): Address {
  if (!(address instanceof ipaddr.IPv6)) return address;
  const bytes = address.toByteArray();
  const v4 = (from: number, flip = 0): Address =>
    new ipaddr.IPv4(bytes.slice(from, from + 4).map((byte) => byte ^ flip));
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  switch (address.range()) {
    case "rfc6145":
    case "rfc6052":
      return v4(12);
    case "6to4":
      return v4(2);
    case "teredo":
      return v4(12, 0xff);
    default:
      // ::a.b.c.d, deprecated but still routed by some systems; :: and ::1 are themselves.
      return bytes.slice(0, 12).every((byte) => byte === 0) && (bytes[12] ?? 0) !== 0 ? v4(12) : address;
  }
}

/** An entry of `NetworkRules.allow`: an address, a CIDR range, or a host name without scheme, port or path. */
export const isHostOrRange = (entry: string): boolean =>
  ipaddr.isValidCIDR(entry) || isIP(entry) !== 0 || /^(?!\d+(\.\d+)*$)[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(entry);

export function createNetworkGuard(rules: NetworkRules, resolve: Resolve = resolveByDns): NetworkGuard {
  const hosts = new Set<string>();
  const ranges: [Address, number][] = [];
  for (const entry of rules.allow) {
    if (ipaddr.isValidCIDR(entry)) ranges.push(ipaddr.parseCIDR(entry));
    else if (isIP(entry) !== 0) ranges.push([ipaddr.parse(entry), isIP(entry) === 6 ? 128 : 32]);
    else hosts.add(entry.toLowerCase());
  }

  function checkAddress(host: string, text: string): void {
    if (!ipaddr.isValid(text)) throw new AppError("forbidden", `${host} leads to ${text}, which is no address.`);
    const stated = ipaddr.parse(text);
    const address = unwrap(stated);
    const isAmong = (list: readonly [Address, number][]): boolean =>
      list.some((range) => isIn(stated, range) || isIn(address, range));
    if (isAmong(metadata))
      throw new AppError("forbidden", `${host} leads to ${text}, which is reserved for the machine itself.`);
    if (rules.allowPrivate || hosts.has(host) || isAmong(ranges)) return;
    if (address.range() !== "unicast")
      throw new AppError(
        "forbidden",
        `${host} leads to the private address ${text}. If that is meant, list the host in ${rules.setting}.`,
      );
  }

  return {
    checkAddress,
    async addressesOf(name) {
      const host = name.replace(/^\[|\]$/g, "").toLowerCase();
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
      if (addresses.length === 0) throw new AppError("upstream_failed", `The host ${host} has no address.`);
      // All of them: one bad address among good ones is how a name is rebound.
      for (const address of addresses) checkAddress(host, address);
      return addresses;
    },
  };
}
