import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { readme } from "../policies/readme";
import { configurationPage } from "./configuration-page";
import { projectRoot } from "./versions";

/** `npm run docs`: writes the documentation that is made from the code. */
writeFileSync(join(projectRoot, "policies/README.md"), readme());
writeFileSync(join(projectRoot, "docs/reference/configuration.md"), configurationPage());
