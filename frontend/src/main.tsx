/** Where the page begins. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/app/app";
import "@/app/base.css";
import "@/app/fonts.css";
import { takeLinkToken } from "@/features/sign-in/link";
import { findPlace } from "@/shared/place";
import { startTheme } from "@/shared/theme";

const linkToken = takeLinkToken(); // before anything else may read the address
const placed = findPlace();
startTheme();
const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App linkToken={linkToken} placed={placed} />
  </StrictMode>,
);
