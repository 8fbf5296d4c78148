// Any of a few: buttons in a row, the chosen ones pressed.
import { classes } from "./classes.ts";

interface Props<Value extends string> {
  label: string;
  values: readonly Value[];
  options: readonly { value: Value; label: string }[];
  onChange: (values: Value[]) => void;
}

export function Toggles<Value extends string>({ label, values, options, onChange }: Props<Value>) {
  return (
    <div role="group" aria-label={label} className="flex flex-wrap gap-1">
      {options.map(({ value, label: name }) => {
        const on = values.includes(value);
        return (
          <button
            key={value}
            type="button"
            aria-pressed={on}
            onClick={() => onChange(on ? values.filter((each) => each !== value) : [...values, value])}
            className={classes(
              "inline-flex h-7 items-center rounded-full border border-line-strong px-2.5 text-sm whitespace-nowrap text-muted hover:text-text",
              "aria-pressed:border-accent-text aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent-text",
            )}
          >
            {name}
          </button>
        );
      })}
    </div>
  );
}
