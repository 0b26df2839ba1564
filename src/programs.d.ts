/** The programs that workers run, as the build bundles them: each as one text, for the host that runs it. */
declare module '#programs' {
  /** `host/supervisor.ts` */
  export const supervisor: string;
  /** `tasks/loader.ts` */
  export const loader: string;
  /** `tasks/child.ts` */
  export const child: string;
  /** The file beside them that has `tasks/small.ts` */
  export const small: string;
}
