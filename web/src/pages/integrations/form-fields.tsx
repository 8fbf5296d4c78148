// The controls of a form that a connector describes: text, secrets, addresses, numbers, switches, choices and lists.
import type { FormField } from "@opentrace/contract/integrations.ts";
import { useId } from "react";
import { classes } from "../../ui/classes.ts";
import { controlClasses, Field } from "../../ui/field.tsx";
import type { Typed } from "./form-values.ts";

interface Props {
  fields: readonly FormField[];
  typed: Typed;
  onChange: (typed: Typed) => void;
  errors: Readonly<Record<string, string>>;
  /** Secrets are stored already: an empty one stays as it is. */
  stored?: boolean;
}

export function FormFields({ fields, typed, onChange, errors, stored = false }: Props) {
  return fields.map((field) => (
    <One
      key={field.name}
      field={stored && field.secret ? { ...field, placeholder: "unchanged" } : field}
      value={typed[field.name] ?? ""}
      error={errors[field.name] ?? null}
      onChange={(value) => onChange({ ...typed, [field.name]: value })}
    />
  ));
}

interface OneProps {
  field: FormField;
  value: string | boolean;
  error: string | null;
  onChange: (value: string | boolean) => void;
}

function One({ field, value, error, onChange }: OneProps) {
  if (field.type === "boolean")
    return (
      <label className="flex cursor-pointer items-start gap-2.5">
        <input
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(event.target.checked)}
          className="mt-1 size-4 accent-(--accent)"
        />
        <span className="flex flex-col">
          <span>{field.label}</span>
          {field.help ? <span className="text-sm text-faint">{field.help}</span> : null}
        </span>
      </label>
    );
  if (field.type === "multiline" || field.type === "list" || field.type === "choice")
    return <Tall field={field} value={String(value)} error={error} onChange={onChange} />;
  return (
    <Field
      label={<Label field={field} />}
      type={field.secret ? "password" : field.type === "number" ? "number" : field.type === "url" ? "url" : "text"}
      value={String(value)}
      onChange={(event) => onChange(event.target.value)}
      placeholder={field.placeholder}
      hint={field.help}
      error={error}
      required={field.required}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      className="[&_input]:max-w-xl"
    />
  );
}

function Tall({ field, value, error, onChange }: Omit<OneProps, "value"> & { value: string }) {
  const id = useId();
  const about = {
    id,
    value,
    "aria-invalid": error ? true : undefined,
    "aria-describedby": classes(error && `${id}-error`, field.help ? `${id}-hint` : null) || undefined,
  };
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        <Label field={field} />
      </label>
      {field.type === "choice" ? (
        <select
          {...about}
          onChange={(event) => onChange(event.target.value)}
          className={classes(controlClasses, "h-9 max-w-xl")}
        >
          {field.required ? null : <option value="">–</option>}
          {field.options?.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      ) : (
        <textarea
          {...about}
          onChange={(event) => onChange(event.target.value)}
          rows={field.type === "list" ? 3 : 5}
          placeholder={field.placeholder ?? (field.type === "list" ? "One a line" : undefined)}
          autoComplete="off"
          spellCheck={false}
          className={classes(
            controlClasses,
            "max-w-xl py-2 font-mono text-sm",
            // A private key is not for whoever looks over the shoulder.
            field.secret && value !== "" && "[-webkit-text-security:disc]",
          )}
        />
      )}
      {error ? (
        <p id={`${id}-error`} role="alert" className="text-sm text-bad">
          {error}
        </p>
      ) : null}
      {field.help ? (
        <p id={`${id}-hint`} className="text-sm text-faint">
          {field.help}
        </p>
      ) : null}
    </div>
  );
}

const Label = ({ field }: { field: FormField }) => (
  <>
    {field.label}
    {field.required ? null : <span className="ml-1.5 font-normal text-faint">optional</span>}
  </>
);
