// Copies a text and says so, or that the browser does not let it.
import { Check, Copy, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button.tsx";
import { copyText } from "./copy-text.ts";

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [outcome, setOutcome] = useState<"copied" | "refused" | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), 2000);
    return () => clearTimeout(timer);
  }, [outcome]);
  const Icon = outcome === "copied" ? Check : outcome === "refused" ? TriangleAlert : Copy;
  return (
    <Button
      small
      look="quiet"
      onClick={() => void copyText(text).then((done) => setOutcome(done ? "copied" : "refused"))}
    >
      <Icon size={14} aria-hidden />
      <span aria-live="polite">
        {outcome === "copied" ? "Copied" : outcome === "refused" ? "The browser refused" : label}
      </span>
    </Button>
  );
}
