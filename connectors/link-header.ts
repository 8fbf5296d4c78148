// The `Link` header (RFC 8288) as a map from relation to address; what is malformed is left out.
export function linksOf(header: string | undefined): Record<string, string> {
  const links: Record<string, string> = {};
  for (const [, target = "", parameters = ""] of (header ?? "").matchAll(
    /<([^>]*)>((?:\s*;\s*[^,;"]+(?:"[^"]*")?)*)/g,
  )) {
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]+))/i.exec(parameters);
    for (const name of (rel?.[1] ?? rel?.[2] ?? "").split(/\s+/)) if (name !== "") links[name.toLowerCase()] ??= target;
  }
  return links;
}
