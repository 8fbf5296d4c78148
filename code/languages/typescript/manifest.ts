// package.json as a manifest: the package it declares and the dependencies it states.
import type { Manifest } from "../language.ts";

export function readManifest(_path: string, _text: string): Manifest {
  return { package: null, dependencies: [], problems: [] };
}
