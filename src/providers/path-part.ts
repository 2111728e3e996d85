/** An id as a part of a path, whatever it is: half a character, which no API has an id with, is written as U+FFFD. Never throws. */
export const pathPartOf = (id: string): string => encodeURIComponent(id.toWellFormed());
