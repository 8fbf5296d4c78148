// Something to be copied somewhere else, whole and in one line to select.
import type { ReactNode } from "react";
import { CopyButton } from "./copy-button.tsx";

export function CopyLine({ label, text }: { label: ReactNode; text: string }) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <p className="text-sm font-medium">{label}</p>
      <div className="flex flex-wrap items-center gap-2">
        <code className="min-w-0 rounded-sm bg-sunken px-2 py-1 font-mono text-sm wrap-anywhere select-all">
          {text}
        </code>
        <CopyButton label="Copy" text={text} />
      </div>
    </div>
  );
}
