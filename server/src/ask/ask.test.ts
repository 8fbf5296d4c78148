// Questions asked of a real graph, over REST.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AskAnswer } from "@opentrace/contract/ask.ts";
import type { StatsAnswer } from "@opentrace/contract/graph-answers.ts";
import type { Repository } from "@opentrace/contract/repositories.ts";
import {
  createRepository,
  shopFiles,
  startTestServer,
  type TestRepository,
  type TestServer,
} from "../testing/test-server.ts";

let server: TestServer;
let repository: TestRepository;
let name: string;
beforeAll(async () => {
  server = await startTestServer();
  repository = createRepository({
    ...shopFiles,
    "src/refund.ts":
      'import "react";\nimport { PayService } from "./pay.ts";\nimport { round } from "./money.ts";\n\nexport class RefundService {\n  refund(amount: number): number {\n    return new PayService().charge(-round(amount));\n  }\n}\n',
  });
  name = (await server.index(repository.path)).name;
});
afterAll(async () => {
  await server.close();
  repository.remove();
});

const ask = async (question: string): Promise<AskAnswer> => {
  const { status, body } = await server.send("POST", "/api/v1/ask", { question });
  expect(status, `${question}: ${JSON.stringify(body)}`).toBe(200);
  return body;
};

it.each([
  ["What repositories exist?", "list", /There is 1 repository/],
  ["What packages exist?", "list", /`react`/],
  ["What services exist?", "list", /No services are known\. The graph holds/],
  ["List all classes", "list", /3 classes[\s\S]*PayService/],
  ["what functions are in src/money.ts?", "list", /`round`/],
  ["what methods does Cart have?", "list", /Cart\.checkout/],
  ["how many classes are there?", "count", /There are 3 classes/],
  ["Find PayService", "find", /`PayService` \(class, `src\/pay\.ts:4`\)/],
  ["where is round defined?", "find", /`round`.*`src\/money\.ts:2`/],
  ["Tell me about PayService", "describe", /Takes money from customers/],
  ["what does placeOrder depend on?", "dependencies", /`Cart\.checkout`|`Cart`/],
  ["what calls charge?", "dependents", /Cart\.checkout[\s\S]*|RefundService/],
  ["who uses round?", "dependents", /PayService\.charge/],
  ["which tests cover PayService?", "tests", /testCharge/],
  [
    "What would be affected if I change round?",
    "impact",
    /would affect \d+ nodes[\s\S]*Risk: \*\*\w+\*\*[\s\S]*PayService\.charge[\s\S]*2 steps away/,
  ],
  ["How critical is round?", "criticality", /`round`.*(number \d+|not among)/],
  ["What are the most critical packages?", "critical", /from outside[\s\S]*`react`/],
  ["What are the most critical functions?", "critical", /^The most critical functions and methods:\n\n1\. /],
  ["what are the most connected classes?", "critical", /most connected classes/],
  ["How does placeOrder connect to round?", "path", /placeOrder[\s\S]*→ `round`/],
  ["does round depend on placeOrder?", "path", /^No: no way leads/],
  ["does placeOrder depend on round?", "path", /^Yes: /],
  ["What is similar to PayService?", "similar", /PayService/],
  ["What do Cart and RefundService both depend on?", "common", /round/],
  ["What changed since yesterday?", "changes", /1 commit changed 7 files[\s\S]*`First` — `Ada`/],
  ["who changed PayService?", "changes", /`Ada`: 1 commit/],
  ["how fresh is the data?", "freshness", /is up to date; last read/],
  ["overview", "overview", /The graph holds \d+ nodes/],
  ["show me the source of round", "source", /Math\.round\(amount \* 100\)/],
  ['which files contain "Math.round"?', "grep", /src\/money\.ts:3/],
])("%s", async (question, intent, answer) => {
  const told = await ask(question);
  expect(told, told.answer).toMatchObject({ understood: true, intent });
  expect(told.answer).toMatch(answer);
  for (const query of told.queries.filter((one) => one.method === "GET"))
    expect((await server.send("GET", query.url)).status, query.url).toBe(200);
});

it("counts the same in the whole graph and in its only repository", async () => {
  const { body } = await server.send("GET", "/api/v1/graph/stats");
  const stats = body as StatsAnswer;
  const { body: list } = await server.send("GET", "/api/v1/repositories");
  const [only] = (list as { repositories: Repository[] }).repositories;
  expect(stats.sources).toMatchObject([{ nodes: stats.total_nodes, edges: stats.total_edges }]);
  expect(only?.counts).toMatchObject({ nodes: stats.total_nodes, edges: stats.total_edges });
});

it("answers about a repository by its name", async () => {
  expect((await ask(`What changed in ${name} since yesterday?`)).answer).toMatch(/1 commit changed 7 files in/);
  expect((await ask(`how many files are in ${name}?`)).answer).toMatch(/has 7 files/);
});

it("says that a name is not there, and what it took instead", async () => {
  const misspelled = await ask("what calls chrage?");
  expect(misspelled.mentions[0]).toMatchObject({ match: "similar", took: { name: "charge" } });
  expect(misspelled.answer).toMatch(/^Nothing is called "chrage"; I took the most similar name, `symbol:.*charge`/);
  const part = await ask("tell me about RefundServ");
  expect(part.mentions[0]).toMatchObject({ match: "part", took: { name: "RefundService" } });
  expect(part.answer).toMatch(/^Nothing is called exactly "RefundServ"; I took/);
  expect((await ask("tell me about payservice")).mentions[0]).toMatchObject({ match: "exact" });
});

it("counts all callers, not only those that it lists", async () => {
  const callers = Array.from({ length: 130 }, (_, at) => `export const use${at} = () => popular();`).join("\n");
  const own = createRepository({ "p.ts": `export function popular() {}\n${callers}\n` });
  await server.index(own.path);
  const told = await ask("what calls popular?");
  expect(told.answer).toMatch(/^130 things call `popular`/);
  expect(told.answer).toMatch(/… and 105 more$/);
  expect((await ask("which functions call popular?")).answer).toMatch(/^130 functions and methods call `popular`/);
  expect((await ask("which classes call popular?")).answer).toMatch(/^130 things call/);
  own.remove();
});

it("names what has no name by what it is passed to", async () => {
  const own = createRepository({
    "routes.js":
      'import { app } from "./app.js";\napp.get("/x", () => helperOfRoutes());\nfunction helperOfRoutes() {}\n',
  });
  await server.index(own.path);
  const told = await ask("what calls helperOfRoutes?");
  expect(told.answer).toContain("`function passed to app.get (line 2)` (function, `routes.js:2`)");
  own.remove();
});

it("says which of several it took, and offers the others", async () => {
  const own = createRepository({ "a.ts": "export class Twin {}\n", "b.ts": "export class Twin {}\n" });
  await server.index(own.path);
  const told = await ask("tell me about Twin");
  expect(told.mentions[0]?.took?.name).toBe("Twin");
  expect(told.mentions[0]?.others.map((node) => node.name)).toContain("Twin");
  expect(told.answer).toMatch(/could be several; I took/);
  own.remove();
});

it("says when it does not understand, and when it does not know the name", async () => {
  const gibberish = await ask("please paint the fence in a nice colour tomorrow");
  expect(gibberish).toMatchObject({ understood: false, nodes: [] });
  expect(gibberish.examples.length).toBeGreaterThan(3);
  for (const example of gibberish.examples) expect(await ask(example), example).toMatchObject({ understood: true });
  const unknown = await ask("what depends on FluxCapacitor?");
  expect(unknown).toMatchObject({ understood: false, intent: "dependents" });
  expect(unknown.answer).toContain('Nothing in the graph is called "FluxCapacitor"');
});
