// The one way from a door to a verb: checks the permission, parses the input, runs, and writes the audit row.
import type { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import { explainIssue } from "./explain-issue.ts";
import type { Actor, Log, Needed, Verb, VerbContext } from "../verb.ts";

type Door = "rest" | "mcp" | "cli" | "ask" | "job";

interface Invocation {
  actor: Actor;
  workspace: string;
  door: Door;
  requestId: string;
  /** Of the client, where there is one. */
  address?: string | null;
  signal: AbortSignal;
  idempotencyKey?: string;
  ifMatch?: string;
}

export interface AuditEntry {
  at: Date;
  actor: string;
  workspace: string;
  verb: string;
  door: Door;
  requestId: string;
  outcome: string;
  /** The input's `id` or what stands for it; never the input itself, which may hold secrets. */
  subject: string | null;
  address?: string | null;
}

export interface InvokeDeps {
  log: Log;
  now(this: void): Date;
  audit(this: void, entry: AuditEntry): Promise<void>;
  /** The answer that a verb kept itself for the caller's Idempotency-Key; undefined = none. */
  answeredBefore?(this: void, ctx: VerbContext, request: { verb: string; input: unknown }): Promise<unknown>;
  /** Runs `work` at most once for the caller's Idempotency-Key. Absent = keys are only for verbs that keep their answers. */
  answerOnce?(
    this: void,
    ctx: VerbContext,
    request: { verb: string; input: unknown },
    work: () => Promise<unknown>,
  ): Promise<unknown>;
  /** Told of every call and how it ended. */
  used?(this: void, actor: Actor, verb: string, door: Door, failed: boolean): void;
}

export type Invoke = (verb: Verb, input: unknown, invocation: Invocation) => Promise<unknown>;

/** Whether somebody holds what is needed. */
export const holds = (actor: Actor, needed: Needed): boolean =>
  needed === "signed-in" ? actor.kind !== "anonymous" : actor.permissions.has(needed);

/** Throws AppError("unauthenticated" | "forbidden") unless the actor holds the permission. */
export function requirePermission(actor: Actor, needed: Needed, what: string): void {
  if (holds(actor, needed)) return;
  if (actor.kind === "anonymous" || needed === "signed-in")
    throw new AppError(
      "unauthenticated",
      `${what} needs a sign-in or an API key. Sign in in the browser, or send a key as "Authorization: Bearer otk_…" or "X-API-Key: otk_…"; make one with: opentrace keys create`,
    );
  const who = actor.user === undefined ? "this API key does not have" : `the role ${actor.user.role} does not have`;
  throw new AppError("forbidden", `${what} needs the permission ${needed}, which ${who}.`, {
    details: { permission: needed, has: [...actor.permissions] },
  });
}

export function createInvoke({ log, now, audit, used, answeredBefore, answerOnce }: InvokeDeps): Invoke {
  return async (verb, rawInput, { actor, workspace, door, requestId, address = null, signal, ...asked }) => {
    let input: Record<string, unknown> = {};
    const record = async (outcome: string, output?: unknown) => {
      used?.(actor, verb.name, door, outcome !== "done");
      // What strangers try would fill the log; what those try who are known is of interest.
      if (verb.writes === undefined || actor.kind === "anonymous") return;
      const subject = subjectOf(input) ?? subjectOf(output);
      await audit({
        at: now(),
        actor: actor.id,
        workspace,
        verb: verb.name,
        door,
        requestId,
        outcome,
        subject,
        address,
      });
    };
    try {
      requirePermission(actor, verb.permission, verb.name);
      input = parseInput(verb.input, rawInput);
      const ctx: VerbContext = { actor, workspace, signal, log, now, ...asked };
      const { idempotencyKey: _key, ...without } = ctx;
      const request = { verb: verb.name, input };
      const before = verb.keepsAnswer === true ? await answeredBefore?.(ctx, request) : undefined;
      const output =
        before ??
        (answerOnce !== undefined && isAnsweredOnce(verb)
          ? await answerOnce(ctx, request, () => verb.run(without, input))
          : await verb.run(ctx, input));
      await record("done", output);
      return output;
    } catch (error) {
      const failure = signal.aborted && !(error instanceof AppError) ? cancelled(signal) : error;
      await record(failure instanceof AppError ? failure.code : "internal").catch((err: unknown) =>
        log.error({ err, verb: verb.name }, "audit row not written"),
      );
      throw failure;
    }
  };
}

/** What a client may have to send twice. Answers of other domains may hold secrets, so they are not kept. */
const isAnsweredOnce = ({ writes, keepsAnswer, http, permission }: Verb): boolean =>
  writes === true && keepsAnswer !== true && http?.method === "POST" && permission.startsWith("incidents:");

/** The thing that a call is about: its id, or what it says instead. */
function subjectOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  const [, found] = Object.entries(value).find(([name, id]) => /^id$|_id$/.test(name) && typeof id === "string") ?? [];
  return typeof found === "string" ? found.slice(0, 200) : null;
}

function cancelled(signal: AbortSignal): AppError {
  const timedOut = signal.reason instanceof Error && /timeout/i.test(`${signal.reason.name} ${signal.reason.message}`);
  return timedOut
    ? new AppError(
        "timeout",
        "This took too long and was stopped. Ask for less: a smaller depth, limit or set of types.",
      )
    : new AppError("cancelled", "Cancelled by the caller.");
}

/** Throws AppError("bad_request") whose details list every wrong field; unknown fields are named with what was probably meant. */
export function parseInput(schema: z.ZodObject, raw: unknown): Record<string, unknown> {
  const result = schema.safeParse(raw ?? {}, { reportInput: false });
  if (result.success) return result.data;
  const known = Object.keys(schema.shape);
  const errors = result.error.issues.flatMap((issue) => explainIssue(issue, known, raw));
  throw new AppError("bad_request", errors.map((error) => error.message).join(" "), { details: { errors } });
}
