/** A command's output file, opened before the work begins, so that an unwritable path fails at once. */
import { type FileHandle, open } from 'node:fs/promises';
import { OutputError, UsageError, unwritable } from './usage.js';

export class OutFile {
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** @throws UsageError if the file cannot be written */
  static async open(path: string): Promise<OutFile> {
    try {
      return new OutFile(path, await open(path, 'w'));
    } catch (error) {
      throw new UsageError(unwritable(path, error));
    }
  }

  /**
   * Writes the whole text, and closes the file.
   *
   * @throws OutputError if that fails, as on a full disk
   */
  async write(text: string): Promise<void> {
    try {
      await this.#file.writeFile(text);
      await this.#file.close();
    } catch (error) {
      throw new OutputError(unwritable(this.#path, error));
    }
  }
}
