// What who is signed in may do: a control that would only be refused is not offered, and the page says why it is not there.
import type { Permission } from "@opentrace/contract/access.ts";
import type { Identity } from "@opentrace/contract/users.ts";
import { useQuery } from "@tanstack/react-query";
import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { identity } from "../api/identity.ts";
import { EmptyState } from "./states.tsx";

export interface May {
  may(this: void, permission: Permission): boolean;
  /** Why not, in a sentence. */
  why(this: void, permission: Permission): string;
}

/** While it is not known who is signed in nothing is kept back: the server refuses what must not be. */
export function useMay(): May {
  const { data: me } = useQuery(identity);
  return {
    may: (permission) => me === undefined || me.permissions.includes(permission),
    why: (permission) => `${whoIs(me)} may not do this: it takes the permission ${permission}.`,
  };
}

function whoIs(me: Identity | undefined): string {
  if (me?.kind === "key") return "This API key";
  return me?.role ? `Your role, ${me.role},` : "Your account";
}

export function May({
  permission,
  children,
  otherwise = null,
}: {
  permission: Permission;
  children: ReactNode;
  otherwise?: ReactNode;
}) {
  return useMay().may(permission) ? children : otherwise;
}

/** One line at the top of a page whose controls are left out. */
export function ReadOnlyNote({ permission, what }: { permission: Permission; what: string }) {
  const { data: me } = useQuery(identity);
  if (me === undefined || me.permissions.includes(permission)) return null;
  return (
    <p className="flex items-start gap-2 text-sm text-muted">
      <Lock size={14} aria-hidden className="mt-0.5 shrink-0 text-faint" />
      <span>
        {whoIs(me)} may look at {what}, not change {what.endsWith("s") ? "them" : "it"}: that takes the permission{" "}
        <code className="font-mono">{permission}</code>. An administrator can give it.
      </span>
    </p>
  );
}

/** In place of a page that is nothing but a form for what may not be done. */
export function NotAllowed({
  permission,
  title,
  children,
}: {
  permission: Permission;
  title: string;
  children?: ReactNode;
}) {
  const { why } = useMay();
  return (
    <EmptyState icon={<Lock size={28} aria-hidden />} title={title}>
      <p>{why(permission)} An administrator can give it.</p>
      {children}
    </EmptyState>
  );
}
