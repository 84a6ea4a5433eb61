/** A file as its text, put in when the page is bundled. */
declare module "*?raw" {
  const text: string;
  export default text;
}
