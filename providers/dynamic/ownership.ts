import { canonicalJson } from "../../config/canonical-json";

/**
 * Which objects a resource of this run has. Where two resources of a state name the same object, Pulumi deletes what is over at
 * the end of the run, in the process that made the other: after `--replace` and `state taint`, which make the new one first and
 * ask no provider, after a new name in the program without an alias, and where two swap the names of their objects. The
 * object belongs to the one that is in the program, and so it stays.
 *
 * A resource has what it made, took over or changed, and what it describes and was found to be the same: that also goes for the
 * run after one that was killed in between. What Pulumi does not look at has nothing: with `--target` of the old resource
 * alone, its object goes though another has it, and a refresh finds that it is gone.
 */
export class Ownership {
  private readonly described = new Set<string>();
  private readonly owned = new Set<string>();

  /** The program has a resource for it. Whether that is to replace the one before it, first deleted, is not known yet. */
  describe(object: string): void {
    this.described.add(object);
  }

  /** Its resource stays. A refresh compares those too that the program has no more. */
  keep(object: string): void {
    if (this.described.has(object)) this.owned.add(object);
  }

  /** A resource made it or took it over. */
  take(object: string): void {
    this.owned.add(object);
  }

  has(object: string): boolean {
    return this.owned.has(object);
  }

  /** Begins another run. */
  forget(): void {
    this.described.clear();
    this.owned.clear();
  }
}

/** Of this process, which is a run's. */
export const ownership = new Ownership();

/** One object of all that there are: of which type, in which place as its service tells places apart, and its id. */
export const objectAt = (token: string, place: unknown, id: string): string => canonicalJson([token, place, id]);
