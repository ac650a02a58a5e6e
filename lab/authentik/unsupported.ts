/** Something that the stand-in does not do, although Authentik does, or that Authentik itself fails at. */
export class Unsupported extends Error {}
