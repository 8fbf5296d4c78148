// A determinate bar; without a known total it says so instead of pretending.
export function Progress({ done, total, label }: { done: number; total: number; label: string }) {
  const known = total > 0;
  const percent = known ? Math.min(100, (done / total) * 100) : 0;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(known ? { "aria-valuenow": Math.round(percent) } : {})}
      className="h-1.5 w-full overflow-hidden rounded-full bg-sunken"
    >
      <div
        className={
          known
            ? "h-full rounded-full bg-accent transition-[width] duration-300"
            : "h-full w-1/4 animate-pulse rounded-full bg-accent"
        }
        style={known ? { width: `${percent}%` } : undefined}
      />
    </div>
  );
}
