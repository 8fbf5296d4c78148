// Who is signed in, and the way out. Nothing on a server of one's own, where nobody has to sign in.
import { useQuery } from "@tanstack/react-query";
import { CircleUserRound } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { identity, signOut } from "../api/identity.ts";
import { session } from "../api/session.ts";

async function leave(): Promise<void> {
  const byKey = session.key !== null;
  session.forgetKey();
  if (!byKey) await signOut();
  location.assign("/");
}

export function Account() {
  const { data: me } = useQuery(identity);
  if (!me || me.kind === "local") return null;
  const what = me.role ?? (me.kind === "key" ? "API key" : me.kind);
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="flex h-9 min-w-0 items-center gap-2 rounded-md px-2 text-left text-sm text-muted hover:bg-hover hover:text-text md:h-auto md:py-1.5">
        <CircleUserRound size={16} aria-hidden className="shrink-0" />
        <span className="sr-only">Signed in as</span>
        <span className="sr-only min-w-0 md:not-sr-only md:block">
          <span className="block truncate font-medium text-text">{me.name}</span>
          <span className="block truncate">{what}</span>
        </span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          sideOffset={6}
          className="z-50 min-w-48 rounded-md border border-line bg-surface p-1 shadow-float"
        >
          <DropdownMenu.Label className="px-2 py-1.5 text-sm text-muted">
            {me.email ?? me.name} · {what}
          </DropdownMenu.Label>
          <DropdownMenu.Item
            onSelect={() => void leave()}
            className="flex h-8 cursor-pointer items-center rounded-sm px-2 text-base outline-none data-highlighted:bg-hover"
          >
            Sign out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
