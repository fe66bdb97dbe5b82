/** Cross-encoders tried out: how well each passage answers a question. */
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import "@/features/retrieval/retrieval.css";
import { ModelField } from "@/features/retrieval/model-field";
import { TextsField } from "@/features/retrieval/texts-field";
import { list, post } from "@/shared/api";
import { usePageTitle } from "@/shared/page-title";
import { EmptyState, Loaded, Refusal } from "@/shared/states";
import type { CrossEncoderModel, PassageScores } from "@/shared/types";

export function CrossEncodersPage() {
  usePageTitle("Cross-encoders");
  const models = useQuery({
    queryKey: ["cross-encoders"],
    queryFn: () => list<CrossEncoderModel>("/api/cross-encoders/models"),
  });
  return (
    <ContentLayout
      header={
        <Header variant="h1" description="Models that read a question and a passage together, and score the pair.">
          Cross-encoders
        </Header>
      }
    >
      <Loaded query={models} what="the cross-encoders">
        {(all) =>
          all[0] === undefined ? (
            <EmptyState title="No cross-encoder is at hand">
              Reranking works without one, by the embedding model&apos;s own words. An administrator can set one up: a
              rerank endpoint, a folder with a model, or a SageMaker endpoint.
            </EmptyState>
          ) : (
            <Playground models={all} first={all[0]} />
          )
        }
      </Loaded>
    </ContentLayout>
  );
}

function Playground({ models, first }: { models: readonly CrossEncoderModel[]; first: CrossEncoderModel }) {
  const [model, setModel] = useState(first);
  const [query, setQuery] = useState("");
  const [texts, setTexts] = useState(["", ""]);
  const filled = texts.map((text) => text.trim()).filter(Boolean);
  const canScore = query.trim() !== "" && filled.length > 0;
  const scoring = useMutation({
    mutationFn: async (passages: string[]) => {
      const asked = { provider: model.provider, model: model.name, query: query.trim(), passages };
      const { scores } = await post<PassageScores>("/api/cross-encoders", asked);
      return passages
        .map((passage, index) => ({ number: index + 1, passage, score: scores[index] ?? 0 }))
        .sort((one, other) => other.score - one.score);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (canScore) scoring.mutate(filled);
  };
  return (
    <SpaceBetween size="l">
      <Container>
        <form onSubmit={submit}>
          <SpaceBetween size="m">
            <ModelField models={models} value={model} onChange={setModel} />
            <FormField label="Question">
              <Input value={query} onChange={({ detail }) => setQuery(detail.value)} />
            </FormField>
            <TextsField label="Passages" description="Empty ones are left out." texts={texts} onChange={setTexts} />
            <Button variant="primary" loading={scoring.isPending} disabled={!canScore}>
              Score
            </Button>
          </SpaceBetween>
        </form>
      </Container>
      {scoring.error && <Refusal error={scoring.error} />}
      {scoring.data !== undefined && (
        <Table
          variant="container"
          items={scoring.data}
          trackBy="number"
          wrapLines
          header={<Header variant="h2">Best first</Header>}
          ariaLabels={{ tableLabel: "Scores" }}
          columnDefinitions={[
            { id: "score", header: "Score", width: 110, cell: (one) => one.score.toFixed(3) },
            { id: "passage", header: "Passage", isRowHeader: true, cell: (one) => one.passage },
          ]}
        />
      )}
    </SpaceBetween>
  );
}
