// One way to call verbs from the command line: over REST when a server runs for the data directory (or is named), else on the
// embedded store within this process.
import { AppError, errorCodes, type ErrorCode } from "@opentrace/contract/errors.ts";
import { defaultWorkspace, localActor } from "@opentrace/server/src/access/actors.ts";
import type { Application } from "@opentrace/server/src/application.ts";
import { incidentLimits } from "@opentrace/contract/incidents.ts";
import { readConfig, type Config } from "@opentrace/server/src/config.ts";
import { lockHolder } from "@opentrace/server/src/data-lock.ts";

export interface Client {
  /** `http://…` of the server, or null when this process works on the store itself. */
  server: string | null;
  /** Throws AppError. The answer has the shape that the verb declares; the caller names it. */
  call<T>(verb: string, input: Record<string, unknown>, signal: AbortSignal): Promise<T>;
  /** Adds a file to an incident as evidence; answers the evidence. */
  addFile<T>(incident: string, file: EvidenceFile, signal: AbortSignal): Promise<T>;
  /** The whole graph as lines of JSON, in chunks. */
  exportGraph(signal: AbortSignal): AsyncIterable<string | Uint8Array>;
  close(): Promise<void>;
}

/** `fields` are those of an evidence beside its content. A text may be of any length; a running server takes it as it comes. */
export type EvidenceFile = { fields: Record<string, string | string[]> } & (
  | { is: "text"; chunks: AsyncIterable<Uint8Array> }
  | { is: "screenshot"; bytes: Uint8Array<ArrayBuffer>; name: string }
);

export interface ConnectOptions {
  data?: string | undefined;
  server?: string | undefined;
}

export const configOf = ({ data }: Pick<ConnectOptions, "data">): Config =>
  readConfig({ env: { ...process.env, ...(data === undefined ? {} : { OPENTRACE_DATA: data }) }, cwd: process.cwd() });

/** `indexing`: the caller only adds and syncs repositories, which starts far quicker where the store is this process's own. */
export async function connect(options: ConnectOptions, purpose: "anything" | "indexing" = "anything"): Promise<Client> {
  const named = options.server ?? (process.env["OPENTRACE_URL"] || undefined);
  if (named !== undefined) return remote(named);
  const config = configOf(options);
  if (config.databaseUrl === null) {
    const running = lockHolder(config.data);
    if (running?.url != null) return remote(running.url);
  }
  return embedded(config, purpose);
}

interface Operation {
  method: string;
  path: string;
}

/** What the CLI needs of a verb to send it over REST. */
async function operations(): Promise<Map<string, Operation>> {
  const { describeVerbs } = await import("@opentrace/server/src/all-verbs.ts");
  return new Map(describeVerbs().flatMap(({ name, http }) => (http === undefined ? [] : [[name, http] as const])));
}

async function remote(address: string): Promise<Client> {
  const base = address.replace(/\/+$/, "");
  if (!/^https?:\/\//.test(base))
    throw new AppError("bad_request", `--server should be an address such as http://127.0.0.1:8000, not ${address}.`);
  const known = await operations();
  const key = process.env["OPENTRACE_API_KEY"];
  const authorization = key === undefined || key === "" ? {} : { authorization: `Bearer ${key}` };
  const send = async (
    path: string,
    { headers, ...request }: Omit<RequestInit, "headers"> & { headers: Record<string, string> },
  ): Promise<Response> => {
    try {
      return await fetch(`${base}/api/v1${path}`, { ...request, headers: { ...headers, ...authorization } });
    } catch (cause) {
      request.signal?.throwIfAborted();
      throw new AppError(
        "unavailable",
        `No OpenTrace server answers at ${base}. Start it with npm start, or name another with --server.`,
        { cause },
      );
    }
  };
  const answerOf = async <T>(response: Response): Promise<T> => {
    const text = await response.text();
    if (response.ok) return (text === "" ? undefined : JSON.parse(text)) as T;
    throw fromProblem(text, response.status, base);
  };
  return {
    server: base,
    async call<T>(verb: string, input: Record<string, unknown>, signal: AbortSignal): Promise<T> {
      const operation = known.get(verb);
      if (operation === undefined) throw new AppError("not_supported", `${verb} is not possible over the network.`);
      const { url, body } = toRequest(operation, input);
      const json = body === undefined ? {} : { "content-type": "application/json" };
      const response = await send(url, {
        method: operation.method,
        signal,
        headers: { accept: "application/json", ...json },
        ...(body === undefined ? {} : { body }),
      });
      return await answerOf<T>(response);
    },
    async addFile<T>(incident: string, file: EvidenceFile, signal: AbortSignal): Promise<T> {
      const path = `/evidence/incident/${encodeURIComponent(incident)}`;
      const fields = Object.entries(file.fields).map(([name, value]) => [name, String(value)] as [string, string]);
      const headers = { accept: "application/json" };
      if (file.is === "text")
        return await answerOf<T>(
          await send(`${path}/upload?${new URLSearchParams(fields).toString()}`, {
            method: "POST",
            signal,
            headers: { ...headers, "content-type": "text/plain" },
            body: file.chunks,
            duplex: "half",
          }),
        );
      const form = new FormData();
      for (const [name, value] of fields) form.append(name, value);
      form.append("file", new Blob([file.bytes]), file.name);
      return await answerOf<T>(
        await send(`${path}/upload-screenshot`, { method: "POST", signal, headers, body: form }),
      );
    },
    async *exportGraph(signal) {
      const response = await send("/graph/export", { signal, headers: { accept: "application/x-ndjson" } });
      if (!response.ok) throw fromProblem(await response.text(), response.status, base);
      if (response.body !== null) yield* response.body;
    },
    close: async () => undefined,
  };
}

function toRequest(
  { method, path }: Operation,
  input: Record<string, unknown>,
): { url: string; body: string | undefined } {
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const url = path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = rest.get(name);
    rest.delete(name);
    return encodeURIComponent(String(value));
  });
  if (method !== "GET" && method !== "DELETE") return { url, body: JSON.stringify(Object.fromEntries(rest)) };
  const query = new URLSearchParams(
    [...rest].map(([name, value]): [string, string] => [name, Array.isArray(value) ? value.join(",") : String(value)]),
  );
  return { url: query.size === 0 ? url : `${url}?${query.toString()}`, body: undefined };
}

function fromProblem(text: string, status: number, base: string): AppError {
  try {
    const { detail, code, ...details } = JSON.parse(text) as Record<string, unknown>;
    if (typeof detail === "string" && typeof code === "string" && Object.hasOwn(errorCodes, code))
      return new AppError(code as ErrorCode, detail, { details });
  } catch {
    // Not ours: some proxy's page.
  }
  return new AppError(
    "upstream_failed",
    `${base} answered with status ${status}; it does not look like an OpenTrace server.`,
  );
}

async function embedded(config: Config, purpose: "anything" | "indexing"): Promise<Client> {
  const opened = purpose === "indexing" ? await openIndexing(config) : null;
  return opened ?? (await openEverything(config));
}

async function openIndexing(config: Config): Promise<Client | null> {
  const { openIndexingAlone } = await import("@opentrace/server/src/open-indexing-alone.ts");
  const opened = await openIndexingAlone(config, quiet);
  if (opened === null) return null;
  const notHere = (): never => {
    throw new AppError("internal", "Only repositories and their jobs are open here.");
  };
  return clientOf(opened, { exportGraph: notHere, addFile: notHere });
}

async function openEverything(config: Config): Promise<Client> {
  const { openApplication } = await import("@opentrace/server/src/application.ts");
  const application = await openApplication(config, quiet, { inThisThread: true });
  const client = clientOf(application, {
    async *exportGraph(signal) {
      for await (const line of application.exportGraph(defaultWorkspace, signal)) yield `${line}\n`;
    },
    async addFile<T>(incident: string, file: EvidenceFile, signal: AbortSignal): Promise<T> {
      const input = { ...file.fields, incident_id: incident };
      if (file.is === "text") {
        const content = await textOf(file.chunks);
        return await client.call<T>("evidence.add", { evidence_type: "log", ...input, content }, signal);
      }
      const { uploadVerb } = await import("@opentrace/server/src/screenshots/screenshot-verbs.ts");
      const verb = uploadVerb(application.screenshots.parts);
      const given = { ...input, name: file.name, file: file.bytes };
      return (await application.invoke(verb, given, asLocal(signal))) as T;
    },
  });
  return client;
}

type Opened = Pick<Application, "verbs" | "invoke" | "runner" | "close">;

const asLocal = (signal: AbortSignal) =>
  ({ actor: localActor, workspace: defaultWorkspace, door: "cli", requestId: crypto.randomUUID(), signal }) as const;

function clientOf(
  { verbs, invoke, runner, close }: Opened,
  { exportGraph, addFile }: Pick<Client, "exportGraph" | "addFile">,
): Client {
  const byName = new Map(verbs.map((verb) => [verb.name, verb]));
  runner.start();
  return {
    server: null,
    async call<T>(name: string, input: Record<string, unknown>, signal: AbortSignal): Promise<T> {
      const verb = byName.get(name);
      if (verb === undefined) throw new AppError("not_supported", `This OpenTrace knows no ${name}.`);
      return (await invoke(verb, input, asLocal(signal))) as T;
    },
    addFile,
    exportGraph,
    close,
  };
}

/** Throws once it is longer than what can be sent in one piece. */
async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > incidentLimits.jsonContent)
      throw new AppError(
        "bad_request",
        "Without a running server at most 16 MB can be added. Start it with npm start, and try again.",
      );
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** The command line tells errors itself; a log between its lines would only disturb. */
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
