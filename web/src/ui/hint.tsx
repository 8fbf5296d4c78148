// Tooltips: a label and, where there is one, its keyboard shortcut.
import { Tooltip } from "radix-ui";
import type { ReactElement } from "react";
import { Kbd } from "./kbd.tsx";

export function Hint({ text, keys, children }: { text: string; keys?: string | undefined; children: ReactElement }) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          sideOffset={6}
          collisionPadding={8}
          className="z-50 flex max-w-72 items-center gap-2 rounded-md border border-line bg-surface px-2 py-1 text-xs text-text shadow-float"
        >
          {text}
          {keys ? <Kbd keys={keys} /> : null}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
