import { allPages } from "../../providers/dynamic/pages";

/** A list in pages of two, of which `change` takes something away before the page with that number is read. */
function reader(rows: string[], change: (page: number) => void = () => undefined) {
  return jest.fn(async (page: number) => {
    change(page);
    const start = (page - 1) * 2;
    return { rows: rows.slice(start, start + 2), total: rows.length, isLast: start + 2 >= rows.length };
  });
}

test("reads every page once", async () => {
  const read = reader(["a", "b", "c", "d", "e"]);
  expect(await allPages(read)).toEqual(["a", "b", "c", "d", "e"]);
  expect(read.mock.calls).toEqual([[1], [2], [3]]);
  expect(await allPages(reader([]))).toEqual([]);
});

test("Reliability: a row is not missed because another one is removed meanwhile", async () => {
  const rows = ["a", "b", "c", "d"];
  let isRemoved = false;
  const read = reader(rows, (page) => {
    if (page === 2 && !isRemoved) isRemoved = rows.splice(0, 1).length > 0;
  });
  expect(await allPages(read)).toEqual(["b", "c", "d"]);
});

test("Reliability: a list that changes all the time is given up after five readings", async () => {
  const rows = ["a", "b", "c"];
  const read = reader(rows, (page) => void (page === 2 && rows.push("x")));
  expect((await allPages(read)).length).toBeGreaterThan(3);
  expect(read.mock.calls.filter(([page]) => page === 1)).toHaveLength(5);
});
