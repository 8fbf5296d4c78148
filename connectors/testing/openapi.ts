// A vendor's OpenAPI description as a judge: each request that a fake receives and each reply that it gives must match it.
import { asObject, asText, createSchemaCheck, type Deviation, type Json, type JsonObject } from "./json-schema.ts";

interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  /** Where its schema is, and of which JSON type a value in a URL has to be read. */
  pointer: string[];
  type: Json | undefined;
}

interface Operation {
  /** `GET /repos/{owner}/{repo}/issues` */
  name: string;
  matches: RegExp;
  pathNames: string[];
  parameters: Parameter[];
  body: { pointer: string[]; required: boolean } | undefined;
  /** Status → where its schema is, or null when the reply has no JSON body. */
  replies: Map<number, string[] | null>;
}

export interface ApiJudge {
  /** `path` is without query. An operation or a parameter that the vendor doesn't have is a violation too. */
  checkRequest(method: string, path: string, query: URLSearchParams, body: unknown): string[];
  /** `body` is undefined when there was none. Known mistakes of the description are left out unless `strict`. */
  checkReply(method: string, path: string, status: number, body: unknown, strict?: "strict"): string[];
}

interface JudgeOptions {
  vendor: string;
  document: JsonObject;
  deviations: readonly Deviation[];
  /** Name of the component that describes the body of any error. */
  error: string;
}

/** Statuses that any operation may give, whether its description lists them or not. */
const UNLISTED_ERRORS = new Set([400, 401, 403, 404, 405, 410, 429, 451, 500, 502, 503, 504]);

export function createApiJudge({ vendor, document, deviations, error }: JudgeOptions): ApiJudge {
  const check = createSchemaCheck(document);
  const operations = listOperations(document);

  const find = (method: string, path: string): Operation | undefined =>
    operations.find((one) => one.name.startsWith(`${method} `) && one.matches.test(path));

  return {
    checkRequest: (method, path, query, body) => {
      const operation = find(method, path);
      if (!operation) return [`${vendor} has no operation ${method} ${path}`];
      const found = [...checkParameters(operation, path, query, check)];
      if (operation.body && (body !== undefined || operation.body.required)) {
        found.push(...check(operation.body.pointer, body).map((violation) => `body: ${violation}`));
      }
      if (!operation.body && body !== undefined) found.push("a body where the operation has none");
      return named(operation.name, "request", found, deviations);
    },
    checkReply: (method, path, status, body, strict) => {
      const operation = find(method, path);
      if (!operation) {
        return status === 404
          ? []
          : [`${vendor} has no operation ${method} ${path} that could answer ${String(status)}`];
      }
      const pointer = operation.replies.get(status);
      let found: string[] = [];
      if (pointer) found = check(pointer, body);
      else if (pointer === null || status === 304)
        found = body === undefined ? [] : ["a body where the reply has none"];
      else if (UNLISTED_ERRORS.has(status)) found = check(["components", "schemas", error], body);
      else found = [`status ${String(status)} is not described`];
      return named(operation.name, `reply ${String(status)}`, found, strict ? [] : deviations);
    },
  };
}

function* checkParameters(
  operation: Operation,
  path: string,
  query: URLSearchParams,
  check: ReturnType<typeof createSchemaCheck>,
): Generator<string> {
  const values = operation.matches.exec(path)?.slice(1) ?? [];
  for (const parameter of operation.parameters) {
    if (parameter.in === "header") continue;
    const text =
      parameter.in === "path"
        ? decodeURIComponent(values[operation.pathNames.indexOf(parameter.name)] ?? "")
        : query.get(parameter.name);
    if (text === null) {
      if (parameter.required) yield `${parameter.name} is missing`;
      continue;
    }
    for (const violation of check(parameter.pointer, readAs(parameter.type, text)))
      yield `${parameter.name}=${text}: ${violation}`;
  }
  const known = new Set(operation.parameters.filter((one) => one.in === "query").map((one) => one.name));
  for (const name of query.keys()) if (!known.has(name)) yield `${name} is not a parameter of ${operation.name}`;
}

/** What a URL says is text; the schema may want a number or a boolean. */
function readAs(type: Json | undefined, text: string): unknown {
  if ((type === "integer" || type === "number") && /^-?\d+$/.test(text)) return Number(text);
  if (type === "boolean" && /^(true|false)$/.test(text)) return text === "true";
  return text;
}

function listOperations(document: JsonObject): Operation[] {
  const operations: Operation[] = [];
  for (const [template, item] of Object.entries(asObject(document["paths"]) ?? {})) {
    for (const [verb, description] of Object.entries(asObject(item) ?? {})) {
      const operation = asObject(description);
      if (!operation || verb === "parameters") continue;
      operations.push(readOperation(document, template, verb, operation));
    }
  }
  // `/installation/repositories` before `/{a}/{b}`.
  return operations.toSorted((a, b) => a.pathNames.length - b.pathNames.length);
}

function readOperation(document: JsonObject, template: string, verb: string, operation: JsonObject): Operation {
  const pathNames = [...template.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? "");
  // Only `{path}` and `{ref}` go over several segments.
  const pattern = template
    .replaceAll(/[.+?^$()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\{(path|ref)\}/g, "(.+)")
    .replaceAll(/\{[^}]+\}/g, "([^/]+)");
  const here = ["paths", template, verb];
  const content = (part: JsonObject | undefined): boolean =>
    asObject(asObject(part?.["content"])?.["application/json"])?.["schema"] !== undefined;

  const parameters = (Array.isArray(operation["parameters"]) ? operation["parameters"] : []).map((raw, index) => {
    const { value, pointer } = follow(document, raw, [...here, "parameters", String(index)]);
    return {
      name: asText(value["name"]),
      in: value["in"] as Parameter["in"],
      required: value["required"] === true,
      pointer: [...pointer, "schema"],
      type: asObject(value["schema"])?.["type"],
    };
  });
  const body = asObject(operation["requestBody"]);
  const replies = new Map<number, string[] | null>();
  for (const [status, raw] of Object.entries(asObject(operation["responses"]) ?? {})) {
    const { value, pointer } = follow(document, raw, [...here, "responses", status]);
    replies.set(Number(status), content(value) ? [...pointer, "content", "application/json", "schema"] : null);
  }
  return {
    name: `${verb.toUpperCase()} ${template}`,
    matches: new RegExp(`^${pattern}$`),
    pathNames,
    parameters,
    body: content(body)
      ? {
          pointer: [...here, "requestBody", "content", "application/json", "schema"],
          required: body?.["required"] === true,
        }
      : undefined,
    replies,
  };
}

function follow(document: JsonObject, raw: Json, at: string[]): { value: JsonObject; pointer: string[] } {
  const ref = asObject(raw)?.["$ref"];
  if (typeof ref !== "string") return { value: asObject(raw) ?? {}, pointer: at };
  const pointer = ref.replace("#/", "").split("/");
  let value: Json | undefined = document;
  for (const part of pointer) value = asObject(value)?.[part];
  return { value: asObject(value) ?? {}, pointer };
}

/** Names the operation in each violation, and leaves out what is the description's own mistake. */
function named(name: string, part: string, violations: string[], deviations: readonly Deviation[]): string[] {
  return violations
    .map((violation) => `${name} ${part}: ${violation}`)
    .filter((violation) => !deviations.some(({ where }) => where.test(violation)));
}
