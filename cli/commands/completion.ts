// `opentrace completion`: scripts for the shells, made from the table of commands.
import type { Command } from "commander";
import { print } from "../output.ts";

interface Words {
  name: string;
  subcommands: string[];
  options: string[];
}

const wordsOf = (command: Command): Words => ({
  name: command.name(),
  subcommands: command.commands.map((sub) => sub.name()),
  options: [
    ...new Set([command, ...command.commands].flatMap((one) => one.options.map((option) => option.long ?? ""))),
  ].filter((name) => name !== ""),
});

export function completionCommand(program: Command, shell: string): void {
  const commands = program.commands.map(wordsOf);
  const names = commands.map((command) => command.name).join(" ");
  if (shell === "fish") {
    const lines = commands.flatMap(({ name, subcommands, options }) => [
      `complete -c opentrace -n __fish_use_subcommand -a ${name}`,
      ...subcommands.map((sub) => `complete -c opentrace -n "__fish_seen_subcommand_from ${name}" -a ${sub}`),
      ...options.map(
        (option) => `complete -c opentrace -n "__fish_seen_subcommand_from ${name}" -l ${option.slice(2)}`,
      ),
    ]);
    return print(lines.join("\n"));
  }
  const cases = commands
    .map(({ name, subcommands, options }) => `    ${name}) words="${[...subcommands, ...options].join(" ")}" ;;`)
    .join("\n");
  const bash = `_opentrace() {
  local words
  case "\${COMP_WORDS[1]}" in
${cases}
    *) words="${names}" ;;
  esac
  [ "$COMP_CWORD" -eq 1 ] && words="${names}"
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [ "\${COMP_WORDS[1]}" = index ] && COMPREPLY+=($(compgen -d -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _opentrace opentrace`;
  print(shell === "zsh" ? `autoload -U +X bashcompinit && bashcompinit\n${bash}` : bash);
}
