// Seals secrets at rest: AES-256-GCM under a data key, the data key sealed under the master key, each envelope naming its master key.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { AppError } from "@opentrace/contract/errors.ts";
import { Secret } from "./secret.ts";

/** 32 bytes; `id` is derived from them, so that an envelope can name its key without telling anything of it. */
export interface MasterKey {
  id: string;
  bytes: Buffer;
}

/** The master keys there are now; while they are being rotated there is more than one. */
export interface Keyring {
  /** Seals. Asked anew each time: another process may have rotated the key. */
  current(): MasterKey;
  find(id: string): MasterKey | null;
  ids(): string[];
}

export interface Sealer {
  /** `purpose` is bound into the seal: an envelope moved to another row does not open. */
  seal(secret: Secret, purpose: string): string;
  open(envelope: string, purpose: string): Secret;
}

export function masterKeyFrom(base64: string): MasterKey {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length !== 32)
    throw new AppError(
      "bad_request",
      "The master key should be 32 bytes in base64; make one with: openssl rand -base64 32",
    );
  return { id: createHash("sha256").update("opentrace master key id").update(bytes).digest("hex").slice(0, 12), bytes };
}

const nonceBytes = 12;
const tagBytes = 16;

function encrypt(key: Buffer, plain: Buffer, context: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

function decrypt(key: Buffer, boxed: Buffer, context: string): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, boxed.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(context)).setAuthTag(boxed.subarray(nonceBytes, nonceBytes + tagBytes));
  return Buffer.concat([decipher.update(boxed.subarray(nonceBytes + tagBytes)), decipher.final()]);
}

/** What an envelope under this key begins with. */
export const envelopeStart = (keyId: string): string => `v1.${keyId}.`;

/** Envelope: `v1.<key id>.<sealed data key>.<sealed secret>`, base64url. */
export function createSealer(keyring: Keyring): Sealer {
  return {
    seal(secret, purpose) {
      const current = keyring.current();
      const dataKey = randomBytes(32);
      const parts = [
        encrypt(current.bytes, dataKey, `data-key:${purpose}`),
        encrypt(dataKey, Buffer.from(secret.reveal(), "utf8"), `secret:${purpose}`),
      ];
      return `${envelopeStart(current.id)}${parts.map((part) => part.toString("base64url")).join(".")}`;
    },
    open(envelope, purpose) {
      const [version, keyId, boxedKey, boxed] = envelope.split(".");
      if (version !== "v1" || keyId === undefined || boxedKey === undefined || boxed === undefined)
        throw new AppError("internal", "A sealed secret is damaged. Give it again.");
      const key = keyring.find(keyId);
      if (key === null)
        throw new AppError(
          "unavailable",
          `A secret was sealed under the master key ${keyId}, which this server does not have (it has ${keyring.ids().join(", ")}). Restore OPENTRACE_MASTER_KEY or the key file, or give the secret again.`,
        );
      try {
        const dataKey = decrypt(key.bytes, Buffer.from(boxedKey, "base64url"), `data-key:${purpose}`);
        return new Secret(decrypt(dataKey, Buffer.from(boxed, "base64url"), `secret:${purpose}`).toString("utf8"));
      } catch (cause) {
        throw new AppError(
          "internal",
          "A sealed secret does not open: it was changed or belongs elsewhere. Give it again.",
          { cause },
        );
      }
    },
  };
}
