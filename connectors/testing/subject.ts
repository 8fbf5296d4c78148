// What a connector's folder gives the conformance suite: a fake of its vendor with something to sync, and ways to make it misbehave.
// `testing/subject.ts` of each folder exports `startSubject: StartSubject`.
import type { AuthKind } from "@opentrace/contract/integrations.ts";
import type { RawDelivery } from "../connector.ts";

export interface Subject {
  /** As a user types it into the form. */
  config: Record<string, unknown>;
  /** One of the ways to connect, with a credential that may read everything. */
  auth: AuthKind;
  credential: Record<string, unknown>;
  /** Strings that must show up in no log, error or fact. */
  secrets: readonly string[];
  /** The vendor's clock. */
  now(this: void): Date;
  /** The vendor refuses the credential from now on. */
  revoke(this: void): void;
  /** A credential that lacks one right, with the right's id; null where rights can't be told apart. */
  limited: { permission: string; credential: Record<string, unknown> } | null;
  /** The next request is told to come back after so many seconds. */
  slowDown(this: void, seconds: number): void;
  /** Requests get no (whole) answer from now on. */
  hang(this: void): void;
  /** Webhooks as the vendor sends them, signed with `secret`; null without the capability. */
  webhooks: { secret: string; genuine: readonly RawDelivery[] } | null;
  /** Ends the vendor; what it found wrong with the requests it got. */
  close(this: void): Promise<string[]>;
}

export type StartSubject = () => Promise<Subject>;
