// The frame of the pages before one is in: sign in, join.
import type { ReactNode } from "react";

export function EntryCard({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
  return (
    <div className="fixed inset-0 z-40 grid place-items-center overflow-auto bg-bg p-4">
      <main className="w-full max-w-sm rounded-lg border border-line bg-surface p-6 shadow-float">
        <img src="/icon.svg" alt="" width={28} height={28} className="mb-4" />
        <h1 className="mb-1 text-lg font-semibold">{title}</h1>
        {lead ? <p className="mb-5 text-base text-muted">{lead}</p> : null}
        {children}
      </main>
    </div>
  );
}
