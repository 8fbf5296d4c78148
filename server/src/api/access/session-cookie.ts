// The cookie that carries a session: out of reach for scripts, not sent along by other sites' forms, over TLS only where there is TLS.
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../../config.ts";

type Where = Pick<Config, "publicUrl">;

const isSecure = ({ publicUrl }: Where): boolean => publicUrl?.protocol === "https:";
/** `__Host-`: the browser takes it from this very host only, over TLS. */
const nameOf = (config: Where): string => (isSecure(config) ? "__Host-opentrace" : "opentrace-session");

export const sessionOf = (request: FastifyRequest, config: Where): string | null =>
  request.cookies[nameOf(config)] ?? null;

export function setSession(reply: FastifyReply, config: Where, token: string, expires: Date): void {
  reply.setCookie(nameOf(config), token, {
    path: "/",
    httpOnly: true,
    sameSite: "lax",
    secure: isSecure(config),
    expires,
  });
}

export function clearSession(reply: FastifyReply, config: Where): void {
  reply.clearCookie(nameOf(config), { path: "/", httpOnly: true, sameSite: "lax", secure: isSecure(config) });
}
