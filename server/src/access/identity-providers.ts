// Identity providers (OIDC) that people may sign in with: one from the settings of the server, others from its store, secrets sealed.
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { Role } from "@opentrace/contract/access.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { CreateIdentityProvider, IdentityProvider, IdentityProviderChanges } from "@opentrace/contract/users.ts";
import type { Store } from "../store/store.ts";
import type { IdentityProvidersTable } from "../store/tables.ts";
import type { SealedColumn } from "./rotate-keys.ts";
import type { Sealer } from "./seal.ts";
import { Secret } from "./secret.ts";

const purpose = (id: string): string => `identity-provider:${id}`;
export const sealedOfProviders: readonly SealedColumn[] = [
  { table: "identity_providers", column: "client_secret", id: "id", purpose },
];

export interface ProviderSettings {
  id: string;
  name: string;
  issuer: URL;
  clientId: string;
  clientSecret: Secret | null;
  scopes: string;
  groupsClaim: string;
  roleOfGroup: Readonly<Record<string, Role>>;
  /** Of those in no group that is named; null = they don't get in. */
  defaultRole: Role | null;
  /** Makes an account for who comes the first time. */
  autoProvision: boolean;
}

export interface IdentityProviders {
  list(workspace: string): Promise<IdentityProvider[]>;
  /** Those with which people may sign in. */
  usable(workspace: string): Promise<ProviderSettings[]>;
  /** One of those. Throws AppError("not_found"). */
  find(id: string, workspace: string): Promise<ProviderSettings>;
  /** Whether it is on or not. Throws AppError("not_found"). */
  findAny(id: string, workspace: string): Promise<ProviderSettings>;
  create(input: CreateIdentityProvider, by: string, workspace: string): Promise<IdentityProvider>;
  /**
   * Another issuer is another party: it needs the secret again, and whom the old one knew has to be recognised anew.
   * Throws AppError("not_found" | "conflict" | "bad_request").
   */
  change(id: string, changes: IdentityProviderChanges, workspace: string): Promise<IdentityProvider>;
  remove(id: string, workspace: string): Promise<void>;
}

export interface IdentityProvidersDeps {
  store: Pick<Store, "app">;
  sealer: Sealer;
  now(this: void): Date;
  /** From the server's settings. */
  configured: ProviderSettings | null;
}

const mostProviders = 20;
const Mapping = z.record(z.string(), Role);

export function createIdentityProviders({ store, sealer, now, configured }: IdentityProvidersDeps): IdentityProviders {
  const settingsOf = (row: IdentityProvidersTable): ProviderSettings => ({
    id: row.id,
    name: row.name,
    issuer: new URL(row.issuer),
    clientId: row.client_id,
    clientSecret: row.client_secret === null ? null : sealer.open(row.client_secret, purpose(row.id)),
    scopes: row.scopes,
    groupsClaim: row.groups_claim,
    roleOfGroup: Mapping.parse(JSON.parse(row.role_of_group)),
    defaultRole: row.default_role === null ? null : Role.parse(row.default_role),
    autoProvision: row.auto_provision === 1,
  });

  const stored = (workspace: string): Promise<IdentityProvidersTable[]> =>
    store.app
      .selectFrom("identity_providers")
      .selectAll()
      .where("workspace", "=", workspace)
      .orderBy("created_at")
      .limit(mostProviders)
      .execute();
  const usable = async (workspace: string): Promise<ProviderSettings[]> => [
    ...(configured === null ? [] : [configured]),
    ...(await stored(workspace)).filter(({ disabled_at }) => disabled_at === null).map(settingsOf),
  ];
  const present = (row: IdentityProvidersTable): IdentityProvider =>
    toProvider(settingsOf(row), { enabled: row.disabled_at === null, configured: false });
  const missing = (id: string): AppError => new AppError("not_found", `There is no identity provider ${id}.`);
  const refuseConfigured = (id: string): void => {
    if (configured?.id === id)
      throw new AppError(
        "conflict",
        "This provider is in the server's settings: change or remove OPENTRACE_OIDC_ISSUER there.",
      );
  };

  return {
    usable,

    list: async (workspace) => [
      ...(configured === null ? [] : [toProvider(configured, { enabled: true, configured: true })]),
      ...(await stored(workspace)).map(present),
    ],

    async find(id, workspace) {
      const found = (await usable(workspace)).find((each) => each.id === id);
      if (found === undefined) throw missing(id);
      return found;
    },

    async findAny(id, workspace) {
      if (configured?.id === id) return configured;
      const row = (await stored(workspace)).find((each) => each.id === id);
      if (row === undefined) throw missing(id);
      return settingsOf(row);
    },

    async create(input, by, workspace) {
      if ((await stored(workspace)).length >= mostProviders)
        throw new AppError("conflict", `There are ${mostProviders} identity providers already.`);
      const id = `idp_${randomBytes(9).toString("base64url")}`;
      const row: IdentityProvidersTable = {
        id,
        workspace,
        name: input.name,
        issuer: input.issuer,
        client_id: input.client_id,
        client_secret:
          input.client_secret === undefined ? null : sealer.seal(new Secret(input.client_secret), purpose(id)),
        scopes: input.scopes,
        groups_claim: input.groups_claim,
        role_of_group: JSON.stringify(input.role_of_group),
        default_role: input.default_role,
        auto_provision: input.auto_provision ? 1 : 0,
        disabled_at: null,
        created_by: by,
        created_at: now().getTime(),
      };
      await store.app.insertInto("identity_providers").values(row).execute();
      return present(row);
    },

    change: (id, changes, workspace) =>
      store.app.transaction().execute(async (tx) => {
        refuseConfigured(id);
        const row = await tx
          .updateTable("identity_providers")
          // Takes the row's lock, so that two changes at once are made one after the other.
          .set({ id })
          .where("id", "=", id)
          .where("workspace", "=", workspace)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) throw missing(id);
        const { client_secret: secret, role_of_group, auto_provision, enabled, ...plain } = changes;
        const moves = plain.issuer !== undefined && new URL(plain.issuer).href !== new URL(row.issuer).href;
        if (moves && row.client_secret !== null && secret === undefined)
          throw new AppError(
            "bad_request",
            "Give client_secret again (or null) when the issuer changes: a secret is sent to no other than it was given for.",
            { details: { errors: [{ field: "client_secret", message: "client_secret is missing." }] } },
          );
        if (moves) await tx.deleteFrom("identities").where("provider", "=", id).execute();
        const next: IdentityProvidersTable = {
          ...row,
          ...given(plain),
          ...(secret === undefined
            ? {}
            : { client_secret: secret === null ? null : sealer.seal(new Secret(secret), purpose(id)) }),
          ...(role_of_group === undefined ? {} : { role_of_group: JSON.stringify(role_of_group) }),
          ...(auto_provision === undefined ? {} : { auto_provision: auto_provision ? 1 : 0 }),
          ...(enabled === undefined ? {} : { disabled_at: enabled ? null : (row.disabled_at ?? now().getTime()) }),
        };
        await tx.updateTable("identity_providers").set(next).where("id", "=", id).execute();
        return present(next);
      }),

    async remove(id, workspace) {
      refuseConfigured(id);
      const { numDeletedRows } = await store.app
        .deleteFrom("identity_providers")
        .where("id", "=", id)
        .where("workspace", "=", workspace)
        .executeTakeFirst();
      if (numDeletedRows === 0n) throw missing(id);
    },
  };
}

/** Without the fields that are undefined. */
const given = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

const toProvider = (
  settings: ProviderSettings,
  { enabled, configured }: Pick<IdentityProvider, "enabled" | "configured">,
): IdentityProvider => ({
  id: settings.id,
  name: settings.name,
  issuer: settings.issuer.href,
  client_id: settings.clientId,
  has_secret: settings.clientSecret !== null,
  scopes: settings.scopes,
  groups_claim: settings.groupsClaim,
  role_of_group: { ...settings.roleOfGroup },
  default_role: settings.defaultRole,
  auto_provision: settings.autoProvision,
  enabled,
  configured,
});
