// What the engine asks a language: how its built-ins behave. Everything that is not asked here is the same in all languages.
export interface Semantics {
  readonly todo?: never;
}
