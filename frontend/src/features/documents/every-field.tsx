/** How often a site or a feed is looked at again. */
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { EVERY, everyOf } from "@/features/documents/every";

export function EveryField({ value, onChange }: { value: number | null; onChange: (value: number | null) => void }) {
  return (
    <FormField label="Look again" description="What has not changed is not read again; what is gone is removed.">
      <Select
        options={EVERY}
        selectedOption={everyOf(value)}
        onChange={({ detail }) => onChange(Number(detail.selectedOption.value) || null)}
      />
    </FormField>
  );
}
