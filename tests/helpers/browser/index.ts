export { Browser, excerpt, jsonIn, type BrowserOptions, type Page, type Visit } from "./browser";
export { CookieJar } from "./cookies";
export type { Person } from "./challenges";
export { flowIn, logIn, LoginRefused, type Login } from "./log-in";
export { oneTimeCode, secretIn } from "./one-time-codes";
