// Adds a provider of models, or changes one. A key is written, never read.
import { type ModelProvider, ProviderKind } from "@opentrace/contract/models.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addProvider, changeProvider, models } from "../../../api/models.ts";
import { Dialog } from "../../../ui/dialog.tsx";
import { Field, SelectField } from "../../../ui/field.tsx";
import { Form } from "../../../ui/form.tsx";
import { refusedFields } from "../../../api/refused-fields.ts";
import { kindWords } from "./provider-words.ts";

const modelExamples: Record<ProviderKind, string> = {
  "openai-compatible": "qwen2.5vl:7b",
  openai: "gpt-4.1-mini",
  anthropic: "claude-sonnet-4-5",
  google: "gemini-2.5-flash",
  huggingface: "Qwen/Qwen2.5-VL-7B-Instruct",
};
const word = (text: string): string | null => (text.trim() === "" ? null : text.trim());

export function ProviderForm({ provider, onClose }: { provider: ModelProvider | null; onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={provider ? `Change ${provider.name}` : "Add a model provider"}
      description="From then on screenshots and texts of incidents go to it, as “What is sent where” says."
    >
      <Body provider={provider} onClose={onClose} />
    </Dialog>
  );
}

function Body({ provider, onClose }: { provider: ModelProvider | null; onClose: () => void }) {
  const client = useQueryClient();
  const [kind, setKind] = useState<ProviderKind>(provider?.kind ?? "openai-compatible");
  const [name, setName] = useState(provider?.name ?? "");
  const [address, setAddress] = useState(provider?.base_url ?? "");
  const [key, setKey] = useState("");
  const [forget, setForget] = useState(false);
  const [vision, setVision] = useState(provider?.vision_model ?? "");
  const [text, setText] = useState(provider?.text_model ?? "");
  const [embedding, setEmbedding] = useState(provider?.embedding_model ?? "");
  const [problems, setProblems] = useState<Record<string, string>>({});
  const named = { vision_model: word(vision), text_model: word(text), embedding_model: word(embedding) };
  const save = useMutation({
    mutationFn: () =>
      provider === null
        ? addProvider({ name: name.trim(), kind, base_url: word(address), api_key: word(key), ...named })
        : changeProvider(provider.id, {
            name: name.trim(),
            base_url: word(address),
            ...(forget ? { api_key: null } : word(key) === null ? {} : { api_key: key.trim() }),
            ...named,
          }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: models.key });
      onClose();
    },
  });
  const moved = provider !== null && provider.has_key && word(address) !== provider.base_url;
  const submit = (): void => {
    const found = {
      ...(name.trim() === "" ? { name: "It needs a name." } : {}),
      ...(kind === "openai-compatible" && word(address) === null
        ? { base_url: "It needs the address of its interface, such as http://localhost:11434/v1." }
        : {}),
      ...(Object.values(named).every((each) => each === null) ? { vision_model: "Name at least one model." } : {}),
      ...(moved && word(key) === null && !forget
        ? { api_key: "Give the key again: it is sent to no other address than the one that it was given for." }
        : {}),
    };
    setProblems(found);
    if (Object.keys(found).length === 0) save.mutate();
  };
  const refused = { ...refusedFields(save.error), ...problems };
  const errorOf = (field: string): string | null => refused[field] ?? null;
  const clear = (): void => {
    setProblems({});
    save.reset();
  };
  return (
    <Form
      label={provider ? "Change the provider" : "Add a model provider"}
      action={provider ? "Save" : "Add"}
      busy={save.isPending}
      error={Object.keys(refused).length > 0 ? null : save.error}
      onSubmit={submit}
      onCancel={onClose}
    >
      {provider ? null : (
        <SelectField
          label="Kind"
          value={kind}
          onChange={(event) => (setKind(ProviderKind.parse(event.target.value)), clear())}
        >
          {ProviderKind.options.map((each) => (
            <option key={each} value={each}>
              {kindWords[each]}
            </option>
          ))}
        </SelectField>
      )}
      <Field
        label="Name"
        value={name}
        onChange={(event) => (setName(event.target.value), clear())}
        error={errorOf("name")}
        maxLength={100}
        placeholder="As this page calls it"
        autoFocus
        autoComplete="off"
      />
      <Field
        label="Address"
        type="url"
        value={address}
        onChange={(event) => (setAddress(event.target.value), clear())}
        error={errorOf("base_url")}
        placeholder={kind === "openai-compatible" ? "http://localhost:11434/v1" : "The vendor’s own"}
        autoComplete="off"
        spellCheck={false}
      />
      <Field
        label="Key"
        type="password"
        value={key}
        disabled={forget}
        onChange={(event) => (setKey(event.target.value), clear())}
        error={errorOf("api_key")}
        placeholder={provider?.has_key ? "Leave empty to keep the one that is stored" : "If it wants one"}
        autoComplete="new-password"
        spellCheck={false}
        hint="Stored sealed, never shown again, and sent to this address alone."
      />
      {provider?.has_key ? (
        <label className="-mt-2 inline-flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            checked={forget}
            onChange={(event) => (setForget(event.target.checked), clear())}
            className="size-3.5 accent-(--accent)"
          />
          Forget the stored key
        </label>
      ) : null}
      <fieldset className="flex flex-col gap-3 rounded-md border border-line p-3">
        <legend className="px-1 text-sm text-muted">Its models; leave empty what it is not to be used for</legend>
        <Field
          label="For screenshots"
          value={vision}
          onChange={(event) => (setVision(event.target.value), clear())}
          error={errorOf("vision_model")}
          placeholder={modelExamples[kind]}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
        />
        <Field
          label="For texts"
          value={text}
          onChange={(event) => (setText(event.target.value), clear())}
          error={errorOf("text_model")}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
        />
        <Field
          label="For likeness (embeddings)"
          value={embedding}
          onChange={(event) => (setEmbedding(event.target.value), clear())}
          error={errorOf("embedding_model")}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
        />
      </fieldset>
    </Form>
  );
}
