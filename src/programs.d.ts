/** What the build makes of the programs that workers run: each bundled into one text, for the host that it is run on. */
declare module '#programs' {
  /** `host/supervisor.ts` */
  export const supervisor: string;
  /** `tasks/loader.ts` */
  export const loader: string;
  /** `tasks/child.ts` */
  export const child: string;
  /** Which file beside them has `tasks/small.ts` */
  export const small: string;
}
