/** No row of Harbor's lists comes near this: an answer with a larger one is not what was asked for. */
const largestRow = 1024 * 1024;

const quote = 0x22;
const backslash = 0x5c;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** An answer that is not the JSON that was expected. */
export class Unreadable extends Error {}

/**
 * Takes the objects out of a list in a JSON document while it arrives. Harbor's report of one image can be larger than this
 * program's memory; one row at a time never is.
 */
export class RowReader {
  private readonly open: number[] = [];
  private pieces: Buffer[] = [];
  private size = 0;
  private inRow = false;
  private inString = false;
  private escaped = false;
  private ended = false;

  /** `level`: how many brackets are open inside a row. 2 in `[{…}]`, 4 in `{"type": {"list": [{…}]}}`. */
  constructor(
    private readonly level: number,
    private readonly found: (row: unknown) => void,
  ) {}

  write(chunk: Buffer): void {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (byte === backslash) this.escaped = true;
        else if (byte === quote) this.inString = false;
      } else if (byte === quote) {
        this.inString = true;
      } else if (byte === openObject || byte === openList) {
        this.open.push(byte);
        if (this.open.length === this.level && byte === openObject && this.open.at(-2) === openList) {
          this.inRow = true;
          start = at;
        }
      } else if (byte === closeObject || byte === closeList) {
        this.open.pop();
        this.ended = this.open.length === 0;
        if (this.inRow && this.open.length < this.level) {
          this.keep(chunk.subarray(start, at + 1));
          this.finishRow();
        }
      }
    }
    if (this.inRow) this.keep(chunk.subarray(start));
  }

  /** To be called when there is no more: half a document is no document. */
  end(): void {
    if (!this.ended) throw new Unreadable("the answer is not a complete JSON document");
  }

  private keep(piece: Buffer): void {
    this.size += piece.length;
    if (this.size > largestRow) throw new Unreadable(`a row of the answer is larger than ${largestRow} bytes`);
    this.pieces.push(piece);
  }

  private finishRow(): void {
    const text = Buffer.concat(this.pieces).toString();
    this.inRow = false;
    this.pieces = [];
    this.size = 0;
    try {
      this.found(JSON.parse(text));
    } catch (error) {
      throw new Unreadable(`a row of the answer cannot be read (${String(error)})`);
    }
  }
}
