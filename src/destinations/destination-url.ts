/** Which URL an HTTP destination may have, as far as it can be told without asking the network. */

/** What is wrong with the URL, as what is expected; null when it is usable. Never quotes the URL: it may hold credentials. */
export const problemOfDestinationUrl = (text: string, arePrivateAddressesAllowed: boolean): string | null => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) return 'a full URL, such as https://ledger.example/payhook';
  if (url.username !== '' || url.password !== '')
    return 'a URL without user name and password: the signature says who sends';
  if (url.hash !== '') return 'a URL without a fragment (#…)';
  if (url.protocol === 'https:') return null;
  if (url.protocol !== 'http:') return 'an https URL';
  return arePrivateAddressesAllowed ? null : 'an https URL; http only together with arePrivateAddressesAllowed: true';
};
