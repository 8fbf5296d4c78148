// Keys as they are printed on the reader's keyboard.
const isMac = typeof navigator !== "undefined" && /mac|iphone|ipad/i.test(navigator.platform);

/** `keys` is space-separated: "mod k", "g h", "?". */
export function Kbd({ keys }: { keys: string }) {
  return (
    <span className="inline-flex gap-0.5">
      {keys.split(" ").map((key) => (
        <kbd
          key={key}
          className="inline-grid h-4.5 min-w-4.5 place-items-center rounded-sm border border-line bg-sunken px-1 font-sans text-xs leading-none text-muted"
        >
          {key === "mod" ? (isMac ? "⌘" : "Ctrl") : key === "shift" ? "⇧" : key}
        </kbd>
      ))}
    </span>
  );
}
