// OpenAPI documents as JSON Schema that Ajv can judge by.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A violation that is a mistake in the vendor's description or examples, with the reason; matched against the whole violation. */
export interface Deviation {
  readonly where: RegExp;
  readonly why: string;
}

export function asObject(value: Json | undefined): JsonObject | undefined {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value : undefined;
}

export const asText = (value: Json | undefined): string => (typeof value === "string" ? value : "");

/**
 * `nullable: true` becomes a union with null: a validator takes a `nullable` schema that names no `type` for "anything goes" and checks
 * nothing. `discriminator` is a hint for code generators; the `oneOf` beside it says the same.
 */
function toJsonSchema(value: Json): Json {
  if (Array.isArray(value)) return value.map(toJsonSchema);
  const source = asObject(value);
  if (source === undefined) return value;
  const schema: JsonObject = {};
  for (const [key, inner] of Object.entries(source)) {
    if (["nullable", "discriminator", "example", "examples"].includes(key)) continue;
    const named = key === "properties" ? asObject(inner) : undefined;
    if (named) schema[key] = Object.fromEntries(Object.entries(named).map(([name, sub]) => [name, toJsonSchema(sub)]));
    else schema[key] = ["enum", "default", "const"].includes(key) ? inner : toJsonSchema(inner);
  }
  return source["nullable"] === true ? { anyOf: [schema, { type: "null" }] } : schema;
}

/** A file of an installed package: `@scope/name/path`. */
export function readPackageText(packageFile: string): string {
  const [scope = "", name = "", ...rest] = packageFile.split("/");
  // A package may not export its data files; its folder is where its package.json is.
  const resolver = createRequire(import.meta.url);
  const folder = (resolver.resolve.paths(packageFile) ?? [])
    .map((root) => join(root, scope, name))
    .find((candidate) => existsSync(join(candidate, "package.json")));
  if (folder === undefined) throw new Error(`${scope}/${name} is not installed`);
  return readFileSync(join(folder, ...rest), "utf8");
}

/** `packageFile` as in an import: `@octokit/openapi/generated/api.github.com.json`. */
export function readPackageJson(packageFile: string): JsonObject;
export function readPackageJson(packageFile: string, list: true): Json[];
export function readPackageJson(packageFile: string, list?: true): JsonObject | Json[] {
  const document = JSON.parse(readPackageText(packageFile)) as Json;
  if (list) return Array.isArray(document) ? document : [];
  return asObject(document) ?? {};
}

/** Returns a check of a value against the schema at a JSON pointer of the document (`/components/schemas/issue`). */
export function createSchemaCheck(document: JsonObject): (pointer: readonly string[], value: unknown) => string[] {
  const ajv = new Ajv({ strict: false, validateFormats: true, logger: false });
  addFormats.default(ajv);
  for (const format of ["repo.nwo", "timestamp", "uri-template", "binary"]) ajv.addFormat(format, true);
  const { paths = {}, components = {}, webhooks = {} } = document;
  const { examples: _examples, ...parts } = asObject(components) ?? {};
  ajv.addSchema({ $id: "vendor", ...asObject(toJsonSchema({ paths, webhooks, components: parts })) });
  const compiled = new Map<string, ReturnType<Ajv["compile"]>>();

  return (pointer, value) => {
    const ref = `vendor#${pointer.map((part) => `/${encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))}`).join("")}`;
    let validate = compiled.get(ref);
    if (!validate) compiled.set(ref, (validate = ajv.compile({ $ref: ref })));
    if (validate(value)) return [];
    return (validate.errors ?? []).slice(0, 4).map((error) => {
      const detail = error.params["additionalProperty"] ?? error.params["allowedValues"];
      const shown = detail === undefined ? "" : ` (${JSON.stringify(detail)})`;
      return `${error.instancePath || "/"} ${error.message ?? "is wrong"}${shown}`;
    });
  };
}
