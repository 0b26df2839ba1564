/** Modules by their addresses. */

/**
 * @param module a URL, or the path of a file as CommonJS has it
 * @returns the URL
 * @throws TypeError when it is neither
 */
export function urlOf(module: string | URL): string {
  const text = module instanceof URL ? module.href : module;
  if (typeof text !== 'string') throw new TypeError('a module is import.meta.url, __filename or a URL');
  const path = text.replaceAll('\\', '/');
  if (!/^(?:[A-Za-z]:)?\//.test(path)) {
    if (URL.canParse(text)) return text;
    throw new TypeError(`a module is import.meta.url, __filename or a URL, not ${JSON.stringify(text)}`);
  }
  const encoded = encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23');
  return `file://${path.startsWith('/') ? '' : '/'}${encoded}`;
}
