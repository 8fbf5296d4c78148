// One scope that can be chosen, with the branch whose code is read.
import type { ScopeKind } from "@opentrace/contract/integrations.ts";
import { GitBranch } from "lucide-react";
import { Badge } from "../../../ui/badge.tsx";
import { classes } from "../../../ui/classes.ts";
import { controlClasses } from "../../../ui/field.tsx";
import { branchOf, type Changes, type Choice } from "./selection.ts";

interface Props {
  choice: Choice;
  kind: ScopeKind;
  changes: Changes;
  selected: boolean;
  onSelect: (selected: boolean) => void;
  onBranch: (branch: string) => void;
}

export function ChoiceRow({ choice, kind, changes, selected, onSelect, onBranch }: Props) {
  const { id, name, description, defaultBranch } = choice;
  return (
    <li className="grid grid-cols-1 gap-x-4 gap-y-2 px-4 py-2.5 [contain-intrinsic-size:auto_3.5rem] [content-visibility:auto] sm:grid-cols-[minmax(0,1fr)_15rem]">
      <label className="flex min-w-0 cursor-pointer items-start gap-3">
        <input
          type="checkbox"
          checked={selected}
          onChange={(event) => onSelect(event.target.checked)}
          className="mt-1 size-4 shrink-0 accent-(--accent)"
        />
        <span className="flex min-w-0 flex-col">
          <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="font-medium wrap-anywhere">{name}</span>
            {choice.private ? <Badge>private</Badge> : null}
            {choice.archived ? <Badge tone="warn">archived</Badge> : null}
          </span>
          {description ? <span className="line-clamp-2 text-sm break-words text-muted">{description}</span> : null}
        </span>
      </label>
      {kind.hasBranch && selected ? (
        <div className="flex items-center gap-2 pl-7 sm:pl-0">
          <GitBranch size={14} aria-hidden className="shrink-0 text-faint" />
          <input
            id={`branch-${id}`}
            aria-label={`Branch of ${name}`}
            value={branchOf(changes, choice)}
            onChange={(event) => onBranch(event.target.value)}
            placeholder={defaultBranch ? `default branch (${defaultBranch})` : "default branch"}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            className={classes(controlClasses, "h-8 px-2 text-sm")}
          />
        </div>
      ) : null}
    </li>
  );
}
