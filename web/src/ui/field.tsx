// Form fields: label, control, hint and error belong together and are announced together.
import { type ComponentProps, type ReactNode, useId } from "react";
import { classes } from "./classes.ts";

export const controlClasses =
  "w-full min-w-0 rounded-md border border-line-strong bg-surface px-3 text-text placeholder:text-faint " +
  "aria-invalid:border-bad disabled:opacity-60";

export function Field({
  label,
  hint,
  error,
  className,
  ...input
}: ComponentProps<"input"> & { label: ReactNode; hint?: ReactNode; error?: string | null | undefined }) {
  const id = useId();
  return (
    <div className={classes("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <input
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={classes(error && `${id}-error`, hint ? `${id}-hint` : null) || undefined}
        {...input}
        className={classes(controlClasses, "h-9")}
      />
      {error ? (
        <p id={`${id}-error`} role="alert" className="text-sm text-bad">
          {error}
        </p>
      ) : null}
      {hint ? (
        <p id={`${id}-hint`} className="text-sm text-faint">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

export function Select({
  label,
  hideLabel = false,
  className,
  children,
  ...select
}: ComponentProps<"select"> & { label: string; hideLabel?: boolean }) {
  const id = useId();
  return (
    <div className={classes("inline-flex items-center gap-2", className)}>
      <label htmlFor={id} className={hideLabel ? "sr-only" : "text-sm whitespace-nowrap text-muted"}>
        {label}
      </label>
      <select id={id} {...select} className={classes(controlClasses, "h-8 w-auto px-2 text-sm")}>
        {children}
      </select>
    </div>
  );
}
