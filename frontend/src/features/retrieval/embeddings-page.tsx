/** Embeddings tried out: how alike the model finds texts, each against each. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type CSSProperties, type FormEvent } from "react";
import { pairwise } from "@/features/retrieval/cosine";
import "@/features/retrieval/retrieval.css";
import { ModelField } from "@/features/retrieval/model-field";
import { TextsField } from "@/features/retrieval/texts-field";
import { list, post } from "@/shared/api";
import { count } from "@/shared/format";
import { usePageTitle } from "@/shared/page-title";
import { EmptyState, Loaded, Refusal } from "@/shared/states";
import type { EmbeddingModel, Embeddings } from "@/shared/types";

const EXAMPLES = ["How much leave do I have?", "Everybody has 25 days of leave a year.", "The lift is out of order."];

export function EmbeddingsPage() {
  usePageTitle("Embeddings");
  const models = useQuery({
    queryKey: ["embedding-models"],
    queryFn: () => list<EmbeddingModel>("/api/embeddings/models"),
  });
  return (
    <ContentLayout
      header={
        <Header variant="h1" description="How alike an embedding model finds texts: 1 is the same, 0 unrelated.">
          Embeddings
        </Header>
      }
    >
      <Loaded query={models} what="the embedding models">
        {(all) =>
          all[0] === undefined ? (
            <EmptyState title="No embedding model is at hand">
              Search goes by words alone until an administrator sets one up.
            </EmptyState>
          ) : (
            <Playground models={all} first={all[0]} />
          )
        }
      </Loaded>
    </ContentLayout>
  );
}

function Playground({ models, first }: { models: readonly EmbeddingModel[]; first: EmbeddingModel }) {
  const [model, setModel] = useState(first);
  const [task, setTask] = useState<"passage" | "query">("passage");
  const [texts, setTexts] = useState(EXAMPLES);
  const filled = texts.map((text) => text.trim()).filter(Boolean);
  const embedding = useMutation({
    mutationFn: async (input: string[]) => ({
      input,
      ...(await post<Embeddings>("/api/embeddings", {
        provider: model.provider,
        model: model.name,
        input,
        task,
      })),
    }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (filled.length > 0) embedding.mutate(filled);
  };
  return (
    <SpaceBetween size="l">
      <Container>
        <form onSubmit={submit}>
          <SpaceBetween size="m">
            <ModelField
              description={`${model.dimensions} dimensions; reads ${count(model.windowTokens, "token")} in one piece.`}
              models={models}
              value={model}
              onChange={setModel}
            />
            <FormField label="What they are" description="Some models embed questions and passages differently.">
              <SegmentedControl
                selectedId={task}
                label="What the texts are"
                options={[
                  { id: "passage", text: "Passages" },
                  { id: "query", text: "Questions" },
                ]}
                onChange={({ detail }) => setTask(detail.selectedId === "query" ? "query" : "passage")}
              />
            </FormField>
            <TextsField label="Texts" description="Empty ones are left out." texts={texts} onChange={setTexts} />
            <Button variant="primary" loading={embedding.isPending} disabled={filled.length === 0}>
              Compare
            </Button>
          </SpaceBetween>
        </form>
      </Container>
      {embedding.error && <Refusal error={embedding.error} />}
      {embedding.data !== undefined && <Matrix texts={embedding.data.input} vectors={embedding.data.embeddings} />}
    </SpaceBetween>
  );
}

/** How strongly a cell is coloured. */
const heat = (value: number): CSSProperties =>
  ({ "--k-heat": `${Math.round(Math.max(0, value) * 100)}%` }) as CSSProperties;

function Matrix({ texts, vectors }: { texts: readonly string[]; vectors: readonly number[][] }) {
  const cosines = pairwise(vectors);
  return (
    <Container header={<Header variant="h2">Cosine of each pair</Header>}>
      <div className="matrix-scroll">
        <table className="matrix">
          <thead>
            <tr>
              <th scope="col">Text</th>
              {texts.map((text, index) => (
                <th key={index} scope="col" title={text}>
                  {index + 1}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {cosines.map((row, index) => (
              <tr key={index}>
                <th scope="row" title={texts[index]}>
                  {`${index + 1} ${texts[index] ?? ""}`}
                </th>
                {row.map((value, place) => (
                  <td key={place} style={heat(value)}>
                    {value.toFixed(2)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Box variant="small">The same numbers order what search finds by meaning.</Box>
    </Container>
  );
}
