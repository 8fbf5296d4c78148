// What `opentrace incidents …` takes: its commands with their options. What they do is loaded when one is called.
import type { Command } from "commander";
import type { CommonOptions } from "./commands/verb-commands.ts";

export interface IncidentOptionsDeps {
  common(this: void, command: Command): Command;
  limit(this: void, command: Command): Command;
  /** "a, b" → ["a", "b"] */
  list(this: void, text: string): string[];
  run(this: void, action: string, values: Record<string, unknown>, options: CommonOptions): Promise<void>;
}

/** Options that have another name in the API. */
const apiNames: Record<string, string> = {
  services: "affected_services",
  type: "evidence_type",
  sourceUrl: "source_url",
};

export function addIncidentCommands(incidents: Command, { common, limit, list, run }: IncidentOptionsDeps): void {
  incidents.description("list, show and declare incidents; add evidence, comment, take up, resolve");
  const picked = (options: CommonOptions, ...names: string[]): Record<string, unknown> =>
    Object.fromEntries(
      names.flatMap((name) => (options[name] === undefined ? [] : [[apiNames[name] ?? name, options[name]]])),
    );
  const of = (name: string, description: string): Command =>
    common(incidents.command(name).description(description)).argument("<incident>", "id, or reference such as INC-42");

  limit(common(incidents.command("list", { isDefault: true }).description("list them, newest first")))
    .option("--q <words>", "only with these words in title, description or evidence")
    .option("--status <list>", "only these: open, investigating, resolved, closed", list)
    .option("--severity <list>", "only these: low, medium, high, critical", list)
    .option("--service <list>", "only those that affect these services", list)
    .option("--tag <list>", "only with one of these tags", list)
    .option("--owner <list>", "only of these owners", list)
    .option("--sort <order>", "created_at, updated_at, severity, status, or relevance with --q")
    .action((options: CommonOptions) =>
      run("list", picked(options, "q", "status", "severity", "service", "tag", "owner", "sort", "limit"), options),
    );
  of("show", "show one with what it affects and its evidence").action((incident: string, options: CommonOptions) =>
    run("show", { incident }, options),
  );
  const described = (command: Command): Command =>
    command
      .option("--severity <severity>", "low, medium, high or critical")
      .option("--description <text>", "what is known so far")
      .option("--services <list>", "affected services, comma-separated", list)
      .option("--tags <list>", "tags, comma-separated", list)
      .option("--owner <name>", "who takes care of it");
  described(common(incidents.command("declare").description("open an incident")))
    .argument("<title...>")
    .action((title: string[], options: CommonOptions) =>
      run(
        "declare",
        { title: title.join(" "), ...picked(options, "severity", "description", "services", "tags", "owner") },
        options,
      ),
    );
  described(of("change", "change an incident"))
    .option("--status <status>", "open, investigating, resolved or closed")
    .option("--title <title>", "what is wrong, in a line")
    .action((incident: string, options: CommonOptions) =>
      run(
        "change",
        { incident, ...picked(options, "status", "severity", "title", "description", "services", "tags", "owner") },
        options,
      ),
    );
  of("take", "take it up: investigating")
    .option("--owner <name>", "who takes care of it")
    .action((incident: string, options: CommonOptions) =>
      run("take", { incident, ...picked(options, "owner") }, options),
    );
  of("resolve", "say that it is over")
    .option("--comment <text>", "what it was, kept as a comment")
    .action((incident: string, options: CommonOptions) =>
      run("resolve", { incident, ...picked(options, "comment") }, options),
    );
  of("comment", "add a comment")
    .argument("<text...>")
    .action((incident: string, text: string[], options: CommonOptions) =>
      run("comment", { incident, body: text.join(" ") }, options),
    );
  const evident = (command: Command): Command =>
    command
      .option("--title <title>", "the file's name if absent")
      .option("--source <name>", "where it is from: datadog, grafana, a person")
      .option("--source-url <url>", "where it can be looked at");
  evident(of("evidence", "add a text as evidence, from a file or standard input"))
    .argument("[file]", "a file; standard input if absent or -")
    .option("--type <type>", "log (if nothing is said), metric, trace, note, or any other word")
    .action((incident: string, file: string | undefined, options: CommonOptions) =>
      run(
        "evidence",
        {
          incident,
          ...(file === undefined ? {} : { file }),
          ...picked(options, "type", "title", "source", "sourceUrl"),
        },
        options,
      ),
    );
  evident(of("screenshot", "upload a screenshot; it is read by itself"))
    .argument("<file>", "PNG, JPEG or WebP")
    .option("--wait", "wait until it was read, and print what was read")
    .action((incident: string, file: string, options: CommonOptions) =>
      run("screenshot", { incident, file, ...picked(options, "title", "source", "sourceUrl", "wait") }, options),
    );
  limit(of("timeline", "what happened, in order")).action((incident: string, options: CommonOptions) =>
    run("timeline", { incident, ...picked(options, "limit") }, options),
  );
  of("causes", "what may have caused it")
    .option("--generate", "look for causes anew")
    .action((incident: string, options: CommonOptions) =>
      run("causes", { incident, ...picked(options, "generate") }, options),
    );
}
