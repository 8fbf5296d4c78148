// `opentrace index <path|url>`: adds the repository or syncs the one that is there, and stays until the job has ended.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Job, Repository } from "@opentrace/contract/repositories.ts";
import { connect, type Client, type ConnectOptions } from "../client.ts";
import { plural, print } from "../output.ts";
import { awaitJob } from "./await-job.ts";
import { watchResources } from "@opentrace/server/src/indexing/resource-use.ts";

export interface IndexOptions extends ConnectOptions {
  branch?: string;
  tokenEnv?: string;
  json?: boolean;
}

type RepositoryAndJob = { repository: Repository; job: Job | null };

export async function indexCommand(source: string, options: IndexOptions, signal: AbortSignal): Promise<void> {
  const use = watchResources({ since: "start", everyMs: 250 });
  const started = performance.now();
  const token = tokenFrom(options.tokenEnv);
  const client = await connect(options, "indexing");
  try {
    const { repository, job } = await start(client, absolute(source), options.branch, token, signal);
    if (job === null) throw new AppError("internal", "The server started no job.");
    const ended = await awaitJob(client, job.id, signal);
    const seconds = Math.round(performance.now() - started) / 1000;
    // A job that found nothing new has counted nothing: what the repository holds is on its row.
    const now = await client.call<Repository>("repositories.get", { id: repository.id }, signal);
    const result = { ...ended.result, ...(now.counts === null ? {} : now.counts) };
    if (options.json === true) {
      print(
        JSON.stringify(
          {
            repository: {
              id: now.id,
              key: now.key,
              name: now.name,
              source: now.source,
              branch: ended.result?.["branch"] ?? now.branch,
              commit: now.commit,
            },
            ...result,
            seconds,
            ...(client.server === null ? use() : { server: client.server }),
          },
          null,
          2,
        ),
      );
      return;
    }
    const count = (name: string): number => Number((result as Record<string, unknown>)[name] ?? 0);
    const took =
      client.server === null
        ? `${seconds.toFixed(1)} s, ${use().cpuSeconds.total.toFixed(1)} CPU s, ${Math.round(use().peakMemoryMb)} MB`
        : `${seconds.toFixed(1)} s${ofServer(ended.result)}`;
    const changed = count("changed") === 0 ? "nothing to read again" : `${plural(count("changed"), "file")} read`;
    const skipped = count("skipped") === 0 ? "0 skipped" : `${count("skipped")} skipped or read in part`;
    print(
      `${repository.name}: ${plural(count("nodes"), "node")}, ${plural(count("edges"), "edge")} from ${plural(count("files"), "file")} (${changed}, ${skipped}) in ${took}`,
    );
  } finally {
    await client.close();
  }
}

/** What the server measured while it indexed. */
function ofServer(result: Job["result"]): string {
  const { cpuSeconds, peakMemoryMb } = result ?? {};
  const total =
    typeof cpuSeconds === "object" && cpuSeconds !== null && !Array.isArray(cpuSeconds) ? cpuSeconds["total"] : null;
  return typeof total === "number" && typeof peakMemoryMb === "number"
    ? `, ${total.toFixed(1)} CPU s of the server, ${Math.round(peakMemoryMb)} MB`
    : "";
}

/** What exists here, or is written as a path, is a path; git and the server want it absolute. */
function absolute(source: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) return source;
  const path = resolve(source);
  return existsSync(path) || /^[.~/]/.test(source) || !source.includes(":") ? path : source;
}

function tokenFrom(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const token = process.env[name];
  if (token === undefined || token === "")
    throw new AppError("bad_request", `--token-env names ${name}, but that variable is not set.`);
  return token;
}

async function start(
  client: Client,
  source: string,
  branch: string | undefined,
  token: string | undefined,
  signal: AbortSignal,
): Promise<RepositoryAndJob> {
  try {
    return await client.call("repositories.add", { source, branch, token }, signal);
  } catch (error) {
    const id = error instanceof AppError && error.code === "conflict" ? error.details?.["repositoryId"] : undefined;
    if (typeof id !== "string") throw error;
    return branch === undefined && token === undefined
      ? await client.call("repositories.sync", { id }, signal)
      : await client.call("repositories.change", { id, branch, token }, signal);
  }
}
