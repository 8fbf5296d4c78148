// Decoded IR by path out of compact bytes: a repository's IR never lives as objects all at once.
import { decodeIr } from "../ir-codec.ts";
import { FileModel } from "./file-model.ts";

/** null = this file has no IR (not source, unreadable, absent); undefined = it has, but the bytes are not loaded yet. */
export type EncodedIr = (path: string) => Uint8Array | null | undefined;

export interface IrSource {
  /** Throws IrNotLoaded when the bytes have to be loaded first. */
  get(path: string): FileModel | null;
  /** Forget what was decoded of this path. */
  drop(path: string): void;
}

/** Thrown through a resolution that met a file whose bytes are not loaded; the caller loads it and resolves again. */
export class IrNotLoaded extends Error {
  readonly path: string;
  constructor(path: string) {
    super(`IR of ${path} is not loaded`);
    this.path = path;
  }
}

/** `maxBytes` bounds the encoded size of what stays decoded (objects take some thirty times as much). */
export function createIrSource(encoded: EncodedIr, maxBytes = 2 * 1024 * 1024): IrSource {
  const decoded = new Map<string, { model: FileModel; size: number }>();
  let held = 0;

  function evict(): void {
    for (const [path, entry] of decoded) {
      if (held <= maxBytes) return;
      decoded.delete(path);
      held -= entry.size;
    }
  }

  return {
    get(path) {
      const hit = decoded.get(path);
      if (hit !== undefined) {
        decoded.delete(path);
        decoded.set(path, hit);
        return hit.model;
      }
      const bytes = encoded(path);
      if (bytes === undefined) throw new IrNotLoaded(path);
      if (bytes === null) return null;
      const model = new FileModel(path, decodeIr(bytes));
      held += bytes.length;
      evict();
      decoded.set(path, { model, size: bytes.length });
      return model;
    },
    drop(path) {
      const hit = decoded.get(path);
      if (hit === undefined) return;
      decoded.delete(path);
      held -= hit.size;
    },
  };
}
