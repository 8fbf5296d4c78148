// The verbs on runbooks.
import { z } from "zod";
import {
  NewRunbook,
  Runbook,
  RunbookChange,
  Runbooks,
  RunbooksImported,
  RunbookSuggestions,
} from "@opentrace/contract/investigation.ts";
import type { SourceDeps } from "../graph/source-files.ts";
import { incidentId, pageFields } from "../incidents/incident-verbs.ts";
import { defineVerb, type Verb } from "../verb.ts";
import type { ReadIncidents } from "./incident-facts.ts";
import { importRunbooks } from "./import-runbooks.ts";
import type { RunbookVectors } from "./runbook-vectors.ts";
import type { RunbookStore } from "./runbooks.ts";
import { suggestRunbooks } from "./suggest-runbooks.ts";

export interface RunbookVerbsDeps extends SourceDeps {
  runbooks: RunbookStore;
  vectors: RunbookVectors;
  readIncidents: ReadIncidents;
}

const One = z.strictObject({ id: z.string().min(1).max(100) });
const name = z.string().trim().min(1).max(200);

export const runbookVerbs = (deps: RunbookVerbsDeps): Verb[] => [
  defineVerb({
    name: "runbooks.list",
    summary: "Runbooks",
    description:
      'Runbooks by title, or those that hold words ("in quotes" stand together), the best fitting title first; of a service or with a tag.',
    permission: "incidents:read",
    input: z.strictObject({
      q: z.string().trim().min(1).max(500).optional().describe("Words of title, text, services or tags"),
      service: name.optional(),
      tag: name.optional(),
      ...pageFields,
    }),
    output: Runbooks,
    http: { method: "GET", path: "/runbooks" },
    run: (ctx, asked) => deps.runbooks.list(ctx, asked),
  }),
  defineVerb({
    name: "runbooks.add",
    summary: "Write a runbook",
    description: "Adds a runbook: Markdown, with the services and tags that it is for.",
    permission: "incidents:write",
    input: NewRunbook,
    output: Runbook,
    http: { method: "POST", path: "/runbooks", status: 201 },
    version: (one) => one.version,
    writes: true,
    keepsAnswer: true,
    run: (ctx, input) => deps.runbooks.add(ctx, input),
  }),
  defineVerb({
    name: "runbooks.import",
    summary: "Import runbooks",
    description:
      "Reads the Markdown files below folders named runbooks in indexed repositories (front matter: title, services, tags). Reading again changes what changed, and removes what is gone.",
    permission: "incidents:write",
    input: z.strictObject({
      repository: z.string().min(1).max(2_048).optional().describe("Key or name of one repository; all if absent"),
    }),
    output: RunbooksImported,
    http: { method: "POST", path: "/runbooks/import" },
    writes: true,
    run: (ctx, asked) => importRunbooks(deps, ctx, asked),
  }),
  defineVerb({
    name: "runbooks.get",
    summary: "Get a runbook",
    description: "One runbook with its Markdown.",
    permission: "incidents:read",
    input: One,
    output: Runbook,
    http: { method: "GET", path: "/runbooks/{id}" },
    mcp: { tool: "get_runbook", listed: false },
    version: (one) => one.version,
    run: (ctx, { id }) => deps.runbooks.get(ctx, id),
  }),
  defineVerb({
    name: "runbooks.change",
    summary: "Change a runbook",
    description: "Changes a runbook that was written here; one of a repository is changed in its file.",
    permission: "incidents:write",
    input: One.extend(RunbookChange.shape),
    output: Runbook,
    http: { method: "PATCH", path: "/runbooks/{id}" },
    version: (one) => one.version,
    writes: true,
    run: (ctx, { id, ...changes }) => deps.runbooks.change(ctx, id, changes),
  }),
  defineVerb({
    name: "runbooks.remove",
    summary: "Remove a runbook",
    description: "Removes a runbook. One of a repository comes back with the next import while its file is there.",
    permission: "incidents:write",
    input: One,
    output: z.null(),
    http: { method: "DELETE", path: "/runbooks/{id}", status: 204 },
    writes: true,
    async run(ctx, { id }) {
      await deps.runbooks.remove(ctx, id);
      return null;
    },
  }),
  defineVerb({
    name: "runbooks.suggest",
    summary: "Runbooks for an incident",
    description:
      "Runbooks that fit an incident, the best first, each with why: its services, its tags, words that it shares with report and evidence.",
    permission: "incidents:read",
    input: z.strictObject({ id: incidentId, limit: z.int().min(1).max(50).default(5) }),
    output: RunbookSuggestions,
    http: { method: "GET", path: "/incidents/{id}/runbooks" },
    mcp: { tool: "suggest_runbooks", listed: false },
    run: async (ctx, { id, limit }) => suggestRunbooks(deps, ctx, await deps.readIncidents.read(ctx, id), limit),
  }),
];
