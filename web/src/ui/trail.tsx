// The way to a page: “Incidents › INC-42”.
import { Link, type LinkProps } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";

interface Props {
  steps: readonly { label: string; link: LinkProps }[];
  /** Where one is. */
  here?: ReactNode;
}

export function Trail({ steps, here }: Props) {
  return (
    <nav aria-label="Breadcrumb" className="text-sm text-muted">
      <ol className="flex flex-wrap items-center gap-1.5">
        {steps.map(({ label, link }, index) => (
          <Fragment key={label}>
            {index > 0 ? <Arrow /> : null}
            <li>
              <Link {...link} className="rounded-sm underline-offset-2 hover:text-text hover:underline">
                {label}
              </Link>
            </li>
          </Fragment>
        ))}
        {here ? (
          <>
            <Arrow />
            <li aria-current="page" className="min-w-0 wrap-anywhere">
              {here}
            </li>
          </>
        ) : null}
      </ol>
    </nav>
  );
}

const Arrow = () => (
  <li aria-hidden className="text-faint">
    ›
  </li>
);
