// Form fields: a line, several lines, one of a list; and the list that stands in a row of other things.
import { type ComponentProps, useId } from "react";
import { classes } from "./classes.ts";
import { Labelled, type LabelledProps } from "./labelled.tsx";

export const controlClasses =
  "w-full min-w-0 rounded-md border border-line-strong bg-surface px-3 text-text placeholder:text-faint " +
  "aria-invalid:border-bad disabled:opacity-60";

export function Field({ label, hideLabel, hint, error, className, ...input }: ComponentProps<"input"> & LabelledProps) {
  return (
    <Labelled {...{ label, hideLabel, hint, error, className }}>
      {(control) => <input {...control} {...input} className={classes(controlClasses, "h-9")} />}
    </Labelled>
  );
}

export function TextArea({
  label,
  hideLabel,
  hint,
  error,
  className,
  mono = false,
  ...area
}: ComponentProps<"textarea"> & LabelledProps & { mono?: boolean }) {
  return (
    <Labelled {...{ label, hideLabel, hint, error, className }}>
      {(control) => (
        <textarea
          rows={5}
          {...control}
          {...area}
          className={classes(controlClasses, "py-2", mono ? "font-mono text-sm" : null)}
        />
      )}
    </Labelled>
  );
}

export function SelectField({
  label,
  hideLabel,
  hint,
  error,
  className,
  ...select
}: ComponentProps<"select"> & LabelledProps) {
  return (
    <Labelled {...{ label, hideLabel, hint, error, className }}>
      {(control) => <select {...control} {...select} className={classes(controlClasses, "h-9 px-2")} />}
    </Labelled>
  );
}

/** Label and list side by side, in a row with others. */
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
