/** Where the build of the package puts the files that a browser loads, in the package. */
export const CLIENT_DIRECTORY = 'build/console';
