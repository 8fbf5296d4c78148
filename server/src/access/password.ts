// Passwords: argon2id (RFC 9106) with OWASP's parameters, kept as a PHC string; only a few are hashed at once, since each takes 19 MiB.
import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from "node:crypto";
import { promisify } from "node:util";
import { AppError } from "@opentrace/contract/errors.ts";
import { passwordLength } from "@opentrace/contract/users.ts";
import type { Secret } from "./secret.ts";

const derive = promisify<"argon2id", Argon2Parameters, Buffer>(argon2);
const cost = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const bytes = 32;
const mostAtOnce = 2;
const mostWaiting = 50;

const encode = (buffer: Buffer): string => buffer.toString("base64").replace(/=+$/, "");
const phcShape = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (waiting.length >= mostWaiting)
    throw new AppError("unavailable", "Too many are signing in at this moment. Try again in a few seconds.");
  if (running >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}

export async function hashPassword(password: Secret): Promise<string> {
  const nonce = randomBytes(16);
  const hash = await inTurn(() => derive("argon2id", { message: normal(password), nonce, tagLength: bytes, ...cost }));
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${encode(nonce)}$${encode(hash)}`;
}

/** Takes as long for an account that has no password (`stored` null): the answer's time tells nothing. */
export async function passwordMatches(password: Secret, stored: string | null): Promise<boolean> {
  const [, memory, passes, parallelism, nonce, hash] = phcShape.exec(stored ?? nobodys) ?? [];
  if (nonce === undefined || hash === undefined)
    throw new AppError("internal", "A stored password is damaged. Set a new one with: opentrace users reset-password");
  const expected = Buffer.from(hash, "base64");
  const found = await inTurn(() =>
    derive("argon2id", {
      message: normal(password),
      nonce: Buffer.from(nonce, "base64"),
      tagLength: expected.length,
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
    }),
  );
  return timingSafeEqual(found, expected) && stored !== null;
}

/** Made at another cost than today's: to be made again when the password is known. */
export const passwordIsDated = (stored: string): boolean =>
  !stored.startsWith(nobodys.slice(0, nobodys.indexOf("$A") + 1));

/** A hash of nothing in particular, at today's cost. */
const nobodys = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${"A".repeat(22)}$${"A".repeat(43)}`;

/** The same letters typed on another keyboard may be other code points. */
const normal = (password: Secret): Buffer => Buffer.from(password.reveal().normalize("NFKC"), "utf8");

/** Length above all (NIST SP 800-63B): no rules on its characters, but not what everybody would try first. */
export function checkPassword(password: Secret, about: { email: string; name: string }): void {
  const text = password.reveal();
  const wrong = (why: string): never => {
    throw new AppError("bad_request", why, { details: { errors: [{ field: "password", message: why }] } });
  };
  if (text.length < passwordLength.least)
    wrong(`A password has at least ${passwordLength.least} characters. Several words make a good one.`);
  if (text.length > passwordLength.most) wrong(`A password has at most ${passwordLength.most} characters.`);
  const plain = text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
  const known = [about.email, about.email.split("@")[0] ?? "", about.name, "opentrace", "opslens"]
    .map((word) => word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, ""))
    .filter((word) => word.length > 2);
  const rest = [...known, ...common].reduce((left, word) => left.replaceAll(word, ""), plain);
  if (new Set(rest).size < 4)
    wrong("That password is easy to guess: it is made of your name, of common words, or of few characters.");
}

const common = [
  "password",
  "passwort",
  "qwertzuiop",
  "qwertyuiop",
  "qwerty",
  "letmein",
  "welcome",
  "changeme",
  "admin",
  "1234567890",
  "0123456789",
  "123456789",
  "12345678",
  "123456",
  "12345",
  "1234",
];
