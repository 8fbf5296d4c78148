// A hypothesis in one's own words: a new one, or one that is there.
import type { Hypothesis } from "@opentrace/contract/investigation.ts";
import { useState } from "react";
import { addHypothesis, changeHypothesis } from "../../../api/investigation-actions.ts";
import { TextArea } from "../../../ui/field.tsx";
import { TitledForm } from "./titled-form.tsx";

interface Props {
  incident: string;
  /** Absent: a new one. */
  hypothesis?: Hypothesis;
  onDone: () => void;
}

export function HypothesisForm({ incident, hypothesis, onDone }: Props) {
  // What one began with: a change by somebody else meanwhile is not overwritten.
  const [version] = useState(hypothesis?.version);
  const [typed, setTyped] = useState(hypothesis?.description ?? "");
  const description = typed.trim() === "" ? null : typed;
  return (
    <TitledForm
      incident={incident}
      label={hypothesis === undefined ? "Add a hypothesis" : "Change the hypothesis"}
      question="What do you suspect?"
      missing="Say in a line what you suspect."
      {...(hypothesis === undefined ? {} : { title: hypothesis.title })}
      save={(title) =>
        hypothesis === undefined
          ? addHypothesis(incident, { title, description })
          : changeHypothesis(hypothesis.id, { title, description, version })
      }
      onDone={onDone}
    >
      <TextArea label="Why" rows={3} value={typed} onChange={(event) => setTyped(event.target.value)} />
    </TitledForm>
  );
}
