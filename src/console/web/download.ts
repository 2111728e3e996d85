/** As a link does that somebody clicks: the browser takes it as it comes, and the page stays. */
export const download = (path: string): void => {
  const link = document.createElement('a');
  link.href = path;
  link.download = '';
  link.click();
};
