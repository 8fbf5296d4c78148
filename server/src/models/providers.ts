// Which providers of models there are: those of the environment first, then those that people set up, their keys sealed.
import { randomBytes } from "node:crypto";
import type { Selectable } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import type {
  ModelProvider,
  ModelProviderChanges,
  ModelRole,
  NewModelProvider,
  ProviderKind,
} from "@opentrace/contract/models.ts";
import type { SealedColumn } from "../access/rotate-keys.ts";
import type { Sealer } from "../access/seal.ts";
import { Secret } from "../access/secret.ts";
import type { Store } from "../store/store.ts";
import type { ModelProvidersTable } from "../store/tables.ts";

/** What is needed to ask one. */
export interface Provider {
  id: string;
  name: string;
  kind: ProviderKind;
  baseUrl: string | null;
  apiKey: Secret | null;
  models: Readonly<Record<ModelRole, string | null>>;
}

type Row = Selectable<ModelProvidersTable>;

export interface Providers {
  list(workspace: string): Promise<ModelProvider[]>;
  /** Throws `not_found`. */
  find(workspace: string, id: string): Promise<Provider>;
  /** Those that are switched on and have a model for this, in the order in which they are asked. */
  forRole(workspace: string, role: ModelRole): Promise<Provider[]>;
  add(workspace: string, input: NewModelProvider, by: string): Promise<ModelProvider>;
  change(workspace: string, id: string, changes: ModelProviderChanges): Promise<ModelProvider>;
  remove(workspace: string, id: string): Promise<void>;
}

export interface ProvidersDeps {
  store: Pick<Store, "app">;
  sealer: Sealer;
  /** Of the environment. */
  environment: readonly Provider[];
  /** OPENTRACE_MODELS=off: there is none, whatever is set up. */
  off: boolean;
  now(this: void): Date;
}

const purposeOf = (id: string): string => `model-provider:${id}`;

/** For the rotation of the master key. */
export const sealedOfModels: readonly SealedColumn[] = [
  { table: "model_providers", column: "api_key", id: "id", purpose: purposeOf },
];

const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && /unique|23505/i.test(`${error.message} ${String((error as { code?: unknown }).code)}`);

function check(kind: ProviderKind, baseUrl: string | null, models: readonly (string | null | undefined)[]): void {
  const refuse = (field: string, message: string): never => {
    throw new AppError("bad_request", message, { details: { errors: [{ field, message }] } });
  };
  if (kind === "openai-compatible" && baseUrl === null)
    refuse(
      "base_url",
      "base_url is missing: an openai-compatible provider needs its address, such as http://localhost:11434/v1.",
    );
  if (models.every((model) => model === null || model === undefined))
    refuse("vision_model", "Name at least one model: vision_model, text_model or embedding_model.");
}

export function createProviders({ store, sealer, environment, off, now }: ProvidersDeps): Providers {
  const db = store.app;

  async function rowOf(workspace: string, id: string): Promise<Row> {
    const row = await db
      .selectFrom("model_providers")
      .selectAll()
      .where("workspace", "=", workspace)
      .where("id", "=", id)
      .executeTakeFirst();
    if (row !== undefined) return row;
    if (environment.some((one) => one.id === id))
      throw new AppError(
        "conflict",
        `The provider ${id} comes from the environment or secrets.env: change it there and restart the server.`,
      );
    throw new AppError("not_found", `There is no model provider "${id.slice(0, 100)}".`);
  }
  const rows = (workspace: string): Promise<Row[]> =>
    db
      .selectFrom("model_providers")
      .selectAll()
      .where("workspace", "=", workspace)
      .orderBy("created_at")
      .orderBy("id")
      .execute();
  const open = (row: Row): Provider => ({
    id: row.id,
    name: row.name,
    kind: row.kind,
    baseUrl: row.base_url,
    apiKey: row.api_key === null ? null : sealer.open(row.api_key, purposeOf(row.id)),
    models: { vision: row.vision_model, text: row.text_model, embedding: row.embedding_model },
  });
  const named = (name: string) => (error: unknown) => {
    if (isUniqueViolation(error))
      throw new AppError("conflict", `There is a model provider with the name "${name}" already.`, { cause: error });
    throw error;
  };

  return {
    async list(workspace) {
      return [...environment.map(ofEnvironment), ...(await rows(workspace)).map(present)];
    },
    async find(workspace, id) {
      return environment.find((one) => one.id === id) ?? open(await rowOf(workspace, id));
    },
    async forRole(workspace, role) {
      if (off) return [];
      const own = (await rows(workspace)).filter((row) => row.enabled === 1 && row[`${role}_model`] !== null);
      return [...environment.filter(({ models }) => models[role] !== null), ...own.map(open)];
    },
    async add(workspace, input, by) {
      const baseUrl = input.base_url ?? null;
      check(input.kind, baseUrl, [input.vision_model, input.text_model, input.embedding_model]);
      const id = `mdl_${randomBytes(12).toString("base64url")}`;
      const at = now().getTime();
      const row = await db
        .insertInto("model_providers")
        .values({
          id,
          workspace,
          name: input.name,
          kind: input.kind,
          base_url: baseUrl,
          api_key: typeof input.api_key === "string" ? sealer.seal(new Secret(input.api_key), purposeOf(id)) : null,
          vision_model: input.vision_model ?? null,
          text_model: input.text_model ?? null,
          embedding_model: input.embedding_model ?? null,
          enabled: input.enabled ? 1 : 0,
          created_by: by,
          created_at: at,
          updated_at: at,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
        .catch(named(input.name));
      return present(row);
    },
    async change(workspace, id, changes) {
      const row = await rowOf(workspace, id);
      const { api_key, enabled, ...plain } = changes;
      const next = {
        name: plain.name ?? row.name,
        base_url: plain.base_url === undefined ? row.base_url : plain.base_url,
        vision_model: plain.vision_model === undefined ? row.vision_model : plain.vision_model,
        text_model: plain.text_model === undefined ? row.text_model : plain.text_model,
        embedding_model: plain.embedding_model === undefined ? row.embedding_model : plain.embedding_model,
      };
      check(row.kind, next.base_url, [next.vision_model, next.text_model, next.embedding_model]);
      // A key belongs to the address it was given for: whoever changes that must know the key.
      if (next.base_url !== row.base_url && row.api_key !== null && api_key === undefined)
        throw new AppError(
          "bad_request",
          "Give api_key again (or null) when base_url changes: a key is sent to no other address than it was given for.",
        );
      const changed = await db
        .updateTable("model_providers")
        .set({
          ...next,
          ...(api_key === undefined
            ? {}
            : { api_key: api_key === null ? null : sealer.seal(new Secret(api_key), purposeOf(id)) }),
          ...(enabled === undefined ? {} : { enabled: enabled ? 1 : 0 }),
          updated_at: now().getTime(),
        })
        .where("workspace", "=", workspace)
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirstOrThrow()
        .catch(named(next.name));
      return present(changed);
    },
    async remove(workspace, id) {
      await rowOf(workspace, id);
      await db.deleteFrom("model_providers").where("workspace", "=", workspace).where("id", "=", id).execute();
    },
  };
}

const ofEnvironment = ({ id, name, kind, baseUrl, apiKey, models }: Provider): ModelProvider => ({
  id,
  name,
  kind,
  source: "environment",
  base_url: baseUrl,
  has_key: apiKey !== null,
  vision_model: models.vision,
  text_model: models.text,
  embedding_model: models.embedding,
  enabled: true,
  created_at: null,
  updated_at: null,
});

const present = (row: Row): ModelProvider => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  source: "settings",
  base_url: row.base_url,
  has_key: row.api_key !== null,
  vision_model: row.vision_model,
  text_model: row.text_model,
  embedding_model: row.embedding_model,
  enabled: row.enabled === 1,
  created_at: new Date(row.created_at).toISOString(),
  updated_at: new Date(row.updated_at).toISOString(),
});
