// A connector's zod schema → the fields of a form, so that web, CLI and docs need no edit when a connector is added.
import type { FormField } from "@opentrace/contract/integrations.ts";
import { z } from "zod";

interface FieldSchema {
  type?: string;
  format?: string;
  enum?: unknown[];
  items?: { type?: string };
  title?: string;
  description?: string;
  default?: z.core.util.JSONType;
  secret?: boolean;
  placeholder?: string;
  multiline?: boolean;
}

/** Throws when a field can't be shown in a form: a schema holds strings, numbers, booleans, choices and lists of strings. */
export function formFields(schema: z.ZodObject): FormField[] {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const required = new Set(json.required ?? []);
  return Object.entries(json.properties ?? {}).map(([name, property]) => {
    if (typeof property === "boolean") throw new Error(`The field ${name} has no type.`);
    // What zod writes, with the marks of `meta` beside it.
    const field = property as FieldSchema;
    return {
      name,
      label: field.title ?? name,
      type: typeOf(name, field),
      secret: field.secret === true,
      required: required.has(name),
      ...(field.description === undefined ? {} : { help: field.description }),
      ...(field.placeholder === undefined ? {} : { placeholder: field.placeholder }),
      ...(field.default === undefined ? {} : { default: field.default }),
      ...(field.enum === undefined
        ? {}
        : { options: field.enum.map((value) => ({ value: String(value), label: String(value) })) }),
    };
  });
}

function typeOf(name: string, field: FieldSchema): FormField["type"] {
  if (field.enum !== undefined) return "choice";
  switch (field.type) {
    case "string":
      return field.format === "uri" ? "url" : field.multiline === true ? "multiline" : "text";
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    case "array":
      if (field.items?.type === "string") return "list";
      break;
    default:
  }
  throw new Error(`The field ${name} can't be shown in a form (${field.type ?? "no type"}).`);
}

export const secretFields = (schema: z.ZodObject): string[] =>
  formFields(schema).flatMap((field) => (field.secret ? [field.name] : []));
