// Services and tags of a runbook: each leads to the others that have it.
import { Link } from "@tanstack/react-router";
import { runbooksSearch } from "./url.ts";

export function Labels({ services, tags }: { services: readonly string[]; tags: readonly string[] }) {
  if (services.length + tags.length === 0) return null;
  return (
    <ul aria-label="Services and tags" className="flex flex-wrap gap-1.5">
      {services.map((service) => (
        <Label key={`service ${service}`} name={service} filter={{ service }} what="service" />
      ))}
      {tags.map((tag) => (
        <Label key={`tag ${tag}`} name={`#${tag}`} filter={{ tag }} what="tag" />
      ))}
    </ul>
  );
}

function Label({ name, filter, what }: { name: string; filter: { service?: string; tag?: string }; what: string }) {
  return (
    <li className="flex max-w-full min-w-0">
      <Link
        to="/runbooks"
        search={runbooksSearch(filter)}
        title={`Runbooks with this ${what}`}
        className="inline-flex h-6 max-w-full items-center rounded-sm bg-sunken px-1.5 text-sm text-muted hover:text-text hover:underline"
      >
        <span className="truncate">{name}</span>
      </Link>
    </li>
  );
}
