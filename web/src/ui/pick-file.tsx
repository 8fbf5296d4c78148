// A button that lets a file of one's own be chosen. The same file may be chosen again.
import { type ReactNode, useRef } from "react";
import { Button } from "./button.tsx";

interface Props {
  /** What is chosen, for who does not see it. */
  label: string;
  /** As of `<input accept>`. */
  accept: string;
  disabled?: boolean;
  onPick: (file: File) => void;
  children: ReactNode;
}

export function PickFile({ label, accept, disabled = false, onPick, children }: Props) {
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button disabled={disabled} onClick={() => chooser.current?.click()}>
        {children}
      </Button>
      <input
        ref={chooser}
        type="file"
        accept={accept}
        tabIndex={-1}
        aria-label={label}
        className="sr-only"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = "";
          if (file) onPick(file);
        }}
      />
    </>
  );
}
