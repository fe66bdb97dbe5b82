/** How a text would be cut with the settings above, before anything is stored. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Advanced } from "@/features/workspaces/advanced-fields";
import { post } from "@/shared/api";
import { count } from "@/shared/format";
import { Refusal } from "@/shared/states";
import type { PreviewedChunks } from "@/shared/types";

export function ChunkTrial({ workspaceId, settings }: { workspaceId: string; settings: Advanced }) {
  const [text, setText] = useState("");
  const trying = useMutation({
    mutationFn: () => {
      const { chunkingStrategy, chunkSize, chunkOverlap, chunkOptions } = settings;
      const how = { chunkingStrategy, chunkSize, chunkOverlap, chunkOptions };
      return post<PreviewedChunks>(`/api/workspaces/${workspaceId}/chunk-preview`, { text, ...how });
    },
  });
  return (
    <ExpandableSection variant="container" headerText="Try the cuts" headerDescription="Nothing is stored.">
      <SpaceBetween size="m">
        <Textarea
          rows={6}
          ariaLabel="Text to cut"
          placeholder="Paste a text"
          value={text}
          onChange={({ detail }) => setText(detail.value)}
        />
        <Button loading={trying.isPending} disabled={text.trim() === ""} onClick={() => trying.mutate()}>
          Cut it
        </Button>
        {trying.error && <Refusal error={trying.error} />}
        {trying.data !== undefined && (
          <SpaceBetween size="s">
            <Box variant="h3">{count(trying.data.count, "chunk")}</Box>
            <ol className="trial">
              {trying.data.items.map((chunk) => (
                <li key={chunk.index}>
                  {chunk.heading !== undefined && <small>{chunk.heading}</small>}
                  <p>{chunk.content}</p>
                </li>
              ))}
            </ol>
          </SpaceBetween>
        )}
      </SpaceBetween>
    </ExpandableSection>
  );
}
