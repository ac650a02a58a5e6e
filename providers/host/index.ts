export type { HostArgs } from "./connection";
export { Directory, type DirectoryArgs } from "./directory";
export { File, type FileArgs } from "./file";
export type { HostConnection } from "./host";
