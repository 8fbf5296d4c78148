// `opentrace incidents …`: what a person on call does at a terminal: look, declare, take up, add evidence, comment, resolve.
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "@opentrace/contract/errors.ts";
import type {
  Evidence,
  Incident,
  IncidentComment,
  IncidentDetail,
  IncidentList,
} from "@opentrace/contract/incidents.ts";
import type { Hypotheses, Timeline } from "@opentrace/contract/investigation.ts";
import { type Client, connect, type EvidenceFile } from "../client.ts";
import { none, note, print, table } from "../output.ts";
import type { CommonOptions } from "./verb-commands.ts";
import type { Values } from "./verb-command.ts";

type Action = (client: Client, values: Values, signal: AbortSignal) => Promise<{ answer: unknown; text: string }>;

const minute = (iso: string): string => iso.slice(0, 16).replace("T", " ");
const row = (one: Incident): string[] => [
  one.reference,
  one.severity,
  one.status,
  minute(one.started_at),
  one.owner ?? "",
  one.title,
];
const incident = (values: Values): string => String(values["incident"]);
const optional = (name: string, value: string | null): string[][] => (value === null ? [] : [[name, value]]);

/** Everything but the incident's name, as its verb takes it. */
function changesOf({ incident: _incident, ...changes }: Values): Values {
  if (Object.keys(changes).length === 0)
    throw new AppError(
      "bad_request",
      "Say what to change: --status, --severity, --owner, --title, --description, --services or --tags.",
    );
  return changes;
}

const change = async (client: Client, values: Values, changes: Values, signal: AbortSignal) => {
  const answer = await client.call<Incident>("incidents.change", { id: incident(values), ...changes }, signal);
  return { answer, text: table([row(answer)]) };
};

const evidenceRow = (one: Evidence): string[] => [
  minute(one.created_at),
  one.evidence_type,
  one.reading === "none" ? one.id : `${one.id} (${one.reading})`,
  one.title,
];

const mostEvidence = 200;
const pollMs = 500;

const actions: Record<string, Action> = {
  async list(client, values, signal) {
    const answer = await client.call<IncidentList>("incidents.list", values, signal);
    const { items, total, next_cursor } = answer;
    const counted = total === null ? "there are more" : `${items.length} of ${total}`;
    const more = next_cursor === null ? "" : `\n… ${counted}; raise --limit`;
    return { answer, text: items.length === 0 ? none("incidents") : table(items.map(row)) + more };
  },

  async show(client, values, signal) {
    const one = await client.call<IncidentDetail>("incidents.get", { id: incident(values) }, signal);
    const evidence = await client.call<{ items: Evidence[]; next_cursor: string | null }>(
      "evidence.list",
      { incident_id: one.id, limit: mostEvidence },
      signal,
    );
    const more = evidence.next_cursor === null ? "" : `\n… there are ${one.evidence_count}`;
    const text = [
      table([row(one)]),
      ...(one.description === null ? [] : [one.description]),
      table([
        ["id", one.id],
        ...optional("merged into", one.merged_into),
        ...(one.tags.length === 0 ? [] : [["tags", one.tags.join(", ")]]),
        ...one.affected_nodes.map(({ service, node }) => [
          "affects",
          node === null ? service : `${service} (${node.key})`,
        ]),
        ["evidence", String(one.evidence_count)],
        ...one.duplicates.map((duplicate) => ["duplicate", `${duplicate.reference} ${duplicate.title}`]),
      ]),
      ...(evidence.items.length === 0 ? [] : [table(evidence.items.map(evidenceRow)) + more]),
    ].join("\n\n");
    return { answer: { ...one, evidence: evidence.items }, text };
  },

  async declare(client, values, signal) {
    const answer = await client.call<Incident>("incidents.create", values, signal);
    return { answer, text: `Declared ${answer.reference}: ${answer.title} (${answer.severity}), id ${answer.id}` };
  },

  change: (client, values, signal) => change(client, values, changesOf(values), signal),

  async take(client, { incident: id, owner }, signal) {
    return await change(
      client,
      { incident: id },
      { status: "investigating", ...(owner === undefined ? {} : { owner }) },
      signal,
    );
  },

  async resolve(client, { incident: id, comment }, signal) {
    // First what was found: when it is refused, nothing is resolved without it.
    if (comment !== undefined) await client.call("incidents.comment", { id, body: comment }, signal);
    return await change(client, { incident: id }, { status: "resolved" }, signal);
  },

  async comment(client, values, signal) {
    const answer = await client.call<IncidentComment>(
      "incidents.comment",
      { id: incident(values), body: values["body"] },
      signal,
    );
    return { answer, text: `Commented on ${incident(values)}` };
  },

  async evidence(client, values, signal) {
    const { incident: id, file, ...fields } = values;
    const chunks = await chunksOf(file as string | undefined);
    const title = typeof file === "string" && file !== "-" ? { title: path.basename(file) } : {};
    const evidence: EvidenceFile = { is: "text", chunks, fields: { ...title, ...fields } };
    const answer = await client.addFile<Evidence>(String(id), evidence, signal);
    return { answer, text: `Added ${answer.id} to ${String(id)}: ${answer.title} (${answer.content_bytes} bytes)` };
  },

  async screenshot(client, values, signal) {
    const { incident: id, file, wait, ...fields } = values;
    const bytes = await readFile(String(file)).catch((error: unknown) => {
      throw unreadable(String(file), error);
    });
    const evidence: EvidenceFile = {
      is: "screenshot",
      bytes: new Uint8Array(bytes),
      name: path.basename(String(file)),
      fields: fields as EvidenceFile["fields"],
    };
    const added = await client.addFile<Evidence>(String(id), evidence, signal);
    const answer = wait === true ? await untilRead(client, added, signal) : added;
    const read = answer.content === null ? `reading: ${answer.reading}` : answer.content;
    return { answer, text: `Added ${answer.id} to ${String(id)}: ${answer.title}\n${read}` };
  },

  async timeline(client, { incident: id, ...page }, signal) {
    const answer = await client.call<Timeline>("timeline.list", { id, ...page }, signal);
    const rows = answer.items.map((one) => [minute(one.at), one.kind, one.title, one.source]);
    const detail = answer.detail === null ? "" : `\n${answer.detail}`;
    return { answer, text: (rows.length === 0 ? none("entries yet") : table(rows)) + detail };
  },

  async causes(client, values, signal) {
    const verb = values["generate"] === true ? "hypotheses.generate" : "hypotheses.list";
    const answer = await client.call<Hypotheses>(verb, { id: incident(values) }, signal);
    const rows = answer.items.map((one) => [
      one.rank === null ? "-" : String(one.rank),
      one.status,
      one.confidence === null ? "" : `${Math.round(one.confidence * 100)} %`,
      one.title,
      one.cause?.key ?? "",
    ]);
    const verdict = answer.verdict?.summary ?? "None were generated yet: add --generate.";
    return { answer, text: rows.length === 0 ? verdict : `${verdict}\n\n${table(rows)}` };
  },
};

function unreadable(file: string, cause: unknown): AppError {
  const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
  return missing
    ? new AppError("not_found", `There is no file ${file}.`, { cause })
    : new AppError("bad_request", `${file} can't be read: ${cause instanceof Error ? cause.message : String(cause)}.`, {
        cause,
      });
}

/** A file's content; standard input for `-` and for none. */
async function chunksOf(file: string | undefined): Promise<AsyncIterable<Uint8Array>> {
  if (file !== undefined && file !== "-") {
    const found = await stat(file).catch((error: unknown) => {
      throw unreadable(file, error);
    });
    if (found.isDirectory()) throw new AppError("bad_request", `${file} is a folder; name a file.`);
    return createReadStream(file);
  }
  if (process.stdin.isTTY) note("Type or paste the text; end with Ctrl-D.");
  return process.stdin;
}

async function untilRead(client: Client, added: Evidence, signal: AbortSignal): Promise<Evidence> {
  for (let one = added; ; await sleep(pollMs, undefined, { signal })) {
    if (one.reading !== "pending" && one.reading !== "reading") return one;
    one = await client.call<Evidence>("evidence.get", { id: added.id }, signal);
  }
}

export async function incidentCommand(
  name: string,
  values: Values,
  options: CommonOptions,
  signal: AbortSignal,
): Promise<void> {
  const action = actions[name];
  if (action === undefined) throw new Error(`no action ${name}`);
  const client = await connect(options);
  try {
    const { answer, text } = await action(client, values, signal);
    print(options.json === true ? JSON.stringify(answer, null, 2) : text);
  } finally {
    await client.close();
  }
}
