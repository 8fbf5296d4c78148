// The matches, file by file: each leads to its line in the source view. Up and down arrows walk through them.
import type { SourceMatch } from "@opentrace/contract/graph-answers.ts";
import { Link } from "@tanstack/react-router";
import type { KeyboardEvent } from "react";
import { classes } from "../../ui/classes.ts";
import { NodeLink } from "../../ui/node-mark.tsx";
import { count } from "../../ui/time-text.ts";
import { sourceSearch } from "../source/url.ts";
import { type FileMatches, pieces } from "./by-file.ts";

const matchSelector = "a[data-match]";

export function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || event.altKey || event.metaKey || event.ctrlKey) return;
  const links = [...document.querySelectorAll<HTMLElement>(matchSelector)];
  const now = links.findIndex((link) => link === document.activeElement);
  const next = now < 0 ? (step > 0 ? links[0] : undefined) : links[now + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

export function Matches({ files, names }: { files: readonly FileMatches[]; names: ReadonlyMap<string, string> }) {
  return (
    <ol className="flex flex-col gap-4" onKeyDown={moveFocus}>
      {files.map((file) => (
        <li key={`${file.repository} ${file.path}`} className="min-w-0 rounded-lg border border-line bg-surface">
          <h2 className="flex items-baseline gap-3 border-b border-line px-3 py-2">
            <Link
              to="/source"
              search={sourceSearch({ repository: file.repository, path: file.path, lines: null })}
              className="min-w-0 rounded-sm font-mono text-sm font-semibold break-all hover:underline"
            >
              {file.path}
            </Link>
            <span className="ml-auto shrink-0 text-sm text-faint tabular-nums">
              {names.size > 1 ? `${names.get(file.repository) ?? file.repository} · ` : ""}
              {count(file.matches.length)}
            </span>
          </h2>
          <ul className="py-1">
            {file.matches.map((match) => (
              <Match key={match.line} match={match} />
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

function Match({ match }: { match: SourceMatch }) {
  const { repository, path, line, node } = match;
  return (
    <li className="flex items-center gap-3 pr-3 hover:bg-hover">
      <Link
        to="/source"
        search={sourceSearch({ repository, path, lines: { start: line, end: line } })}
        data-match
        data-focus-inset
        className="flex min-w-0 flex-1 items-baseline gap-3 py-0.5 pl-3 font-mono text-sm"
      >
        <span className="w-10 shrink-0 text-right text-faint tabular-nums">
          <span className="sr-only">{path}:</span>
          {line}
        </span>
        <code className="min-w-0 truncate whitespace-pre">
          {pieces(match).map(({ text, marked }, index) => (
            <span
              key={index}
              className={classes(marked && "rounded-[2px] bg-accent-soft font-semibold text-accent-text")}
            >
              {text}
            </span>
          ))}
        </code>
      </Link>
      {node && node.type !== "File" ? (
        <span className="hidden max-w-[30%] shrink-0 text-sm text-muted md:block">
          <NodeLink node={node} place={false} />
        </span>
      ) : null}
    </li>
  );
}
