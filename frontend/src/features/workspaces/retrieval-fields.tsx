/** What happens between a question and the passages that reach the answer. */
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { NumberField } from "@/features/workspaces/number-field";
import type { WorkspaceSettings } from "@/shared/types";

type Retrieval = NonNullable<WorkspaceSettings["retrieval"]>;
type Choice<Value extends string> = readonly { value: Value; label: string; description: string }[];

const REWRITES: Choice<NonNullable<Retrieval["rewrite"]>> = [
  { value: "auto", label: "By the language model where there is one", description: "Else by rules" },
  { value: "rules", label: "By rules", description: "Costs nothing" },
  { value: "off", label: "Not at all", description: "Every question stands alone" },
];
const CONTEXTS: Choice<NonNullable<Retrieval["context"]>> = [
  { value: "passage", label: "The passage alone", description: "Most exact, fewest tokens" },
  { value: "parent", label: "The larger passage around it", description: "Where the workspace cuts small in large" },
  { value: "neighbours", label: "The passages beside it", description: "For texts that go on across cuts" },
];
const ORDERS: Choice<NonNullable<Retrieval["order"]>> = [
  { value: "best-first", label: "Best first", description: "Right for most models" },
  { value: "edges", label: "Best first and last", description: "For models that overlook the middle" },
];

function Chosen<Value extends string>(props: {
  label: string;
  description: string;
  options: Choice<Value>;
  value: Value;
  onChange: (value: Value) => void;
}) {
  return (
    <FormField label={props.label} description={props.description}>
      <Select
        options={props.options}
        selectedOption={props.options.find((one) => one.value === props.value) ?? null}
        onChange={({ detail }) => props.onChange(detail.selectedOption.value as Value)}
      />
    </FormField>
  );
}

function Switch(props: { label: string; description: string; value: boolean; onChange: (value: boolean) => void }) {
  return (
    <FormField description={props.description}>
      <Toggle checked={props.value} onChange={({ detail }) => props.onChange(detail.checked)}>
        {props.label}
      </Toggle>
    </FormField>
  );
}

export function RetrievalFields({ value, onChange }: { value: Retrieval; onChange: (change: Retrieval) => void }) {
  return (
    <ExpandableSection
      headerText="More of retrieval"
      headerDescription="For tuning; the search lab shows what it does."
    >
      <SpaceBetween size="m">
        <NumberField
          label="Weight of meaning"
          description="0 goes by words alone, 1 by meaning alone."
          value={value.vectorWeight}
          onChange={(vectorWeight) => onChange({ vectorWeight })}
        />
        <Chosen
          label="Follow-up questions"
          description="How “and in winter?” becomes a question that can be searched."
          options={REWRITES}
          value={value.rewrite ?? "auto"}
          onChange={(rewrite) => onChange({ rewrite })}
        />
        <NumberField
          label="Other wordings"
          description="So many more wordings of each question, by the language model; each costs a search."
          value={value.queryVariants}
          onChange={(queryVariants) => onChange({ queryVariants })}
        />
        <Switch
          label="Take questions apart"
          description="A question of several parts is searched part by part, by the language model."
          value={value.decompose ?? false}
          onChange={(decompose) => onChange({ decompose })}
        />
        <Switch
          label="Route questions"
          description="Small talk is not searched, a code is looked up by its letters, a known question gets its answer."
          value={value.route ?? true}
          onChange={(route) => onChange({ route })}
        />
        <Switch
          label="Let the model tell small talk"
          description="Where nothing is found for a few words, the model says if they were small talk. Costs it a word then."
          value={value.routeByModel ?? false}
          onChange={(routeByModel) => onChange({ routeByModel })}
        />
        <NumberField
          label="Documents first"
          description="Choose so many documents before their passages; for workspaces of long documents. Empty: off."
          value={value.documentsFirst}
          onChange={(documentsFirst) => onChange({ documentsFirst: documentsFirst ?? null })}
        />
        <Switch
          label="Let the model order the passages"
          description="The language model sorts the best 16 by how they help. One more call for each question."
          value={value.rerankByModel ?? false}
          onChange={(rerankByModel) => onChange({ rerankByModel })}
        />
        <Chosen
          label="What the answer reads"
          description="Of each passage that was found."
          options={CONTEXTS}
          value={value.context ?? "parent"}
          onChange={(context) => onChange({ context })}
        />
        <Chosen
          label="Order of passages"
          description="As the model reads them."
          options={ORDERS}
          value={value.order ?? "best-first"}
          onChange={(order) => onChange({ order })}
        />
        <NumberField
          label="Diversity"
          description="0 takes the best passages, 1 the most different ones."
          value={value.diversity}
          onChange={(diversity) => onChange({ diversity })}
        />
        <Switch
          label="Fewer passages where a few are clear"
          description="Saves tokens where some passages are much better than the rest."
          value={value.adaptiveDepth ?? false}
          onChange={(adaptiveDepth) => onChange({ adaptiveDepth })}
        />
        <Switch
          label="Only the sentences that matter"
          description="Saves tokens, and may leave out what was needed."
          value={value.compress ?? false}
          onChange={(compress) => onChange({ compress })}
        />
        <Switch
          label="Let the model shorten the passages"
          description="The language model writes what in them bears on the question. One more call, longer than the others."
          value={value.compressByModel ?? false}
          onChange={(compressByModel) => onChange({ compressByModel })}
        />
      </SpaceBetween>
    </ExpandableSection>
  );
}
