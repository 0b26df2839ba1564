/** @returns the code, or the name, of what a call throws or rejects with */
export async function failure(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    const { code, name } = error as { code?: string; name: string };
    return code ?? name;
  }
  return 'nothing';
}
