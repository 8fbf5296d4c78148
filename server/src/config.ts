// The only reader of the environment: what the operator set, checked, with the defaults filled in.
import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { z } from "zod";
import { isHostOrRange } from "@opentrace/connectors/network-guard.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import { Role } from "@opentrace/contract/access.ts";
import type { ProviderSettings } from "./access/identity-providers.ts";
import { Secret } from "./access/secret.ts";
import { environmentProviders, type ProviderSetting } from "./models/environment-providers.ts";
import type { StoreConfig } from "./store/store.ts";

const gitProtocols = ["https", "http", "ssh", "file"] as const;
type GitProtocol = (typeof gitProtocols)[number];
const logLevels = ["trace", "debug", "info", "warn", "error", "silent"] as const;

export interface Config {
  host: string;
  port: number;
  /** Absolute path of the data directory. */
  data: string;
  publicUrl: URL | null;
  databaseUrl: Secret | null;
  masterKey: Secret | null;
  /** Whether requests must carry an API key. */
  auth: boolean;
  /** Bound to this machine only, without a public URL: Host and Origin must name this machine. */
  loopbackOnly: boolean;
  git: {
    /** `file` covers file:// URLs and absolute paths. */
    protocols: readonly GitProtocol[];
    /** Hosts that may be fetched from; null = any. A listed host may resolve to a private address. */
    hosts: readonly string[] | null;
    /** In the place of the account's own. */
    ssh?: { knownHosts?: string | undefined; key?: string | undefined };
  };
  /** Hosts and ranges with private addresses that may be connected to; null = what fits how the server is bound. */
  privateHosts: readonly string[] | null;
  /** Commits of history that are read. */
  historyDepth: number;
  /** Seconds between syncs that nobody asked for; 0 = never. */
  syncEverySeconds: number;
  /** Seconds between periodic syncs of an integration; 0 = never. */
  integrationsEverySeconds: number;
  models: {
    /** Nothing is sent to any model, whatever is set up. */
    off: boolean;
    environment: readonly ProviderSetting[];
  };
  /** Requests a minute for each key or address. */
  rateLimit: number;
  /** Where people may sign in instead of here. */
  identityProvider: ProviderSettings | null;
  /** Rows of the audit log are kept so many days; 0 = for ever. */
  auditDays: number;
  /** A session that is not used ends after so long. */
  sessionIdleMs: number;
  /** A session ends after so long, used or not. */
  sessionMostMs: number;
  logLevel: (typeof logLevels)[number];
}

const loopbackHosts = new Set(["127.0.0.1", "::1", "localhost"]);
export const isLoopbackHost = (host: string): boolean => loopbackHosts.has(host) || /^127\.\d+\.\d+\.\d+$/.test(host);

/** Without a character that ssh's own configuration can't spell. */
function isReadableFile(path: string): boolean {
  if (/["\r\n]/.test(path)) return false;
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const wholeNumber = (minimum: number, maximum: number, fallback: number) =>
  z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .refine((n) => n >= minimum && n <= maximum)
    .default(fallback);

const address = z.url({ protocol: /^https?$/ });
const word = z.string().regex(/^\S+$/);
const file = z.string().refine((path) => isAbsolute(path) && isReadableFile(path));
/** A wrong value of these is not repeated. */
const isSecret = (name: string): boolean => name === "DATABASE_URL" || /_(?:KEY|SECRET)$/.test(name);

/** Each setting with what it should be, in the words of the error. */
const settings = {
  OPENTRACE_HOST: [
    z
      .string()
      .min(1)
      .regex(/^[^\s/]+$/)
      .default("127.0.0.1"),
    "an address or host name to listen on, such as 127.0.0.1 or 0.0.0.0",
  ],
  OPENTRACE_PORT: [wholeNumber(0, 65_535, 8000), "a port number from 0 (any free one) to 65535"],
  OPENTRACE_DATA: [z.string().min(1).default(join(homedir(), ".opentrace")), "a directory"],
  OPENTRACE_PUBLIC_URL: [
    z
      .url({ protocol: /^https?$/ })
      .transform((url) => new URL(url))
      .optional(),
    "the http:// or https:// address under which users reach this server",
  ],
  DATABASE_URL: [
    z
      .string()
      .regex(/^postgres(ql)?:\/\/\S+$/)
      .optional(),
    "a URL such as postgres://user:password@host:5432/opentrace",
  ],
  OPENTRACE_MASTER_KEY: [
    z
      .string()
      .refine((keys) => keys.split(",").every((key) => Buffer.from(key, "base64").length === 32))
      .optional(),
    "32 random bytes in base64 (make one with: openssl rand -base64 32), or several of them, comma-separated, while the key is rotated",
  ],
  ENABLE_AUTH: [z.enum(["auto", "true", "false"]).default("auto"), "auto, true or false"],
  OPENTRACE_GIT_PROTOCOLS: [
    z
      .string()
      .transform((list) => list.split(",").map((part) => part.trim()))
      .pipe(z.array(z.enum(gitProtocols)).min(1))
      .optional(),
    `a comma-separated list of ${gitProtocols.join(", ")}`,
  ],
  OPENTRACE_GIT_HOSTS: [
    z
      .string()
      .transform((list) =>
        list
          .split(",")
          .map((part) => part.trim().toLowerCase())
          .filter((part) => part !== ""),
      )
      .pipe(z.array(z.string().regex(/^[a-z0-9.:[\]-]+$/)))
      .optional(),
    "a comma-separated list of host names",
  ],
  OPENTRACE_SSH_KNOWN_HOSTS: [file.optional(), "the absolute path of a known_hosts file that can be read"],
  OPENTRACE_SSH_KEY: [file.optional(), "the absolute path of a private key that can be read"],
  OPENTRACE_PRIVATE_HOSTS: [
    z
      .string()
      .transform((list) =>
        list
          .split(",")
          .map((part) => part.trim().toLowerCase())
          .filter((part) => part !== ""),
      )
      .pipe(z.array(z.string().refine(isHostOrRange)))
      .optional(),
    "a comma-separated list of host names, addresses and CIDR ranges, such as gitlab.corp.example, 10.0.0.0/8",
  ],
  OPENTRACE_HISTORY_DEPTH: [wholeNumber(0, 100_000, 1000), "a number of commits from 0 to 100000"],
  OPENTRACE_SYNC_EVERY: [wholeNumber(0, 604_800, 0), "a number of seconds from 0 (never) to 604800"],
  OPENTRACE_INTEGRATIONS_EVERY: [wholeNumber(0, 604_800, 900), "a number of seconds from 0 (never) to 604800"],
  OPENTRACE_MODELS: [z.enum(["auto", "off"]).default("auto"), "auto, or off: nothing is sent to any model"],
  OPENTRACE_MODEL_URL: [
    address.optional(),
    "the http:// or https:// address of an OpenAI-compatible endpoint, such as http://localhost:11434/v1",
  ],
  OPENTRACE_MODEL_KEY: [word.optional(), "the key of that endpoint"],
  OPENTRACE_MODEL_VISION: [word.optional(), "the name of a model that reads pictures"],
  OPENTRACE_MODEL_TEXT: [word.optional(), "the name of a model that writes text"],
  OPENTRACE_MODEL_EMBEDDING: [word.optional(), "the name of a model that embeds text"],
  OPENAI_API_KEY: [word.optional(), "a key of OpenAI"],
  OPENAI_BASE_URL: [address.optional(), "the http:// or https:// address of OpenAI's API or a proxy of it"],
  ANTHROPIC_API_KEY: [word.optional(), "a key of Anthropic"],
  GOOGLE_GENERATIVE_AI_API_KEY: [word.optional(), "a key of Google's Gemini API"],
  HUGGINGFACE_API_KEY: [word.optional(), "a key of Hugging Face"],
  OPENTRACE_RATE_LIMIT: [wholeNumber(1, 1_000_000, 600), "a number of requests a minute, at least 1"],
  OPENTRACE_OIDC_ISSUER: [
    z
      .url({ protocol: /^https?$/ })
      .transform((url) => new URL(url))
      .optional(),
    "the https:// address of an OIDC identity provider",
  ],
  OPENTRACE_OIDC_CLIENT_ID: [z.string().min(1).optional(), "the id under which this server is registered there"],
  OPENTRACE_OIDC_CLIENT_SECRET: [z.string().min(1).optional(), "the secret that goes with it"],
  OPENTRACE_OIDC_NAME: [z.string().min(1).max(100).default("single sign-on"), "what the sign-in page calls it"],
  OPENTRACE_OIDC_SCOPES: [z.string().min(1).default("openid profile email"), "scopes, separated by spaces"],
  OPENTRACE_OIDC_GROUPS_CLAIM: [z.string().min(1).default("groups"), "the claim that lists a person's groups"],
  OPENTRACE_OIDC_ROLES: [
    z
      .string()
      .transform((list) =>
        Object.fromEntries(
          list.split(",").map((part) =>
            part
              .split("=")
              .map((word) => word.trim())
              .slice(0, 2),
          ),
        ),
      )
      .pipe(z.record(z.string().min(1), Role))
      .default({}),
    "a comma-separated list of group=role, such as platform=admin, sre=responder",
  ],
  OPENTRACE_OIDC_DEFAULT_ROLE: [Role.optional(), "viewer, responder, ingest or admin"],
  OPENTRACE_AUDIT_DAYS: [wholeNumber(0, 36_500, 400), "a number of days from 0 (for ever) to 36500"],
  OPENTRACE_SESSION_IDLE: [wholeNumber(5, 43_200, 720), "a number of minutes from 5 to 43200"],
  OPENTRACE_SESSION_HOURS: [wholeNumber(1, 8_760, 168), "a number of hours from 1 to 8760"],
  OPENTRACE_LOG: [z.enum(logLevels).default("info"), `one of ${logLevels.join(", ")}`],
} as const satisfies Record<string, readonly [z.ZodType, string]>;

type Settings = { [K in keyof typeof settings]: z.output<(typeof settings)[K][0]> };

/** Settings that are written wrong; the secret ones are not repeated in the message. */
function parseSettings(env: Record<string, string | undefined>): Settings {
  const parsed: Record<string, unknown> = {};
  for (const [name, [schema, shouldBe]] of Object.entries(settings)) {
    const raw = env[name];
    const value = raw === undefined || raw.trim() === "" ? undefined : raw.trim();
    const result = schema.safeParse(value);
    if (!result.success) {
      const shown = isSecret(name) ? "" : ` is ${JSON.stringify(value)}, but it`;
      throw new AppError("bad_request", `${name}${shown} should be ${shouldBe}.`, { details: { setting: name } });
    }
    parsed[name] = result.data;
  }
  return parsed as Settings;
}

const secretOrNull = (value: string | undefined): Secret | null => (value === undefined ? null : new Secret(value));

function readSecretsEnv(path: string): Record<string, string | undefined> {
  if (!existsSync(path)) return {};
  try {
    return parseEnv(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new AppError(
      "bad_request",
      `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

export interface ConfigSources {
  env: Record<string, string | undefined>;
  cwd: string;
}

/** What the command line alone reads, and its tests and benches. */
const readElsewhere = /^OPENTRACE_(URL|API_KEY|INTEGRATION_TOKEN|TEST_\w+|KILL_\w+|PROPERTY_\w+)$/;

/** Names that look like settings and are none: a misspelt one would else be passed over in silence. */
export function unknownSettings({ env, cwd }: ConfigSources, data: string): string[] {
  const given = { ...readSecretsEnv(join(data, "secrets.env")), ...readSecretsEnv(join(cwd, "secrets.env")), ...env };
  return Object.keys(given).filter(
    (name) => name.startsWith("OPENTRACE_") && !Object.hasOwn(settings, name) && !readElsewhere.test(name),
  );
}

/** The environment wins over `secrets.env` in the working directory, which wins over the one in the data directory. */
export function readConfig({ env, cwd }: ConfigSources): Config {
  const here = readSecretsEnv(join(cwd, "secrets.env"));
  const near = { ...here, ...withoutUndefined(env) };
  const data = resolve(cwd, expandHome(parseSettings(near).OPENTRACE_DATA));
  const given = parseSettings({ ...readSecretsEnv(join(data, "secrets.env")), ...near });

  const loopback = isLoopbackHost(given.OPENTRACE_HOST);
  const publicUrl = given.OPENTRACE_PUBLIC_URL ?? null;
  const loopbackOnly = loopback && publicUrl === null;
  const auth = given.ENABLE_AUTH === "auto" ? !loopbackOnly : given.ENABLE_AUTH === "true";
  if (!loopback && !auth)
    throw new AppError(
      "bad_request",
      `ENABLE_AUTH is "false", but OPENTRACE_HOST is ${given.OPENTRACE_HOST}: without authentication the server listens on 127.0.0.1 only. Leave ENABLE_AUTH out, or bind to 127.0.0.1.`,
      { details: { setting: "ENABLE_AUTH" } },
    );
  if (publicUrl !== null && !auth)
    throw new AppError(
      "bad_request",
      `ENABLE_AUTH is "false", but OPENTRACE_PUBLIC_URL is set: a server with a public address needs authentication. Leave ENABLE_AUTH out.`,
      {
        details: { setting: "ENABLE_AUTH" },
      },
    );
  return {
    host: given.OPENTRACE_HOST,
    port: given.OPENTRACE_PORT,
    data,
    publicUrl,
    databaseUrl: given.DATABASE_URL === undefined ? null : new Secret(given.DATABASE_URL),
    masterKey: given.OPENTRACE_MASTER_KEY === undefined ? null : new Secret(given.OPENTRACE_MASTER_KEY),
    auth,
    loopbackOnly,
    git: {
      protocols: given.OPENTRACE_GIT_PROTOCOLS ?? (loopbackOnly ? ["https", "http", "ssh", "file"] : ["https"]),
      hosts: given.OPENTRACE_GIT_HOSTS ?? null,
      ssh: { knownHosts: given.OPENTRACE_SSH_KNOWN_HOSTS, key: given.OPENTRACE_SSH_KEY },
    },
    privateHosts: given.OPENTRACE_PRIVATE_HOSTS ?? null,
    historyDepth: given.OPENTRACE_HISTORY_DEPTH,
    syncEverySeconds: given.OPENTRACE_SYNC_EVERY,
    integrationsEverySeconds: given.OPENTRACE_INTEGRATIONS_EVERY,
    models: {
      off: given.OPENTRACE_MODELS === "off",
      environment: environmentProviders({
        url: given.OPENTRACE_MODEL_URL ?? null,
        key: secretOrNull(given.OPENTRACE_MODEL_KEY),
        models: {
          vision: given.OPENTRACE_MODEL_VISION ?? null,
          text: given.OPENTRACE_MODEL_TEXT ?? null,
          embedding: given.OPENTRACE_MODEL_EMBEDDING ?? null,
        },
        openai: secretOrNull(given.OPENAI_API_KEY),
        openaiUrl: given.OPENAI_BASE_URL ?? null,
        anthropic: secretOrNull(given.ANTHROPIC_API_KEY),
        google: secretOrNull(given.GOOGLE_GENERATIVE_AI_API_KEY),
        huggingface: secretOrNull(given.HUGGINGFACE_API_KEY),
      }),
    },
    rateLimit: given.OPENTRACE_RATE_LIMIT,
    identityProvider: identityProviderOf(given),
    auditDays: given.OPENTRACE_AUDIT_DAYS,
    sessionIdleMs: given.OPENTRACE_SESSION_IDLE * 60_000,
    sessionMostMs: given.OPENTRACE_SESSION_HOURS * 3_600_000,
    logLevel: given.OPENTRACE_LOG,
  };
}

/** Throws when only half of it is there. */
function identityProviderOf(given: Settings): ProviderSettings | null {
  const { OPENTRACE_OIDC_ISSUER: issuer, OPENTRACE_OIDC_CLIENT_ID: clientId } = given;
  if (issuer === undefined) return null;
  if (clientId === undefined)
    throw new AppError("bad_request", "OPENTRACE_OIDC_ISSUER is set, so OPENTRACE_OIDC_CLIENT_ID should be set too.", {
      details: { setting: "OPENTRACE_OIDC_CLIENT_ID" },
    });
  const secret = given.OPENTRACE_OIDC_CLIENT_SECRET;
  return {
    id: "sso",
    name: given.OPENTRACE_OIDC_NAME,
    issuer,
    clientId,
    clientSecret: secret === undefined ? null : new Secret(secret),
    scopes: given.OPENTRACE_OIDC_SCOPES,
    groupsClaim: given.OPENTRACE_OIDC_GROUPS_CLAIM,
    roleOfGroup: given.OPENTRACE_OIDC_ROLES,
    defaultRole: given.OPENTRACE_OIDC_DEFAULT_ROLE ?? null,
    autoProvision: true,
  };
}

/** A server of one's own may reach the private network; one that others reach may reach what is listed. A list is the whole of it. */
export const networkRulesOf = ({ loopbackOnly, privateHosts }: Pick<Config, "loopbackOnly" | "privateHosts">) => ({
  allowPrivate: loopbackOnly && privateHosts === null,
  allow: privateHosts ?? [],
  setting: "OPENTRACE_PRIVATE_HOSTS",
});

export const storeConfigOf = ({ databaseUrl, data }: Pick<Config, "databaseUrl" | "data">): StoreConfig =>
  databaseUrl === null ? { dataDir: data } : { databaseUrl: databaseUrl.reveal() };

function expandHome(path: string): string {
  if (isAbsolute(path)) return path;
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}

function withoutUndefined(env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1].trim() !== ""),
  );
}
