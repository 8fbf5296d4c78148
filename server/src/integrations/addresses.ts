// Addresses of this server that vendors are given.

/** Where browsers come back to after signing in at a vendor; `base` is the server's own address. */
export const callbackUrlOf = (base: string, connector: string): string =>
  `${base.replace(/\/+$/, "")}/api/v1/integrations/callback/${connector}`;

/** Null without a public address: no vendor could reach it. */
export function webhookUrlOf(publicUrl: URL | null, row: { connector: string; id: string }): string | null {
  if (publicUrl === null) return null;
  return `${publicUrl.href.replace(/\/+$/, "")}/api/v1/webhooks/${row.connector}/${row.id}`;
}
