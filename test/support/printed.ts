/** @returns what is printed by one method of the console while `act` runs */
export function printedBy(method: 'log' | 'warn' | 'error', act: () => void): string[] {
  const lines: string[] = [];
  const { [method]: print } = console;
  console[method] = (text: string) => void lines.push(text);
  try {
    act();
  } finally {
    console[method] = print;
  }
  return lines;
}
