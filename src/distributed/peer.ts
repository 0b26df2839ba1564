/** The packages that are needed only here, which the user therefore chooses to install. */
import { SyncError } from '../core/errors.js';

/**
 * @param name the package's name
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
