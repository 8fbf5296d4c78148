// What all records of an investigation share: ids, times, the version that a change was based on, where a page goes on.
import { randomBytes } from "node:crypto";
import { AppError } from "@opentrace/contract/errors.ts";
import type { NodeRef } from "@opentrace/contract/investigation.ts";
import { requireVersion } from "../access/if-match.ts";
import type { VerbContext } from "../verb.ts";

export type WriteContext = Pick<VerbContext, "actor" | "workspace" | "now" | "idempotencyKey" | "ifMatch">;

export const newId = (prefix: string): string => `${prefix}_${randomBytes(12).toString("base64url")}`;
export const timeText = (at: number): string => new Date(at).toISOString();
export const timeOrNull = (at: number | null): string | null => (at === null ? null : timeText(at));

/** Ours, and safe to ask any database for. */
export const mayBeId = (text: string): boolean => /^[\w-]{1,100}$/.test(text);

/** Throws `precondition_failed` when a newer version is stored than the body's `version` or `If-Match` names. */
export function holdVersion(ctx: WriteContext, asked: number | undefined, stored: number, what: string): void {
  requireVersion(ctx.ifMatch, stored, what);
  if (asked === undefined || asked === stored) return;
  throw new AppError(
    "precondition_failed",
    `${what} is at version ${stored} now, and the change was made to version ${asked}. Read it again, and make the change to what it is now.`,
    { details: { current_version: stored, version: asked } },
  );
}

export const changedMeanwhile = (what: string): AppError =>
  new AppError("precondition_failed", `${what} was changed by somebody else just now: read it again.`);

/** The stored JSON was written by this folder. */
export const listOf = (text: string): string[] => JSON.parse(text) as string[];
export const nodeOf = (text: string | null): NodeRef | null => (text === null ? null : (JSON.parse(text) as NodeRef));

/** Position in a list sorted by a time and an id. */
export type Place = [at: number, id: string];
export const isPlace = (value: unknown): value is Place =>
  Array.isArray(value) &&
  value.length === 2 &&
  Number.isSafeInteger(value[0]) &&
  typeof value[1] === "string" &&
  mayBeId(value[1]);
