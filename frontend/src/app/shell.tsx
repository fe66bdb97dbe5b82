/** The frame around every page: left column, notices, content, side panel, uploads. */
import AppLayout, { type AppLayoutProps } from "@cloudscape-design/components/app-layout";
import { Suspense, useEffect, useRef, useState } from "react";
import { ConnectionBar } from "@/app/connection-bar";
import { Navigation } from "@/app/navigation";
import { Notices } from "@/app/notices";
import { ErrorBoundary } from "@/app/error-boundary";
import { Page, useRoute } from "@/app/pages";
import { SourceSplit } from "@/app/source-split";
import { ChatClient } from "@/features/chat/chat-client";
import { UploadTray } from "@/features/documents/upload-tray";
import { readSaved, save } from "@/shared/saved";
import { sidePanel } from "@/shared/side-panel";
import { Waiting } from "@/shared/states";
import { useNarrow } from "@/shared/media";
import { useStore } from "@/shared/store";
import type { User } from "@/shared/types";

const PANEL_KEY = "kosha.panel-size";
const LABELS: AppLayoutProps.Labels = {
  navigation: "Left column",
  navigationToggle: "Show the left column",
  navigationClose: "Hide the left column",
  notifications: "Notices",
};

export function Shell({ user }: { user: User }) {
  const route = useRoute();
  const narrow = useNarrow();
  const panel = useStore(sidePanel);
  const [client] = useState(() => new ChatClient(user.id));
  const [navOpen, setNavOpen] = useState(!narrow);
  const [panelSize, setPanelSize] = useState(() => readSaved(PANEL_KEY, 420));
  const layout = useRef<AppLayoutProps.Ref>(null);
  useEffect(() => {
    client.start();
    return () => {
      client.stop();
      sidePanel.set(null);
    };
  }, [client]);
  useEffect(() => layout.current?.closeNavigationIfNecessary(), [route.key]);
  useEffect(() => {
    if (panel !== null) layout.current?.focusSplitPanel();
  }, [panel]);
  const isChat = route.page === "chat";
  return (
    <>
      <ConnectionBar state={client.socket.state} onRetry={client.socket.hurry} />
      <AppLayout
        ref={layout}
        ariaLabels={LABELS}
        toolsHide
        navigationWidth={264}
        navigation={<Navigation user={user} route={route} />}
        navigationOpen={navOpen}
        onNavigationChange={({ detail }) => setNavOpen(detail.open)}
        notifications={<Notices />}
        stickyNotifications
        disableContentPaddings={isChat}
        contentType={isChat ? "default" : "table"}
        maxContentWidth={isChat ? Number.MAX_VALUE : undefined}
        content={
          <ErrorBoundary key={route.key}>
            <Suspense fallback={<Waiting label="Loading the page" lines={6} />}>
              <Page route={route} user={user} client={client} />
            </Suspense>
          </ErrorBoundary>
        }
        splitPanel={panel && <SourceSplit panel={panel} />}
        splitPanelOpen={panel !== null}
        splitPanelPreferences={{ position: narrow ? "bottom" : "side" }}
        splitPanelSize={panelSize}
        onSplitPanelResize={({ detail }) => {
          setPanelSize(detail.size);
          save(PANEL_KEY, detail.size);
        }}
        onSplitPanelToggle={({ detail }) => detail.open || sidePanel.set(null)}
      />
      <UploadTray />
    </>
  );
}
