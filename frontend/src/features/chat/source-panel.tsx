/** A source beside the answer: the passage where it stands in its document, the quoted words marked. */
import Button from "@cloudscape-design/components/button";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Cited } from "@/features/chat/answer-handlers";
import { neighbours } from "@/features/chat/neighbours";
import { around, markQuote } from "@/features/chat/passage";
import { openContent } from "@/shared/content";
import { Waiting } from "@/shared/states";
import type { Hit } from "@/shared/types";

const PASSAGE_AROUND = 500; // characters on either side

export function SourcePanel({ source, hits, workspaceId }: Cited) {
  const hit = hits.find((one) => one.chunkId === source.chunkId);
  const isThere = workspaceId !== null && !source.deleted;
  return (
    <section className="source" aria-label="Source" key={`${source.chunkId} ${source.marker}`}>
      <p className="source-place">{hit?.heading}</p>
      {isThere ? (
        <Passage
          quote={source.quote}
          chunkId={source.chunkId}
          documentId={source.documentId}
          workspaceId={workspaceId}
          hit={hit}
        />
      ) : (
        <Gone deleted={source.deleted ?? false} />
      )}
      {isThere && (
        <Button
          iconName="external"
          onClick={() => void openContent(workspaceId, source.documentId, source.title, source.page)}
        >
          Open document
        </Button>
      )}
    </section>
  );
}

function Gone({ deleted }: { deleted: boolean }) {
  return (
    <p>
      {deleted
        ? "This document was deleted, and with it what it said. Its title is kept here."
        : "This answer keeps no passage."}
    </p>
  );
}

type PassageProps = { quote: string; chunkId: string; documentId: string; workspaceId: string; hit: Hit | undefined };

/** The passage is in the answer itself; what stands around it is fetched. */
function Passage({ quote, chunkId, documentId, workspaceId, hit }: PassageProps) {
  const chunks = useQuery({
    queryKey: ["neighbours", workspaceId, documentId, chunkId],
    queryFn: () => neighbours(workspaceId, documentId, chunkId),
    staleTime: 60_000,
  });
  const mark = useRef<HTMLElement>(null);
  const { before, after } = around(chunks.data ?? [], chunkId);
  const found = hit ?? chunks.data?.find((chunk) => chunk.chunkId === chunkId);
  const passage = [found?.content, found?.contentComplement].filter(Boolean).join("\n\n");
  useEffect(() => {
    mark.current?.scrollIntoView({ block: "nearest" });
  }, [chunkId, quote, before]);
  if (passage === "" && chunks.isPending) return <Waiting label="Loading the passage" lines={6} />;
  const cut = markQuote(passage, quote);
  return (
    <blockquote className="passage">
      {before !== "" && <span className="passage-around">…{before.slice(-PASSAGE_AROUND)}</span>}
      {cut === null ? (
        passage || quote
      ) : (
        <>
          {cut[0]}
          <mark ref={mark}>{cut[1]}</mark>
          {cut[2]}
        </>
      )}
      {after !== "" && <span className="passage-around">{after.slice(0, PASSAGE_AROUND)}…</span>}
    </blockquote>
  );
}
