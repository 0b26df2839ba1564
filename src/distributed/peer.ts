/** The packages that are needed only here, and so come by the user's choice. */
import { SyncError } from '../core/errors.js';

/**
 * @param name of the package
 * @param load imports it
 * @throws SyncError `ERR_MISSING_PEER` when it is not installed
 */
export async function peer<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new SyncError(
      'ERR_MISSING_PEER',
      `this needs the package ${name}, which is not installed: npm install ${name}`,
    );
  }
}
