/** The files that `convlet train` leaves in its folder, sorted. */
export const RUN_FILES: readonly string[] = [
  'checkpoint.convlet',
  'history.csv',
  'history.json',
  'model.safetensors',
  'recipe.json',
  'report.html',
];
