// The frame of the side panel.
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "../../ui/button.tsx";

export function Panel({
  label,
  title,
  onClose,
  children,
}: {
  label: string;
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <aside
      aria-label={label}
      className="flex max-h-[55%] min-h-0 w-full shrink-0 flex-col border-t border-line bg-surface lg:max-h-none lg:w-96 lg:border-t-0 lg:border-l"
    >
      <div className="flex items-start gap-2 px-4 pt-3 pb-2">
        <div className="min-w-0 flex-1">{title}</div>
        <IconButton label="Close" keys="Esc" onClick={onClose} className="-mr-1.5">
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      <div
        className="min-h-0 flex-1 overflow-auto px-4 pb-4"
        tabIndex={0}
        role="region"
        aria-label={`${label}: content`}
        data-focus-inset
      >
        {children}
      </div>
    </aside>
  );
}
