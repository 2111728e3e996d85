/** What the doctor finds, part by part, in the words of its sentences. */
import type {
  BodyEncoding,
  BodyWrapping,
  HeaderDamage,
  Layout,
  SecretDamage,
  TextStyle,
  UrlPart,
} from './diagnosis.ts';

export const SECRET_WORDS: Readonly<Record<SecretDamage, string>> = {
  quoted: 'stands in quotation marks',
  white_space: 'holds white space, or characters that look like none',
  escaped: 'holds escapes (\\n, %2B) that were meant to be characters',
  joined: 'is several in one: only a comma separates two',
  prefix_missing: 'lacks its beginning',
  prefix_added: 'has something in front that is not part of it',
  encoded_in_base64: 'is encoded in base64 once too often',
  wrapped_in_json: 'is JSON around the secret',
  letter_case: 'is written in the wrong case',
  key_as_text: 'was used as text by the sender, where the specification decodes it from base64 first',
};

export const HEADER_WORDS: Readonly<Record<HeaderDamage, string>> = {
  quoted: 'stands in quotation marks',
  white_space: 'has white space that was not there',
  percent_encoded: 'is percent-encoded',
  letter_case: 'has lost its upper or lower case',
  base64_altered: 'is base64 in another spelling (spaces, - and _, no padding)',
  repeated: 'comes more than once',
  prefix_added: 'has a word in front',
  prefix_missing: 'lacks the name of its scheme in front',
};

export const ENCODING_WORDS: Readonly<Record<BodyEncoding, string>> = {
  utf16: 'into UTF-16',
  latin1: 'into Latin-1 (Windows-1252)',
  utf8_twice: 'into UTF-8 twice',
  byte_order_mark: 'with or without a byte order mark',
  normalisation: 'into another Unicode normal form',
  crlf: 'with line ends of CR LF instead of LF',
  lf: 'with line ends of LF instead of CR LF',
  line_end_added: 'with a line end after it',
  line_end_removed: 'without the line end after it',
  white_space_added: 'with white space around it',
};

export const WRAPPING_WORDS: Readonly<Record<BodyWrapping, string>> = {
  base64: 'in base64, not decoded',
  json_text: 'as a text inside JSON',
  envelope: 'inside the envelope of a proxy or queue',
  form: 'read or written as a form',
  html_entities: 'with its characters escaped for HTML',
  backslashes: 'with backslashes before its quotation marks',
};

export const LAYOUT_WORDS: Readonly<Record<Layout, string>> = {
  compact: 'without white space',
  spaced: 'with a space after each colon and comma',
  two_spaces: 'indented by two spaces',
  four_spaces: 'indented by four spaces',
  tabs: 'indented by tabs',
  two_spaces_loose: 'indented by two spaces, with line ends in what is empty',
};

export const TEXT_WORDS: Readonly<Record<TextStyle, string>> = {
  plain: 'characters unescaped',
  ascii: 'other characters than ASCII escaped (\\u00e9)',
  ascii_upper: 'other characters than ASCII escaped in capitals (\\u00E9)',
  slashes: 'slashes escaped (\\/)',
  ascii_slashes: 'slashes and other characters than ASCII escaped',
  html: 'the characters of HTML escaped (\\u003c)',
  html_ascii: 'the characters of HTML and those outside ASCII escaped',
};

export const URL_WORDS: Readonly<Record<UrlPart, string>> = {
  scheme: 'http or https',
  host: 'the host',
  port: 'the port',
  path: 'the path',
  slash: 'the slash at the end',
  query: 'the query',
};
