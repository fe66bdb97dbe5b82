/** The search lab: a question to a workspace, what every stage made of it, and why a document is not there. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Explanation } from "@/features/retrieval/explain";
import { FilterFields } from "@/features/retrieval/filter-fields";
import { conditions, type FilterRow } from "@/features/retrieval/filters";
import { Results } from "@/features/retrieval/results";
import "@/features/retrieval/retrieval.css";
import { list, post } from "@/shared/api";
import { usePageTitle } from "@/shared/page-title";
import { workspacesQuery } from "@/shared/queries";
import { readSaved, save } from "@/shared/saved";
import { EmptyState, Loaded, Refusal } from "@/shared/states";
import type { Document, Found, SearchRequest, Workspace } from "@/shared/types";

const WORKSPACE_KEY = "kosha.search-workspace";
const SHOWN = 20;
const MOST_DOCUMENTS = 1000;

type Asked = { request: SearchRequest; title: string | null };

export function SearchPage() {
  usePageTitle("Search lab");
  const workspaces = useQuery(workspacesQuery);
  return (
    <ContentLayout
      header={
        <Header variant="h1" description="See which passages a question finds, and what each stage made of them.">
          Search lab
        </Header>
      }
    >
      <Loaded query={workspaces} what="the workspaces">
        {(all) => {
          const readable = all.filter((one) => one.grant !== undefined);
          if (readable.length === 0) {
            return <EmptyState title="No workspace to search">Create one, or have one shared with you.</EmptyState>;
          }
          return <Lab workspaces={readable} />;
        }}
      </Loaded>
    </ContentLayout>
  );
}

function Lab({ workspaces }: { workspaces: readonly Workspace[] }) {
  const [chosen, setChosen] = useState(() => readSaved(WORKSPACE_KEY, ""));
  const workspace = workspaces.find((one) => one.id === chosen) ?? workspaces[0]!;
  const [query, setQuery] = useState("");
  const [rows, setRows] = useState<FilterRow[]>([]);
  const [missing, setMissing] = useState<{ id: string; title: string } | null>(null);
  const searching = useMutation({
    mutationFn: async (asked: Asked) => ({
      ...asked,
      found: await post<Found>("/api/semantic-search", asked.request),
    }),
  });
  const search = (about: { id: string; title: string } | null): void =>
    searching.mutate({
      request: {
        workspaceId: workspace.id,
        query: query.trim(),
        limit: SHOWN,
        explain: true,
        filters: { all: conditions(rows) },
        documentId: about?.id,
      },
      title: about?.title ?? null,
    });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (query.trim() !== "") search(missing);
  };
  const options = workspaces.map((one) => ({ value: one.id, label: one.name }));
  const shown = searching.data?.request.workspaceId === workspace.id ? searching.data : undefined;
  return (
    <SpaceBetween size="l">
      <Container>
        <form onSubmit={submit}>
          <SpaceBetween size="m">
            <FormField label="Workspace">
              <Select
                options={options}
                filteringType={options.length > 8 ? "auto" : "none"}
                selectedOption={options.find((one) => one.value === workspace.id) ?? null}
                onChange={({ detail }) => {
                  setChosen(detail.selectedOption.value ?? "");
                  save(WORKSPACE_KEY, detail.selectedOption.value ?? "");
                  setMissing(null);
                }}
              />
            </FormField>
            <FormField label="Question or words">
              <Input
                value={query}
                autoFocus
                type="search"
                placeholder="How much leave do I have?"
                onChange={({ detail }) => setQuery(detail.value)}
              />
            </FormField>
            <ExpandableSection headerText={rows.length === 0 ? "Filters" : `Filters (${rows.length})`}>
              <FilterFields rows={rows} onChange={setRows} />
            </ExpandableSection>
            <MissingDocument workspaceId={workspace.id} value={missing} onChange={setMissing} />
            <Button variant="primary" loading={searching.isPending} disabled={query.trim() === ""}>
              Search
            </Button>
          </SpaceBetween>
        </form>
      </Container>
      {searching.error && <Refusal error={searching.error} />}
      {shown !== undefined && (
        <SpaceBetween size="l">
          <Outcome found={shown.found} />
          <Results
            found={shown.found}
            workspaceId={workspace.id}
            onExplain={(hit) => {
              const about = { id: hit.documentId, title: hit.title };
              setMissing(about);
              search(about);
            }}
          />
          {shown.found.explain !== undefined && <Explanation explained={shown.found.explain} title={shown.title} />}
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}

/** Times, and what was not as usual. */
function Outcome({ found }: { found: Found }) {
  const { embed, vector, keyword, fuse, rerank, total } = found.timingsMs;
  const parts = { embed, vector, keyword, fuse, rerank };
  const told = Object.entries(parts).map(([name, ms]) => `${name} ${ms.toFixed(1)}`);
  return (
    <SpaceBetween size="s">
      {found.degraded && (
        <Alert type="warning">The embedding model does not answer: words alone decided what was found.</Alert>
      )}
      <Box color="text-body-secondary">
        {`${total.toFixed(1)} ms (${told.join(", ")}), relevance of the best ${found.relevance.toFixed(2)}`}
      </Box>
    </SpaceBetween>
  );
}

function MissingDocument(props: {
  workspaceId: string;
  value: { id: string; title: string } | null;
  onChange: (value: { id: string; title: string } | null) => void;
}) {
  const documents = useQuery({
    queryKey: ["documents-to-explain", props.workspaceId],
    queryFn: () => list<Document>(`/api/workspaces/${props.workspaceId}/documents`, MOST_DOCUMENTS),
  });
  const none = { value: "", label: "No document in particular" };
  const known = (documents.data ?? []).map((one) => ({ value: one.id, label: one.title }));
  const missing = props.value;
  const isKnown = missing === null || known.some((one) => one.value === missing.id);
  const options = [none, ...(isKnown ? [] : [{ value: missing.id, label: missing.title }]), ...known];
  return (
    <FormField
      label="Explain a document"
      description="Tells of every chunk of it at which stage it stood where, and why it fell out."
    >
      <Select
        options={options}
        filteringType="auto"
        statusType={documents.isPending ? "loading" : "finished"}
        loadingText="Loading the documents"
        selectedOption={options.find((one) => one.value === (missing?.id ?? "")) ?? none}
        onChange={({ detail }) => {
          const { value = "", label = "" } = detail.selectedOption;
          props.onChange(value === "" ? null : { id: value, title: label });
        }}
      />
    </FormField>
  );
}
