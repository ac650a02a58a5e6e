import { entriesOf, type Lifecycle } from "../dynamic/lifecycle";
import { hostService } from "./connection";
import { directory } from "./directory";
import { file } from "./file";

const entry = entriesOf(hostService);

/** Every kind of object on a machine, by its type. */
export const host: Readonly<Record<string, Lifecycle>> = Object.fromEntries([entry(directory), entry(file)]);
