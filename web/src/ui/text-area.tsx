// A field for more than a line; label, hint and error belong to it as in Field.
import { type ComponentProps, type ReactNode, useId } from "react";
import { classes } from "./classes.ts";
import { controlClasses } from "./field.tsx";

export function TextArea({
  label,
  hint,
  error,
  className,
  mono = false,
  ...area
}: ComponentProps<"textarea"> & {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | null | undefined;
  mono?: boolean;
}) {
  const id = useId();
  return (
    <div className={classes("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <textarea
        id={id}
        rows={5}
        aria-invalid={error ? true : undefined}
        aria-describedby={classes(error && `${id}-error`, hint ? `${id}-hint` : null) || undefined}
        {...area}
        className={classes(controlClasses, "py-2", mono ? "font-mono text-sm" : null)}
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
