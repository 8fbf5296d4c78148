// Query strings and path parameters arrive as text: turned into what the schema's field wants, before the schema judges it.
import type { z } from "zod";

type Kind = "number" | "boolean" | "array" | "text";

/** The kind of value under optional, default, nullable, pipe and the like. */
function kindOf(schema: z.core.$ZodType): { kind: Kind; element?: z.core.$ZodType } {
  const def = schema._zod.def as {
    type: string;
    innerType?: z.core.$ZodType;
    in?: z.core.$ZodType;
    element?: z.core.$ZodType;
    options?: readonly z.core.$ZodType[];
    values?: readonly unknown[];
  };
  switch (def.type) {
    case "number":
    case "int":
      return { kind: "number" };
    case "boolean":
      return { kind: "boolean" };
    case "literal":
      return {
        kind:
          typeof def.values?.[0] === "number" ? "number" : typeof def.values?.[0] === "boolean" ? "boolean" : "text",
      };
    case "array":
    case "set":
      return def.element === undefined ? { kind: "array" } : { kind: "array", element: def.element };
    case "union": {
      const kinds = (def.options ?? []).map(kindOf);
      return kinds.find((option) => option.kind === "array") ?? { kind: "text" };
    }
    case "pipe":
      return def.in === undefined ? { kind: "text" } : kindOf(def.in);
    default:
      return def.innerType === undefined ? { kind: "text" } : kindOf(def.innerType);
  }
}

function scalar(text: string, kind: Kind): unknown {
  if (kind === "number" && text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  if (kind === "boolean") {
    if (text === "true" || text === "1" || text === "") return true;
    if (text === "false" || text === "0") return false;
  }
  return text;
}

/** Arrays may be repeated (`types=a&types=b`) or comma-separated (`types=a,b`). Values that do not fit stay text, for the schema to refuse. */
export function fromText(schema: z.ZodObject, raw: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(raw)) {
    const field = Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined;
    if (field === undefined || (typeof value !== "string" && !Array.isArray(value))) {
      out[name] = value;
      continue;
    }
    const { kind, element } = kindOf(field);
    if (kind !== "array") {
      out[name] = typeof value === "string" ? scalar(value, kind) : value;
      continue;
    }
    const elementKind = element === undefined ? "text" : kindOf(element).kind;
    const parts = (Array.isArray(value) ? value : [value]).flatMap((part: unknown) => String(part).split(","));
    out[name] = parts.filter((part) => part !== "").map((part) => scalar(part, elementKind));
  }
  return out;
}
