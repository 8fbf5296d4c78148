// What git said on stderr → one AppError that names the thing and what to do.
import { AppError, type ErrorCode } from "@opentrace/contract/errors.ts";

interface Rule {
  when: RegExp;
  code: ErrorCode;
  say: (subject: string, found: RegExpMatchArray) => string;
}

/** In this order: the first that matches speaks. `subject` is the source as the user gave it (never with credentials). */
const RULES: readonly Rule[] = [
  {
    when: /No space left on device|Disk quota exceeded|unable to write file.*space/i,
    code: "storage_full",
    say: (subject) =>
      `The disk is full: ${subject} could not be stored. Free some space in the data folder and sync again.`,
  },
  {
    when: /Authentication failed|could not read (Username|Password)|terminal prompts disabled|returned error: 401|HTTP 401|Invalid username or password/i,
    code: "upstream_auth",
    say: (subject) =>
      `${subject} asks for a login: the token is missing, wrong or expired. Give a token that may read the repository.`,
  },
  {
    when: /returned error: 403|HTTP 403/i,
    code: "upstream_auth",
    say: (subject) => `${subject} refused access (403): the token lacks the right to read this repository.`,
  },
  {
    when: /REMOTE HOST IDENTIFICATION HAS CHANGED/i,
    code: "upstream_auth",
    say: (subject) =>
      `The host key of ${subject} is not the one in known_hosts: somebody may be in between, or the host has a new key. Ask whoever runs it, and only then replace the key in known_hosts.`,
  },
  {
    when: /Host key verification failed|host key is known for/i,
    code: "upstream_auth",
    say: (subject) =>
      `The host of ${subject} is not known here. Add its host key to the file that OPENTRACE_SSH_KNOWN_HOSTS names, or to known_hosts of the account that runs OpenTrace (ssh-keyscan gives it; compare it with what the host's owner says).`,
  },
  {
    when: /Permission denied \(/i,
    code: "upstream_auth",
    say: (subject) =>
      `ssh refused the login to ${subject}. Add the public key of the account that runs OpenTrace (or that of the key in OPENTRACE_SSH_KEY) there, with the right to read the repository.`,
  },
  {
    when: /returned error: 404|Repository not found|repository '.*' not found|does not appear to be a git repository|does not exist/i,
    code: "not_found",
    say: (subject) =>
      `There is no repository at ${subject}, or it is private. Check the address; for a private repository give a token.`,
  },
  {
    when: /returned error: 30[12378]|unable to update url base from redirection/i,
    code: "upstream_failed",
    say: (subject) => `${subject} has moved (it redirects). Open it in a browser and give the address it ends at.`,
  },
  {
    when: /transport '([a-z0-9+-]+)' not allowed/i,
    code: "forbidden",
    say: (subject, found) => `${subject}: "${found[1]}" addresses are not allowed on this server. Use https.`,
  },
  {
    when: /Could not resolve host(name)?|Name or service not known|Temporary failure in name resolution/i,
    code: "upstream_failed",
    say: (subject) =>
      `The host of ${subject} could not be found. Check the spelling of the address and the server's DNS.`,
  },
  {
    when: /SSL|TLS|certificate|gnutls/i,
    code: "upstream_failed",
    say: (subject) =>
      `No secure connection to ${subject}: its certificate is not trusted here. Add its CA to the server (SSL_CERT_FILE).`,
  },
  {
    when: /Connection refused|Failed to connect|Couldn't connect|Connection timed out|timed out|No route to host|Network is unreachable/i,
    code: "upstream_failed",
    say: (subject) =>
      `${subject} can't be reached from the server: nothing answers there. Check the address and the network.`,
  },
  {
    when: /early EOF|Connection reset|remote end hung up|RPC failed|unexpected disconnect|returned error: 5\d\d/i,
    code: "upstream_failed",
    say: (subject) => `The connection to ${subject} broke off. Sync again; what was fetched before is kept.`,
  },
  {
    when: /corrupt|inflate|bad object|is missing|unable to read|invalid object|loose object|packfile .* (cannot|index)|unresolved delta|fsck error|bad tree|not our ref/i,
    code: "unprocessable",
    say: (subject) =>
      `The objects of ${subject} are damaged. Run "git fsck" there and restore what it names, then sync again.`,
  },
];

/** `doing` completes "git failed while …". The excerpt of stderr is short and holds no credentials (git never got any in a URL). */
export function gitError(stderr: string, subject: string, doing: string): AppError {
  const excerpt = scrub(stderr).slice(-600);
  for (const rule of RULES) {
    const found = stderr.match(rule.when);
    if (found) return new AppError(rule.code, rule.say(subject, found), { details: { git: excerpt } });
  }
  const line = excerpt.split("\n").findLast((candidate) => candidate.trim() !== "") ?? "no message";
  return new AppError("upstream_failed", `git failed while ${doing} ${subject}: ${line}`, {
    details: { git: excerpt },
  });
}

function scrub(text: string): string {
  return text.replace(/\/\/[^/@\s']+@/g, "//").replace(/(authorization:\s*)\S.*/gi, "$1[redacted]");
}
