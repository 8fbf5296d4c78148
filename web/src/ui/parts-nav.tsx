// The parts of a page that has an address for each: a row of links, the shown one marked.
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";

interface Props {
  label: string;
  parts: readonly { id: string; label: ReactNode; link: LinkProps }[];
  shown: string;
}

export function PartsNav({ label, parts, shown }: Props) {
  return (
    <nav aria-label={label} className="-mt-2 overflow-x-auto border-b border-line">
      <ul className="flex gap-1">
        {parts.map((part) => (
          <li key={part.id}>
            <Link
              {...part.link}
              data-focus-inset
              aria-current={part.id === shown ? "page" : undefined}
              className={classes(
                "inline-flex h-9 items-center gap-1.5 rounded-t-md border-b-2 px-3 whitespace-nowrap",
                part.id === shown
                  ? "border-accent-text font-medium text-text"
                  : "border-transparent text-muted hover:text-text",
              )}
            >
              {part.label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
