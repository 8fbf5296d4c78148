// The verbs on the postmortem of an incident. Its export as a file has a door of its own (api/rest/postmortem-route.ts).
import { z } from "zod";
import { Postmortem, PostmortemChange, PostmortemVersions } from "@opentrace/contract/investigation.ts";
import { OneIncident, pageFields } from "../incidents/incident-verbs.ts";
import { defineVerb, type Verb } from "../verb.ts";
import type { Postmortems } from "./postmortems.ts";

const Version = OneIncident.extend({ version: z.int().min(1).max(1_000_000) });

export const postmortemVerbs = ({ postmortems }: { postmortems: Postmortems }): Verb[] => [
  defineVerb({
    name: "postmortem.generate",
    summary: "Draft the postmortem",
    description:
      "Writes a new version from what is recorded: summary, impact, timeline, root cause, contributing factors, follow-ups, and what is not known. Versions before it stay.",
    permission: "incidents:write",
    input: OneIncident,
    output: Postmortem,
    http: { method: "POST", path: "/incidents/{id}/generate-postmortem" },
    version: (one) => one.version,
    writes: true,
    run: (ctx, { id }) => postmortems.generate(ctx, id),
  }),
  defineVerb({
    name: "postmortem.get",
    summary: "Get the postmortem",
    description: "The newest version of an incident's postmortem, as Markdown.",
    permission: "incidents:read",
    input: OneIncident,
    output: Postmortem,
    http: { method: "GET", path: "/incidents/{id}/postmortem" },
    mcp: { tool: "get_postmortem", listed: false },
    version: (one) => one.version,
    run: (ctx, { id }) => postmortems.get(ctx, id),
  }),
  defineVerb({
    name: "postmortem.change",
    summary: "Edit the postmortem",
    description: "Writes a new version from the one that was read; refused when there is a newer one.",
    permission: "incidents:write",
    input: OneIncident.extend(PostmortemChange.shape),
    output: Postmortem,
    http: { method: "PATCH", path: "/incidents/{id}/postmortem" },
    version: (one) => one.version,
    writes: true,
    run: (ctx, { id, ...changes }) => postmortems.change(ctx, id, changes),
  }),
  defineVerb({
    name: "postmortem.versions",
    summary: "Versions of the postmortem",
    description: "Every version that was written, the newest first.",
    permission: "incidents:read",
    input: OneIncident.extend(pageFields),
    output: PostmortemVersions,
    http: { method: "GET", path: "/incidents/{id}/postmortem/versions" },
    run: (ctx, { id, ...page }) => postmortems.versions(ctx, id, page),
  }),
  defineVerb({
    name: "postmortem.version",
    summary: "Get a version of the postmortem",
    description: "One version as it was written.",
    permission: "incidents:read",
    input: Version,
    output: Postmortem,
    http: { method: "GET", path: "/incidents/{id}/postmortem/versions/{version}" },
    run: (ctx, { id, version }) => postmortems.get(ctx, id, version),
  }),
  defineVerb({
    name: "postmortem.restore",
    summary: "Restore a version of the postmortem",
    description: "Writes an old version again as the newest; none is lost.",
    permission: "incidents:write",
    input: Version,
    output: Postmortem,
    http: { method: "POST", path: "/incidents/{id}/postmortem/versions/{version}/restore" },
    version: (one) => one.version,
    writes: true,
    run: (ctx, { id, version }) => postmortems.restore(ctx, id, version),
  }),
];
