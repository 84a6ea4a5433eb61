/** Starts the page. */
import { render } from "preact";
import "./style/tokens.css";
import "./style/base.css";
import "./part/part.css";
import { onPrint, startPrinting } from "./chart/printing.ts";
import { startRoute } from "./data/route.ts";
import { lightForPaper, startTheme } from "./data/theme.ts";
import { App } from "./page/app.tsx";
import { startKeyboard } from "./page/keyboard.ts";
import { startExactCopy } from "./part/exact_copy.ts";
import { warmUp } from "./part/lazy.tsx";

/** Milliseconds, in which the first picture has arrived. */
const WARM_UP_AFTER = 2_000;

startTheme();
startRoute();
startKeyboard();
startExactCopy();
onPrint(lightForPaper);
startPrinting();
const root = document.getElementById("app");
if (root) render(<App />, root);
setTimeout(warmUp, WARM_UP_AFTER);
