import { createHmac, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { RawDelivery, VendorEvent } from "../connector.ts";
import { Config } from "./config.ts";
import { webhook } from "./webhook.ts";

const config = Config.parse({});
const secret = "it is a secret";
const now = new Date();

const withToken = (payload: unknown, headers: Record<string, string> = {}): RawDelivery => ({
  body: Buffer.from(JSON.stringify(payload)),
  headers: { "x-gitlab-token": secret, "x-gitlab-event": "Issue Hook", ...headers },
});

function signed(payload: unknown, key: Buffer, at = now, id = "id-1"): RawDelivery {
  const body = Buffer.from(JSON.stringify(payload));
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  return {
    body,
    headers: {
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,AAAA v1,${signature}`,
      "idempotency-key": "another",
      "x-gitlab-event": "Issue Hook",
    },
  };
}

describe("a webhook", () => {
  const body = { object_kind: "issue", object_attributes: { iid: 1, action: "open" } };

  it("is taken with any of the secrets as its token, and refused with another, none or an empty one", () => {
    const good = withToken(body, { "idempotency-key": "key-1" });
    expect(webhook.verify(good, ["old", secret], now)).toEqual({ deliveryId: "key-1", event: "issue.open" });
    const refused: [RawDelivery, string[]][] = [
      [good, ["other"]],
      [good, [""]],
      [good, []],
      [withToken(body, { "x-gitlab-token": "" }), [""]],
      [withToken(body, { "x-gitlab-token": `${secret} ` }), [secret]],
    ];
    for (const [raw, secrets] of refused) expect(() => webhook.verify(raw, secrets, now)).toThrow(/same secret/);
  });

  it("is taken with a signature over its very bytes and its time, once for each id, whatever else its headers say", () => {
    const key = randomBytes(32);
    const secrets = ["old", `whsec_${key.toString("base64")}`];
    const good = signed(body, key);
    expect(webhook.verify(good, secrets, now).deliveryId).toBe("id-1");
    const late = new Date(now.getTime() - 6 * 60_000);
    const refused: RawDelivery[] = [
      signed(body, randomBytes(32)),
      signed(body, key, late),
      signed(body, key, new Date(now.getTime() + 6 * 60_000)),
      { ...good, body: Buffer.from(`${Buffer.from(good.body).toString()} `) },
      { ...good, headers: { ...good.headers, "webhook-id": "id-2" } },
      { ...good, headers: { ...good.headers, "webhook-signature": "v1," } },
      { ...good, headers: { ...good.headers, "webhook-timestamp": "" } },
      // The signing key itself is never sent: whoever sends it as a token has it from somewhere else.
      withToken(body, { "x-gitlab-token": secrets[1] ?? "" }),
    ];
    for (const raw of refused) expect(() => webhook.verify(raw, secrets, now)).toThrow(/same secret/);
  });

  it("without a key of its own is told by its event's UUID and what it says", () => {
    const idOf = (payload: unknown, uuid: string): string =>
      webhook.verify(withToken(payload, { "x-gitlab-event-uuid": uuid }), [secret], now).deliveryId;
    expect(idOf(body, "a")).toBe(idOf(body, "a"));
    // Events that follow from one another share the UUID.
    expect(new Set([idOf(body, "a"), idOf(body, "b"), idOf({ ...body, project_id: 1 }, "a")]).size).toBe(3);
  });

  it("of every kind that GitLab documents means something or is ignored with a reason", () => {
    const project = { id: 7, default_branch: "main", path_with_namespace: "acme/shop" };
    const about = (kind: string, more: object = {}): object => ({ object_kind: kind, project, ...more });
    const attributes = (more: object): { object_attributes: object } => ({ object_attributes: more });
    const group = { group_id: 5, group_path: "acme" };
    const changes = (stream: string, items: string[] | null, scope = "7"): VendorEvent => ({
      is: "changed",
      scope,
      stream,
      items,
    });
    const cases: [object, object[]][] = [
      [about("push", { ref: "refs/heads/topic" }), [{ is: "pushed", scope: "7", branch: "topic" }]],
      [
        about("push", { ref: "refs/heads/main" }),
        [{ is: "pushed", scope: "7", branch: "main" }, changes("owners", ["CODEOWNERS"])],
      ],
      [about("tag_push", { ref: "refs/tags/v1" }), [changes("releases", null)]],
      [about("issue", attributes({ iid: 3, action: "update" })), [changes("issues", ["3"])]],
      [about("work_item", attributes({ iid: 4, type: "Task" })), [changes("issues", ["4"])]],
      [{ object_kind: "work_item", group, ...attributes({ iid: 4, type: "Epic" }) }, [{ is: "ignored" }]],
      [about("merge_request", attributes({ iid: 5, action: "approved" })), [changes("pulls", ["5"])]],
      [about("pipeline", attributes({ id: 31, iid: 3, tag: false })), [changes("pipelines", null)]],
      [{ object_kind: "build", tag: false, project_id: 7, build_id: 1 }, [changes("pipelines", null)]],
      [about("deployment", { deployment_id: 15 }), [changes("deployments", null)]],
      [about("release", { tag: "v1.1", action: "delete" }), [changes("releases", ["v1.1"])]],
      [about("note", attributes({ noteable_type: "MergeRequest" })), [{ is: "ignored" }]],
      [about("wiki_page", attributes({ action: "create" })), [{ is: "ignored" }]],
      [about("feature_flag", attributes({ name: "new" })), [{ is: "ignored" }]],
      [about("milestone", attributes({ iid: 10 })), [{ is: "ignored" }]],
      [about("emoji", attributes({ action: "award" })), [{ is: "ignored" }]],
      [{ object_kind: "vulnerability", ...attributes({ project_id: 50 }) }, [{ is: "ignored" }]],
      [
        {
          ...about("access_token", attributes({ name: "acd", expires_at: "2026-12-26" })),
          event_name: "expiring_access_token",
        },
        [{ is: "ignored", why: expect.stringMatching(/“acd” expires on 2026-12-26/) as string }],
      ],
      [{ ...group, event_name: "user_add_to_group" }, [changes("teams", ["5"], "group:5")]],
      [{ ...group, event_name: "user_remove_from_group" }, [changes("teams", ["5"], "group:5")]],
      [{ ...group, event_name: "user_access_request_to_group" }, [{ is: "ignored" }]],
      [{ event_name: "subgroup_create", group_id: 10, parent_group_id: 5 }, [changes("teams", ["10"], "group:5")]],
      [
        { event_name: "project_create", project_id: 9, path_with_namespace: "acme/new", project_visibility: "private" },
        [{ is: "added", scope: { id: "9", name: "acme/new", private: true } }],
      ],
      [{ event_name: "project_destroy", project_id: 9 }, [{ is: "removed", scope: "9", why: "deleted" }]],
      [
        {
          event_name: "project_transfer",
          project_id: 9,
          path_with_namespace: "others/new",
          project_visibility: "visibilitylevel|public",
        },
        [{ is: "renamed", scope: { id: "9", name: "others/new", private: false, handle: { path: "others/new" } } }],
      ],
      [{ event_name: "user_add_to_team", project_id: 9 }, [changes("members", ["members"], "9")]],
    ];
    for (const [payload, expected] of cases) {
      const found = webhook.toEvents(withToken(payload), config);
      expect(found, JSON.stringify(payload)).toMatchObject(expected);
      expect(found).toHaveLength(expected.length);
    }
    for (const text of ["nonsense", "[]", "null", '{"object_kind":7}', "{}"])
      expect(webhook.toEvents({ body: Buffer.from(text), headers: {} }, config)).toMatchObject([{ is: "ignored" }]);
  });
});
