// What a user typed into a form that was made from a connector's schema: parsed by that schema, refused field by field.
import type { AuthDefinition } from "@opentrace/connectors/connector.ts";
import { AppError } from "@opentrace/contract/errors.ts";
import { z } from "zod";
import { parseInput } from "../access/invoke.ts";

/** The application that the user registered at the vendor for signing in. */
const OAuthClient = z.object({
  clientId: z.string().trim().min(1).meta({ title: "Client ID" }),
  clientSecret: z.string().min(1).meta({ title: "Client secret", secret: true }),
});

export const credentialSchema = (method: AuthDefinition<Record<string, unknown>>): z.ZodObject =>
  method.kind === "oauth2" ? OAuthClient : method.credential;

/** Throws AppError("unprocessable") with the wrong fields, named as in the form: `credential.token`. */
export function parseForm(schema: z.ZodObject, raw: unknown, prefix: string): Record<string, unknown> {
  try {
    return parseInput(schema.strict(), raw);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // parseInput's own.
    const found = (error.details?.["errors"] ?? []) as { field: string; message: string }[];
    const errors = found.map(({ field, message }) => ({
      field: field === "" ? prefix : `${prefix}.${field}`,
      message,
    }));
    throw new AppError("unprocessable", error.message, { cause: error, details: { errors } });
  }
}

export function refuseField(field: string, message: string, cause?: unknown): AppError {
  return new AppError("unprocessable", message, { cause, details: { errors: [{ field, message }] } });
}
