/** Of this server, and of what it documents. */
export const VERSION = '0.1.0';
