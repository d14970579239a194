/** The beginning of a text, of at most `limit` characters, without half of a surrogate pair: no database takes one. */
export function cutText(text: string, limit: number): string {
  return text.length <= limit ? text : text.slice(0, limit).toWellFormed();
}
