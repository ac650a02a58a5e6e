import { entriesOf, type Lifecycle } from "../dynamic/lifecycle";
import { application } from "./application";
import { brand } from "./brand";
import { clientAuthentication } from "./client-authentication";
import { closedFlows } from "./closed-flows";
import { authentikService } from "./connection";
import { defaults } from "./defaults";
import { eventMatcherPolicy } from "./event-matcher-policy";
import { expressionPolicy } from "./expression-policy";
import { flow } from "./flow";
import { flowStage } from "./flow-stage";
import { group } from "./group";
import { keyPair } from "./key-pair";
import { groupMembership } from "./membership";
import { notificationRule } from "./notification-rule";
import { notificationTransport } from "./notification-transport";
import { oauth2Provider } from "./oauth2-provider";
import { embedded } from "./outpost";
import { outpostMembership } from "./outpost-membership";
import { passwordPolicy } from "./password-policy";
import { policyBinding } from "./policy-binding";
import { proxyProvider } from "./proxy-provider";
import { recoveryLink } from "./recovery-link";
import { reputationPolicy } from "./reputation-policy";
import { scopeMapping } from "./scope-mapping";
import { settings } from "./settings";
import { authenticatorValidateStage } from "./stages/authenticator-validate";
import { denyStage } from "./stages/deny";
import { identificationStage } from "./stages/identification";
import { passwordStage } from "./stages/password";
import { promptStage } from "./stages/prompt";
import { userLoginStage } from "./stages/user-login";
import { userWriteStage } from "./stages/user-write";
import { token } from "./token";
import { user } from "./user";

const entry = entriesOf(authentikService);

/** Every kind of object of Authentik, by its type. */
export const authentik: Readonly<Record<string, Lifecycle>> = Object.fromEntries([
  entry(application),
  entry(authenticatorValidateStage),
  entry(brand),
  entry(clientAuthentication),
  entry(closedFlows),
  entry(defaults),
  entry(denyStage),
  entry(embedded),
  entry(eventMatcherPolicy),
  entry(expressionPolicy),
  entry(flow),
  entry(flowStage),
  entry(group),
  entry(groupMembership),
  entry(identificationStage),
  entry(keyPair),
  entry(notificationRule),
  entry(notificationTransport),
  entry(oauth2Provider),
  entry(outpostMembership),
  entry(passwordStage),
  entry(passwordPolicy),
  entry(policyBinding),
  entry(promptStage),
  entry(proxyProvider),
  entry(recoveryLink),
  entry(reputationPolicy),
  entry(scopeMapping),
  entry(settings),
  entry(token),
  entry(user),
  entry(userLoginStage),
  entry(userWriteStage),
]);
