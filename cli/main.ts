// The `opentrace` command line: a table of commands, each loaded when it is called; the one place that maps errors to exit codes.
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { CommonOptions } from "./commands/verb-commands.ts";
import { addIncidentCommands } from "./incident-options.ts";
import { describeError, exitCodeOf, exitCodes, note } from "./output.ts";

const version = "0.1.0";
const interrupt = new AbortController();

function build(): Command {
  const program = new Command("opentrace")
    .description("One knowledge graph of a company's software: index repositories, then ask.")
    .version(version)
    .showHelpAfterError("Run with --help to see how it is used.")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) })
    .addHelpText(
      "after",
      `
Commands talk to the running server (of the data directory, or --server / OPENTRACE_URL; API key in OPENTRACE_API_KEY),
and work on the embedded store by themselves when none runs.

Exit codes: 0 done, 1 failed, 2 wrong use or input, 3 not found, 4 no access, 5 not reachable, 6 conflict, 130 cancelled.`,
    );
  const common = (command: Command): Command =>
    command
      .addOption(new Option("--json", "print the raw answer as JSON"))
      .addOption(new Option("--data <dir>", "data directory (default: OPENTRACE_DATA or ~/.opentrace)"))
      .addOption(new Option("--server <url>", "address of the server to ask"));

  common(program.command("index"))
    .argument("<source>", "path or Git URL of a repository")
    .description("index a repository, or sync it when it is there already")
    .option("--branch <name>", "branch to index; the default branch if absent")
    .option("--token-env <name>", "environment variable that holds the access token")
    .action(async (source: string, options: CommonOptions) =>
      (await import("./commands/index-repository.ts")).indexCommand(source, options, interrupt.signal),
    );

  const asking = (name: string, description: string): Command => common(program.command(name)).description(description);
  const run = async (name: string, values: Record<string, unknown>, options: CommonOptions): Promise<void> =>
    (await import("./commands/verb-commands.ts")).runVerbCommand(name, values, options, interrupt.signal);
  const limit = (command: Command): Command => command.option("--limit <n>", "most results", wholeNumber);
  const types = (command: Command): Command =>
    command.option("--types <list>", "only these node types, comma-separated", list);

  asking("ask", "ask in plain English")
    .argument("<question...>")
    .action((question: string[], options: CommonOptions) => run("ask", { question: question.join(" ") }, options));
  types(limit(asking("search", "find nodes by name, path or documentation")))
    .argument("<query...>")
    .action((query: string[], options: CommonOptions) =>
      run("search", { query: query.join(" "), ...pick(options, "limit", "types") }, options),
    );
  asking("show", "show a node with its neighbours")
    .argument("<node>", "id, key or name")
    .action((node: string, options: CommonOptions) => run("show", { node }, options));
  for (const [name, description] of [
    ["deps", "what a node depends on"],
    ["dependents", "what depends on a node"],
    ["impact", "what is affected if a node changes"],
  ] as const)
    limit(asking(name, description))
      .argument("<node>", "id, key or name")
      .option("--depth <n>", "how many hops", wholeNumber)
      .action((node: string, options: CommonOptions) =>
        run(name, { node, ...pick(options, "depth", "limit") }, options),
      );
  asking("path", "how one node connects to another")
    .argument("<from>", "id, key or name")
    .argument("<to>", "id, key or name")
    .action((from: string, to: string, options: CommonOptions) => run("path", { from, to }, options));
  limit(asking("similar", "nodes that are like a node"))
    .argument("<node>", "id, key or name")
    .action((node: string, options: CommonOptions) => run("similar", { node, ...pick(options, "limit") }, options));
  types(limit(asking("critical", "the most critical nodes"))).action((options: CommonOptions) =>
    run("critical", pick(options, "limit", "types"), options),
  );
  const about = (command: Command): Command =>
    limit(command).argument("[node]", "id, key or name; everything if absent");
  const state = (command: Command): Command =>
    command.option("--state <list>", "only in these states: open, merged, closed", list);
  const since = (command: Command): Command =>
    command.option("--since <time>", "only after this time: 2026-11-20, an ISO time, or 3d, 12h, 2w");
  since(about(asking("changes", "commits and deliveries since a time"))).action(
    (node: string | undefined, options: CommonOptions) =>
      run("changes", { node, ...pick(options, "since", "limit") }, options),
  );
  limit(asking("delivery", "open pull requests and issues, pipelines, what is deployed, and owners of a node"))
    .argument("<node>", "id, key or name")
    .action((node: string, options: CommonOptions) => run("delivery", { node, ...pick(options, "limit") }, options));
  state(about(asking("prs", "pull requests that touch a node"))).action(
    (node: string | undefined, options: CommonOptions) =>
      run("prs", { node, ...pick(options, "state", "limit") }, options),
  );
  about(asking("issues", "issues that are linked to a node"))
    .option("--state <state>", "open or closed")
    .action((node: string | undefined, options: CommonOptions) =>
      run("issues", { node, ...pick(options, "state", "limit") }, options),
    );
  about(asking("pipelines", "pipelines that build or deploy a node"))
    .option("--deploys", "only those that deploy")
    .action((node: string | undefined, options: CommonOptions) =>
      run("pipelines", { node, ...pick(options, "deploys", "limit") }, options),
    );
  since(about(asking("deployments", "what was deployed, newest first")))
    .option("--environment <name>", "only to this environment")
    .option("--current", "only the newest of each repository and environment")
    .action((node: string | undefined, options: CommonOptions) =>
      run("deployments", { node, ...pick(options, "environment", "current", "since", "limit") }, options),
    );
  limit(asking("owners", "who owns a node"))
    .argument("<node>", "id, key or name")
    .action((node: string, options: CommonOptions) => run("owners", { node, ...pick(options, "limit") }, options));
  asking("stats", "size, types and sources of the graph").action((options: CommonOptions) => run("stats", {}, options));

  addIncidentCommands(program.command("incidents"), {
    common,
    limit,
    list,
    run: async (action, values, options) =>
      (await import("./commands/incident-commands.ts")).incidentCommand(action, values, options, interrupt.signal),
  });

  const repos = program
    .command("repos")
    .description("list, sync, change and remove repositories; list what was skipped");
  const ofRepos = async (action: string, values: Record<string, unknown>, options: CommonOptions): Promise<void> =>
    (await import("./commands/repository-commands.ts")).repositoryCommand(action, values, options, interrupt.signal);
  common(repos.command("list", { isDefault: true }).description("list them with their state")).action(
    (options: CommonOptions) => ofRepos("list", {}, options),
  );
  common(repos.command("sync").description("read what is new in a repository"))
    .argument("<repository>", "id, key or name")
    .action((repository: string, options: CommonOptions) => ofRepos("sync", { repository }, options));
  common(repos.command("branch").description("index another branch of a repository"))
    .argument("<repository>", "id, key or name")
    .argument("<branch>", "name of the branch")
    .action((repository: string, branch: string, options: CommonOptions) =>
      ofRepos("branch", { repository, branch }, options),
    );
  limit(common(repos.command("skipped").description("list what was not read, and why")))
    .argument("<repository>", "id, key or name")
    .option("--reason <reason>", "only what was skipped for this reason")
    .option("--text <text>", "only paths and details that hold this text")
    .action((repository: string, options: CommonOptions) =>
      ofRepos("skipped", { repository, ...pick(options, "limit", "reason", "text") }, options),
    );
  common(repos.command("remove").description("remove a repository with its facts"))
    .argument("<repository>", "id, key or name")
    .option("--yes", "do not ask")
    .action((repository: string, options: CommonOptions) => ofRepos("remove", { repository }, options));

  const integrations = program
    .command("integrations")
    .description("connect GitHub, GitLab and others; choose, sync, test, disconnect");
  const ofIntegrations = async (
    action: string,
    values: Record<string, unknown>,
    options: CommonOptions,
  ): Promise<void> =>
    (await import("./commands/integration-commands.ts")).integrationCommand(action, values, options, interrupt.signal);
  common(integrations.command("list", { isDefault: true })).action((options: CommonOptions) =>
    ofIntegrations("list", {}, options),
  );
  common(integrations.command("available"))
    .description("what can be connected")
    .action((options: CommonOptions) => ofIntegrations("available", {}, options));
  common(integrations.command("connect"))
    .description("connect with a token that an environment variable holds")
    .argument("<connector>", "github, gitlab")
    .option("--token-env <name>", "the environment variable that holds the token", "OPENTRACE_INTEGRATION_TOKEN")
    .option("--url <url>", "the vendor's address, where it is your own server")
    .option("--name <name>", "your name for it")
    .action((connector: string, options: CommonOptions) =>
      ofIntegrations("connect", { connector, ...pick(options, "tokenEnv", "url", "name") }, options),
    );
  const ofOne = (name: string, description: string): Command =>
    common(integrations.command(name)).description(description).argument("<integration>", "its id, or its name");
  limit(ofOne("choices", "what can be chosen to be synced"))
    .option("--search <text>", "a part of the name")
    .option("--kind <kind>", "repository, organization, project, group")
    .action((integration: string, options: CommonOptions) =>
      ofIntegrations("choices", { integration, ...pick(options, "search", "kind", "limit") }, options),
    );
  ofOne("choose", "choose what is synced")
    .argument("[scopes...]", "ids, as choices lists them")
    .option("--all <kind>", "everything of this kind")
    .action((integration: string, scopes: string[], options: CommonOptions) =>
      ofIntegrations("choose", { integration, scopes, ...pick(options, "all") }, options),
    );
  ofOne("sync", "ask for what changed")
    .option("--full", "read everything again, and remove what is gone")
    .action((integration: string, options: CommonOptions) =>
      ofIntegrations("sync", { integration, ...pick(options, "full") }, options),
    );
  common(integrations.command("test"))
    .description("try the credential and its permissions")
    .argument("[integration]", "all of them if absent")
    .action((integration: string | undefined, options: CommonOptions) =>
      ofIntegrations("test", { integration }, options),
    );
  for (const [name, description] of [
    ["runs", "what was synced"],
    ["log", "what was noticed"],
    ["pause", "stop syncing"],
    ["resume", "sync again"],
  ] as const)
    ofOne(name, description).action((integration: string, options: CommonOptions) =>
      ofIntegrations(name, { integration }, options),
    );
  ofOne("disconnect", "remove it with what it brought")
    .option("--yes", "do not ask")
    .action((integration: string, options: CommonOptions) =>
      ofIntegrations("disconnect", { integration, ...pick(options, "yes") }, options),
    );

  const keys = program.command("keys").description("make, list and revoke API keys; rotate the master key");
  const ofKeys = async (action: string, values: Record<string, unknown>, options: CommonOptions): Promise<void> =>
    (await import("./commands/key-commands.ts")).keyCommand(action, values, options, interrupt.signal);
  common(keys.command("create").description("make a key; it is shown once"))
    .option("--name <name>", "what the key is for", "key")
    .option("--role <role>", "viewer (if nothing is said), responder, ingest or admin")
    .option("--scopes <list>", "permissions, instead of a role or beside it", list)
    .option("--expires-days <n>", "days until it expires", wholeNumber)
    .option("--rate-limit <n>", "requests a minute; the server's own limit if absent", wholeNumber)
    .action((options: CommonOptions) =>
      ofKeys(
        "create",
        {
          ...pick(options, "name", "role", "scopes"),
          expires_days: options["expiresDays"],
          rate_limit: options["rateLimit"],
        },
        options,
      ),
    );
  common(keys.command("list", { isDefault: true }).description("list them, without their secrets")).action(
    (options: CommonOptions) => ofKeys("list", {}, options),
  );
  common(keys.command("revoke").description("make a key worthless"))
    .argument("<id>", "id of the key")
    .action((id: string, options: CommonOptions) => ofKeys("revoke", { id }, options));

  common(keys.command("rotate"))
    .description("rotate the master key that seals stored secrets; the server may go on running")
    .action(async (options: CommonOptions) =>
      (await import("./commands/rotate-keys.ts")).rotateKeysCommand(options, interrupt.signal),
    );

  const people = program.command("users").description("invite people, list them, change their role, reset a password");
  const ofUsers = async (action: string, values: Record<string, unknown>, options: CommonOptions): Promise<void> =>
    (await import("./commands/user-commands.ts")).userCommand(action, values, options, interrupt.signal);
  common(people.command("list", { isDefault: true }).description("list them")).action((options: CommonOptions) =>
    ofUsers("list", {}, options),
  );
  common(people.command("create"))
    .description("print a link that lets somebody make an account; or make it at once, with --password-env")
    .argument("<email>", "e-mail address")
    .option("--role <role>", "viewer, responder, ingest or admin", "viewer")
    .option("--name <name>", "their name")
    .option("--password-env <name>", "environment variable that holds the password")
    .action((email: string, options: CommonOptions) =>
      ofUsers("create", { email, ...pick(options, "role", "name", "passwordEnv") }, options),
    );
  const ofUser = (name: string, description: string): Command =>
    common(people.command(name)).description(description).argument("<user>", "e-mail address or id");
  ofUser("reset-password", "print a link for a new password; or set it at once, with --password-env")
    .option("--password-env <name>", "environment variable that holds the password")
    .action((user: string, options: CommonOptions) =>
      ofUsers("reset-password", { user, ...pick(options, "passwordEnv") }, options),
    );
  ofUser("role", "give another role")
    .argument("<role>", "viewer, responder, ingest or admin")
    .action((user: string, role: string, options: CommonOptions) => ofUsers("role", { user, role }, options));
  for (const [name, description] of [
    ["disable", "end the account's sessions and tokens, and let nobody in by it"],
    ["enable", "let a disabled account in again"],
    ["sign-out", "end all its sessions"],
  ] as const)
    ofUser(name, description).action((user: string, options: CommonOptions) => ofUsers(name, { user }, options));

  common(program.command("export"))
    .description("write the whole graph, a line for each node and edge")
    .addOption(new Option("--format <format>", "format").choices(["jsonl"]).default("jsonl"))
    .option("--out <file>", "file to write; standard output if absent")
    .action(async (options: CommonOptions) =>
      (await import("./commands/export-graph.ts")).exportCommand(options, interrupt.signal),
    );
  common(program.command("mcp"))
    .description("serve MCP on standard input and output, for AI assistants")
    .action(async (options: CommonOptions) =>
      (await import("./commands/serve-mcp.ts")).mcpCommand(options, interrupt.signal),
    );
  common(program.command("doctor"))
    .description("check this machine and configuration")
    .action(async (options: CommonOptions) => (await import("./commands/doctor.ts")).doctorCommand(options));
  program
    .command("completion")
    .description("print a completion script")
    .addOption(new Option("--shell <shell>", "shell").choices(["bash", "zsh", "fish"]).default("bash"))
    .action(async ({ shell }: { shell: string }) =>
      (await import("./commands/completion.ts")).completionCommand(program, shell),
    );
  return program;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It should be a whole number.");
  return Number(text);
}

const list = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

function pick(options: CommonOptions, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]));
}

process.on("SIGINT", () => {
  if (interrupt.signal.aborted) process.exit(exitCodes.cancelled);
  interrupt.abort();
});
process.on("SIGTERM", () => interrupt.abort());
// A reader that has seen enough (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

try {
  await build().parseAsync();
  // What is still open (a warm worker, an idle socket) must not hold the command back.
  process.exit(process.exitCode ?? exitCodes.done);
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? exitCodes.done : exitCodes.usage);
  if (interrupt.signal.aborted) {
    note(describeError(error, process.argv.includes("--json")));
    process.exit(exitCodes.cancelled);
  }
  note(describeError(error, process.argv.includes("--json")));
  process.exit(exitCodeOf(error));
}
