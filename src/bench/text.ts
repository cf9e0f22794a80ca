/** Formats of figures and tables. @module */

/** `1.23 ms`, `45.6 µs`, `789 ns` */
export function formatTime(milliseconds: number): string {
  if (milliseconds >= 1000) return `${digits(milliseconds / 1000)} s`;
  if (milliseconds >= 1) return `${digits(milliseconds)} ms`;
  if (milliseconds >= 1e-3) return `${digits(milliseconds * 1e3)} µs`;
  return `${digits(milliseconds * 1e6)} ns`;
}

/** Three digits; larger numbers are whole. */
export function digits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

/** `54 %` */
export function percent(share: number): string {
  return `${Math.round(share * 100) + 0} %`; // + 0: no −0
}

/** `16 KiB` */
export function formatBytes(bytes: number): string {
  return bytes >= 2 ** 20 ? `${bytes / 2 ** 20} MiB` : `${bytes / 2 ** 10} KiB`;
}
