// A search field for nodes with its results below (ARIA combobox): the explorer's search and the pickers of path and impact.
import type { GraphNode, NodeType } from "@opentrace/contract/graph.ts";
import { useQuery } from "@tanstack/react-query";
import { LoaderCircle, Search, X } from "lucide-react";
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useRef, useState } from "react";
import { graph } from "../../api/queries.ts";
import { classes } from "../../ui/classes.ts";
import { controlClasses } from "../../ui/field.tsx";
import { NodeMark } from "../../ui/node-mark.tsx";
import { placeOf, titleOf } from "../../graph/describe.ts";
import { typeWord } from "../../ui/node-types.ts";
import { errorMessage } from "../../ui/states.tsx";

export interface NodeSearchProps {
  label: string;
  placeholder: string;
  /** What the field starts with (and shows while it is not being typed in). */
  value: string;
  onPick: (node: GraphNode) => void;
  onType?: (text: string) => void;
  onClear?: () => void;
  types?: readonly NodeType[];
  onTypes?: (types: NodeType[]) => void;
  autoFocus?: boolean;
  large?: boolean;
  inputId?: string;
}

const offered: readonly NodeType[] = [
  "Class",
  "Interface",
  "Function",
  "Method",
  "Variable",
  "File",
  "Module",
  "Package",
  "Directory",
  "Repository",
];

export function NodeSearch(props: NodeSearchProps) {
  const {
    label,
    placeholder,
    value,
    onPick,
    onType,
    onClear,
    types = [],
    onTypes,
    autoFocus = false,
    large = false,
    inputId,
  } = props;
  const ownId = useId();
  const listId = useId();
  const id = inputId ?? ownId;
  const [text, setText] = useState(value);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => setText(value), [value]);
  const query = useDeferredValue(text.trim());
  const { data, error, isFetching } = useQuery({ ...graph.search(query, types), enabled: open && query !== "" });
  const hits = query === "" ? [] : (data?.hits ?? []);
  const current = Math.min(active, Math.max(0, hits.length - 1));
  const shown = open && query !== "";
  useEffect(() => {
    if (shown) document.getElementById(`${listId}-${current}`)?.scrollIntoView({ block: "nearest" });
  }, [shown, current, listId]);

  const pick = (node: GraphNode): void => {
    setOpen(false);
    // What was looked for is found: single-key shortcuts work again.
    document.getElementById(id)?.blur();
    onPick(node);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (hits.length > 0) setActive((current + step + hits.length) % hits.length);
    } else if (event.key === "Enter" && shown) {
      const hit = hits[current];
      if (!hit) return;
      event.preventDefault();
      pick(hit.node);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (open) setOpen(false);
      else document.getElementById(id)?.blur();
    }
  };
  return (
    <div
      ref={box}
      className="relative min-w-0 flex-1"
      onBlur={(event) => {
        if (!box.current?.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <Search
        size={15}
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-faint"
      />
      <input
        id={id}
        role="combobox"
        aria-expanded={shown}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={shown && hits.length > 0 ? `${listId}-${current}` : undefined}
        autoComplete="off"
        spellCheck={false}
        autoFocus={autoFocus}
        placeholder={placeholder}
        value={text}
        onFocus={(event) => event.target.select()}
        onClick={() => setOpen(true)}
        onChange={(event) => {
          setText(event.target.value);
          setActive(0);
          setOpen(true);
          onType?.(event.target.value);
        }}
        onKeyDown={onKeyDown}
        className={classes(controlClasses, "pr-9 pl-9", large ? "h-11 text-lg" : "h-9")}
      />
      {isFetching && shown ? (
        <LoaderCircle
          size={15}
          aria-hidden
          className="absolute top-1/2 right-3 -translate-y-1/2 animate-spin text-faint"
        />
      ) : text !== "" ? (
        <button
          type="button"
          aria-label={`Clear ${label.toLowerCase()}`}
          onClick={() => {
            setText("");
            onType?.("");
            onClear?.();
            document.getElementById(id)?.focus();
          }}
          className="absolute top-1/2 right-1.5 inline-grid size-6 -translate-y-1/2 place-items-center rounded-sm text-faint hover:text-text"
        >
          <X size={14} aria-hidden />
        </button>
      ) : null}
      <div
        className={classes(
          "absolute top-full right-0 left-0 z-30 mt-1.5 min-w-72 overflow-hidden rounded-lg border border-line bg-surface shadow-float",
          !shown && "hidden",
        )}
      >
        {onTypes ? (
          <div role="group" aria-label="Only these types" className="flex flex-wrap gap-1 border-b border-line p-2">
            {offered.map((type) => (
              <button
                key={type}
                type="button"
                aria-pressed={types.includes(type)}
                onClick={() => onTypes(types.includes(type) ? types.filter((each) => each !== type) : [...types, type])}
                className="inline-flex h-6 items-center gap-1.5 rounded-sm px-1.5 text-xs text-muted hover:bg-hover aria-pressed:bg-accent-soft aria-pressed:text-accent-text"
              >
                <NodeMark type={type} size={10} />
                {typeWord(type)}
              </button>
            ))}
          </div>
        ) : null}
        <ul id={listId} role="listbox" aria-label={`${label}: results`} className="max-h-80 overflow-auto p-1">
          {hits.map(({ node }, index) => (
            <li
              key={node.id}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === current}
              onMouseEnter={() => setActive(index)}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => pick(node)}
              className="flex h-9 items-center gap-2 rounded-md px-2 aria-selected:bg-hover"
            >
              <NodeMark type={node.type} />
              <span className="max-w-[55%] shrink-0 truncate font-medium">
                <Marked text={titleOf(node)} part={query} />
              </span>
              <span className="min-w-0 flex-1 truncate text-sm text-faint">{placeOf(node)}</span>
              <span className="shrink-0 text-xs text-faint">{typeWord(node.type)}</span>
            </li>
          ))}
        </ul>
        {shown && hits.length === 0 ? (
          <p role="status" className="px-3 pb-3 text-sm text-muted">
            {error
              ? errorMessage(error)
              : data && !isFetching
                ? `Nothing is called “${query}”${types.length > 0 ? " among these types" : ""}. Part of a name, a path or a word from a comment also works.`
                : "Searching…"}
          </p>
        ) : null}
        {shown && data?.page.truncated ? (
          <p className="border-t border-line px-3 py-1.5 text-xs text-faint">
            The best {hits.length}
            {data.page.total === null ? "" : ` of ${data.page.total}`}. Type more to narrow it down.
          </p>
        ) : null}
      </div>
    </div>
  );
}

function Marked({ text, part }: { text: string; part: string }) {
  const at = text.toLowerCase().indexOf(part.toLowerCase());
  if (at < 0 || part === "") return text;
  return (
    <>
      {text.slice(0, at)}
      <mark className="rounded-[2px] bg-accent-soft text-accent-text">{text.slice(at, at + part.length)}</mark>
      {text.slice(at + part.length)}
    </>
  );
}
