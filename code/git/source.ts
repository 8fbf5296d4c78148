// What a user may give as a repository: an absolute path or a Git URL. Purely about the text; nothing is opened here.
import path from "node:path";
import { AppError } from "@opentrace/contract/errors.ts";

export type Protocol = "https" | "ssh" | "file" | "http";

export type GitSource =
  | { is: "path"; path: string }
  | {
      is: "url";
      protocol: Protocol;
      /** As git gets it; without credentials. */
      url: string;
      host: string;
      port: number | null;
      /** Without leading slash and `.git`. */
      path: string;
    };

const SCP_LIKE = /^(?:([A-Za-z0-9_.-]+)@)?([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):(?!\/\/)(.+)$/;

/** Throws bad_request with what to write instead. Which protocols are allowed is the caller's question (`allowed`). */
export function parseSource(source: string, allowed: readonly Protocol[]): GitSource {
  const text = source.trim();
  if (text === "") throw new AppError("bad_request", "Give an absolute path or a Git URL.");
  if (/\p{Cc}/u.test(text)) throw new AppError("bad_request", "The source holds control characters. Type it again.");
  if (text.startsWith("-")) throw new AppError("bad_request", `"${text}" is neither an absolute path nor a Git URL.`);
  if (path.isAbsolute(text)) return { is: "path", path: path.resolve(text) };

  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return parseUrl(text, allowed);
  // `ext::…` names a program to run.
  const scp = text.includes("::") ? null : text.match(SCP_LIKE);
  if (scp && !/^[A-Za-z]$/.test(scp[2] ?? "")) {
    const [, user = "git", host = "", rest = ""] = scp;
    if (host.startsWith("-") || rest.startsWith("-")) throw notASource(text);
    return requireAllowed(
      {
        is: "url",
        protocol: "ssh",
        url: `ssh://${user}@${host}/${rest.replace(/^\/+/, "")}`,
        host: host.toLowerCase(),
        port: null,
        path: trimPath(rest),
      },
      allowed,
      text,
    );
  }
  throw notASource(text);
}

function notASource(text: string): AppError {
  return new AppError(
    "bad_request",
    `"${text}" is neither an absolute path nor a Git URL. Write /home/me/project or https://host/owner/name.`,
  );
}

function parseUrl(text: string, allowed: readonly Protocol[]): GitSource {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new AppError("bad_request", `"${text}" is not a valid URL. Write https://host/owner/name.`, { cause });
  }
  const protocol = url.protocol.slice(0, -1).toLowerCase();
  if (protocol !== "https" && protocol !== "ssh" && protocol !== "file" && protocol !== "http") {
    throw new AppError("bad_request", `"${protocol}:" is not a Git address that OpenTrace reads. Use https.`);
  }
  const withoutLogin = new URL(text);
  withoutLogin.username = "";
  withoutLogin.password = "";
  if (url.password !== "" || (url.username !== "" && protocol !== "ssh")) {
    throw new AppError(
      "bad_request",
      `Don't put a login into the URL, it would be stored and shown. Give ${withoutLogin.href} and the token in its own field.`,
    );
  }
  if (url.search !== "" || url.hash !== "") {
    throw new AppError("bad_request", "A Git URL has no ? or # part. Give the address that you would clone.");
  }
  const cleaned = trimPath(decodePath(url.pathname));
  if (cleaned === "")
    throw new AppError("bad_request", `${withoutLogin.href} names no repository. Write https://host/owner/name.`);
  if (url.hostname.startsWith("-") || url.username.startsWith("-")) throw notASource(withoutLogin.href);
  return requireAllowed(
    {
      is: "url",
      protocol,
      url: url.href.replace(/\/+$/, ""),
      host: url.hostname.toLowerCase(),
      port: url.port === "" ? null : Number(url.port),
      path: cleaned,
    },
    allowed,
    withoutLogin.href,
  );
}

function requireAllowed(source: GitSource & { is: "url" }, allowed: readonly Protocol[], shown: string): GitSource {
  if (allowed.includes(source.protocol)) return source;
  const use =
    allowed.length > 0 ? `Allowed here: ${allowed.join(", ")}.` : "Only paths on this machine are allowed here.";
  throw new AppError("forbidden", `${shown}: ${source.protocol} addresses are not allowed on this server. ${use}`);
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function trimPath(text: string): string {
  return text
    .replace(/^\/+|\/+$/g, "")
    .replace(/\.git$/i, "")
    .replace(/\/+$/, "");
}

/** The repository's key without its `repo:` prefix (contract/keys.ts): the same for https, ssh and scp-like spellings. */
export function repositoryPart(source: GitSource): string {
  if (source.is === "path") return `local/${trimPath(source.path.replaceAll("\\", "/").replace(/\/\.git\/?$/, ""))}`;
  if (source.protocol === "file") return `local/${source.path}`;
  return `${source.host}${source.port === null ? "" : `:${source.port}`}/${source.path}`;
}

/** What people call it: `acme/shop` of a URL, the folder's name of a path. */
export function repositoryName(source: GitSource): string {
  if (source.is === "path" || source.protocol === "file") {
    return repositoryPart(source).split("/").at(-1) ?? repositoryPart(source);
  }
  return source.path;
}
