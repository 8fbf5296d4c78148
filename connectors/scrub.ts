// What of a vendor's reply may be shown: short, one line, without anything that looks like a secret.
const secretShapes = [
  /\b(?:gh[pousr]_|github_pat_|glpat-|gloas-|glrt-|xox[abeprs]-|glsa_|otk_|whsec_|AKIA|ASIA|sk-)[\w.-]{8,}/g,
  /\beyJ[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]*)?/g,
  /\b(?:bearer|basic|token)\s+[\w+/=.~-]{12,}/gi,
  /(["']?(?:access_?token|refresh_?token|client_?secret|private_?token|password|api_?key|secret)["']?\s*[:=]\s*)["']?[^\s"',}&]+/gi,
  /-----BEGIN [^-]*PRIVATE KEY-----[\s\S]*?(?:-----END [^-]*PRIVATE KEY-----|$)/g,
  /(?<=:\/\/)[^/\s:@]+:[^/\s@]+(?=@)/g,
];

/** Removes `secrets` (as they are) and what has the shape of one. */
export function scrub(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 6) clean = clean.replaceAll(secret, "[redacted]");
  for (const shape of secretShapes)
    clean = clean.replace(shape, (_match, kept: unknown) => `${typeof kept === "string" ? kept : ""}[redacted]`);
  return clean;
}

/** The sentence a vendor's error reply holds, else its beginning: at most 200 characters on one line. */
export function excerptOf(body: Uint8Array, secrets: readonly string[] = []): string {
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 4096)).toString("utf8");
  let said = text;
  if (body.byteLength <= 4096)
    try {
      const parsed = JSON.parse(text) as Record<string, unknown> | null;
      const found = [parsed?.["message"], parsed?.["error_description"], parsed?.["error"], parsed?.["detail"]].find(
        (value) => typeof value === "string" && value !== "",
      );
      if (typeof found === "string") said = found;
    } catch {
      // Not JSON: a proxy's page.
    }
  if (/^\s*<(?:!doctype|html)/i.test(said)) said = /<title>([^<]*)<\/title>/i.exec(said)?.[1] ?? "an HTML page";
  // Control characters of a hostile reply must not reach a terminal.
  const line = scrub(said, secrets)
    .replace(/[\s\p{Cc}\p{Bidi_Control}]+/gu, " ")
    .trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
