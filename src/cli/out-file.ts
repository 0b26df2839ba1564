/** A command's output file, opened before the work begins, so that an unwritable path fails at once. */
import { type FileHandle, open } from 'node:fs/promises';
import { UsageError } from './usage.js';

export class OutFile {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @throws UsageError if the file cannot be written */
  static async open(path: string): Promise<OutFile> {
    try {
      return new OutFile(await open(path, 'w'));
    } catch (error) {
      throw new UsageError(`${path} cannot be written: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** Writes the whole text, and closes the file. */
  async write(text: string): Promise<void> {
    await this.#file.writeFile(text);
    await this.#file.close();
  }
}
