import { allPages } from "../../../../providers/dynamic/pages";

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

test("Reliability: a row is not missed however often the list changes while it is read", async () => {
  const rows = Array.from({ length: 40 }, (_, index) => `row-${index}`);
  const read = reader(rows, (page) => void (page === 2 && rows.length > 3 && rows.shift()));
  expect(await allPages(read)).toEqual(["row-37", "row-38", "row-39"]);
});

test("Reliability: a list that never stands still is refused, for a row that is missed would be taken for gone", async () => {
  const rows = ["a", "b", "c"];
  const read = reader(rows, (page) => void (page === 2 && rows.push("x") > 5 && rows.splice(3)));
  await expect(allPages(read)).rejects.toThrow(
    "a list changed during each of 200 readings; try again when less is going on there",
  );
  expect(read.mock.calls.filter(([page]) => page === 1)).toHaveLength(200);
});
