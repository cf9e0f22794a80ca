/** The version of this list of functions: it changes when one of them changes its arguments or its meaning. */
export function abiVersion(): i32 {
  return 1;
}
