import { identityHeaders } from "../../../components/edge/identity-headers";

const joiners = ["-", "_", ".", "~", "!", "*", "'", "|"];
const cases = [(name: string) => name, (name: string) => name.toLowerCase(), (name: string) => name.toUpperCase()];

/** Header lines in which a client says who it is, or something under one of the other names, in every spelling. */
export const forgedHeaders = (...more: string[]): string[] =>
  [...identityHeaders, ...more].flatMap((name) =>
    joiners.flatMap((joiner) => cases.map((each) => `${each(name.replaceAll("-", joiner))}: forged`)),
  );

/** The path of something, led to past the paths that step-ca's entry has for everybody. */
export const detours = (path: string): string[] => [
  ...[path, `//${path}`, `/%2e${path}`, `/health/..${path}`, `/health/%2e%2e${path}`],
  ...[`/health%2f..${path}`, `/health;/..${path}`, `/health%3f/..${path}`, `/roots.pem/..${path}`],
];
