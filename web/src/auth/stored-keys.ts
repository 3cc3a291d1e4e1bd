/** Under which the id of the last person is kept, until they sign out. */
export const PERSON = 'person';

/** Under which an access token is kept, for as long as the tab is open. */
export const TOKEN = 'token';

/** Who a person is whose token a proxy adds: the page does not see it. */
export const KNOWN_TO_PROXY = 'a proxy knows';
