/** Makes the committed bundle anew. */
import { join } from "node:path";
import { makePage } from "./make.ts";

await makePage(join(import.meta.dirname, "../dist"));
