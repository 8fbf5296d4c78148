// Short words for JSON Schema and OpenAPI, and the parameters that come again and again in GitLab's.
import type { Json, JsonObject } from "../../testing/json-schema.ts";

export const text: JsonObject = { type: "string" };
export const int: JsonObject = { type: "integer" };
export const number: JsonObject = { type: "number" };
export const bool: JsonObject = { type: "boolean" };
export const dateTime: JsonObject = { type: "string", format: "date-time" };
export const choice = (...values: string[]): JsonObject => ({ type: "string", enum: values });
export const nullable = (schema: JsonObject): JsonObject => ({ anyOf: [schema, { type: "null" }] });
export const arrayOf = (items: JsonObject): JsonObject => ({ type: "array", items });
export const ref = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });

const MAYBE = "x-optional";
/** A field that not every reply has. */
export const optional = (schema: JsonObject): JsonObject => ({ ...schema, [MAYBE]: true });

/** All fields are there but the optional ones, and no others. */
export const object = (properties: Record<string, JsonObject>): JsonObject => ({
  type: "object",
  required: Object.keys(properties).filter((name) => properties[name]?.[MAYBE] !== true),
  properties,
  additionalProperties: false,
});

const inQuery = Symbol("query");
type Parameters = Record<string, JsonObject & { [inQuery]?: true }>;

export const query = (parameters: Record<string, JsonObject>): Parameters =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, schema]) => [name, { ...schema, [inQuery]: true as const }]),
  );

const json = (schema: Json): JsonObject => ({ content: { "application/json": { schema } } });

/** Path parameters as they are, those of the query by `query`. A reply of null has no body. */
export function op(parameters: Parameters, reply: JsonObject | null, status = 200, body?: JsonObject): JsonObject {
  return {
    parameters: Object.entries(parameters).map(([name, { [inQuery]: asked, ...schema }]) => ({
      name,
      in: asked === true ? "query" : "path",
      required: asked !== true,
      schema,
    })),
    ...(body === undefined ? {} : { requestBody: { required: true, ...json(body) } }),
    responses: {
      [String(status)]: reply === null ? {} : json(reply),
      ...(body === undefined ? {} : { "422": json({ type: "object" }) }),
    },
  };
}

/** A project or a group: its number, or its path with `/` written as `%2F`. */
export const id: Parameters = { id: text };
/** docs.gitlab.com/api/rest/#pagination */
export const paging = query({ page: int, per_page: int });
export const keyset = query({ pagination: choice("keyset"), cursor: text });
export const list = (name: string): JsonObject => arrayOf(ref(name));
