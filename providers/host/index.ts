export type { HostArgs, HostConnection } from "./connection";
export { Directory, type DirectoryArgs } from "./directory";
export { File, type FileArgs } from "./file";
