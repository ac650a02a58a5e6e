/** Lower-case letters and digits, with single separators in between: what Harbor takes as a project or robot. */
export const harborName = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** The rule of {@link harborName}, for messages. */
export const harborNameRule = "lower-case letters and digits, separated by one of . _ -";
