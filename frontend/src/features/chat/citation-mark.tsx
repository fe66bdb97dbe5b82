/** A small number in an answer: hover or focus tells the source, a click opens it beside the text. */
import Tooltip from "@cloudscape-design/components/tooltip";
import { useContext, useRef, useState } from "react";
import { placeOf, SourcesContext } from "@/features/chat/sources";

export function CitationMark({ marker }: { marker: number }) {
  const { citations, complete, onCite } = useContext(SourcesContext);
  const [pointed, setPointed] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const source = citations.find((citation) => citation.marker === marker);
  if (source === undefined)
    return complete ? `[${marker}]` : <span className="citation citation-coming">{marker}</span>;
  const place = source.deleted ? `${source.title} (deleted)` : placeOf(source);
  return (
    <>
      <button
        ref={button}
        type="button"
        className="citation"
        aria-label={`Source ${marker}: ${place}`}
        onClick={() => onCite(source)}
        onMouseEnter={() => setPointed(true)}
        onMouseLeave={() => setPointed(false)}
        onFocus={() => setPointed(true)}
        onBlur={() => setPointed(false)}
      >
        {marker}
      </button>
      {pointed && <Tooltip content={place} getTrack={() => button.current} onEscape={() => setPointed(false)} />}
    </>
  );
}
