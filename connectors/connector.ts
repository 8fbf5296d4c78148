// What a connector is: one folder that says what it provides and yields facts. It never sees the store; the engine writes what it yields.
import type { z } from "zod";
import type { EdgeFact, NodeFact } from "@opentrace/contract/facts.ts";
import type { EdgeType, NodeType } from "@opentrace/contract/graph.ts";
import type {
  ConnectorCategory,
  PermissionCheck,
  Redirect,
  ScopeChoice,
  ScopeKind,
  StreamInfo,
  VendorPermission,
} from "@opentrace/contract/integrations.ts";
import type { Http, VendorPolicy } from "./http.ts";

/**
 * Marks on fields of config and credential schemas, from which web forms, CLI prompts and docs are made:
 * `z.string().meta({ title: "Token", description: "…", secret: true })`.
 */
declare module "zod" {
  interface GlobalMeta {
    secret?: boolean;
    placeholder?: string;
    multiline?: boolean;
  }
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A JSON value that the engine keeps for the connector and hands back unread. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface Manifest {
  /** The folder's name. */
  id: string;
  /** As the vendor writes itself: `GitHub`. */
  name: string;
  summary: string;
  category: ConnectorCategory;
  /** For the gallery, a few words each: "Issues and pull requests". */
  provides: readonly string[];
  /** The vendor's page on what has to be set up there. */
  docs: string;
  scopeKinds: readonly ScopeKind[];
  streams: readonly StreamInfo[];
  /** What `sync` may emit. The engine refuses the rest, naming it. */
  emits: { nodes: readonly NodeType[]; edges: readonly EdgeType[] };
}

/** What a request is authorized with. `values` is for what is no header (a clone's token, cloud keys). */
export interface Authorization {
  headers: Readonly<Record<string, string>>;
  values: Readonly<Record<string, string>>;
  /** Null = until it is refused. The engine asks again a minute before. */
  expiresAt: Date | null;
}

/** Before there is an integration to speak for: `http` carries no credential. */
export interface AuthContext<Config, Credential> {
  config: Config;
  credential: Credential;
  http: Http;
  now(this: void): Date;
  signal: AbortSignal;
}

interface AuthBase {
  name: string;
  /** When to choose this one. */
  summary: string;
  permissions: readonly VendorPermission[];
}

/** A secret that the user types, or that a `flow` at the vendor gives. */
export interface CredentialAuth<Config, Credential extends z.ZodObject> extends AuthBase {
  kind: "token" | "headers" | "app" | "iam_role";
  /** Secret fields are marked with `meta({ secret: true })`. A field called `webhookSecret` also verifies webhooks. */
  credential: Credential;
  /**
   * The credential → what requests carry. Short-lived ones are minted here (an installation token, an assumed role). The engine keeps
   * the result until shortly before `expiresAt`, asks once however many wait, and asks again after a 401.
   */
  authorize(this: void, ctx: AuthContext<Config, z.output<Credential>>): Promise<Authorization>;
  /** Steps at the vendor's pages that end in a credential: register an application, install it. */
  flow?: AuthFlow<Config, Credential>;
}

export interface FlowContext<Config> {
  config: Config;
  /** Where the vendor has to send the browser back to; the same for every integration of this connector. */
  callbackUrl: string;
  /** Where this integration's webhooks go; null when the server has no address that a vendor could reach. */
  webhookUrl: string | null;
  /** The server's own address, for forms that ask for a homepage. */
  homeUrl: string;
  /** Goes to the vendor and comes back; the engine checks it and uses it once. */
  state: string;
  http: Http;
  now(this: void): Date;
  signal: AbortSignal;
}

export interface AuthFlow<Config, Credential extends z.ZodObject> {
  begin(this: void, ctx: FlowContext<Config>): Promise<Redirect>;
  /**
   * The browser is back with `query`. Another redirect may follow; `carry` is sealed and handed to the next `finish`, where `state` is a
   * fresh one. Throws AppError with what the user should do.
   */
  finish(
    this: void,
    ctx: FlowContext<Config> & { query: Readonly<Record<string, string>>; carried: Json },
  ): Promise<
    { is: "redirect"; redirect: Redirect; carry: Json } | { is: "credential"; credential: z.input<Credential> }
  >;
}

/** OAuth 2 authorization code with PKCE (S256); the engine does it all: state, callback, refresh with rotation, revocation (RFC 7009). */
export interface OAuthAuth<Config> extends AuthBase {
  kind: "oauth2";
  endpoints(this: void, config: Config): { authorize: string; token: string; revoke: string | null };
  /** Asked for at the vendor, as it spells them. */
  scopes: readonly string[] | ((config: Config) => readonly string[]);
  /** More parameters of the authorize URL. */
  parameters?: Readonly<Record<string, string>>;
  /** How the client proves itself to the token endpoint; `body` where the vendor does not take HTTP Basic. */
  client: "basic" | "body";
  /** Where the user registers the application whose id and secret are asked for. */
  register: { url(this: void, config: Config): string; help: string };
}

export type AuthDefinition<Config> =
  // oxlint-disable-next-line typescript/no-explicit-any -- each method has its own credential; defineAuth checks them one by one.
  CredentialAuth<Config, any> | OAuthAuth<Config>;

/** Everything a connector works with. One for each call; `http` is bound to this integration and to `signal`. */
export interface ConnectorContext<Config> {
  config: Config;
  /** Requests carry the authorization to the vendor's own origins only, count, wait as the vendor asks, and end with `signal`. */
  http: Http;
  /** What requests carry now; for what does not go through `http` (a clone). */
  authorize(this: void, signal: AbortSignal): Promise<Authorization>;
  log: Log;
  now(this: void): Date;
  signal: AbortSignal;
}

/** A scope with what the connector wants to know of it again. `handle` stays with the scope and is updated by `scopes`. */
export interface VendorScope extends ScopeChoice {
  handle: Json;
}

export interface ScopeQuery {
  kind?: string;
  search?: string;
  /** Only what this scope holds (see ScopeKind.contains). */
  within?: VendorScope;
  cursor: Json;
  limit: number;
}

/** `gone`: the vendor says that there is none such for this credential. */
export type FoundScope = { is: "there"; scope: VendorScope } | { is: "gone" } | { is: "unknown" };

export interface ScopePage {
  scopes: VendorScope[];
  /** Null = that was all. */
  cursor: Json;
  total: number | null;
}

/**
 * What one thing at the vendor (an issue, a pull request, a pipeline) claims. `facts: null` = it is gone. Items of the same id replace
 * each other: what an item claimed before and does not claim now is taken back.
 *
 * Edges CHANGES to a file's key may carry `props.lines`, `[first, last]` pairs in the version of the file that is indexed; the engine adds
 * edges to the symbols that overlap them.
 */
export interface SyncItem {
  /** Stable at the vendor and unique in its stream: the number. */
  id: string;
  facts: { nodes: NodeFact[]; edges: EdgeFact[] } | null;
}

/** A page as the vendor serves it, remembered so that it can be asked for conditionally. */
export interface KnownPage {
  etag: string;
  /** What came after it, as the connector told. */
  next: Json;
}

export type SyncStep =
  /**
   * Written in one go; `cursor` is kept after it is, and is what a killed sync goes on from. `page` names the vendor's page that the
   * items came from (all of its items have to be in this step).
   */
  | { is: "items"; items: SyncItem[]; cursor: Json; page?: { key: string } & KnownPage }
  /** The page is as it was: what it held then counts as seen. */
  | { is: "unchanged"; page: string; cursor: Json }
  | { is: "progress"; done: number; total: number | null };

export interface SyncRequest {
  scope: VendorScope;
  /** Id of one of the manifest's streams. */
  stream: string;
  /**
   * full: everything there is; what is not seen in a complete pass is removed after it. incremental: what changed since the last
   * complete pass. Both go on from `cursor` when it is not null.
   */
  mode: "full" | "incremental";
  /**
   * Null at the start of a full pass; in the middle of a pass what its last step gave; at the start of an incremental pass what the last
   * step (or the end) of the pass before gave.
   */
  cursor: Json;
  /** Only these items, whatever the mode: a webhook named them. The cursor is not kept then. */
  only: readonly string[] | null;
  /** When the last complete pass began; null before the first. */
  since: Date | null;
  page(this: void, key: string): Promise<KnownPage | null>;
}

/** How a stream stands, without reading it. */
export interface StreamMark {
  /** Differs from an earlier one whenever something in the stream has changed, been added or been removed. */
  mark: string;
  /** How many items it has; null where every pass reads all of them, so that nothing of it is left to be missed. */
  items: number | null;
}

/** `complete: false` = some of it could not be read (say which in the log): nothing is swept. `cursor` starts the next incremental pass. */
export interface SyncEnd {
  complete: boolean;
  cursor: Json;
}

export interface CheckResult {
  /** Whose data the credential opens: becomes the integration's name. */
  account: string | null;
  /** `ms`: how long the call took; absent where none was made. */
  checks: (Omit<PermissionCheck, "ms"> & { ms?: number })[];
}

/** A webhook as it came in. `headers` are lower case. */
export interface RawDelivery {
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
}

export interface VerifiedDelivery {
  /** The vendor's id of it, or a hash of what makes it unique. A second one with the same id has no effect. */
  deliveryId: string;
  /** `pull_request.closed`: for people to read. */
  event: string;
}

export type VendorEvent =
  /** Sync these items of a stream, or all that changed in it. */
  | { is: "changed"; scope: string; stream: string; items: string[] | null }
  | { is: "pushed"; scope: string; branch: string }
  | { is: "renamed"; scope: VendorScope }
  | { is: "added"; scope: VendorScope }
  /** Deleted, or not ours to see any more. */
  | { is: "removed"; scope: string; why: "deleted" | "access lost" }
  | { is: "suspended" | "restored" | "uninstalled"; detail: string }
  | { is: "ignored"; why: string };

export interface Webhook<Config> {
  /** On the raw bytes, in constant time, any of `secrets`. Throws AppError("unauthenticated") when it is not genuine. */
  verify(this: void, delivery: RawDelivery, secrets: readonly string[], now: Date): VerifiedDelivery;
  /** Pure: what a genuine body means. An event that is not understood is `ignored`, never an error. */
  toEvents(this: void, delivery: RawDelivery, config: Config): VendorEvent[];
  /**
   * Makes the vendor send them, for vendors without an app-wide webhook. Called again after a change of address, and now and again, as
   * somebody may have changed it at the vendor: must not pile up. One of a scope that contains others serves those, too.
   */
  register?(
    this: void,
    ctx: ConnectorContext<Config>,
    scope: VendorScope,
    at: { url: string; secret: string },
  ): Promise<MadeHook>;
  unregister?(this: void, ctx: ConnectorContext<Config>, of: HookOfScope): Promise<void>;
  /** Deliveries that the vendor could not hand over. */
  missed?(this: void, ctx: ConnectorContext<Config>, asked: MissedQuery): AsyncIterable<RawDelivery>;
}

/** What `register` came to. `hook` is kept for `unregister` and `missed`. */
export type MadeHook =
  | { is: "made"; hook: Json }
  /** `why` and `action` are for the user. `everywhere`: no other scope need be tried with this credential. */
  | { is: "refused"; why: string; action: string; everywhere: boolean };

export interface HookOfScope {
  scope: VendorScope;
  hook: Json;
}

export interface MissedQuery {
  /** Those from before have been asked for. */
  since: Date;
  /** What `register` made; empty for vendors with an app-wide webhook. */
  hooks: readonly HookOfScope[];
  /** What they are signed with. */
  secret: string;
  /** Keeps another memory of a hook; null = the vendor has it no more. */
  remember(this: void, of: HookOfScope, hook: Json): Promise<void>;
}

/** A live question: logs, metrics, traces, who is on call. */
export interface ConnectorQuery<Config> {
  /** `logs.search`. */
  id: string;
  summary: string;
  input: z.ZodObject;
  output: z.ZodType;
  run(this: void, ctx: ConnectorContext<Config>, input: Record<string, unknown>): Promise<unknown>;
}

export interface OutgoingMessage {
  title: string;
  text: string;
  url: string | null;
  severity: "info" | "warning" | "critical";
}

/** For the indexer. The token goes to git through its environment, never into the URL. */
export interface CloneAccess {
  /** `https://…`, without user or password. */
  url: string;
  username: string;
  token: string;
}

export interface ConnectorDefinition<Config extends z.ZodObject> {
  manifest: Manifest;
  /** What is set once for each integration: a base URL, a CA. `baseUrl` and `ca` (PEM) are read by the engine where they are there. */
  config: Config;
  auth: readonly AuthDefinition<z.output<Config>>[];
  /** Where requests with relative URLs go, and which other origins get the credential. */
  origins(this: void, config: z.output<Config>): { base: string; also?: readonly string[] };
  policy: VendorPolicy;
  /** Tries each permission with a real call, the cheapest there is. Throws when the credential itself is refused. */
  check(this: void, ctx: ConnectorContext<z.output<Config>>): Promise<CheckResult>;
  scopes?(this: void, ctx: ConnectorContext<z.output<Config>>, query: ScopeQuery): Promise<ScopePage>;
  /** One that no list shows any more, asked for by itself: it may still be there, or be gone for certain. */
  findScope?(this: void, ctx: ConnectorContext<z.output<Config>>, scope: VendorScope): Promise<FoundScope>;
  /** How many items each stream of a scope has, where that is cheap to ask; null = not known. */
  count?(
    this: void,
    ctx: ConnectorContext<z.output<Config>>,
    scope: VendorScope,
  ): Promise<Record<string, number | null>>;
  /**
   * How streams of many scopes stand, in few requests, as their own first requests would all say "unchanged". By scope and stream; what
   * can't be told is left out and synced as ever.
   */
  glance?(
    this: void,
    ctx: ConnectorContext<z.output<Config>>,
    asked: { scopes: readonly VendorScope[]; streams: readonly string[] },
  ): Promise<Map<string, Record<string, StreamMark>>>;
  sync?(
    this: void,
    ctx: ConnectorContext<z.output<Config>>,
    request: SyncRequest,
  ): AsyncGenerator<SyncStep, SyncEnd, void>;
  webhook?: Webhook<z.output<Config>>;
  queries?: readonly ConnectorQuery<z.output<Config>>[];
  notify?(this: void, ctx: ConnectorContext<z.output<Config>>, message: OutgoingMessage): Promise<void>;
  /** Revokes at the vendor what `connect` was given; says what was done, for the user. OAuth tokens are revoked by the engine. */
  disconnect?(this: void, ctx: ConnectorContext<z.output<Config>>): Promise<string>;
  cloneAccess?(this: void, ctx: ConnectorContext<z.output<Config>>, scope: VendorScope): Promise<CloneAccess>;
}

/** A connector whatever its config, as the engine holds it. */
export type Connector = ConnectorDefinition<z.ZodObject>;

/** The one cast: the engine calls a connector only with a config that its own schema has parsed. */
export function defineConnector<Config extends z.ZodObject>(definition: ConnectorDefinition<Config>): Connector {
  return definition;
}

/** Keeps a credential's type between its schema and its `authorize`. */
export function defineAuth<Config, Credential extends z.ZodObject>(
  method: CredentialAuth<Config, Credential>,
): CredentialAuth<Config, Credential> {
  return method;
}
