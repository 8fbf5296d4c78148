// The end of a credential at the vendor, where the vendor has a way: what was done, in words for the user.
import { AppError } from "@opentrace/contract/errors.ts";
import { textOf } from "./authorizer.ts";
import type { Connections } from "./connections.ts";
import type { IntegrationRow, Integrations, StoredCredential } from "./integrations.ts";
import { authMethod } from "./registry.ts";

export interface RevokeDeps {
  integrations: Pick<Integrations, "credential">;
  connections: Connections;
}

const byHand = "End the credential at the vendor by hand if it is not needed any more.";

/** Never throws for the vendor's sake: a vendor that is down must not keep its data here. */
export async function revokeAtVendor(
  { integrations, connections }: RevokeDeps,
  row: IntegrationRow,
  signal: AbortSignal,
): Promise<string> {
  try {
    const credential = integrations.credential(row);
    if (credential === null) return "There was no credential.";
    const connection = connections.open(row);
    const method = authMethod(connection.connector, row.auth);
    if (method.kind === "oauth2") {
      const { revoke } = method.endpoints(connection.config);
      if (revoke !== null && credential.oauth !== null) {
        const { clientId, clientSecret } = credential.values;
        const client = { id: textOf(clientId), secret: textOf(clientSecret) };
        for (const token of tokensOf(credential.oauth))
          await connection.anonymous(signal).request({
            url: revoke,
            method: "POST",
            anonymous: true,
            form: {
              token,
              ...(method.client === "body" ? { client_id: client.id, client_secret: client.secret } : {}),
            },
            ...(method.client === "basic" ? { headers: { authorization: basic(client) } } : {}),
          });
        return "The sign-in was revoked at the vendor.";
      }
    }
    if (connection.connector.disconnect === undefined) return byHand;
    return await connection.connector.disconnect(connection.context(signal));
  } catch (error) {
    return `The credential could not be revoked (${error instanceof AppError ? error.message : "something went wrong"}). ${byHand}`;
  }
}

/** RFC 7009: ending the refresh token ends what came from it, but a vendor need not do so. */
const tokensOf = (oauth: NonNullable<StoredCredential["oauth"]>): string[] => [
  ...(oauth.refreshToken === null ? [] : [oauth.refreshToken]),
  oauth.accessToken,
];

const basic = ({ id, secret }: { id: string; secret: string }): string =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`;
