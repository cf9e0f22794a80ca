/** Text that becomes CSV (RFC 4180, with the line ends of Unix). @module */

/** A row: commas between the cells, quotes about those that need them. A cell that is undefined is empty. */
export function csvLine(cells: readonly (string | number | undefined)[]): string {
  return cells.map((cell) => quoted(String(cell ?? ''))).join(',');
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
