/** One page of a list: its rows, how many there are in all, and whether another follows. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
  readonly isLast: boolean;
}

/**
 * Each further reading follows a change that somebody made meanwhile, such as this update's other requests, and these come to
 * an end. What is still missed after so many would be taken for gone.
 */
const mostReadings = 200;

/** Far more than a list of a homelab has. A service that never says which page is the last one would be read for ever. */
const mostPages = 1000;

/**
 * All rows of a list that comes in pages. What is removed while it is read moves the rows behind it to an earlier page, and one
 * of them would be missed: where the total changes on the way, the list is read again. Fails where it never stands still.
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
    if (totals.size === 1) return rows;
    if (reading === mostReadings) {
      throw new Error(`a list changed during each of ${mostReadings} readings; try again when less is going on there`);
    }
  }
}
