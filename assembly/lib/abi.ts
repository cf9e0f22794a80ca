/** The version of the list of exported functions. It changes when a function changes its arguments or its meaning. */
export function abiVersion(): i32 {
  return 1;
}
