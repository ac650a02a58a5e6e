/** One page of a list: its rows, how many there are in all, and whether another follows. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
  readonly isLast: boolean;
}

/** After so many changes of the list under our hands the last reading has to do. */
const mostReadings = 5;

/** Far more than a list of a homelab has. A service that never says which page is the last one would be read for ever. */
const mostPages = 1000;

/**
 * All rows of a list that comes in pages. What is removed while it is read moves the rows behind it to an earlier page, and one
 * of them would be missed: where the total changes on the way, the list is read again.
 */
export async function allPages<Row>(read: (page: number) => Promise<Page<Row>>): Promise<Row[]> {
  for (let reading = 1; ; reading++) {
    const rows: Row[] = [];
    const totals = new Set<number>();
    for (let page = 1, isLast = false; !isLast; page++) {
      if (page > mostPages) throw new TypeError(`a list has more than ${mostPages} pages`);
      const found = await read(page);
      for (const row of found.rows) rows.push(row);
      totals.add(found.total);
      isLast = found.isLast || found.rows.length === 0;
    }
    if (totals.size === 1 || reading === mostReadings) return rows;
  }
}
