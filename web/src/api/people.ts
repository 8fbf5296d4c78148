// Reads and writes about people, keys and the audit log.
import { ApiKeyUsage, CreatedApiKey, type Role } from "@opentrace/contract/access.ts";
import { AuditRecord, CreatedUserLink, Session, User, UserLink } from "@opentrace/contract/users.ts";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { call } from "./http.ts";

const never = (): AbortSignal => new AbortController().signal;
const Nothing = z.undefined();
const at = (path: string, id: string): string => `${path}/${encodeURIComponent(id)}`;

export const people = {
  all: queryOptions({
    queryKey: ["people", "users"],
    queryFn: ({ signal }) => call("/users", z.object({ items: z.array(User) }), {}, signal),
  }),
  invitations: queryOptions({
    queryKey: ["people", "invitations"],
    queryFn: ({ signal }) => call("/users/invitations", z.object({ items: z.array(UserLink) }), {}, signal),
  }),
};

export const mySessions = queryOptions({
  queryKey: ["my-sessions"],
  queryFn: ({ signal }) => call("/auth/sessions", z.object({ items: z.array(Session) }), {}, signal),
});

export const keyUsage = (id: string) =>
  queryOptions({
    queryKey: ["keys", id, "usage"],
    queryFn: ({ signal }) => call(`${at("/auth/api-keys", id)}/usage`, ApiKeyUsage, { query: { days: 30 } }, signal),
  });

export interface AuditFilter {
  actor: string;
  verb: string;
  outcome: string;
}
export const auditLog = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", filter],
    queryFn: ({ signal, pageParam }) =>
      call(
        "/audit",
        z.object({ items: z.array(AuditRecord), next_cursor: z.string().nullable() }),
        { query: { ...filter, limit: 50, cursor: pageParam } },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

export const invite = (body: { email?: string; role: Role }): Promise<CreatedUserLink> =>
  call("/users/invitations", CreatedUserLink, { method: "POST", body }, never());
export const revokeInvitation = (id: string): Promise<undefined> =>
  call(at("/users/invitations", id), Nothing, { method: "DELETE" }, never());
export const changeUser = (id: string, body: { role?: Role; disabled?: boolean }): Promise<User> =>
  call(at("/users", id), User, { method: "PATCH", body }, never());
export const resetLink = (id: string): Promise<CreatedUserLink> =>
  call(`${at("/users", id)}/reset-link`, CreatedUserLink, { method: "POST" }, never());
export const endSession = (id: string): Promise<undefined> =>
  call(at("/auth/sessions", id), Nothing, { method: "DELETE" }, never());
export const changePassword = (body: { current_password: string; new_password: string }): Promise<undefined> =>
  call("/auth/password", Nothing, { method: "POST", body }, never());
export const rotateKey = (id: string): Promise<CreatedApiKey> =>
  call(`${at("/auth/api-keys", id)}/rotate`, CreatedApiKey, { method: "POST", body: { grace_hours: 24 } }, never());
