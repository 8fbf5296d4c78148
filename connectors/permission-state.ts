// What a try at a permission says when the vendor fails instead of answering: nothing about the permission.
import { AppError } from "@opentrace/contract/errors.ts";
import type { CheckResult } from "./connector.ts";

export type PermissionState = Pick<CheckResult["checks"][number], "state" | "detail">;

/** `unknown` with the vendor's failure as its reason. A credential that is refused is still thrown: then nothing else counts. */
export async function unknownWhenFailing(tried: () => Promise<PermissionState>): Promise<PermissionState> {
  try {
    return await tried();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === "upstream_auth" && error.details?.["reason"] === "credential") throw error;
    return { state: "unknown", detail: error.message };
  }
}
