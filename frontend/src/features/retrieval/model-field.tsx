/** Which of some models is tried out. */
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";

type Named = { provider: string; name: string };

const nameOf = (model: Named): string => `${model.provider}/${model.name}`;

export function ModelField<Model extends Named>(props: {
  description?: string;
  models: readonly Model[];
  value: Model;
  onChange: (model: Model) => void;
}) {
  const options = props.models.map((one) => ({ value: nameOf(one), label: nameOf(one) }));
  return (
    <FormField label="Model" description={props.description}>
      <Select
        options={options}
        selectedOption={options.find((one) => one.value === nameOf(props.value)) ?? null}
        onChange={({ detail }) => {
          const chosen = props.models.find((one) => nameOf(one) === detail.selectedOption.value);
          if (chosen !== undefined) props.onChange(chosen);
        }}
      />
    </FormField>
  );
}
