// GitHub for the conformance suite: the fake with the sample organization, connected as an App.
import type { StartSubject } from "../../testing/subject.ts";
import type { Permissions } from "./fake-access.ts";
import { startFakeGitHub } from "./fake-github.ts";
import { addSampleOrg } from "./sample-org.ts";
import { loadVendorSchema, type VendorSchema } from "./vendor-schema.ts";
import { loadWebhookSchema, type WebhookSchema } from "./webhook-schema.ts";

const everything: Permissions = {
  contents: "read",
  issues: "read",
  pull_requests: "read",
  deployments: "read",
  actions: "read",
  checks: "read",
  members: "read",
};
let schemas: { schema: VendorSchema; webhookSchema: WebhookSchema } | null = null;

export const startSubject: StartSubject = async () => {
  schemas ??= { schema: loadVendorSchema(), webhookSchema: loadWebhookSchema() };
  const fake = await startFakeGitHub(schemas);
  const { shop, issue, pull, app, installation } = addSampleOrg(fake);
  const { payloads, emit } = fake.webhooks;
  // Nobody listens there; what was signed is what counts.
  app.hookUrl = null;
  await emit(app, installation, "issues", payloads.issue(shop, issue, "edited"), shop);
  await emit(app, installation, "pull_request", payloads.pull(shop, pull, "synchronize"), shop);
  const { issues: _withheld, ...most } = everything;
  const token = fake.access.mintFineGrainedToken("ada", everything).value;
  return {
    config: { baseUrl: fake.urls.web, detailDays: 0 },
    auth: "token",
    credential: { token },
    secrets: [app.pem.split("\n")[1] ?? app.pem, app.webhookSecret, ...fake.access.tokens.keys()],
    now: fake.state.now,
    revoke: () => fake.access.revoke(token),
    limited: { permission: "issues", credential: { token: fake.access.mintFineGrainedToken("ada", most).value } },
    slowDown: (seconds) => fake.fail(/./, { is: "status", status: 429, headers: { "retry-after": String(seconds) } }),
    hang: () => fake.fail(/./, { is: "half-open" }, 1_000_000),
    webhooks: {
      secret: app.webhookSecret,
      genuine: fake.webhooks.deliveries.map(({ headers, raw }) => ({ headers, body: Buffer.from(raw) })),
    },
    close: async () => {
      await fake.close();
      return fake.violations;
    },
  };
};
