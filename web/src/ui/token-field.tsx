// A few words, each taken out by its cross: Enter or a comma adds what is typed, Backspace takes the last one back.
import { X } from "lucide-react";
import { useState } from "react";
import { classes } from "./classes.ts";
import { controlClasses } from "./field.tsx";
import { Labelled, type LabelledProps } from "./labelled.tsx";

interface Props extends LabelledProps {
  /** What one of them is called, for the crosses: “tag”. */
  noun: string;
  values: readonly string[];
  onChange: (values: string[]) => void;
  placeholder?: string;
  suggestions?: readonly string[];
  onType?: (typed: string) => void;
  autoFocus?: boolean;
}

export function TokenField(props: Props) {
  const { label, noun, values, onChange, placeholder, hint, error, suggestions = [], onType, hideLabel } = props;
  const [typed, setTyped] = useState("");
  const type = (next: string): void => {
    setTyped(next);
    onType?.(next);
  };
  const add = (text: string): void => {
    const words = text
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== "" && !values.includes(word));
    type("");
    if (words.length > 0) onChange([...values, ...new Set(words)]);
  };
  return (
    <Labelled {...{ label, hideLabel, hint, error }}>
      {(control) => (
        <div
          className={classes(
            controlClasses,
            "flex min-h-9 flex-wrap items-center gap-1 py-1 has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-offset-2 has-[input:focus-visible]:outline-accent-text",
          )}
        >
          {values.map((value) => (
            <span key={value} className="inline-flex min-w-0 items-center gap-0.5 rounded-sm bg-sunken pl-1.5 text-sm">
              <span className="truncate">{value}</span>
              <button
                type="button"
                aria-label={`Remove the ${noun} ${value}`}
                onClick={() => onChange(values.filter((each) => each !== value))}
                className="inline-grid size-6 shrink-0 place-items-center rounded-sm text-muted hover:text-text"
              >
                <X size={13} aria-hidden />
              </button>
            </span>
          ))}
          <input
            {...control}
            value={typed}
            autoFocus={props.autoFocus}
            list={suggestions.length > 0 ? `${control.id}-list` : undefined}
            placeholder={values.length === 0 ? placeholder : undefined}
            autoComplete="off"
            spellCheck={false}
            onChange={({ target: { value } }) => {
              // A choice from the list arrives whole.
              if (value.includes(",") || (suggestions.includes(value) && value.length - typed.length > 1)) add(value);
              else type(value);
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter" && typed.trim() !== "") {
                event.preventDefault();
                add(typed);
              } else if (event.key === "Backspace" && typed === "" && values.length > 0) onChange(values.slice(0, -1));
            }}
            onBlur={() => add(typed)}
            className="h-6 min-w-24 flex-1 bg-transparent text-base outline-none placeholder:text-faint"
          />
          {suggestions.length > 0 ? (
            <datalist id={`${control.id}-list`}>
              {suggestions.map((suggestion) => (
                <option key={suggestion} value={suggestion} />
              ))}
            </datalist>
          ) : null}
        </div>
      )}
    </Labelled>
  );
}
