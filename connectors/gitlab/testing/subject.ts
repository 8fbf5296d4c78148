// GitLab for the conformance suite: the fake with the sample group, connected by a personal token.
import { randomUUID } from "node:crypto";
import type { ApiJudge } from "../../testing/openapi.ts";
import type { StartSubject } from "../../testing/subject.ts";
import { level } from "./fake-access.ts";
import { startFakeGitLab } from "./fake-gitlab.ts";
import { addSampleGroup } from "./sample-group.ts";
import { loadVendorSchema } from "./vendor-schema.ts";

let schema: ApiJudge | null = null;
const secret = "a secret token of a webhook";

export const startSubject: StartSubject = async () => {
  schema ??= loadVendorSchema();
  const fake = await startFakeGitLab({ schema });
  const { shop, issue } = addSampleGroup(fake);
  shop.members.set("linus", level.maintainer);
  for (const path of ["src/pay.py", "docs/guide.md"]) shop.files.set(path, path);
  shop.files.set(".gitlab/CODEOWNERS", "* @acme/platform\n/src/ @ada\n");
  const token = fake.access.mintToken("ada", ["api", "read_api", "read_repository"]).value;
  const body = {
    object_kind: "issue",
    project: { id: shop.id, path_with_namespace: "acme/platform/shop" },
    object_attributes: { iid: issue.iid, action: "update" },
  };
  return {
    config: { baseUrl: fake.urls.web, detailDays: 0 },
    auth: "token",
    credential: { token },
    secrets: [secret, ...fake.access.tokens.keys()],
    now: fake.state.now,
    revoke: () => fake.access.revoke(token),
    limited: {
      permission: "hooks",
      credential: { token: fake.access.mintToken("ada", ["read_api", "read_repository"]).value },
    },
    slowDown: (seconds) => fake.fail(/./, { is: "status", status: 429, headers: { "retry-after": String(seconds) } }),
    hang: () => fake.fail(/./, { is: "half-open" }, 1_000_000),
    webhooks: {
      secret,
      genuine: [
        {
          headers: {
            "x-gitlab-event": "Issue Hook",
            "x-gitlab-token": secret,
            "x-gitlab-event-uuid": randomUUID(),
            "idempotency-key": randomUUID(),
          },
          body: Buffer.from(JSON.stringify(body)),
        },
      ],
    },
    close: async () => {
      await fake.close();
      return fake.violations;
    },
  };
};
