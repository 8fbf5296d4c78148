// What is shown when an address leads nowhere or a page breaks.
import { Link } from "@tanstack/react-router";
import { buttonClasses } from "../ui/button.tsx";
import { usePageTitle } from "../ui/page.tsx";
import { EmptyState } from "../ui/states.tsx";

export function NotFound() {
  usePageTitle("Not found");
  return (
    <div className="grid h-full place-items-center">
      <EmptyState heading title="There is no page at this address">
        <p>The link may be old, or the repository may have been removed.</p>
        <Link to="/" className={buttonClasses()}>
          Go to the overview
        </Link>
      </EmptyState>
    </div>
  );
}

export function PageFailed({ error }: { error: unknown }) {
  usePageTitle("Error");
  return (
    <div className="grid h-full place-items-center" role="alert">
      <EmptyState heading title="This page broke">
        <p className="font-mono text-sm break-all">{error instanceof Error ? error.message : String(error)}</p>
        <button type="button" className={buttonClasses()} onClick={() => location.reload()}>
          Reload
        </button>
      </EmptyState>
    </div>
  );
}
