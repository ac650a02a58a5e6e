// A busy computer is no failure: what hangs is found all the same.
jest.setTimeout(30_000);
