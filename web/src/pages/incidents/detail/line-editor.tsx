// A short text that turns into a field when it is pressed: Enter keeps it, Escape leaves it as it was.
import { Check, X } from "lucide-react";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { IconButton } from "../../../ui/button.tsx";
import { classes } from "../../../ui/classes.ts";
import { controlClasses } from "../../../ui/field.tsx";

interface Props {
  label: string;
  value: string;
  /** What is said where there is none. */
  nothing: string;
  maxLength: number;
  onSave: (value: string) => Promise<boolean>;
}

export function LineEditor({ label, value, nothing, maxLength, onSave }: Props) {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const closed = useRef(false);
  useEffect(() => {
    // Back to where one came from, not to the top of the page.
    if (typed === null && closed.current) button.current?.focus();
    closed.current = false;
  }, [typed]);
  const close = (): void => {
    closed.current = true;
    setTyped(null);
  };
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const next = (typed ?? "").trim();
    close();
    if (next !== value) await onSave(next);
  };
  if (typed === null)
    return (
      <span className="inline-flex items-center gap-2 text-sm text-muted">
        {label}
        <button
          ref={button}
          type="button"
          aria-label={`${label}: ${value || nothing}. Change`}
          onClick={() => setTyped(value)}
          className={classes(controlClasses, "h-8 w-auto max-w-56 truncate px-2 text-base font-medium hover:bg-sunken")}
        >
          {value || <span className="font-normal text-muted">{nothing}</span>}
        </button>
      </span>
    );
  return (
    <form
      onSubmit={(event) => void save(event)}
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
      className="inline-flex items-center gap-1 text-sm text-muted"
    >
      <label htmlFor={id} className="mr-1">
        {label}
      </label>
      <input
        id={id}
        value={typed}
        autoFocus
        maxLength={maxLength}
        autoComplete="off"
        onChange={(event) => setTyped(event.target.value)}
        className={classes(controlClasses, "h-8 w-44 px-2 text-base")}
      />
      <button
        type="submit"
        aria-label={`Save the ${label.toLowerCase()}`}
        className="inline-grid size-8 place-items-center rounded-md text-muted hover:bg-hover hover:text-text"
      >
        <Check size={15} aria-hidden />
      </button>
      <IconButton label="Leave it as it was" onClick={close}>
        <X size={15} aria-hidden />
      </IconButton>
    </form>
  );
}
