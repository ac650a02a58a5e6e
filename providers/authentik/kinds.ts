import type { Kind } from "../dynamic/kind";
import { lifecycle, type Lifecycle } from "../dynamic/lifecycle";
import type { Authentik } from "./api";
import { authentikService } from "./connection";
import { group } from "./group";

const entry = <Args extends object, Outs extends object>(kind: Kind<Authentik, Args, Outs>): [string, Lifecycle] => [
  kind.token.replace("authentik:", ""),
  lifecycle(authentikService, kind),
];

/** Every kind of object of Authentik, by its type. */
export const authentik: Readonly<Record<string, Lifecycle>> = Object.fromEntries([entry(group)]);
