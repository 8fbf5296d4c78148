// Decoded IR by path out of compact bytes: a repository's IR never lives as objects all at once.
import { decodeIr } from "../ir-codec.ts";
import { FileModel } from "./file-model.ts";

/** null = this file has no IR (not source, unreadable, absent); undefined = it has, but the bytes are not loaded yet. */
export type EncodedIr = (path: string) => Uint8Array | null | undefined;

export interface IrSource {
  /** What is asked for from here on is for another file. */
  begin(): void;
  /** Throws IrNotLoaded when the bytes have to be loaded first. */
  get(path: string): FileModel | null;
}

/** Thrown through a resolution that met a file whose bytes are not loaded; the caller loads it and resolves again. */
export class IrNotLoaded extends Error {
  readonly path: string;
  constructor(path: string) {
    super(`IR of ${path} is not loaded`);
    this.path = path;
  }
}

/**
 * `maxBytes` bounds the encoded size of what stays decoded (objects take some thirty times as much). Where one file needs more at once,
 * the memory is taken anyway: then as much stays for the next ones, which mostly need the same.
 */
export function createIrSource(encoded: EncodedIr, maxBytes = 2 * 1024 * 1024): IrSource {
  const decoded = new Map<string, { model: FileModel; size: number; turn: number }>();
  let held = 0;
  let turn = 0;
  /** Of this turn; and the most of any. */
  let needed = 0;
  let bound = maxBytes;

  function need(size: number): void {
    needed += size;
    if (needed > bound) bound = needed;
  }

  function evict(): void {
    for (const [path, entry] of decoded) {
      if (held <= bound) return;
      decoded.delete(path);
      held -= entry.size;
    }
  }

  return {
    begin() {
      turn++;
      needed = 0;
    },
    get(path) {
      const hit = decoded.get(path);
      if (hit !== undefined) {
        decoded.delete(path);
        decoded.set(path, hit);
        if (hit.turn !== turn) {
          hit.turn = turn;
          need(hit.size);
        }
        return hit.model;
      }
      const bytes = encoded(path);
      if (bytes === undefined) throw new IrNotLoaded(path);
      if (bytes === null) return null;
      const model = new FileModel(path, decodeIr(bytes));
      need(bytes.length);
      held += bytes.length;
      evict();
      decoded.set(path, { model, size: bytes.length, turn });
      return model;
    },
  };
}
