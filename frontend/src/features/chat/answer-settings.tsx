/** How the model answers: length and freedom. The defaults are good. */
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { prefer, preferences } from "@/features/chat/preferences";
import { FormModal } from "@/shared/form-modal";
import { useStore } from "@/shared/store";

const DEFAULTS = { maxTokens: 512, temperature: 0.1 };

/** An empty field means the default. */
function numberIn(text: string, otherwise: number): number {
  return text.trim() === "" ? otherwise : Number(text);
}

export default function AnswerSettings({ onClose }: { onClose: () => void }) {
  const { modelKwargs } = useStore(preferences);
  const [maxTokens, setMaxTokens] = useState(modelKwargs?.maxTokens?.toString() ?? "");
  const [temperature, setTemperature] = useState(modelKwargs?.temperature?.toString() ?? "");
  const wanted = {
    maxTokens: numberIn(maxTokens, DEFAULTS.maxTokens),
    temperature: numberIn(temperature, DEFAULTS.temperature),
  };
  const lengthError =
    wanted.maxTokens >= 1 && Number.isInteger(wanted.maxTokens) ? undefined : "A whole number of at least 1.";
  const freedomError = wanted.temperature >= 0 && wanted.temperature <= 2 ? undefined : "A number from 0 to 2.";
  const keep = (): Promise<void> => {
    prefer({ modelKwargs: wanted });
    return Promise.resolve();
  };
  return (
    <FormModal
      title="Answer settings"
      verb="Save settings"
      size="small"
      disabled={lengthError !== undefined || freedomError !== undefined}
      send={keep}
      onDone={onClose}
      onCancel={onClose}
    >
      <FormField
        label="Longest answer, tokens"
        description="A token is about four letters. Longer answers take and cost more."
        errorText={lengthError}
      >
        <Input
          type="number"
          inputMode="numeric"
          value={maxTokens}
          placeholder={`${DEFAULTS.maxTokens}`}
          autoFocus
          onChange={({ detail }) => setMaxTokens(detail.value)}
        />
      </FormField>
      <FormField
        label="Temperature"
        description="0 keeps to the most likely words; higher values vary more, and err more (0 to 2)."
        errorText={freedomError}
      >
        <Input
          type="number"
          inputMode="decimal"
          step={0.1}
          value={temperature}
          placeholder={`${DEFAULTS.temperature}`}
          onChange={({ detail }) => setTemperature(detail.value)}
        />
      </FormField>
    </FormModal>
  );
}
