// What a form made from a connector's fields holds, what is sent of it, and which field the server refused.
import type { FormField } from "@opentrace/contract/integrations.ts";
import type { FieldValues } from "../../api/integration-actions.ts";

/** As the controls hold it: text for all but check boxes. */
export type Typed = Record<string, string | boolean>;

/** `known`: what is stored; a field without it starts with its default. */
export function startValues(fields: readonly FormField[], known: Readonly<Record<string, unknown>> = {}): Typed {
  return Object.fromEntries(fields.map((field) => [field.name, asTyped(field, known[field.name] ?? field.default)]));
}

function asTyped({ type }: FormField, value: unknown): string | boolean {
  if (type === "boolean") return value === true;
  if (Array.isArray(value)) return value.join("\n");
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

const valueOf = (field: FormField, typed: string | boolean): FieldValues[string] | undefined => {
  if (typeof typed === "boolean") return typed;
  const text = field.secret || field.type === "multiline" ? typed : typed.trim();
  if (field.type === "list")
    return text
      .split(/[\n,]/)
      .map((each) => each.trim())
      .filter(Boolean);
  if (field.type === "number") return text === "" ? undefined : Number(text);
  return text;
};

/** What is sent: without what was left empty or as it was. */
export function changedValues(fields: readonly FormField[], typed: Typed, start: Typed): FieldValues {
  return Object.fromEntries(
    fields.flatMap((field): [string, FieldValues[string]][] => {
      const now = typed[field.name];
      const value = now === undefined || now === start[field.name] ? undefined : valueOf(field, now);
      return value === undefined ? [] : [[field.name, value]];
    }),
  );
}

/** What can be told before the server is asked. */
export function missingFields(fields: readonly FormField[], typed: Typed): Record<string, string> {
  return Object.fromEntries(
    fields
      .filter((field) => field.required && typeof typed[field.name] === "string" && !String(typed[field.name]).trim())
      .map((field) => [field.name, `${field.label} is needed.`]),
  );
}

/** Those of one part of the form, by the field's own name: `credential.token` → `token`. */
export const refusedOf = (refused: Readonly<Record<string, string>>, prefix: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(refused)
      .filter(([name]) => name.startsWith(`${prefix}.`))
      .map(([name, message]) => [name.slice(prefix.length + 1), message]),
  );
