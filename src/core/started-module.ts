/**
 * Where a module is that is started and not imported: the file of a thread or of a process. It stands beside the one that
 * starts it, as TypeScript in a checkout and as JavaScript in the package, and no build rewrites its name.
 * @param name without the extension
 * @param startedBy `import.meta.url` of the module that starts it
 */
export const startedModule = (name: string, startedBy: string): URL =>
  new URL(`./${name}${startedBy.endsWith('.ts') ? '.ts' : '.js'}`, startedBy);
