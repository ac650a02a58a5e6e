/** Something that the stand-in does not do, although Authentik does. */
export class Unsupported extends Error {}
