// What repositories need of git, with the operator's rules applied: which protocols, which hosts, where copies are kept.
import { isAbsolute, join } from "node:path";
import { AppError } from "@opentrace/contract/errors.ts";
import { describeSource, inspectRepository, type OpenOptions } from "@opentrace/code/git/open-repository.ts";
import type { Secret } from "../access/secret.ts";
import type { Config } from "../config.ts";
import { createHostGuard } from "./guard-host.ts";

/** What a repository is read with. */
export interface GitAccess {
  token: Secret | null;
  /** A file with the certificates (PEM) that its host is known by, when they are not the machine's. */
  caFile: string | null;
}

interface SourceRequest extends Partial<GitAccess> {
  source: string;
  branch: string | null;
  token: Secret | null;
}

export interface GitSources {
  /** Key part and name from the text alone. */
  describe(source: string): { repo: string; name: string };
  /** Asks the repository without fetching: the error that a user should see at once, and where the branch stands. */
  inspect(request: SourceRequest, signal: AbortSignal): ReturnType<typeof inspectRepository>;
  /** For the indexer, which opens it in its own thread. */
  openOptions(request: SourceRequest): Omit<OpenOptions, "guardUrl">;
  isLocal(source: string): boolean;
}

export const isLocalPath = (source: string): boolean => isAbsolute(source.trim());
export const cacheFolderOf = (config: Pick<Config, "data">): string => join(config.data, "repositories");

export function createGitSources(
  config: Pick<Config, "git" | "loopbackOnly" | "privateHosts" | "data" | "historyDepth">,
): GitSources {
  const guardUrl = createHostGuard(config);
  const { protocols, ssh } = config.git;

  function allow(source: string): void {
    if (isLocalPath(source) && !protocols.includes("file"))
      throw new AppError(
        "forbidden",
        "Paths on the server's machine are not allowed here. Give a URL, or let the operator add file to OPENTRACE_GIT_PROTOCOLS.",
      );
  }

  const base = ({ source, branch, token, caFile = null }: SourceRequest) => ({
    source,
    protocols,
    ...(ssh === undefined ? {} : { ssh }),
    ...(branch === null ? {} : { branch }),
    ...(token === null ? {} : { token: token.reveal() }),
    ...(caFile === null ? {} : { caFile }),
  });

  return {
    describe(source) {
      allow(source);
      const { repo, name } = describeSource(source, protocols);
      return { repo, name };
    },
    inspect(request, signal) {
      allow(request.source);
      return inspectRepository({ ...base(request), guardUrl }, AbortSignal.any([signal, AbortSignal.timeout(20_000)]));
    },
    openOptions(request) {
      allow(request.source);
      return { ...base(request), cacheFolder: cacheFolderOf(config), depth: Math.max(1, config.historyDepth) };
    },
    isLocal: isLocalPath,
  };
}
