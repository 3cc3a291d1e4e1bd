/** Of the data of all files of a message, in characters: below what a server takes of an item, with room for its text. */
export const MOST_CHARACTERS = 9_000_000;
/** The same as bytes of files: base64 takes four characters for three. */
export const MOST_BYTES = (MOST_CHARACTERS / 4) * 3;
export const MOST_FILES = 20;
/** Of a text: no model reads longer ones. */
export const MOST_TEXT_BYTES = 1_000_000;
/** Of a picture that is made smaller: what a camera makes is well below. */
export const MOST_PICTURE_BYTES = 60_000_000;
/** Models look at no more, in pixels. */
export const LONGEST_SIDE = 2_048;
/** A picture that is larger is written in a smaller form. */
export const GOOD_PICTURE_BYTES = 1_500_000;
