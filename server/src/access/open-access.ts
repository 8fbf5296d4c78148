// Joins the parts of access: keys, users, sessions and how one gets in.
import type { SignInMethods } from "@opentrace/contract/users.ts";
import type { Config } from "../config.ts";
import type { Store } from "../store/store.ts";
import type { Log, Verb } from "../verb.ts";
import { createAccount, type Account } from "./account.ts";
import { accountVerbs, type AccountVerbsDeps } from "./account-verbs.ts";
import { defaultWorkspace } from "./actors.ts";
import { createApiKeys, type ApiKeys } from "./api-keys.ts";
import { createAudit } from "./audit.ts";
import { createAuthenticate, type Authenticate } from "./authenticate.ts";
import { keyVerbs } from "./key-verbs.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { createThrottle, type Throttle } from "./throttle.ts";
import { createUserLinks, type UserLinks } from "./user-links.ts";
import { userVerbs, type UserVerbsDeps } from "./user-verbs.ts";
import { createUsers, type Users } from "./users.ts";

export interface AccessDeps {
  store: Store;
  log: Log;
  now(this: void): Date;
  config: Pick<Config, "auth" | "sessionIdleMs" | "sessionMostMs">;
  homeUrl(this: void): string;
}

export interface Access {
  keys: ApiKeys;
  users: Users;
  links: UserLinks;
  sessions: Sessions;
  throttle: Throttle;
  account: Account;
  authenticate: Authenticate;
  methods(): Promise<SignInMethods>;
  stop(this: void): void;
}

const pruneEveryMs = 3_600_000;

export function openAccess({ store, log, now, config, homeUrl }: AccessDeps): Access {
  const keys = createApiKeys({ store, log, now });
  const users = createUsers({ store, now });
  const links = createUserLinks({ store, now, homeUrl });
  const sessions = createSessions({ store, log, now, idleMs: config.sessionIdleMs, mostMs: config.sessionMostMs });
  const throttle = createThrottle({ store, now });
  const account = createAccount({
    users,
    links,
    sessions,
    throttle,
    audit: createAudit(store),
    now,
    workspace: defaultWorkspace,
  });
  const prune = async (): Promise<void> => {
    await sessions.prune();
    await throttle.prune();
  };
  const timer = setInterval(
    () => void prune().catch((err: unknown) => log.warn({ err }, "old sessions not removed")),
    pruneEveryMs,
  );
  timer.unref();
  return {
    keys,
    users,
    links,
    sessions,
    throttle,
    account,
    authenticate: createAuthenticate({
      required: config.auth,
      verifyKey: (key) => keys.verify(key, defaultWorkspace),
      verifySession: (token) => sessions.verify(token, defaultWorkspace),
    }),
    methods: async () => ({
      auth_required: config.auth,
      set_up_needed: config.auth && !(await users.any(defaultWorkspace)),
      providers: [],
    }),
    stop: () => clearInterval(timer),
  };
}

export type AccessVerbsDeps = UserVerbsDeps & AccountVerbsDeps & { keys: ApiKeys };

export const accessVerbs = (deps: AccessVerbsDeps): Verb[] => [
  ...accountVerbs(deps),
  ...keyVerbs(deps.keys),
  ...userVerbs(deps),
];
