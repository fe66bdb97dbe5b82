/** How a workspace cuts, finds and ranks: each choice with one sentence on what it changes and what it costs. */
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { NumberField } from "@/features/workspaces/number-field";
import type { WorkspaceSettings } from "@/shared/types";

/** Only what differs from the default is sent. */
export type Advanced = Omit<WorkspaceSettings, "name">;
type Strategy = NonNullable<Advanced["chunkingStrategy"]>;

const STRATEGIES: readonly { value: Strategy; label: string; description: string }[] = [
  { value: "recursive", label: "Paragraphs", description: "Cuts at paragraphs, then sentences: right for most texts" },
  { value: "heading", label: "Headings", description: "A chunk per section: for manuals with good headings" },
  { value: "sentence", label: "Sentences", description: "Small exact chunks, more of them to search" },
  { value: "token", label: "Even pieces", description: "Equal length, without regard to the text's shape" },
  { value: "semantic", label: "Topics", description: "Cuts where the topic changes: slower to bring in" },
  {
    value: "parent-child",
    label: "Small in large",
    description: "Finds small pieces, answers from the larger piece around them",
  },
];
const ON_NOTHING = [
  { value: "refuse", label: "Say that the documents do not tell", description: "No answer without a source" },
  {
    value: "converse",
    label: "Answer from the model's own knowledge",
    description: "Such answers have no source and say so",
  },
] as const;

type AdvancedFieldsProps = { value: Advanced; isNew?: boolean; onChange: (value: Advanced) => void };

/** isNew: what is fixed when a workspace is made can still be chosen. */
export function AdvancedFields({ value, isNew = true, onChange }: AdvancedFieldsProps) {
  const set = (change: Advanced): void => onChange({ ...value, ...change });
  const retrieve = (change: Advanced["retrieval"]): void => set({ retrieval: { ...value.retrieval, ...change } });
  return (
    <SpaceBetween size="m">
      <FormField label="Where to cut documents" description="Decides what one search result is.">
        <Select
          options={STRATEGIES}
          selectedOption={STRATEGIES.find((one) => one.value === (value.chunkingStrategy ?? "recursive")) ?? null}
          onChange={({ detail }) => set({ chunkingStrategy: detail.selectedOption.value as Strategy })}
        />
      </FormField>
      <NumberField
        label="Chunk size, characters"
        description="Larger chunks keep more context, smaller ones point more exactly (100 to 10,000)."
        placeholder="1000"
        value={value.chunkSize}
        onChange={(chunkSize) => set({ chunkSize })}
      />
      <NumberField
        label="Overlap, characters"
        description="Text that neighbouring chunks share, so that nothing is lost at a cut; it is stored twice."
        placeholder="150"
        value={value.chunkOverlap}
        onChange={(chunkOverlap) => set({ chunkOverlap })}
      />
      <FormField description="Finds names and numbers that meaning alone misses; costs a few milliseconds a search.">
        <Toggle checked={value.hybridSearch ?? true} onChange={({ detail }) => set({ hybridSearch: detail.checked })}>
          Search by keywords too
        </Toggle>
      </FormField>
      <FormField description="Orders the best passages again with more care; better answers, slower searches.">
        <Toggle
          checked={value.retrieval?.rerank ?? false}
          onChange={({ detail }) => retrieve({ rerank: detail.checked })}
        >
          Rerank
        </Toggle>
      </FormField>
      <NumberField
        label="Passages per answer"
        description="More passages give the model more to go by and cost more tokens (1 to 50)."
        placeholder="8"
        value={value.retrieval?.topK}
        onChange={(topK) => retrieve({ topK })}
      />
      <NumberField
        label="Lowest score"
        description="Passages that match less are not used; a high value makes answers rare and safe (0 to 1)."
        placeholder="none"
        value={value.retrieval?.threshold}
        onChange={(threshold) => retrieve({ threshold })}
      />
      <FormField label="When nothing is found" description="What an answer does that has no passage to rest on.">
        <Select
          options={ON_NOTHING}
          selectedOption={ON_NOTHING.find((one) => one.value === (value.emptyRetrieval ?? "refuse")) ?? null}
          onChange={({ detail }) =>
            set({ emptyRetrieval: detail.selectedOption.value === "converse" ? "converse" : "refuse" })
          }
        />
      </FormField>
      {isNew && (
        <FormField
          label="Languages"
          description="Up to three codes, separated by commas; they decide how words are cut and stemmed."
        >
          <Input
            placeholder="en"
            value={value.languages?.join(", ") ?? ""}
            onChange={({ detail }) => set({ languages: codes(detail.value) })}
          />
        </FormField>
      )}
    </SpaceBetween>
  );
}

function codes(text: string): string[] | undefined {
  const found = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  return found.length === 0 ? undefined : found;
}
