// Joins the parts of access: keys, users, sessions and how one gets in.
import type { SignInMethods } from "@opentrace/contract/users.ts";
import { createNetworkGuard } from "@opentrace/connectors/network-guard.ts";
import { createTransport } from "@opentrace/connectors/transport.ts";
import { networkRulesOf, type Config } from "../config.ts";
import { createIdentityProviders, sealedOfProviders, type IdentityProviders } from "./identity-providers.ts";
import { type IdentityProviderVerbsDeps, identityProviderVerbs } from "./identity-provider-verbs.ts";
import { createSingleSignOn, sealedOfFlows, type SingleSignOn } from "./single-sign-on.ts";
import type { Store } from "../store/store.ts";
import type { Log, Verb } from "../verb.ts";
import { createAccount, type Account } from "./account.ts";
import { accountVerbs, type AccountVerbsDeps } from "./account-verbs.ts";
import { defaultWorkspace } from "./actors.ts";
import { createApiKeys, type ApiKeys } from "./api-keys.ts";
import { createAudit, createAuditLog, type AuditLog } from "./audit.ts";
import { auditVerbs } from "./audit-verbs.ts";
import { createAuthenticate, type Authenticate } from "./authenticate.ts";
import type { AuditEntry } from "./invoke.ts";
import { createKeyUsage, type KeyUsage } from "./key-usage.ts";
import { keyVerbs, type KeyVerbsDeps } from "./key-verbs.ts";
import { createAccessTokens } from "./access-tokens.ts";
import { createAuthorizationServer, type AuthorizationServer } from "./authorization-server.ts";
import { createOauthItems, sealedOfOauth } from "./oauth-items.ts";
import type { SealedColumn } from "./rotate-keys.ts";
import type { Sealer } from "./seal.ts";
import { createSigningKeys, sealedOfSigningKeys } from "./signing-keys.ts";
import { createSharedRates, type SharedRates } from "./shared-rates.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { createThrottle, type Throttle } from "./throttle.ts";
import { createUserLinks, type UserLinks } from "./user-links.ts";
import { userVerbs, type UserVerbsDeps } from "./user-verbs.ts";
import { createUsers, type Users } from "./users.ts";

export interface AccessDeps {
  store: Store;
  log: Log;
  now(this: void): Date;
  sealer: Sealer;
  config: Pick<
    Config,
    "auth" | "auditDays" | "sessionIdleMs" | "sessionMostMs" | "identityProvider" | "loopbackOnly" | "privateHosts"
  >;
  homeUrl(this: void): string;
}

export interface Access {
  keys: ApiKeys;
  usage: KeyUsage;
  auditLog: AuditLog;
  users: Users;
  links: UserLinks;
  sessions: Sessions;
  throttle: Throttle;
  account: Account;
  providers: IdentityProviders;
  singleSignOn: SingleSignOn;
  audit(this: void, entry: AuditEntry): Promise<void>;
  authorizationServer: AuthorizationServer;
  authenticate: Authenticate;
  /** The same of a request that goes on and on: an open stream alone keeps no session alive. */
  lookAgain: Authenticate;
  methods(): Promise<SignInMethods>;
  /** Rates that hold across server processes; null where there is one. */
  rates: SharedRates | null;
  /** Removes what is out of date; happens by itself every hour. */
  prune(this: void): Promise<void>;
  stop(this: void): Promise<void>;
}

export const sealedOfAccess: readonly SealedColumn[] = [
  ...sealedOfSigningKeys,
  ...sealedOfOauth,
  ...sealedOfProviders,
  ...sealedOfFlows,
];

const firstPruneMs = 60_000;
const pruneEveryMs = 3_600_000;

export function openAccess({ store, sealer, log, now, config, homeUrl }: AccessDeps): Access {
  const keys = createApiKeys({ store, log, now });
  const usage = createKeyUsage({ store, log, now });
  const users = createUsers({ store, now });
  const links = createUserLinks({ store, now, homeUrl });
  const sessions = createSessions({ store, log, now, idleMs: config.sessionIdleMs, mostMs: config.sessionMostMs });
  const audit = createAudit(store);
  const throttle = createThrottle({ store, now });
  const account = createAccount({
    users,
    links,
    sessions,
    throttle,
    audit,
    now,
    workspace: defaultWorkspace,
  });
  const signing = createSigningKeys({ store, sealer, now });
  const tokens = createAccessTokens({ keys, users, signing, homeUrl });
  const items = createOauthItems({ store, sealer, now });
  const authorizationServer = createAuthorizationServer({
    keys,
    users,
    signing,
    items,
    workspace: defaultWorkspace,
    homeUrl,
    log,
    issued: ({ address, requestId }, actor, outcome) =>
      audit({
        at: now(),
        actor: actor ?? "anonymous",
        workspace: defaultWorkspace,
        verb: "auth.token",
        door: "rest",
        requestId,
        outcome,
        subject: null,
        address,
      }),
  });
  const providers = createIdentityProviders({ store, sealer, now, configured: config.identityProvider });
  const transport = createTransport({ guard: createNetworkGuard(networkRulesOf(config)) });
  const singleSignOn = createSingleSignOn({
    store,
    sealer,
    providers,
    users,
    account,
    transport,
    homeUrl,
    workspace: defaultWorkspace,
    now,
  });
  const authenticateBy = (options: { isUse: boolean }): Authenticate =>
    createAuthenticate({
      required: config.auth,
      verifyKey: (key) => keys.verify(key, defaultWorkspace),
      verifyToken: (token) => tokens.verify(token, defaultWorkspace),
      verifySession: (token) => sessions.verify(token, defaultWorkspace, options),
    });
  const auditLog = createAuditLog(store);
  // One server process has the embedded store for itself: it counts in memory.
  const rates = store.kind === "postgres" ? createSharedRates({ store, log, now }) : null;
  const prune = async (): Promise<void> => {
    if (config.auditDays > 0) {
      const removed = await auditLog.prune(new Date(now().getTime() - config.auditDays * 86_400_000), defaultWorkspace);
      if (removed > 0) log.info({ removed, olderThanDays: config.auditDays }, "old audit rows removed");
    }
    await rates?.prune();
    await sessions.prune();
    await throttle.prune();
    await usage.prune();
    await items.prune();
    await singleSignOn.prune();
  };
  const tidy = (): void => void prune().catch((err: unknown) => log.warn({ err }, "what is out of date not removed"));
  // A server that is restarted often tidies up too.
  const timers = [setTimeout(tidy, firstPruneMs), setInterval(tidy, pruneEveryMs)];
  for (const timer of timers) timer.unref();
  return {
    keys,
    usage,
    auditLog,
    rates,
    prune,
    users,
    links,
    sessions,
    throttle,
    account,
    providers,
    singleSignOn,
    audit,
    authorizationServer,
    authenticate: authenticateBy({ isUse: true }),
    lookAgain: authenticateBy({ isUse: false }),
    methods: async () => ({
      auth_required: config.auth,
      set_up_needed: config.auth && !(await users.any(defaultWorkspace)),
      providers: (await providers.usable(defaultWorkspace)).map(({ id, name }) => ({
        id,
        name,
        url: `/api/v1/auth/sso/${id}`,
      })),
    }),
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      await usage.stop();
      await transport.close();
    },
  };
}

export type AccessVerbsDeps = UserVerbsDeps &
  AccountVerbsDeps &
  KeyVerbsDeps &
  IdentityProviderVerbsDeps & { auditLog: AuditLog };

export const accessVerbs = (deps: AccessVerbsDeps): Verb[] => [
  ...accountVerbs(deps),
  ...keyVerbs(deps),
  ...auditVerbs(deps),
  ...identityProviderVerbs(deps),
  ...userVerbs(deps),
];
