import { expect, test } from "vitest";
import { gitError } from "./git-errors.ts";

const subject = "ssh://git@git.acme.dev/shop.git";
/** As git ends after whatever ssh said. */
const end =
  "fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n";
const said = (stderr: string): [string, string] => {
  const { code, message } = gitError(stderr + end, subject, "fetching");
  return [code, message];
};

test("a host key that is not known, one that has changed, and a login that is refused are three things", () => {
  const unknown = "Host key verification failed.\r\n";
  const strict = `No ED25519 host key is known for git.acme.dev and you have requested strict checking.\r\n${unknown}`;
  for (const text of [unknown, strict])
    expect(said(text)).toEqual(["upstream_auth", expect.stringMatching(/is not known here\. Add its host key/)]);
  const bar = "@".repeat(59);
  const changed = `${bar}\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\n${bar}\r\nIT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\r\n${unknown}`;
  expect(said(changed)).toEqual(["upstream_auth", expect.stringMatching(/is not the one in known_hosts/)]);
  expect(said("git@git.acme.dev: Permission denied (publickey).\r\n")).toEqual([
    "upstream_auth",
    expect.stringMatching(/refused the login .* public key/),
  ]);
});
