// The audit log as those see it who may.
import { z } from "zod";
import { AuditRecord } from "@opentrace/contract/users.ts";
import { defineVerb, type Verb } from "../verb.ts";
import type { AuditLog } from "./audit.ts";

const Text = z.string().min(1).max(200);

export function auditVerbs({ auditLog }: { auditLog: AuditLog }): Verb[] {
  return [
    defineVerb({
      name: "audit.list",
      summary: "Read the audit log",
      description:
        "Who changed what, when, by which door, and how it ended; sign-ins too, and attempts that failed. Newest first. `outcome` is done, or the code of the error.",
      permission: "audit:read",
      input: z.strictObject({
        actor: Text.optional().describe("user:<id>, key:<id>, local, anonymous, system"),
        verb: Text.optional().describe("A verb (keys.create), or a domain (keys)"),
        outcome: Text.optional().describe("done, failed (anything else), or a code such as unauthenticated"),
        target: Text.optional(),
        since: z.iso.datetime({ offset: true }).optional(),
        until: z.iso.datetime({ offset: true }).optional(),
        limit: z.int().min(1).max(500).default(50),
        cursor: z.string().max(200).optional().describe("next_cursor of the page before"),
      }),
      output: z.object({ items: z.array(AuditRecord), next_cursor: z.string().nullable() }),
      http: { method: "GET", path: "/audit" },
      run: ({ workspace }, filters) => auditLog.list(filters, workspace),
    }),
  ];
}
