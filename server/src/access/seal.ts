// Seals secrets at rest: AES-256-GCM under a data key, the data key sealed under the master key, each envelope naming its master key.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { AppError } from "@opentrace/contract/errors.ts";
import { Secret } from "./secret.ts";

/** 32 bytes; `id` is derived from them, so that an envelope can name its key without telling anything of it. */
export interface MasterKey {
  id: string;
  bytes: Buffer;
}

export interface Sealer {
  /** `purpose` is bound into the seal: an envelope moved to another row does not open. */
  seal(secret: Secret, purpose: string): string;
  open(envelope: string, purpose: string): Secret;
  /** True when the envelope was sealed under an older master key and should be sealed again. */
  isStale(envelope: string): boolean;
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

/** `keys[0]` seals; all of them open. Envelope: `v1.<key id>.<sealed data key>.<sealed secret>`, base64url. */
export function createSealer(keys: readonly [MasterKey, ...MasterKey[]]): Sealer {
  const byId = new Map(keys.map((key) => [key.id, key]));
  const current = keys[0];

  return {
    seal(secret, purpose) {
      const dataKey = randomBytes(32);
      const parts = [
        encrypt(current.bytes, dataKey, `data-key:${purpose}`),
        encrypt(dataKey, Buffer.from(secret.reveal(), "utf8"), `secret:${purpose}`),
      ];
      return `v1.${current.id}.${parts.map((part) => part.toString("base64url")).join(".")}`;
    },
    open(envelope, purpose) {
      const [version, keyId, boxedKey, boxed] = envelope.split(".");
      if (version !== "v1" || keyId === undefined || boxedKey === undefined || boxed === undefined)
        throw new AppError("internal", "A sealed secret is damaged. Give it again.");
      const key = byId.get(keyId);
      if (key === undefined)
        throw new AppError(
          "unavailable",
          `A secret was sealed under the master key ${keyId}, which this server does not have (it has ${[...byId.keys()].join(", ")}). Restore OPENTRACE_MASTER_KEY or the key file, or give the secret again.`,
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
    isStale: (envelope) => envelope.split(".")[1] !== current.id,
  };
}
