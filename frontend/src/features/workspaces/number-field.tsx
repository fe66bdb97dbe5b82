/** A number that may be left out. */
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";

/** An empty field, and what is no number, is left out. */
function numeric(text: string): number | undefined {
  return text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
}

export function NumberField(props: {
  label: string;
  description: string;
  placeholder?: string;
  value: number | null | undefined;
  onChange: (value: number | undefined) => void;
}) {
  return (
    <FormField label={props.label} description={props.description}>
      <Input
        type="number"
        inputMode="decimal"
        placeholder={props.placeholder}
        value={props.value?.toString() ?? ""}
        onChange={({ detail }) => props.onChange(numeric(detail.value))}
      />
    </FormField>
  );
}
