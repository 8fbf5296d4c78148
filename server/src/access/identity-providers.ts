// Identity providers (OIDC) that people may sign in with: one from the settings of the server, others from its store, secrets sealed.
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { Role } from "@opentrace/contract/access.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import type { CreateIdentityProvider, IdentityProvider } from "@opentrace/contract/users.ts";
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
  all(workspace: string): Promise<ProviderSettings[]>;
  /** Throws AppError("not_found"). */
  find(id: string, workspace: string): Promise<ProviderSettings>;
  create(input: CreateIdentityProvider, by: string, workspace: string): Promise<IdentityProvider>;
  remove(id: string, workspace: string): Promise<void>;
  isConfigured(id: string): boolean;
}

export interface IdentityProvidersDeps {
  store: Pick<Store, "app">;
  sealer: Sealer;
  now(this: void): Date;
  /** From the server's settings. */
  configured: ProviderSettings | null;
}

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

  const stored = async (workspace: string): Promise<ProviderSettings[]> => {
    const rows = await store.app
      .selectFrom("identity_providers")
      .selectAll()
      .where("workspace", "=", workspace)
      .where("disabled_at", "is", null)
      .orderBy("created_at")
      .limit(50)
      .execute();
    return rows.map(settingsOf);
  };
  const all = async (workspace: string): Promise<ProviderSettings[]> => [
    ...(configured === null ? [] : [configured]),
    ...(await stored(workspace)),
  ];

  return {
    all,
    isConfigured: (id) => configured?.id === id,

    async find(id, workspace) {
      const found = (await all(workspace)).find((each) => each.id === id);
      if (found === undefined) throw new AppError("not_found", `There is no identity provider ${id}.`);
      return found;
    },

    async create(input, by, workspace) {
      if ((await stored(workspace)).length >= 20)
        throw new AppError("conflict", "There are 20 identity providers already.");
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
      return toProvider(settingsOf(row), false);
    },

    async remove(id, workspace) {
      if (configured?.id === id)
        throw new AppError(
          "conflict",
          "This provider is in the server's settings: remove OPENTRACE_OIDC_ISSUER there.",
        );
      const { numDeletedRows } = await store.app
        .deleteFrom("identity_providers")
        .where("id", "=", id)
        .where("workspace", "=", workspace)
        .executeTakeFirst();
      if (numDeletedRows === 0n) throw new AppError("not_found", `There is no identity provider ${id}.`);
    },
  };
}

export const toProvider = (settings: ProviderSettings, configured: boolean): IdentityProvider => ({
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
  configured,
});
