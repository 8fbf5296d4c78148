// People: users, their sessions, and the links that let them in. What is secret in a link is in its fragment, shown once.
import { z } from "zod";
import { Permission, Role } from "./access.ts";

const time = z.iso.datetime();

export const User = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: Role,
  state: z.enum(["active", "disabled"]),
  /** False for those who sign in by an identity provider alone. */
  has_password: z.boolean(),
  last_seen_at: time.nullable(),
  created_at: time,
  created_by: z.string(),
});
export type User = z.infer<typeof User>;

export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(/^[^\s@<>"]+@[^\s@<>"]+$/, "It should be an e-mail address");
export const UserName = z.string().trim().min(1).max(100);
export const passwordLength = { least: 12, most: 200 } as const;

export const Session = z.object({
  id: z.string(),
  /** The one that asks. */
  current: z.boolean(),
  via: z.string(),
  address: z.string().nullable(),
  client: z.string().nullable(),
  created_at: time,
  last_seen_at: time,
  expires_at: time,
});
export type Session = z.infer<typeof Session>;

export const UserLink = z.object({
  id: z.string(),
  kind: z.enum(["setup", "invite", "reset"]),
  email: z.string().nullable(),
  name: z.string().nullable(),
  role: Role,
  created_by: z.string(),
  created_at: time,
  expires_at: time,
});
export type UserLink = z.infer<typeof UserLink>;

/** `url` opens once; it cannot be shown again. */
export const CreatedUserLink = UserLink.extend({ url: z.string() });
export type CreatedUserLink = z.infer<typeof CreatedUserLink>;

/** Who asks, and what they may do. */
export const Identity = z.object({
  authenticated: z.literal(true),
  kind: z.enum(["user", "key", "local", "system"]),
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  role: Role.nullable(),
  permissions: z.array(Permission),
  workspace: z.string(),
  /** How they showed who they are. */
  credential: z.enum(["session", "api_key", "token", "none"]),
  expires_at: time.nullable(),
  rate_limit: z.int().nullable(),
});
export type Identity = z.infer<typeof Identity>;

/** How one may sign in here. */
export const SignInMethods = z.object({
  auth_required: z.boolean(),
  /** There is no user yet. */
  set_up_needed: z.boolean(),
  providers: z.array(z.object({ id: z.string(), name: z.string(), url: z.string() })),
});
export type SignInMethods = z.infer<typeof SignInMethods>;

export const AuditRecord = z.object({
  id: z.string(),
  at: time,
  actor: z.string(),
  verb: z.string(),
  target: z.string().nullable(),
  outcome: z.string(),
  door: z.string().nullable(),
  request_id: z.string().nullable(),
  address: z.string().nullable(),
});
export type AuditRecord = z.infer<typeof AuditRecord>;

/** What an application asks of a person: to act for them. */
export const Authorization = z.object({
  application: z.string(),
  client_id: z.string(),
  /** Host or scheme that the browser goes to afterwards. */
  goes_to: z.string(),
  /** Empty = everything that the person may. */
  scopes: z.array(z.string()),
  user: z.object({ name: z.string(), email: z.string() }),
});
export type Authorization = z.infer<typeof Authorization>;

const ProviderFields = {
  name: z.string().trim().min(1).max(100).describe("As the sign-in page calls it"),
  issuer: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .describe("Its address, where /.well-known/openid-configuration is"),
  client_id: z.string().min(1).max(300),
  scopes: z.string().max(500),
  groups_claim: z.string().min(1).max(100).describe("The claim that lists a person's groups"),
  role_of_group: z.record(z.string().max(200), Role).describe("Group → role; the strongest counts"),
  default_role: Role.nullable().describe("Of those in no such group; null = they don't get in"),
  auto_provision: z.boolean().describe("Make an account for who comes the first time"),
};
const ClientSecret = z.string().min(1).max(1000);

/** Where people may sign in instead of here (OIDC). */
export const IdentityProvider = z.object({
  id: z.string(),
  ...ProviderFields,
  has_secret: z.boolean(),
  /** Whether people may sign in there now. */
  enabled: z.boolean(),
  /** From the server's settings: it can't be changed or removed here. */
  configured: z.boolean(),
});
export type IdentityProvider = z.infer<typeof IdentityProvider>;

export const CreateIdentityProvider = z.strictObject({
  ...ProviderFields,
  scopes: ProviderFields.scopes.default("openid profile email"),
  groups_claim: ProviderFields.groups_claim.default("groups"),
  role_of_group: ProviderFields.role_of_group.default({}),
  default_role: ProviderFields.default_role.default(null),
  auto_provision: ProviderFields.auto_provision.default(true),
  client_secret: ClientSecret.optional(),
});
export type CreateIdentityProvider = z.infer<typeof CreateIdentityProvider>;

/** What is absent stays as it is. */
export const IdentityProviderChanges = z
  .strictObject({
    ...ProviderFields,
    client_secret: ClientSecret.nullable().describe("null = the provider asks for none"),
    enabled: z.boolean(),
  })
  .partial();
export type IdentityProviderChanges = z.infer<typeof IdentityProviderChanges>;

/** What came of looking a provider up where its issuer says. No secret is sent for it. */
export const IdentityProviderTest = z.object({
  ok: z.boolean(),
  /** Why not, for people. */
  reason: z.string().nullable(),
  milliseconds: z.int(),
  authorization_endpoint: z.string().nullable(),
  token_endpoint: z.string().nullable(),
  /** To be registered there. */
  callback_url: z.string(),
});
export type IdentityProviderTest = z.infer<typeof IdentityProviderTest>;
