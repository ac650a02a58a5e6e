import type { Exchange } from "../flows/exchange";
import { score } from "../flows/reputation";
import type { Sessions } from "../flows/sessions";
import type { AuthentikObjects } from "../objects";
import { takeLinkToken } from "./tokens";

/** A link of `ak create_recovery_key` logs in at once, without a flow or a second factor, one time. */
export function useRecoveryKey(objects: AuthentikObjects, sessions: Sessions, exchange: Exchange, key: string): void {
  const token = takeLinkToken(objects, key, { intent: "recovery" });
  const user = token && objects.by("users", "pk", token.user);
  if (!user) {
    return exchange.page(404, "Not Found", "There is no such recovery link, or it has been used.");
  }
  sessions.logIn(exchange, user);
  score(objects, { user, username: user.username, ip: exchange.clientIp }, 1);
  objects.record("login", user, { auth_method: "token" }, exchange.clientIp);
  objects.changed();
  exchange.redirect("/if/user/");
}
