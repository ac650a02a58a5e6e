import { containerMutations } from "./containers";
import { fileMutations } from "./files";
import { guestMutations } from "./guests";
import type { Mutation } from "./mutation";
import { objectMutations } from "./objects";
import { mutations } from "./others";
import { partMutations } from "./parts";

/** Every change of the house's program that a policy is there to refuse. */
export const allMutations: readonly Mutation[] = [
  ...[...containerMutations, ...fileMutations, ...guestMutations],
  ...[...objectMutations, ...partMutations, ...mutations],
];
