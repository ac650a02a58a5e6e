import type { Row } from "../../kit/rows";
import type { AuthentikObjects } from "../objects";
import { Unsupported } from "../unsupported";
import type { Context } from "./context";
import { unpurged, type Who } from "./reputation";

/** What an expression policy decides about. */
interface Asked {
  readonly objects: AuthentikObjects;
  readonly who: Who;
  readonly context?: Context;
}

type Decision = (asked: Asked, found: readonly string[]) => boolean;

const admin = ({ objects }: Asked): Row | undefined => objects.user("akadmin");

/** The end of an expression in Python, and what it says. There are no sources here, and no logins by a passkey alone. */
const known: readonly (readonly [end: RegExp, decides: Decision])[] = [
  [/^return ak_is_sso_flow$/, () => false],
  [/"backend"\)$/, () => true],
  [/== "auth_webauthn_pwl"\)$/, () => true],
  [/^return 'username' not in context\.get\('prompt_data', \{\}\)$/, ({ context }) => !context?.prompted.username],
  [/return not akadmin\.has_usable_password\(\)$/, (asked) => !asked.objects.hidden.passwords[admin(asked)?.pk]],
  [
    /context\["flow_plan"\]\.context\["pending_user"\] = akadmin\s+return True$/,
    (asked) => {
      if (asked.context) asked.context.pendingUser = admin(asked)?.pk as number | undefined;
      return true;
    },
  ],
  [
    /FlowAuthenticationRequirement\.REQUIRE_SUPERUSER,\s+\)\s+return True$/,
    ({ objects }) => {
      Object.assign(objects.by("flows", "slug", "initial-setup") ?? {}, { authentication: "require_superuser" });
      return true;
    },
  ],
  [
    /Reputation\._base_manager\.filter\(identifier=request\.user\.username\)\s+return sum\(.*\) <= (-\d+)$/,
    ({ objects, who }, [threshold]) => unpurged(objects, who.username) <= Number(threshold),
  ],
  [/^return "is_restored" not in context$/, ({ context }) => context?.isRestored !== true],
];

/** What an expression policy says. Its Python is not run: what it means is known for some, and the others are refused. */
export function decide({ name, expression }: Row, asked: Asked): boolean {
  const code = String(expression)
    .replace(/^\s*#.*$/gm, "")
    .trim();
  for (const [end, decides] of known) {
    const [matched, ...found] = end.exec(code) ?? [];
    if (matched !== undefined) return decides(asked, found);
  }
  throw new Unsupported(`the lab's Authentik does not understand the expression of the policy ${name}`);
}
