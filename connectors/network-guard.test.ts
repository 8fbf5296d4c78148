import { AppError } from "@opentrace/contract/errors.ts";
import { describe, expect, it } from "vitest";
import { createNetworkGuard, type NetworkRules } from "./network-guard.ts";

const guard = (rules: Partial<NetworkRules>, resolve = async (): Promise<string[]> => ["93.184.215.14"]) =>
  createNetworkGuard({ allowPrivate: false, allow: [], setting: "OPENTRACE_PRIVATE_HOSTS", ...rules }, resolve);

const verdict = (rules: Partial<NetworkRules>, host: string): string => {
  try {
    guard(rules).checkAddress(host, host);
    return "allowed";
  } catch (error) {
    return error instanceof AppError ? error.code : "threw";
  }
};

const metadata = [
  "169.254.169.254",
  "169.254.170.2",
  "100.100.100.200",
  "168.63.129.16",
  "fd00:ec2::254",
  "fe80::1",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "64:ff9b::a9fe:a9fe",
  "2002:a9fe:a9fe::1",
  "::169.254.169.254",
  "2001:0:4136:e378:8000:63bf:5601:5601",
];
const inside = [
  "127.0.0.1",
  "127.8.8.8",
  "10.1.2.3",
  "172.16.0.1",
  "192.168.1.1",
  "100.64.0.1",
  "0.0.0.0",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "198.18.0.1",
  "::",
  "::1",
  "fc00::1",
  "fd12::1",
  "ff02::1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "64:ff9b::7f00:1",
  "2002:7f00:1::",
  "2002:c0a8:101::",
  "::10.0.0.1",
];

describe("which addresses may be connected to", () => {
  it.each(metadata)("denies the metadata address %s whatever the configuration", (address) => {
    expect(verdict({}, address)).toBe("forbidden");
    expect(verdict({ allowPrivate: true, allow: [address, "0.0.0.0/0", "::/0"] }, address)).toBe("forbidden");
  });
  it.each(inside)("allows the private address %s only where private ones are allowed", (address) => {
    expect(verdict({}, address)).toBe("forbidden");
    expect(verdict({ allowPrivate: true }, address)).toBe("allowed");
    expect(verdict({ allow: [address] }, address)).toBe("allowed");
  });
  it.each(["93.184.215.14", "140.82.121.4", "2606:50c0:8000::153", "::ffff:8.8.8.8"])("allows %s", (address) => {
    expect(verdict({}, address)).toBe("allowed");
  });
  it("allows a listed range and no other", () => {
    expect(verdict({ allow: ["10.1.0.0/16"] }, "10.1.200.3")).toBe("allowed");
    expect(verdict({ allow: ["10.1.0.0/16"] }, "10.2.0.1")).toBe("forbidden");
  });
  it("denies a name of which one address among several is private", async () => {
    const mixed = guard({}, async () => ["93.184.215.14", "10.0.0.1"]);
    await expect(mixed.addressesOf("rebound.example")).rejects.toThrow(
      "rebound.example leads to the private address 10.0.0.1. If that is meant, list the host in OPENTRACE_PRIVATE_HOSTS.",
    );
  });
  it("names the host that is not found", async () => {
    const none = guard({}, () => Promise.reject(new Error("ENOTFOUND")));
    await expect(none.addressesOf("nowhere.example")).rejects.toThrow("The host nowhere.example could not be found.");
  });
});
