// Buttons and what looks like one.
import type { ComponentProps, ReactNode } from "react";
import { classes } from "./classes.ts";
import { Hint } from "./hint.tsx";

export type ButtonLook = "primary" | "plain" | "quiet" | "danger";

const looks: Record<ButtonLook, string> = {
  primary: "bg-accent text-on-accent hover:brightness-110 border border-transparent",
  plain: "bg-surface text-text border border-line hover:bg-sunken",
  quiet: "text-muted hover:text-text hover:bg-hover border border-transparent",
  danger: "bg-surface text-bad border border-line hover:bg-bad-soft",
};

export const buttonClasses = (look: ButtonLook = "plain", small = false): string =>
  classes(
    "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap select-none",
    "transition-colors disabled:opacity-50 disabled:pointer-events-none aria-disabled:opacity-50",
    small ? "h-7 px-2 text-sm" : "h-9 px-3 text-base",
    looks[look],
  );

export function Button({
  look = "plain",
  small = false,
  className,
  ...rest
}: ComponentProps<"button"> & { look?: ButtonLook; small?: boolean }) {
  return <button type="button" {...rest} className={classes(buttonClasses(look, small), className)} />;
}

/** A square button with an icon; its label is its accessible name and its tooltip. */
export function IconButton({
  label,
  keys,
  children,
  pressed,
  className,
  ...rest
}: ComponentProps<"button"> & { label: string; keys?: string; children: ReactNode; pressed?: boolean }) {
  return (
    <Hint text={label} keys={keys}>
      <button
        type="button"
        aria-label={label}
        aria-pressed={pressed}
        {...rest}
        className={classes(
          "inline-grid size-8 shrink-0 place-items-center rounded-md text-muted transition-colors hover:bg-hover hover:text-text",
          "disabled:opacity-40 disabled:hover:bg-transparent aria-pressed:bg-accent-soft aria-pressed:text-accent-text",
          className,
        )}
      >
        {children}
      </button>
    </Hint>
  );
}
