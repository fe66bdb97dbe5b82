/** A fault in one page does not take the others down. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { Component, type ReactNode } from "react";

export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <Alert
        type="error"
        header="This page has failed"
        action={<Button onClick={() => location.reload()}>Reload</Button>}
      >
        {`What you saved is safe. The fault: ${error.message}`}
      </Alert>
    );
  }
}
