// GitHub's published webhook schemas and the community's official examples of them.
import {
  asObject,
  asText,
  createSchemaCheck,
  type Json,
  type JsonObject,
  readPackageJson,
} from "../../testing/json-schema.ts";
import { webhookDeviations } from "./deviations.ts";

interface WebhookExample {
  event: string;
  payload: JsonObject;
}

export interface WebhookSchema {
  /** The violations of a delivery's body, without the known mistakes of the schema. An event that GitHub does not have is one. */
  check(event: string, payload: JsonObject): string[];
  /** With them. */
  checkStrictly(event: string, payload: JsonObject): string[];
  /** Of github.com; a fresh copy. */
  examples(): WebhookExample[];
}

export function loadWebhookSchema(): WebhookSchema {
  const document = readPackageJson("@octokit/openapi-webhooks/generated/api.github.com.json");
  const names = new Set(Object.keys(asObject(document["webhooks"]) ?? {}));
  const check = createSchemaCheck(document);
  const checkStrictly = (event: string, payload: JsonObject): string[] => {
    const base = event.replaceAll("_", "-");
    const action = typeof payload["action"] === "string" ? payload["action"].replaceAll("_", "-") : "";
    const name = [`${base}-${action}`, base].find((one) => names.has(one));
    if (name === undefined) return [`GitHub has no webhook ${event} ${action}`];
    const pointer = ["webhooks", name, "post", "requestBody", "content", "application/json", "schema"];
    return check(pointer, payload).map((violation) => `${name} webhook: ${violation}`);
  };

  return {
    checkStrictly,
    check: (event, payload) =>
      checkStrictly(event, payload).filter(
        (violation) => !webhookDeviations.some(({ where }) => where.test(violation)),
      ),
    examples: () => {
      const file = readPackageJson("@octokit/webhooks-examples/api.github.com/index.json", true);
      return file.flatMap((definition) => {
        const { name, examples } = asObject(definition) ?? {};
        return (Array.isArray(examples) ? examples : []).map((payload: Json) => ({
          event: asText(name),
          payload: asObject(payload) ?? {},
        }));
      });
    },
  };
}
