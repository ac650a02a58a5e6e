/** One finding, as a scanner's report has it. */
export interface Finding {
  id: string;
  severity: string;
  package: string;
  version: string;
  fix_version: string;
  description: string;
  links: string[];
}

/** The label of an image that lists what a scan of it finds. */
export const findingsLabel = "arpa.home.lab.findings";

const severities = ["Unknown", "Negligible", "Low", "Medium", "High", "Critical"];

/** The findings of `CVE-2026-0001:Critical:openssl:3.0.1:3.0.2, …`. The last part is the version without it, if any. */
export function parseFindings(text = ""): Finding[] {
  const entries = text.split(",").map((entry) => entry.trim());
  return entries.filter(Boolean).map((entry) => {
    const [id = "", severity = "", name = "", version = "", fix_version = ""] = entry.split(":");
    if (!severities.includes(severity) || !name)
      throw new Error(`"${entry}" is no finding: id:Severity:package:version`);
    const description = `Listed by the image's label ${findingsLabel}.`;
    return { id, severity, package: name, version, fix_version, description, links: [] };
  });
}
