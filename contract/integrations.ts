// Integrations as REST, CLI, MCP and the UI see them: what can be connected, what is connected, and how it is doing.
import { z } from "zod";
import { EdgeType, NodeType, Page } from "./graph.ts";

export const AuthKind = z.enum(["oauth2", "app", "token", "iam_role", "headers"]);
export type AuthKind = z.infer<typeof AuthKind>;

/** One right that the vendor grants, in the vendor's own words, with what it is for. */
export const VendorPermission = z.object({
  id: z.string(),
  /** As the vendor's screen names it: `Issues: read`. */
  name: z.string(),
  /** Completes "needed to …": `read issues and their labels`. */
  why: z.string(),
  /** Where and how to grant it, as a sentence. */
  grant: z.string().optional(),
  /** Without it something is missing, but the rest works. */
  optional: z.boolean(),
});
export type VendorPermission = z.infer<typeof VendorPermission>;

/** One field of a form; made from a connector's zod schema, so that web, CLI and docs need no edit. */
export const FormField = z.object({
  name: z.string(),
  label: z.string(),
  help: z.string().optional(),
  placeholder: z.string().optional(),
  type: z.enum(["text", "multiline", "url", "number", "boolean", "choice", "list"]),
  /** Sealed at rest and never returned: a form shows that it is set, not what it is. */
  secret: z.boolean(),
  required: z.boolean(),
  default: z.json().optional(),
  options: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
});
export type FormField = z.infer<typeof FormField>;

export const AuthMethod = z.object({
  kind: AuthKind,
  name: z.string(),
  summary: z.string(),
  permissions: z.array(VendorPermission),
  /** What the user types; empty when the vendor's page gives everything. */
  fields: z.array(FormField),
  /** The user is sent to the vendor and comes back. */
  redirects: z.boolean(),
  /** For the vendor's form where an OAuth application is registered; null where nothing is registered. */
  callbackUrl: z.string().nullable(),
  /** Where the application whose id and secret are asked for is registered; null where none is. */
  register: z
    .object({
      /** At the vendor's own address. */
      url: z.string(),
      /** On a server of the customer's: its address (the field `baseUrl`) and then this; null where there are none. */
      path: z.string().nullable(),
      help: z.string(),
    })
    .nullable(),
});
export type AuthMethod = z.infer<typeof AuthMethod>;

/** What can be chosen to be synced. */
export const ScopeKind = z.object({
  /** `repository`, `organization`, `project`, `group`. */
  id: z.string(),
  name: z.string(),
  plural: z.string(),
  /** A branch can be chosen for it; its code is indexed. */
  hasBranch: z.boolean(),
  /** Choosing one means everything of this kind in it, now and later: an organization holds repositories. */
  contains: z.string().nullable(),
});
export type ScopeKind = z.infer<typeof ScopeKind>;

export const StreamInfo = z.object({
  /** `issues`, `pulls`, `pipelines`, `teams`. */
  id: z.string(),
  name: z.string(),
  summary: z.string(),
  /** The kinds of scope that have it. */
  of: z.array(z.string()),
  /** Ids of the permissions that it reads with. */
  needs: z.array(z.string()),
  /** Changes little unless the scope itself does (a push): a periodic sync asks for it then, and now and again, not each time. */
  quiet: z.boolean().optional(),
  /** Made of what the list of scopes says: costs no request. */
  own: z.boolean().optional(),
});
export type StreamInfo = z.infer<typeof StreamInfo>;

export const Capability = z.enum(["sync", "webhook", "query", "notify", "clone"]);
export type Capability = z.infer<typeof Capability>;

export const ConnectorCategory = z.enum(["code", "infrastructure", "observability", "communication", "incidents"]);
export type ConnectorCategory = z.infer<typeof ConnectorCategory>;

/** An integration that can be connected: a connector's manifest as the doors show it. */
export const AvailableIntegration = z.object({
  id: z.string(),
  name: z.string(),
  summary: z.string(),
  category: ConnectorCategory,
  provides: z.array(z.string()),
  docs: z.string(),
  /** Path below the server's address. */
  icon: z.string(),
  auth: z.array(AuthMethod),
  fields: z.array(FormField),
  scopeKinds: z.array(ScopeKind),
  streams: z.array(StreamInfo),
  emits: z.object({ nodes: z.array(NodeType), edges: z.array(EdgeType) }),
  capabilities: z.array(Capability),
  /** How many are connected. */
  connected: z.int(),
});
export type AvailableIntegration = z.infer<typeof AvailableIntegration>;

/** ok: all streams sync. degraded: some do not. failing: none does. unauthorized: the vendor refuses the credential. */
export const HealthState = z.enum(["connecting", "ok", "degraded", "failing", "unauthorized", "paused"]);
export type HealthState = z.infer<typeof HealthState>;

export const IntegrationHealth = z.object({
  state: HealthState,
  /** In words; null while all is well. */
  reason: z.string().nullable(),
  /** What the user can do about it. */
  action: z.string().nullable(),
  since: z.iso.datetime(),
});
export type IntegrationHealth = z.infer<typeof IntegrationHealth>;

/** What the vendor allows, as its last reply told. */
export const RateBudget = z.object({
  /** The vendor's name for it: `core`, `search`. */
  name: z.string(),
  limit: z.number().nullable(),
  remaining: z.number(),
  resetsAt: z.iso.datetime().nullable(),
});
export type RateBudget = z.infer<typeof RateBudget>;

export const UsageCounts = z.object({
  requests: z.int(),
  /** Replies that said "not modified". */
  notModified: z.int(),
  failures: z.int(),
  /** Times a reply said to slow down. */
  throttled: z.int(),
  bytesIn: z.int(),
  bytesOut: z.int(),
});
export type UsageCounts = z.infer<typeof UsageCounts>;

export const SyncMode = z.enum(["full", "incremental"]);
export type SyncMode = z.infer<typeof SyncMode>;

/** How far a running sync is. `total` is null until it can be told. */
export const SyncProgress = z.object({
  scope: z.string(),
  /** The scope's name. */
  name: z.string(),
  stream: z.string(),
  done: z.int(),
  total: z.int().nullable(),
});
export type SyncProgress = z.infer<typeof SyncProgress>;

export const Integration = z.object({
  id: z.string(),
  connector: z.string(),
  /** The user's name for it; the account's name at first. */
  name: z.string(),
  /** Whose data it is: an organization, a user, a host. */
  account: z.string().nullable(),
  auth: AuthKind,
  /** Without its secret fields. */
  config: z.record(z.string(), z.json()),
  health: IntegrationHealth,
  paused: z.boolean(),
  counts: z.object({ scopes: z.int(), items: z.int(), nodes: z.int(), edges: z.int() }),
  syncing: z.array(SyncProgress),
  /** Syncs that are queued behind those. */
  waiting: z.int(),
  lastSuccessAt: z.iso.datetime().nullable(),
  nextSyncAt: z.iso.datetime().nullable(),
  budgets: z.array(RateBudget),
  usage: UsageCounts,
  webhook: z
    .object({
      url: z.string(),
      lastDeliveryAt: z.iso.datetime().nullable(),
      registered: z.boolean(),
      /** Where they are made at the vendor scope by scope: how many there are; null where one serves all, or the user makes it. */
      hooks: z
        .object({
          made: z.int(),
          /** Scopes served by the webhook of what holds them. */
          covered: z.int(),
          refused: z.int(),
          /** Why the vendor refuses them, and what the user can do; null while none is refused. */
          reason: z.string().nullable(),
          action: z.string().nullable(),
        })
        .nullable(),
    })
    .nullable(),
  credentialExpiresAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});
export type Integration = z.infer<typeof Integration>;

/** One permission tried by a real call. */
export const PermissionCheck = z.object({
  permission: z.string(),
  name: z.string(),
  why: z.string(),
  /** unknown: it could not be tried, `detail` says why. */
  state: z.enum(["granted", "missing", "unknown"]),
  optional: z.boolean(),
  /** What the vendor answered, and how to grant what is missing. */
  detail: z.string().nullable(),
  ms: z.number(),
});
export type PermissionCheck = z.infer<typeof PermissionCheck>;

export const IntegrationTest = z.object({
  integration: z.string(),
  connector: z.string(),
  name: z.string(),
  ok: z.boolean(),
  account: z.string().nullable(),
  checks: z.array(PermissionCheck),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  ms: z.number(),
  testedAt: z.iso.datetime(),
});
export type IntegrationTest = z.infer<typeof IntegrationTest>;

/** Something at the vendor that can be chosen. `id` outlives a rename. */
export const ScopeChoice = z.object({
  id: z.string(),
  kind: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  url: z.string().nullable(),
  private: z.boolean(),
  archived: z.boolean(),
  defaultBranch: z.string().nullable(),
  /** Id of the scope that holds it. */
  parent: z.string().nullable(),
});
export type ScopeChoice = z.infer<typeof ScopeChoice>;

export const ScopeChoices = z.object({
  scopes: z.array(ScopeChoice.extend({ selected: z.boolean(), codeBranch: z.string().nullable() })),
  page: Page,
});
export type ScopeChoices = z.infer<typeof ScopeChoices>;

export const StreamState = z.object({
  stream: z.string(),
  state: z.enum(["waiting", "syncing", "ok", "failing", "off"]),
  items: z.int(),
  error: z.string().nullable(),
  syncedAt: z.iso.datetime().nullable(),
});
export type StreamState = z.infer<typeof StreamState>;

/** A scope that was chosen, or that belongs to one that was. */
export const SelectedScope = ScopeChoice.extend({
  /** The branch whose code is indexed; empty = the default branch. */
  codeBranch: z.string(),
  /** Id of the chosen scope that brought it in; null when it was chosen itself. */
  via: z.string().nullable(),
  state: z.enum(["active", "gone", "lost"]),
  streams: z.array(StreamState),
  repositoryId: z.string().nullable(),
  /** Of vendors where each scope has its own; null before the first look. */
  webhook: z
    .object({
      /** covered: what holds it has one that serves it. */
      state: z.enum(["made", "covered", "refused"]),
      reason: z.string().nullable(),
      action: z.string().nullable(),
    })
    .nullable(),
});
export type SelectedScope = z.infer<typeof SelectedScope>;

/** What a sync of a selection would bring, before it is started. */
export const ScopeCount = z.object({
  scope: z.string(),
  name: z.string(),
  streams: z.array(z.object({ stream: z.string(), items: z.int().nullable() })),
});
export type ScopeCount = z.infer<typeof ScopeCount>;

export const SyncRun = z.object({
  id: z.string(),
  integration: z.string(),
  scope: z.string().nullable(),
  scopeName: z.string().nullable(),
  trigger: z.enum(["connect", "manual", "schedule", "webhook", "configure"]),
  mode: SyncMode,
  state: z.enum(["running", "succeeded", "partial", "failed", "cancelled"]),
  items: z.int(),
  removed: z.int(),
  unchanged: z.int(),
  requests: z.int(),
  error: z.string().nullable(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});
export type SyncRun = z.infer<typeof SyncRun>;

export const IntegrationLogLine = z.object({
  at: z.iso.datetime(),
  level: z.enum(["debug", "info", "warn", "error"]),
  message: z.string(),
  fields: z.record(z.string(), z.json()),
});
export type IntegrationLogLine = z.infer<typeof IntegrationLogLine>;

export const WebhookDelivery = z.object({
  id: z.string(),
  /** The vendor's own id: the same one is taken once. */
  deliveryId: z.string(),
  event: z.string(),
  state: z.enum(["received", "done", "ignored", "failed"]),
  detail: z.string().nullable(),
  bytes: z.int(),
  /** True when it was fetched from the vendor because it had not arrived. */
  recovered: z.boolean(),
  receivedAt: z.iso.datetime(),
  processedAt: z.iso.datetime().nullable(),
});
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;

/** What a disconnect takes away. */
export const DisconnectPreview = z.object({
  /** To be typed by the user. */
  confirm: z.string(),
  /** What only the integration and the code that goes with it say. */
  nodes: z.int(),
  edges: z.int(),
  /** What they say and others do, too: it stays. */
  kept: z.object({ nodes: z.int(), edges: z.int() }),
  /** False when there was too much to look at each: then at most so much goes. */
  exact: z.boolean(),
  scopes: z.int(),
  repositories: z.array(z.object({ id: z.string(), name: z.string(), removed: z.boolean() })),
  /** What happens at the vendor. */
  revokes: z.string().nullable(),
});
export type DisconnectPreview = z.infer<typeof DisconnectPreview>;

/** Where the browser goes next: a link, or a form that it posts. */
export const Redirect = z.object({
  method: z.enum(["GET", "POST"]),
  url: z.string(),
  fields: z.record(z.string(), z.string()),
});
export type Redirect = z.infer<typeof Redirect>;
