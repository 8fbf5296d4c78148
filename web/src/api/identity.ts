// Who is signed in, how one may sign in, and the calls that begin and end a session.
import { Identity, SignInMethods, User, UserLink } from "@opentrace/contract/users.ts";
import { queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { call } from "./http.ts";

const never = (): AbortSignal => new AbortController().signal;
const Begun = z.object({ user: User, expires_at: z.iso.datetime() });
type Begun = z.infer<typeof Begun>;
const Nothing = z.undefined();

export const identity = queryOptions({
  queryKey: ["identity"],
  queryFn: ({ signal }) => call("/auth/verify", Identity, {}, signal),
  staleTime: 5 * 60_000,
});

export const signInMethods = queryOptions({
  queryKey: ["sign-in-methods"],
  queryFn: ({ signal }) => call("/auth/methods", SignInMethods, {}, signal),
});

export const signIn = (email: string, password: string): Promise<Begun> =>
  call("/auth/sign-in", Begun, { method: "POST", body: { email, password } }, never());
export const signOut = (): Promise<undefined> => call("/auth/sign-out", Nothing, { method: "POST" }, never());
export const lookAtLink = (token: string, signal: AbortSignal): Promise<UserLink> =>
  call("/auth/links/look", UserLink, { method: "POST", body: { token } }, signal);
export const acceptLink = (body: { token: string; password: string; email?: string; name?: string }): Promise<Begun> =>
  call("/auth/links/accept", Begun, { method: "POST", body }, never());
