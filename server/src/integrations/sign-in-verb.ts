// The verbs of a sign-in. The one that begins it has no route of the usual shape: its door also sets the browser's cookie.
import { Redirect } from "@opentrace/contract/integrations.ts";
import { z } from "zod";
import { defineVerb, type Verb } from "../verb.ts";
import type { Integrations } from "./integrations.ts";
import type { SignIn } from "./sign-in.ts";

/** Of this server and nothing else: `//host` and `/\host` lead away. */
const OwnPath = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\])[^\\\s]*$/, "It should be a path on this server, such as /integrations");

const SignInState = z.object({
  state: z.enum(["none", "waiting", "done", "failed", "expired"]),
  message: z.string().nullable(),
  at: z.iso.datetime().nullable(),
});

export interface SignInVerbDeps {
  integrations: Integrations;
  signIn: SignIn;
}

export const signInStateVerb = ({ integrations, signIn }: SignInVerbDeps): Verb =>
  defineVerb({
    name: "integrations.signInState",
    summary: "How the latest sign-in at the vendor goes",
    description:
      "For whoever waits while the browser is at the vendor: `waiting`, `done`, `failed` (with what to tell the user) or `expired`; `none` when none was begun.",
    permission: "integrations:read",
    input: z.strictObject({ id: z.string().min(1).max(200) }),
    output: SignInState,
    http: { method: "GET", path: "/integrations/{id}/sign-in" },
    async run({ workspace }, { id }) {
      const row = await integrations.find(id, workspace);
      const { at, ...state } = await signIn.progress(row.id);
      return { ...state, at: at?.toISOString() ?? null };
    },
  });

export const beginSignInVerb = ({ integrations, signIn }: SignInVerbDeps): Verb =>
  defineVerb({
    name: "integrations.beginSignIn",
    summary: "Begin signing in at the vendor",
    description: "Makes the address at the vendor, good for one sign-in of one browser.",
    permission: "integrations:write",
    input: z.strictObject({
      id: z.string().min(1).max(200),
      returnTo: OwnPath.optional(),
      browser: z.string().nullable(),
    }),
    output: z.object({ browser: z.string(), state: z.string(), redirect: Redirect, expiresAt: z.iso.datetime() }),
    writes: true,
    async run({ workspace, signal }, { id, returnTo, browser }) {
      const row = await integrations.find(id, workspace);
      const begun = await signIn.begin(row, { browser, returnTo: returnTo ?? null }, signal);
      return { ...begun, expiresAt: begun.expiresAt.toISOString() };
    },
  });
