/** Starts the page. */
import { render } from "preact";
import "./style/tokens.css";
import "./style/base.css";
import "./part/part.css";
import { startRoute } from "./data/route.ts";
import { startTheme } from "./data/theme.ts";
import { App } from "./page/app.tsx";
import { startKeyboard } from "./page/keyboard.ts";

startTheme();
startRoute();
startKeyboard();
const root = document.getElementById("app");
if (root) render(<App />, root);
