// GitHub's published OpenAPI description as a judge, and its official examples.
import { asObject, type Json, readPackageJson } from "../../testing/json-schema.ts";
import { type ApiJudge, createApiJudge } from "../../testing/openapi.ts";
import { apiDeviations } from "./deviations.ts";

export interface VendorSchema extends ApiJudge {
  /** The official example of a component, e.g. `issue-items`; a fresh copy. */
  example(name: string): Json;
}

export function loadVendorSchema(): VendorSchema {
  const document = readPackageJson("@octokit/openapi/generated/api.github.com.json");
  const examples = asObject(asObject(document["components"])?.["examples"]) ?? {};
  return {
    ...createApiJudge({ vendor: "GitHub", document, deviations: apiDeviations, error: "basic-error" }),
    example: (name) => {
      const value = asObject(examples[name])?.["value"];
      if (value === undefined) throw new Error(`@octokit/openapi has no example ${name}`);
      return structuredClone(value);
    },
  };
}
