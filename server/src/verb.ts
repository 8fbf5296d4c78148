// One verb, many doors: an operation is described once; REST route, OpenAPI page, MCP tool, CLI command and the tests come from it.
import type { z } from "zod";
import type { Permission } from "@opentrace/contract/access.ts";

export { permissions } from "@opentrace/contract/access.ts";

export interface Actor {
  kind: "local" | "key" | "user" | "anonymous" | "system";
  /** Stable id for audit rows: `local`, `key:<id>`, `user:<id>`. */
  id: string;
  /** For people to read: a user's name, a key's name. */
  name?: string;
  permissions: ReadonlySet<Permission>;
  /** How they showed who they are; absent for those who need not. */
  credential?: { is: "session" | "api_key" | "token"; id: string; expiresAt: Date | null };
  /** Requests a minute, where it is not the server's own limit. */
  rateLimit?: number;
  /** Of a person. */
  user?: { id: string; email: string; role: string };
}

/** `signed-in`: about oneself, for everybody but the anonymous. */
export type Needed = Permission | "signed-in";

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface VerbContext {
  actor: Actor;
  workspace: string;
  signal: AbortSignal;
  log: Log;
  now(): Date;
  /** Of the request: the same key and input get the same answer (access/idempotency.ts). */
  idempotencyKey?: string;
  /** Of the request, as it was sent: the version that the caller has seen. */
  ifMatch?: string;
}

export interface VerbDescription<I extends z.ZodObject, O extends z.ZodType> {
  /** `<domain>.<verb>` in lower camel case: `graph.search`. Also the OpenAPI operationId. */
  name: string;
  summary: string;
  /** For people and models: what it answers, when to use it, what the fields mean. */
  description: string;
  permission: Needed;
  /** Strict object: unknown fields are refused by name. Path parameters and query fields are its top-level fields. */
  input: I;
  output: O;
  /** `path` is below `/api/v1`; `{id}` in it is an input field. The rest of the input is the query string (GET, DELETE; arrays
   *  comma-separated) or the JSON body, of at most `maxBody` bytes (1 MB if absent). */
  http?: {
    method: "GET" | "POST" | "PATCH" | "DELETE";
    path: string;
    status?: 200 | 201 | 202 | 204;
    maxBody?: number;
  };
  /** Absent = no MCP tool. `tool` is the name that clients call; more names are served but not listed. `present` shapes a result for a
   *  model (compact; lists first cut by the token budget) and is given the budget in tokens; the full output otherwise. */
  mcp?: {
    tool: string;
    aliases?: string[];
    /** Served, but not listed: a name that only older clients know. */
    listed?: false;
    input?: z.ZodObject;
    /** `tool` is the name it was called by: an alias may imply an input. */
    toInput?(this: void, input: Record<string, unknown>, tool?: string): z.input<I>;
    present?(this: void, output: z.output<O>, budget: number): unknown;
  };
  /** The version of what is answered: the ETag begins with it, so that If-Match can be compared. */
  version?(this: void, output: z.output<O>): number;
  /** Changes something: audited, and not offered to a read-only client. */
  writes?: true;
  /** Keeps its answer for an Idempotency-Key itself, in the transaction that makes it (`once`). */
  keepsAnswer?: true;
  run(ctx: VerbContext, input: z.output<I>): Promise<z.output<O>>;
}

/** A verb whatever its types, as doors hold it. */
export interface Verb {
  name: string;
  summary: string;
  description: string;
  permission: Needed;
  input: z.ZodObject;
  output: z.ZodType;
  http?: VerbDescription<z.ZodObject, z.ZodType>["http"];
  mcp?: VerbDescription<z.ZodObject, z.ZodType>["mcp"];
  version?(this: void, output: unknown): number;
  writes?: true;
  keepsAnswer?: true;
  run(ctx: VerbContext, input: Record<string, unknown>): Promise<unknown>;
}

/** The one cast: a door calls `run` only with what `input` has parsed, so the narrower input type is safe to forget. */
export function defineVerb<I extends z.ZodObject, O extends z.ZodType>(description: VerbDescription<I, O>): Verb {
  return description;
}
