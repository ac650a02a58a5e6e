export type { AuthentikConnection } from "./connection";
export { Group, type GroupArgs } from "./group";
