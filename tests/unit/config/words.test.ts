import { contains, isHostAddress, parseAddress, parseRange, parseSubnet } from "../../../config/address";
import { days, formatDuration, hours, parseDays, parseDuration, toHours, toSeconds } from "../../../config/duration";
import { formatSize, gib, mib, parseSize, roundSize, toGiB, toMiB } from "../../../config/size";
import { suggest } from "../../../config/suggest";

describe("sizes are words with a unit", () => {
  test.each([
    ["6 GiB", 6 * 2 ** 30],
    ["6GiB", 6 * 2 ** 30],
    ["4.5 GiB", 4.5 * 2 ** 30],
    ["256 MiB", 256 * 2 ** 20],
    ["1 TiB", 2 ** 40],
  ])("%s is %d bytes", (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each(["6", "6 GB", "6 gib", "GiB", "-1 GiB", "1e3 MiB", "0.3 KiB", "9999999999 TiB", ""])(
    "%p is no size",
    (text) => expect(parseSize(text)).toBeUndefined(),
  );

  test("each unit is printed as it was written", () => {
    expect(
      [gib(6), mib(256), mib(512) * 33, gib(4096)].map((size) => formatSize(size as ReturnType<typeof gib>)),
    ).toEqual(["6 GiB", "256 MiB", "16.5 GiB", "4 TiB"]);
    expect(toMiB(gib(6))).toBe(6144);
    expect(toGiB(mib(512))).toBe(0.5);
  });
});

describe("durations are words with a unit", () => {
  test.each([
    ["30 s", 30],
    ["15m", 900],
    ["8760h", 31_536_000],
    ["825 d", 71_280_000],
    ["3 days", 259_200],
    ["1 day", 86_400],
    ["2hours", 7200],
    ["5 minutes", 300],
  ])("%s is %d seconds", (text, seconds) => expect(toSeconds(parseDuration(text) ?? hours(0))).toBe(seconds));

  test.each(["30", "1 year", "3 das", "1 ds", "0h", "1.5h", "-1h", ""])("%p is no duration", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test("Go programs can read what is printed", () => {
    expect(formatDuration(days(365))).toBe("8760h");
    expect(formatDuration(parseDuration("90s") ?? hours(0))).toBe("90s");
    expect(toHours(days(1))).toBe(24);
  });
});

describe("addresses", () => {
  test("an IPv4 address has four parts up to 255, without leading zeros", () => {
    expect(["192.168.1.60", "192.168.1.256", "192.168.1", "192.168.01.1", "::1"].map(parseAddress)).toEqual([
      "192.168.1.60",
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("a subnet begins with its first address; its ends are no host's", () => {
    const subnet = parseSubnet("192.168.1.0/24");
    if (!subnet) throw new Error("not parsed");
    expect(subnet.prefix).toBe(24);
    expect(
      ["192.168.1.0", "192.168.1.1", "192.168.1.255", "192.168.2.1"].map((at) => isHostAddress(subnet, at)),
    ).toEqual([false, true, false, false]);
    expect(["192.168.1.1/24", "192.168.1.0", "10.0.0.0/31", "10.0.0.0/33"].map(parseSubnet)).toEqual(
      Array(4).fill(undefined),
    );
  });

  test("a range includes both ends, and a single address is a range", () => {
    const range = parseRange("192.168.1.50-192.168.1.59");
    if (!range) throw new Error("not parsed");
    expect(["192.168.1.49", "192.168.1.50", "192.168.1.59", "192.168.1.60"].map((at) => contains(range, at))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(parseRange("10.0.0.1")).toEqual({ text: "10.0.0.1", first: 167772161, last: 167772161 });
    expect(["10.0.0.2-10.0.0.1", "10.0.0.1-", "a-b", "10.0.0.1-10.0.0.2-10.0.0.3"].map(parseRange)).toEqual(
      Array(4).fill(undefined),
    );
  });
});

test.each([
  ["3d", "3 days"],
  ["3 d", "3 days"],
  ["1days", "1 day"],
  ["365 days", "365 days"],
  ["0 days", undefined],
  ["3h", undefined],
])("%p is %p in whole days", (text, days) => expect(parseDays(text)).toBe(days));

describe("a misspelt word", () => {
  test.each([
    ["memroy", "memory"],
    ["MEMORY", "memory"],
    ["core", "cores"],
    ["vmid", "vmId"],
    ["shoe", undefined],
  ])("%s was meant to be %s", (word, meant) => expect(suggest(word, ["memory", "cores", "vmId"])).toBe(meant));
});

test.each([
  [mib(3174), "3.1 GiB"],
  [mib(-2970), "-2.9 GiB"],
  [mib(256), "256 MiB"],
  [gib(6), "6 GiB"],
  [mib(0), "0 bytes"],
])("%p bytes are about %s for a reader", (size, words) => {
  expect(roundSize(size)).toBe(words);
});
