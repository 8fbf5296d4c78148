// One of a few: buttons in a row, the chosen one pressed.
import type { LucideIcon } from "lucide-react";
import { classes } from "./classes.ts";

interface Props<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string; icon?: LucideIcon }[];
  onChange: (value: Value) => void;
}

export function Segments<Value extends string>({ label, value, options, onChange }: Props<Value>) {
  return (
    <div
      role="group"
      aria-label={label}
      className="flex w-fit max-w-full shrink-0 overflow-x-auto rounded-md border border-line bg-sunken p-0.5"
    >
      {options.map(({ value: each, label: name, icon: Icon }) => (
        <button
          key={each}
          type="button"
          data-focus-inset
          aria-pressed={value === each}
          onClick={() => onChange(each)}
          className={classes(
            "inline-flex h-7 shrink-0 items-center gap-1.5 rounded-sm px-2 text-sm whitespace-nowrap text-muted hover:text-text",
            "aria-pressed:bg-surface aria-pressed:font-medium aria-pressed:text-text aria-pressed:shadow-[0_1px_2px_rgb(0_0_0/0.12)]",
          )}
        >
          {Icon ? <Icon size={14} aria-hidden /> : null}
          {name}
        </button>
      ))}
    </div>
  );
}
