// What GitLab's webhooks are signed with. docs.gitlab.com/user/project/integrations/webhooks/#verify-a-webhooks-signature
import { createHash, createHmac } from "node:crypto";

/** A hook that we make has both: the secret as its token, and this as its signing key (GitLab takes 32 bytes alone). */
const signingKeyOf = (secret: string): Buffer => createHash("sha256").update(`opentrace-gitlab:${secret}`).digest();

/** As GitLab takes it. */
export const signingTokenOf = (secret: string): string => `whsec_${signingKeyOf(secret).toString("base64")}`;

/** A signing token that GitLab gave (`whsec_…`) is the key itself. */
export const keysOf = (secret: string): Buffer[] =>
  secret.startsWith("whsec_") ? [Buffer.from(secret.slice("whsec_".length), "base64")] : [signingKeyOf(secret)];

/** Of `{id}.{timestamp}.{body}`, in seconds. */
export const signatureOf = (key: Buffer, id: string, timestamp: string, body: Uint8Array): Buffer =>
  createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();

/** The headers of a delivery that is written anew. */
export function signedHeaders(secret: string, id: string, at: Date, body: Uint8Array): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = signatureOf(signingKeyOf(secret), id, timestamp, body).toString("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
