// A form control with its label, hint and error: they belong together and are announced together.
import { type ReactNode, useId } from "react";
import { classes } from "./classes.ts";

export interface LabelledProps {
  label: ReactNode;
  /** Still read out, where what stands around says it to the eye. */
  hideLabel?: boolean | undefined;
  hint?: ReactNode;
  error?: string | null | undefined;
}

/** What the control needs to be found by its label. */
interface ControlProps {
  id: string;
  "aria-invalid": true | undefined;
  "aria-describedby": string | undefined;
}

export function Labelled({
  label,
  hideLabel = false,
  hint,
  error,
  className,
  children,
}: LabelledProps & { className?: string | undefined; children: (control: ControlProps) => ReactNode }) {
  const id = useId();
  return (
    <div className={classes("flex min-w-0 flex-col gap-1.5", className)}>
      <label htmlFor={id} className={hideLabel ? "sr-only" : "text-sm font-medium"}>
        {label}
      </label>
      {children({
        id,
        "aria-invalid": error ? true : undefined,
        "aria-describedby": classes(error && `${id}-error`, hint ? `${id}-hint` : null) || undefined,
      })}
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
