// Questions over delivery asked of a real server, of what a code host told of the shop.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AskAnswer } from "@opentrace/contract/ask.ts";
import { deliveryScopes } from "../delivery/testing/delivery-facts.ts";
import { createIngest } from "../graph/ingest.ts";
import { batch, never, shop, shopScopes, writeSource } from "../graph/testing/sample.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

let server: TestServer;
let bare: TestServer;
beforeAll(async () => {
  [server, bare] = [await startTestServer(), await startTestServer()];
  for (const one of [server, bare]) await writeSource(createIngest({ store: one.application.store }), shop, shopScopes);
  const ingest = createIngest({ store: server.application.store });
  const ref = { workspace: "default", source: "integration:int_1" };
  await ingest.openSource({ ...ref, name: "GitHub acme", kind: "integration" });
  await ingest.apply(ref, batch(deliveryScopes), never);
  await ingest.mark(ref, { state: "fresh", observedAt: new Date("2026-01-02T03:00:00Z") });
});
afterAll(async () => {
  await server.close();
  await bare.close();
});

const ask = async (question: string, on = server, more: object = {}): Promise<AskAnswer> => {
  const { status, body } = await on.send("POST", "/api/v1/ask", { question, ...more });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};

const page = "https://github.com/acme/shop";

it.each([
  [
    "Which open PRs touch PayService.charge?",
    `1 open pull request touches \`PayService.charge\`:\n\n- [#12](${page}/pull/12) \`Round fees up\` (open, by \`ada\`)`,
  ],
  ["which PRs touch PayService", "`Round fees up` (open, by `ada`): `PayService.charge`"],
  ["which PRs touch PayService.refund?", "it changes the file; which lines is not told"],
  ["which merged PRs are in shop?", `1 merged pull request in \`shop\`:\n\n- [#13](${page}/pull/13) \`Tidy the docs\``],
  [
    "What issues are linked to PayService.charge?",
    `[#5](${page}/issues/5) \`Charges are rounded down\` (open, by \`grace\`) — through [#12](${page}/pull/12)`,
  ],
  ["open issues in shop", "1 open issue in `shop`:"],
  [
    "Which pipeline deploys shop?",
    "1 pipeline deploys `shop`:\n\n- `Deploy` (`.github/workflows/deploy.yml`, last run: failure) deploys to `production` (success, 2026-01-01 12:10 UTC) and `staging`",
  ],
  [
    "What was deployed to production since 2025-12-29?",
    "1 deployment to `production` since 2025-12-29 00:00 UTC:\n\n- `shop` `main` at `aaaaaaaaaa` to `production`, 2026-01-01 12:10 UTC (success), by `Deploy`",
  ],
  ["what is running in production?", "Deployed now to `production`:"],
  [
    "Who owns PayService.charge?",
    "`PayService.charge` is owned by:\n\n- `acme/payments` (team) — through `pay.ts`, `CODEOWNERS:2`",
  ],
  ["Tell me about PR 12", `Pull request [#12](${page}/pull/12) \`Round fees up\` (open, by \`ada\`):`],
  ["what does PR 12 change?", `touches \`PayService.charge\``],
  ["tell me about issue #5", `mentioned by [#12](${page}/pull/12)`],
  ["#13", "merged 2026-01-02 00:00 UTC"],
  ["What changed in shop since 2025-12-31?", `pull request merged: [#13](${page}/pull/13) \`Tidy the docs\``],
  ["what happened since 2025-12-31?", "deployment deployed: `production: main`"],
])("%s", async (question, answer) => {
  const told = await ask(question);
  expect(told.understood, told.answer).toBe(true);
  expect(told.answer).toContain(answer);
  expect(told.nodes.length).toBeGreaterThan(0);
  expect(told.queries.length).toBeGreaterThan(0);
  for (const query of told.queries) expect((await server.send("GET", query.url)).status, query.url).toBe(200);
});

it.each([
  "Which open PRs touch PayService.charge?",
  "open issues in shop",
  "Which pipeline deploys shop?",
  "What was deployed to production since Monday?",
  "Who owns PayService.charge?",
  "Tell me about PR 12",
])("says that nothing is connected: %s", async (question) => {
  const told = await ask(question, bare);
  expect(told.answer).toContain("No integration is connected");
  expect(told.answer).toContain("Connect GitHub or GitLab");
});

it("lets a day begin where the user is, and says where that is", async () => {
  const berlin = await ask("What was deployed to staging since 2026-01-01?", server, { timeZone: "Europe/Berlin" });
  expect(berlin.answer).toContain("1 deployment to `staging` since 2026-01-01 00:00 Europe/Berlin");
  expect(berlin.queries.at(-1)?.input["since"]).toBe("2025-12-31T23:00:00.000Z");
  const kiritimati = await ask("what changed since 2026-01-02?", server, { timeZone: "Pacific/Kiritimati" });
  expect(kiritimati.queries[0]?.input["since"]).toBe("2026-01-01T10:00:00.000Z");
  const wrong = await server.send("POST", "/api/v1/ask", { question: "what changed?", timeZone: "Mars/Olympus" });
  expect(wrong.status).toBe(400);
  expect(JSON.stringify(wrong.body)).toContain("Europe/Berlin or UTC");
});

it("names the environments there are when nothing was deployed to the one that was asked for", async () => {
  expect((await ask("what was deployed to mars?")).answer).toContain("Known environments: `production` and `staging`.");
});

it("says so when a number is not known, and takes it for understood only when it is", async () => {
  const told = await ask("Tell me about PR 99");
  expect(told.answer).toContain("The graph knows no pull request #99.");
  expect(told.understood).toBe(false);
});
