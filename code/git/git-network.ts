// How git reaches a URL: the addresses it may connect to, certificates, and the credentials of the person who gave it.
import { AppError } from "@opentrace/contract/errors.ts";
import type { OpenOptions } from "./open-repository.ts";
import type { GitNetwork } from "./run-git.ts";
import type { GitSource } from "./source.ts";

export async function networkFor(
  source: GitSource & { is: "url" },
  options: Omit<OpenOptions, "cacheFolder" | "depth">,
  signal: AbortSignal,
): Promise<GitNetwork> {
  const config: [string, string][] = [];
  const url = new URL(source.url);
  if (options.guardUrl !== undefined && source.protocol !== "file") {
    const pinned = await options.guardUrl(url, signal);
    if (pinned !== null && source.protocol !== "ssh") {
      const port = source.port ?? (source.protocol === "https" ? 443 : 80);
      config.push(["http.curloptResolve", `${url.hostname}:${port}:${pinned.addresses.join(",")}`]);
    }
  }
  if (options.caFile !== undefined) config.push([`http.${url.origin}/.sslCAInfo`, options.caFile]);
  if (options.token !== undefined) {
    if (source.protocol !== "https" && source.protocol !== "http") {
      throw new AppError(
        "bad_request",
        `A token works with https addresses only; ${source.url} is ${source.protocol}.`,
      );
    }
    if (/[\r\n\0]/.test(options.token))
      throw new AppError("bad_request", "The token holds a line break. Paste it again.");
    const login = options.token.includes(":") ? options.token : `${userFor(source.host)}:${options.token}`;
    const header = `Authorization: Basic ${Buffer.from(login, "utf8").toString("base64")}`;
    config.push([`http.${url.origin}/.extraHeader`, header]);
  }
  return { protocols: [source.protocol], config, ...(source.protocol === "ssh" ? { ssh: options.ssh } : {}) };
}

/** The user name that goes with a bare token: GitHub and most others take any, these two insist. */
function userFor(host: string): string {
  if (host.endsWith("bitbucket.org")) return "x-token-auth";
  return host.includes("gitlab") ? "oauth2" : "x-access-token";
}
