/** A new UUID of version 7 (RFC 9562): for a chat whose address should be known before its first message is sent. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  // Not `crypto.randomUUID`: a page that came by plain http does not have it.
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(Date.now()) << 16n) | 0x7000n | randomBits(bytes));
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function randomBits(bytes: Uint8Array): bigint {
  return BigInt((((bytes[6] ?? 0) & 0x0f) << 8) | (bytes[7] ?? 0));
}
