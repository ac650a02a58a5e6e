/** An object as an API has it: rows differ too much to be worth types here. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Row = Record<string, any>;

/** An object without some of its fields. */
export const without = (row: object, ...fields: string[]): Row =>
  Object.fromEntries(Object.entries(row).filter(([field]) => !fields.includes(field)));

/** Keeps the rows that pass, in the same table. */
export const keep = (table: Row[], passes: (row: Row) => boolean): void =>
  void table.splice(0, table.length, ...table.filter(passes));
