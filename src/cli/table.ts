/** Tables as all commands draw them. */
import Table, { type TableConstructorOptions } from 'cli-table3';

/** @returns the table's lines; `options` say how wide its columns are and where their text stands */
export function drawTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  options: Pick<TableConstructorOptions, 'colWidths' | 'colAligns' | 'wordWrap'>,
): string {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true }, ...options });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}
