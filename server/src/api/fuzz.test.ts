// Every operation with thousands of inputs, well-formed and not: never a 5xx, never an answer of another shape than declared.
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import { describeVerbs } from "../all-verbs.ts";
import {
  createRepository,
  shopFiles,
  startTestServer,
  type TestRepository,
  type TestServer,
} from "../testing/test-server.ts";
import type { Verb } from "../verb.ts";

let server: TestServer;
let repository: TestRepository;
let ids: string[] = [];
beforeAll(async () => {
  // No model is asked, whatever providers the runs add.
  server = await startTestServer({ OPENTRACE_MODELS: "off" });
  repository = createRepository(shopFiles);
  const { id, key } = await server.index(repository.path);
  const found = await server.send("GET", "/api/v1/graph/search?q=charge");
  expect(found).toMatchObject({ status: 200 });
  const { hits } = found.body as { hits: { node: { id: string; key: string } }[] };
  ids = [id, key, ...hits.flatMap((hit) => [hit.node.id, hit.node.key])];
});
afterAll(async () => {
  await server.close();
  repository.remove();
});

const hostile = fc.constantFrom<unknown>(
  "",
  " ",
  "\u0000",
  "../../etc/passwd",
  "%00",
  "%",
  "'; drop table nodes; --",
  "💥".repeat(40),
  "x".repeat(3000),
  "-1",
  "1e309",
  "NaN",
  "null",
  "[]",
  "{}",
  "<script>",
  "a,b,,c",
  "__proto__",
  "constructor",
  "\ud800",
);

interface Def {
  type: string;
  innerType?: z.core.$ZodType;
  in?: z.core.$ZodType;
  element?: z.core.$ZodType;
  options?: z.core.$ZodType[];
  entries?: Record<string, string>;
  values?: unknown[];
  shape?: Record<string, z.core.$ZodType>;
}

/** Values that the schema wants, mostly. */
function valueOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const def = schema._zod.def as unknown as Def;
  switch (def.type) {
    case "string":
      return fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...ids, "charge", "Cart", "src/pay.ts", "main") },
        { weight: 2, arbitrary: fc.string({ maxLength: 60, unit: "binary" }) },
        { weight: 1, arbitrary: hostile },
      );
    case "number":
    case "int":
      return fc.oneof(fc.integer({ min: -2, max: 300 }), fc.double(), hostile);
    case "boolean":
      return fc.oneof(fc.boolean(), hostile);
    case "enum":
      return fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...Object.values(def.entries ?? {})) },
        { weight: 1, arbitrary: hostile },
      );
    case "literal":
      return fc.constantFrom(...(def.values ?? [null]));
    case "array":
      return def.element === undefined ? hostile : fc.array(valueOf(def.element), { maxLength: 4 });
    case "union":
      return fc.oneof(...(def.options ?? []).map((option) => valueOf(option)));
    case "object":
      return fc.record(
        Object.fromEntries(Object.entries(def.shape ?? {}).map(([key, field]) => [key, valueOf(field)])),
        { requiredKeys: [] },
      );
    case "pipe":
      return def.in === undefined ? hostile : valueOf(def.in);
    case "nullable":
      return fc.oneof(fc.constant(null), valueOf(def.innerType as z.core.$ZodType));
    default:
      return def.innerType === undefined ? hostile : valueOf(def.innerType);
  }
}

function inputOf(verb: Verb): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.fromEntries(
    Object.entries(verb.input.shape).map(([name, field]) => [name, valueOf(field as z.core.$ZodType)]),
  );
  return fc
    .tuple(
      fc.record(fields, { requiredKeys: [] }),
      fc.option(fc.dictionary(fc.string({ minLength: 1, maxLength: 10 }), hostile, { maxKeys: 1 }), { freq: 5 }),
    )
    .map(([known, unknown]) => ({ ...known, ...unknown }));
}

function requestOf(verb: Verb, input: Record<string, unknown>): { method: string; path: string; body: unknown } {
  const { method, path } = verb.http as NonNullable<Verb["http"]>;
  const rest = new Map(Object.entries(input));
  const text = (value: unknown): string =>
    (Array.isArray(value)
      ? value.join(",")
      : typeof value === "object"
        ? JSON.stringify(value)
        : // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- no object is left, which the compiler does not see
          String(value as string | number | boolean)
    ).toWellFormed();
  const filled = `/api/v1${path}`.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = rest.get(name) ?? "x";
    rest.delete(name);
    return encodeURIComponent(text(value)) || "x";
  });
  if (method === "POST" || method === "PATCH") return { method, path: filled, body: Object.fromEntries(rest) };
  const query = [...rest]
    .map(([name, value]) => `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(text(value))}`)
    .join("&");
  return { method, path: query === "" ? filled : `${filled}?${query}`, body: undefined };
}

/** What would leave the test: the network, and the keys and repositories that the other runs need. */
const kept = new Set([
  "repositories.add",
  "repositories.remove",
  "repositories.sync",
  "repositories.change",
  "models.test",
  "vlm.test",
]);

it.each(describeVerbs().filter((verb) => verb.http !== undefined && !kept.has(verb.name)))(
  "$name answers anything without breaking",
  async (verb) => {
    await fc.assert(
      fc.asyncProperty(inputOf(verb), async (input) => {
        const { method, path, body } = requestOf(verb, input);
        const answer = await server.send(method, path, body);
        const shown = { path, body, status: answer.status, detail: answer.status >= 400 ? answer.body : "" };
        expect(shown.status, JSON.stringify(shown)).toBeLessThan(500);
        if (answer.status >= 400)
          expect(answer.body, JSON.stringify(shown)).toMatchObject({
            status: answer.status,
            code: expect.any(String),
            detail: expect.stringMatching(/\S/),
          });
        else if (answer.status !== 304)
          expect(verb.output.safeParse(answer.body).success, JSON.stringify(shown)).toBe(true);
      }),
      { numRuns: 60, seed: 20_261_121 },
    );
  },
);

it("answers repository requests with local sources without breaking", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ unit: "binary", maxLength: 80 }),
        hostile,
        fc.constantFrom("/", "/tmp", "/etc/passwd", "/dev/null", "file:///tmp", "ssh://x", "git@x:y", "C:\\x"),
      ),
      fc.option(fc.oneof(fc.string({ unit: "binary", maxLength: 30 }), hostile)),
      async (source, branch) => {
        if (typeof source === "string" && /^(https?|ssh|git@)/i.test(source.trim())) return;
        const answer = await server.send("POST", "/api/v1/repositories", {
          source,
          ...(branch === null ? {} : { branch }),
        });
        expect(answer.status, JSON.stringify({ source, branch, body: answer.body })).toBeLessThan(500);
        expect(answer.status).toBeGreaterThanOrEqual(400);
      },
    ),
    { numRuns: 100, seed: 20_261_121 },
  );
});
