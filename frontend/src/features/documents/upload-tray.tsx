/** The uploads, in a corner of every page. */
import Button from "@cloudscape-design/components/button";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import { useEffect, useState } from "react";
import "@/features/documents/documents.css";
import {
  forget,
  forgetAll,
  forgetFinished,
  isOnItsWay,
  retryUpload,
  uploads,
  type Upload,
} from "@/features/documents/uploads";
import { count, size } from "@/shared/format";
import { useStore } from "@/shared/store";

function headline(all: readonly Upload[]): string {
  const going = all.filter(isOnItsWay).length;
  const failed = all.filter((upload) => upload.state === "failed").length;
  if (going > 0) return `Uploading ${count(going, "file")}`;
  return failed > 0 ? `${count(failed, "file")} could not be uploaded` : `${count(all.length, "file")} uploaded`;
}

export function UploadTray() {
  const all = useStore(uploads);
  const [open, setOpen] = useState(true);
  useEffect(() => forgetAll, []);
  if (all.length === 0) return null;
  return (
    <section className="tray" aria-label="Uploads">
      <header>
        <strong role="status">{headline(all)}</strong>
        <Button
          variant="icon"
          iconName={open ? "angle-down" : "angle-up"}
          ariaLabel={open ? "Fold the uploads" : "Show the uploads"}
          onClick={() => setOpen(!open)}
        />
        {!all.some(isOnItsWay) && (
          <Button variant="icon" iconName="close" ariaLabel="Dismiss the uploads" onClick={forgetFinished} />
        )}
      </header>
      {open && (
        <ul>
          {all.map((upload) => (
            <UploadRow key={upload.id} upload={upload} />
          ))}
        </ul>
      )}
    </section>
  );
}

function UploadRow({ upload }: { upload: Upload }) {
  const { file, state, sent, reason } = upload;
  return (
    <li>
      <div className="tray-file">
        <span className="tray-name" title={file.name}>
          {file.name}
        </span>
        <span className="tray-size">{size(file.size)}</span>
        {state === "failed" && !upload.refused && (
          <Button variant="inline-link" ariaLabel={`Try ${file.name} again`} onClick={() => retryUpload(upload.id)}>
            Try again
          </Button>
        )}
        {state !== "done" && (
          <Button
            variant="inline-icon"
            iconName="close"
            ariaLabel={isOnItsWay(upload) ? `Cancel ${file.name}` : `Dismiss ${file.name}`}
            onClick={() => forget(upload.id)}
          />
        )}
      </div>
      {state === "sending" && (
        <ProgressBar value={file.size === 0 ? 100 : (sent / file.size) * 100} ariaLabel={`Uploading ${file.name}`} />
      )}
      {state === "queued" && <p>Waiting for its turn</p>}
      {state === "done" && <p>{upload.replaces ? "Uploaded; the one before answers until it is read" : "Uploaded"}</p>}
      {reason !== undefined && (
        <p role="alert" className="tray-reason">
          {reason}
        </p>
      )}
    </li>
  );
}
