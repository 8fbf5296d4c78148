// `opentrace repos list | skipped | sync | branch | remove`.
import { createInterface } from "node:readline/promises";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Repository, SkippedPath } from "@opentrace/contract/repositories.ts";
import { connect, type Client } from "../client.ts";
import { grouped, note, plural, print, table } from "../output.ts";
import { awaitJob } from "./await-job.ts";
import type { Page } from "@opentrace/contract/graph.ts";
import type { CommonOptions } from "./verb-commands.ts";

async function find(client: Client, text: string, signal: AbortSignal): Promise<Repository> {
  const { repositories } = await client.call<{ repositories: Repository[] }>("repositories.list", {}, signal);
  const found = repositories.filter(
    (one) => one.id === text || one.key === text || one.name === text || one.source === text,
  );
  if (found.length === 1 && found[0] !== undefined) return found[0];
  if (found.length > 1)
    throw new AppError(
      "bad_request",
      `${text} names ${found.length} repositories; give an id: ${found.map((one) => one.id).join(", ")}.`,
    );
  throw new AppError(
    "not_found",
    `There is no repository ${text}. ${repositories.length === 0 ? "Index one with: opentrace index <path>" : `There are: ${repositories.map((one) => one.name).join(", ")}.`}`,
  );
}

export async function repositoryCommand(
  action: string,
  values: Record<string, unknown>,
  options: CommonOptions,
  signal: AbortSignal,
): Promise<void> {
  const client = await connect(options);
  try {
    if (action === "list") return await list(client, options, signal);
    const repository = await find(client, String(values["repository"]), signal);
    if (action === "skipped") return await listSkipped(client, repository, values, options, signal);
    if (action === "remove" && options["yes"] !== true) await confirm(repository);
    const { job } =
      action === "sync"
        ? await client.call<{ job: { id: string } }>("repositories.sync", { id: repository.id }, signal)
        : action === "branch"
          ? await client.call<{ job: { id: string } }>(
              "repositories.change",
              { id: repository.id, branch: String(values["branch"]) },
              signal,
            )
          : await client.call<{ job: { id: string } }>("repositories.remove", { id: repository.id }, signal);
    const ended = await awaitJob(client, job.id, signal);
    if (options.json === true) print(JSON.stringify(ended, null, 2));
    else
      print(
        action === "remove"
          ? `${repository.name} is removed.`
          : `${repository.name} is up to date${action === "branch" ? ` on ${String(values["branch"])}` : ""}.`,
      );
  } finally {
    await client.close();
  }
}

async function list(client: Client, options: CommonOptions, signal: AbortSignal): Promise<void> {
  const { repositories } = await client.call<{ repositories: Repository[] }>("repositories.list", {}, signal);
  if (options.json === true) return print(JSON.stringify({ repositories }, null, 2));
  if (repositories.length === 0) return note("No repositories yet. Index one with: opentrace index <path>");
  print(
    table(
      repositories.map((one) => [
        one.name,
        one.state,
        one.branch ?? one.defaultBranch ?? "",
        (one.commit ?? "").slice(0, 10),
        `${plural(one.counts.nodes, "node")}, ${plural(one.counts.edges, "edge")}`,
        one.error ?? one.source,
      ]),
    ),
  );
}

async function listSkipped(
  client: Client,
  { id, name }: Repository,
  { reason, text, limit }: Record<string, unknown>,
  options: CommonOptions,
  signal: AbortSignal,
): Promise<void> {
  const answer = await client.call<{ skipped: SkippedPath[]; byReason: Record<string, number>; page: Page }>(
    "repositories.skipped",
    { id, reason, q: text, limit },
    signal,
  );
  if (options.json === true) return print(JSON.stringify(answer, null, 2));
  const { skipped, byReason, page } = answer;
  if (skipped.length === 0)
    return note(`Nothing of ${name} was skipped${text === undefined ? "" : " that holds this text"}.`);
  print(table(skipped.map((one) => [one.path, one.reason, one.detail])));
  const reasons = Object.entries(byReason).map(([why, number]) => `${grouped(number)} ${why}`);
  note(
    `${reasons.join(", ")}${page.truncated ? `; ${skipped.length} of ${page.total ?? "more"} shown, see --limit` : ""}`,
  );
}

/** Never asks where nobody can answer. */
async function confirm({ name }: Repository): Promise<void> {
  if (!process.stdin.isTTY)
    throw new AppError(
      "bad_request",
      `Removing ${name} deletes its facts from the graph. Say --yes to do it without being asked.`,
    );
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question(`Type "${name}" to remove it from the graph: `);
  lines.close();
  if (answer.trim() !== name) throw new AppError("cancelled", "Not removed.");
}
