/** The version of this package, which the user agent carries. */
export const VERSION = "0.1.0";
